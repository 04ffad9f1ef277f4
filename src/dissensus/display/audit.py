"""An audit on a terminal: the verdict, what comes out of it, what decides, and what settles it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.text import Text

from dissensus.display.card import because, card_grid, card_line
from dissensus.display.layout import Field, Grid, Row, crop, signs
from dissensus.display.prose import prose
from dissensus.display.sentences import draws
from dissensus.model.columns import column
from dissensus.model.result import Result
from dissensus.model.spelling import spelled

__all__ = ["AuditView"]

LONGEST = 24  # rows of a list that are shown
COMMITMENTS = 5
PAIRS = 8  # columns of the table of two axes that are shown
NOTHING = "(nothing)"
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class AuditView:
    """The result of ``audit``.

    Attributes
    ----------
    result : Result
        What to show.
    quiet : bool
        Tables only, no sentences.
    """

    result: Result
    quiet: bool = False

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw all parts."""
        if not self.quiet:
            yield from self._head()
        yield from _section("What it wants: three pointers", self._pointers())
        yield from _section("What comes out of it", self._actions())
        yield from self._gains(signs(options).more)
        if not self.quiet:
            yield from self._silent()
        if "reading" in self._summary["axes"]:
            yield from _section("Reading by reading", self._readings())
        yield from self._decides()
        if "reading" not in self._summary["axes"]:
            yield from self._pairs()
        yield from self._settles()
        rows = self._rows("reflexivity")
        yield from _section(f"Is it aligned with itself? {card_line(rows)}", card_grid(rows))
        if not self.quiet:
            yield from because(rows)
            yield Text()
        if not self.quiet:
            yield from self._foot()

    @property
    def _summary(self) -> dict[str, Any]:
        return dict(self.result.summary)

    def _rows(self, name: str) -> Rows:
        rows: Rows = self.result.tables[name].to_pylist()
        return rows

    def _head(self) -> Iterator[RenderableType]:
        summary = self._summary
        yield prose(summary.get("title") or summary.get("name") or "Audit", "bold")
        if summary.get("asks"):
            yield prose(summary["asks"])
        for note in summary.get("notes") or ():
            yield prose(f"Note: {note}", "yellow")
        yield Text()
        yield prose(_verdict(summary), "bold")
        yield prose(_differ(summary))
        if summary.get("today"):
            yield prose(self._today())
        yield prose(summary["caveat"], "dim")
        yield Text()

    def _today(self) -> str:
        summary = self._summary
        told = (
            f"What is done today, {summary['today']}, is chosen by {summary['today_cells']} of "
            f"{summary['today_of']} readings"
        )
        failed = [row for row in self.result.rows.to_pylist() if row["today_chosen"] is False]
        names = [str(row["reading"]) for row in failed if row.get("reading")]
        if not names or len(names) > 6:
            return f"{told}."
        return f"{told}; not by: {'; '.join(dict.fromkeys(names))}."

    def _pointers(self) -> Grid:
        merged: dict[tuple[str, str], list[str]] = {}
        for row in self._rows("pointers"):
            key = (row["meaning"], ", ".join(row["outcome"] or ()))
            merged.setdefault(key, []).extend([row["rule"]] if row["rule"] else [])
        rows = [
            Row([meaning + (f" (by {', '.join(rules)})" if rules else ""), outcome or NOTHING])
            for (meaning, outcome), rules in merged.items()
        ]
        return Grid([Field("", lines=2), Field("gives", lines=2)], rows)

    def _actions(self) -> Grid:
        rows = [
            Row(
                [
                    row["action"],
                    spelled(row["cells_share"], "share"),
                    f"{row['cells']:,}",
                    f"{row['shared_cells']:,}",
                ],
                row["cells_share"],
            )
            for row in sorted(self._rows("actions"), key=lambda one: -one["cells_share"])
        ]
        fields = [
            Field("option", lines=2),
            Field("readings", "value"),
            Field("alone", "number"),
            Field("in ties", "number"),
        ]
        return Grid(fields, rows)

    def _gains(self, more: str) -> Iterator[RenderableType]:
        """What each part gets of each option, the options in columns."""
        got: dict[str, list[str]] = {}
        known = False
        for row in self._rows("gains"):
            known |= row["value"] is not None
            got.setdefault(row["part"], []).append(spelled(row["value"], "share") or "?")
        if not known:
            return
        options = self._summary["actions"][:PAIRS]
        rows = [Row([part, *cells[:PAIRS]]) for part, cells in list(got.items())[:LONGEST]]
        heads = [Field(crop(name, 14, more), "number") for name in options]
        grid = Grid([Field("part", lines=2), *heads], rows)
        yield from _section("What each part gets of its own range", grid)

    def _silent(self) -> Iterator[RenderableType]:
        summary = self._summary
        never = summary["never_chosen"]
        if never:
            yield prose(f"No reading chooses {_and(never)}.")
        if summary["undefined_share"]:
            share = spelled(summary["undefined_share"], "share")
            yield prose(f"In {share} of the readings nothing is chosen.")
        if never or summary["undefined_share"]:
            yield Text()

    def _readings(self) -> Grid:
        today = self._summary.get("today")
        kept = self._kept()
        several = len(self._summary["axes"]) > 1
        rows = []
        for row in self.result.rows.to_pylist()[:LONGEST]:
            name = row["reading"] + (f" ({row['rule']})" if several and row.get("rule") else "")
            cells = [name, _listed(row["outcome"]) or NOTHING]
            if today:
                short = row.get("today_regret")
                cells.append(f"{short:.2g}" if short else "")
            rows.append(Row([*cells, spelled(kept.get(row["cell"]), "share")]))
        for row in self._rows("uncounted"):
            extra = [""] if today else []
            shown = [f"{row['reading']} (not counted)", _listed(row["outcome"]) or NOTHING]
            rows.append(Row([*shown, *extra, ""]))
        fields = [Field("reading", lines=2), Field("gives", lines=2)]
        if today:
            fields.append(Field("today falls\nshort by", "number"))
        return Grid([*fields, Field("if utilities\nare shaken", "number")], rows)

    def _kept(self) -> dict[int, float]:
        return {
            row["cell"]: row["draws_share"] for row in self._rows("robustness") if row["is_outcome"]
        }

    def _decides(self) -> Iterator[RenderableType]:
        found = [row for row in self._rows("importance") if row["main"] is not None]
        if not found:
            return
        rows = [
            Row(
                [
                    f"{row['axis_label']} ({row['axis']}, {row['values']} values)",
                    spelled(row["main"], "share"),
                    spelled(row["total"], "share"),
                ]
            )
            for row in found
        ]
        fields = [
            Field("choice", lines=2),
            Field("alone", "number"),
            Field("with its\ninteractions", "number"),
        ]
        yield from _section("What decides", Grid(fields, rows))

    def _pairs(self) -> Iterator[RenderableType]:
        """Table of two axes: the rule, or what decides most, by compute, or what decides next."""
        axes = [row["axis"] for row in self._rows("importance")]
        if not axes:
            return
        down = "rule" if "rule" in axes else axes[0]
        # a relation or pointer that needs no rule stands in the place of one
        left = [name for name in axes if name not in (down, "relation", "pointer")]
        across = "compute" if "compute" in left else left[0] if left else None
        found: dict[Any, dict[Any, list[str]]] = {}
        for row in self.result.rows.to_pylist():
            name = row[down] or row.get("relation") or row.get("pointer")
            some = found.setdefault(name, {}).setdefault(row.get(across or ""), [])
            some.append(_listed(row["outcome"]) or NOTHING)
        columns = list(dict.fromkeys(name for some in found.values() for name in some))[:PAIRS]
        rows = [
            Row([_value(name), *(_merged(some.get(one, [])) for one in columns)])
            for name, some in list(found.items())[:LONGEST]
        ]
        heads = [_head(one, across) if across else "gives" for one in columns]
        fields = [Field(column(down).label), *(Field(head, lines=4) for head in heads)]
        title = f"{column(down).label} by {column(across).label}" if across else "By rule"
        title = title[0].upper() + title[1:]
        if any("; " in cell for row in rows for cell in row.cells):
            title += ": outcomes, told apart by further choices"
        yield from _section(title, Grid(fields, rows))

    def _settles(self) -> Iterator[RenderableType]:
        found = self._rows("commitments")
        axes = self._summary["axes"]
        if not found:
            return
        if len(axes) == 1:
            yield prose(f"To settle it, state the {column(next(iter(axes))).label}.", "bold")
            yield Text()
            return
        part = [row for row in found if row["choices"] < len(axes)]
        if not part:
            yield prose("To settle it, every choice has to be stated.", "bold")
            yield Text()
            return
        fields = [Field("state", lines=4), Field("and it is", lines=2)]
        shaken = bool(self._summary["draws"])
        if shaken:
            fields.append(Field("holds in\nperturbed draws", "number"))
        ways = _alike(part)
        rows = []
        for words, outcome, shares in ways[:COMMITMENTS]:
            share = [_range(shares)] if shaken else []
            rows.append(Row([words, outcome, *share]))
        more = f": {COMMITMENTS} of {len(ways):,} ways" if len(ways) > COMMITMENTS else ""
        yield from _section(f"To settle it{more}", Grid(fields, rows))

    def _foot(self) -> Iterator[RenderableType]:
        summary = self._summary
        yield from self._as_population()
        yield Text()
        yield Text("Conventions", style="bold")
        for name, words in self.result.provenance.get("conventions", {}).items():
            if not name.startswith("reflexivity"):
                yield prose(f"  {name}: {words}", "dim")
        left = summary.get("left_out") or {}
        if left:
            yield prose(f"  {len(left)} axes not crossed: {', '.join(left)}", "dim")

    def _as_population(self) -> Iterator[RenderableType]:
        summary = self._summary
        value, people = summary.get("parts_misalignment"), summary.get("people_misalignment")
        if value is not None:
            weighted = spelled(summary["parts_misalignment_by_standing"], "probability")
            yield prose(
                f"Its parts as a population: two of them, drawn at random, conflict {draws(value)} "
                f"(misalignment {spelled(value, 'probability')}; drawn by standing {weighted})."
            )
        if people is not None:
            yield prose(
                f"The agents behind the parts: two of them, drawn at random, conflict "
                f"{draws(people)} (misalignment {spelled(people, 'probability')})."
            )
        if value is not None:
            yield prose(
                f"So it is {'not aligned with itself' if value or people else 'of one mind'}."
            )


def _verdict(summary: dict[str, Any]) -> str:
    options, reached = len(summary["options"]), len(summary["reached"])
    words = {
        "SETTLED": "every reading has the same outcome",
        "UNSETTLED": f"each of the {options} options that its parts would choose is the outcome "
        "of some reading",
        "NARROW": f"readings lead to only {reached} of the {options} options that its parts would "
        "choose",
        "WIDE": f"readings lead to {reached} of the {options} options that its parts would choose",
    }
    verdict = summary["verdict"]
    if verdict == "SETTLED":
        return f"SETTLED: every reading gives {_and(summary['outcomes'][0]['outcome'], 'or')}."
    return f"{verdict}: {words[verdict]}."


def _differ(summary: dict[str, Any]) -> str:
    count, outcomes = summary["cells"], len(summary["outcomes"])
    told = f"{count:,} readings" if count > 1 else "1 reading"
    told += f", {outcomes} outcomes" if outcomes != 1 else ", 1 outcome"
    if outcomes > 1:
        told += (
            f"; two readings drawn at random differ {draws(summary['p_diff'])}. With one reading "
            f"for each distinct policy ({summary['policies']}), they differ "
            f"{draws(summary['policies_p_diff'])}"
        )
    if summary.get("fragile_cells"):
        told += (
            f". Shaking the utilities changes {summary['fragile_cells']} of "
            f"{summary['draws_cells']} readings in more than 1 of 20 draws"
        )
    return f"{told}."


def _section(head: str, grid: Grid) -> Iterator[RenderableType]:
    yield Text(head, style="bold")
    yield Padding(grid, (0, 0, 0, 2))
    yield Text()


def _listed(names: Sequence[str] | None) -> str:
    return " or ".join(names or ())


def _and(names: Sequence[str], word: str = "and") -> str:
    return " ".join([", ".join(names[:-1]), word, names[-1]]) if len(names) > 1 else names[0]


def _merged(outcomes: Sequence[str]) -> str:
    """Outcomes of several readings, each once."""
    return "; ".join(dict.fromkeys(outcomes))


def _alike(rows: Rows) -> list[tuple[str, str, list[float]]]:
    """Commitments in words, outcome and shares; values of one axis that do the same in one row."""
    values: dict[tuple[str, str], list[str]] = {}
    shares: dict[tuple[str, str], list[float]] = {}
    for row in rows:
        axis, _, value = row["commitment"].partition(" = ")
        alone = row["choices"] == 1
        key = (axis if alone else row["commitment"], _listed(row["outcome"]))
        values.setdefault(key, []).extend([value] if alone else [])
        known = row["kept_share"]
        shares.setdefault(key, []).extend([] if known is None else [known])
    return [
        (f"{first} = {' or '.join(some)}" if some else first, outcome, shares[first, outcome])
        for (first, outcome), some in values.items()
    ]


def _range(shares: Sequence[float]) -> str:
    if not shares:
        return "?"
    low, high = (spelled(one, "share") for one in (min(shares), max(shares)))
    return low if low == high else f"{low.removesuffix(' %')} to {high}"


def _value(value: Any) -> str:
    return "(any)" if value is None else spelled(value)


def _head(value: Any, axis: str) -> str:
    return f"{column(axis).label} {spelled(value)}" if axis == "compute" else _value(value)
