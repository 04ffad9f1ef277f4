"use strict";
(() => {
  const PAGE = 50;
  // of so few rows nothing needs to be looked for
  const FEW = 12;
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const make = (name, attributes = {}, text = null) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text !== null) element.textContent = text;
    return element;
  };
  const count = (number) => number.toLocaleString("en");

  // charts: drawn when they come near the window, and all of them before printing

  const drawn = new WeakSet();
  const draw = (element) => {
    if (drawn.has(element)) return Promise.resolve();
    drawn.add(element);
    const options = { renderer: "svg", actions: false, ast: true, defaultStyle: false };
    return vegaEmbed(element, read(element.dataset.chart), options);
  };
  const charts = [...document.querySelectorAll(".drawing")];
  const near = new IntersectionObserver(
    (entries) => entries.filter((one) => one.isIntersecting).forEach((one) => draw(one.target)),
    { rootMargin: "600px" },
  );
  charts.forEach((one) => near.observe(one));
  addEventListener("beforeprint", () => charts.forEach(draw));

  // tables: sorted, filtered, paged, downloaded

  const raw = (column, row) => {
    if (column.codes) return column.words[column.codes[row]];
    return column.values ? column.values[row] : column.same;
  };
  const spelled = (column, row) => {
    if (column.codes) return column.words[column.codes[row]] ?? "";
    const value = raw(column, row);
    if (value === null) return "";
    if (column.unit === "share") {
      if (value > 0 && value < 0.005) return "<1 %";
      return value > 0.995 && value < 1 ? ">99 %" : `${(value * 100).toFixed(0)} %`;
    }
    if (column.unit === "difference") return (value > 0 ? "+" : "") + value.toFixed(3);
    if (["probability", "score", "index", "bits", "camps", "nats", "utils"].includes(column.unit)) {
      return value > 0 && value < 0.0005 ? "<0.001" : value.toFixed(3);
    }
    return value.toLocaleString("en", { maximumFractionDigits: 3 });
  };
  const quoted = (value) => {
    if (value === null || value === undefined) return "";
    const text = String(value);
    // a spreadsheet would run what starts like a formula
    const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };

  const listing = (place) => {
    const { columns, rows } = read(place.dataset.table);
    const state = { sort: null, down: false, words: "", first: 0, order: null };
    const search = place.querySelector("input");
    const body = place.querySelector("tbody");
    const head = place.querySelector("thead tr");
    const told = place.querySelector(".count");
    const [back, on] = place.querySelectorAll(".turn");
    const haystack = [];
    const texts = (row) =>
      (haystack[row] ??= columns.filter((one) => one.codes)
        .map((one) => spelled(one, row)).join("\n").toLowerCase());

    const ordered = () => {
      let order = [...Array(rows).keys()];
      if (state.words) order = order.filter((row) => texts(row).includes(state.words));
      if (state.sort !== null) {
        const column = columns[state.sort];
        const sign = state.down ? -1 : 1;
        const values = order.map((row) => raw(column, row));
        const compare = (a, b) => {
          const x = values[a], y = values[b];
          if (x === y) return a - b;
          if (x === null || x === undefined) return 1;
          if (y === null || y === undefined) return -1;
          return sign * (typeof x === "number" ? x - y : x < y ? -1 : 1);
        };
        order = [...values.keys()].sort(compare).map((place) => order[place]);
      }
      return order;
    };
    const show = () => {
      const shown = state.order.slice(state.first, state.first + PAGE);
      body.replaceChildren(...shown.map((row) => {
        const line = make("tr");
        columns.forEach((column) => {
          const text = spelled(column, row);
          const style = column.codes ? (text.length > 120 ? "longer" : text.length > 40 ? "long" : "") : "number";
          line.append(make("td", style ? { class: style } : {}, text));
        });
        return line;
      }));
      const last = Math.min(state.first + PAGE, state.order.length);
      told.textContent = state.order.length
        ? `${count(state.first + 1)} to ${count(last)} of ${count(state.order.length)} rows`
        : "no row with these words";
      back.disabled = state.first === 0;
      on.disabled = last >= state.order.length;
    };
    const again = () => { state.order = ordered(); state.first = 0; show(); };

    columns.forEach((column, place) => {
      const cell = make("th", { scope: "col", "aria-sort": "none" });
      if (!column.codes) cell.className = "number";
      const button = make("button", { type: "button", title: column.reading }, column.label);
      button.addEventListener("click", () => {
        // numbers from the highest, words from the first
        const down = !column.codes;
        state.down = state.sort === place ? !state.down : down;
        state.sort = place;
        head.querySelectorAll("th").forEach((one) => one.setAttribute("aria-sort", "none"));
        cell.setAttribute("aria-sort", state.down ? "descending" : "ascending");
        again();
      });
      cell.append(button);
      head.append(cell);
    });
    if (rows <= FEW) for (const one of place.querySelectorAll(".find, .turn")) one.hidden = true;
    search.addEventListener("input", () => {
      state.words = search.value.toLowerCase().trim();
      again();
    });
    back.addEventListener("click", () => { state.first -= PAGE; show(); });
    on.addEventListener("click", () => { state.first += PAGE; show(); });
    place.querySelector(".download").addEventListener("click", () => {
      const lines = [columns.map((one) => quoted(one.key)).join(",")];
      for (const row of state.order) {
        lines.push(columns.map((column) => quoted(raw(column, row))).join(","));
      }
      const url = URL.createObjectURL(new Blob([lines.join("\n") + "\n"], { type: "text/csv" }));
      const link = make("a", { href: url, download: `${place.dataset.name}.csv` });
      link.click();
      URL.revokeObjectURL(url);
    });
    again();
  };
  for (const place of document.querySelectorAll(".listing")) {
    const folded = place.closest("details");
    if (!folded || folded.open) listing(place);
    else folded.addEventListener("toggle", () => listing(place), { once: true });
  }

  // one of several views

  for (const group of document.querySelectorAll(".switch")) {
    const views = group.querySelectorAll(".view");
    group.addEventListener("change", (event) => {
      views.forEach((view) => { view.hidden = view.id !== event.target.value; });
    });
  }

  // readings that are left when some choices are made

  for (const place of document.querySelectorAll(".choices")) {
    const { axes, cells, outcomes } = read(place.dataset.choices);
    const names = Object.keys(axes);
    const body = place.querySelector("tbody");
    const told = place.querySelector(".verdict");
    const all = [...new Set(outcomes)];
    const selects = names.map((name) => place.querySelector(`select[name="${CSS.escape(name)}"]`));
    const show = () => {
      const wanted = selects.map((one) => one.value);
      const left = new Map(all.map((name) => [name, 0]));
      let total = 0;
      cells.forEach((cell, row) => {
        if (wanted.some((value, axis) => value !== "" && cell[axis] !== value)) return;
        total += 1;
        left.set(outcomes[row], left.get(outcomes[row]) + 1);
      });
      const sorted = [...left].sort((a, b) => b[1] - a[1]);
      const reached = sorted.filter(([, cells]) => cells > 0);
      body.replaceChildren(...sorted.map(([name, cells]) => {
        const line = make("tr");
        line.append(make("td", {}, name));
        line.append(make("td", { class: "number" }, cells ? count(cells) : "none"));
        return line;
      }));
      told.textContent = total === 0 ? "No reading combines these choices."
        : reached.length === 1 ? `Settled: ${reached[0][0]}, in all ${count(total)} readings left.`
        : `${count(reached.length)} outcomes are left in ${count(total)} readings.`;
    };
    selects.forEach((one) => one.addEventListener("change", show));
    place.querySelector(".reset").addEventListener("click", () => {
      selects.forEach((one) => { one.value = ""; });
      show();
    });
    show();
  }
  document.documentElement.dataset.ready = "true";
})();
