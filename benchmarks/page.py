"""The page of 100 problem areas x 20 segments: its size, and how soon its first content shows.

    python benchmarks/page.py

Beside it, the floor: the same page with its data and charts taken out, in the same browser.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
from playwright.sync_api import Browser, sync_playwright

import dissensus as ds

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PAINT = """() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"""


def population(areas: int, segments: int, agents: int) -> pa.Table:
    """Rows of a survey: each agent answers each area."""
    draw = np.random.default_rng(7)
    agent = np.repeat(np.arange(agents), areas)
    area = np.tile(np.arange(areas), agents)
    goal = draw.integers(0, 5, len(agent))
    return pa.table(
        {
            "agent": agent,
            "area": np.char.add("question ", area.astype(str)),
            "goal": np.char.add("answer ", goal.astype(str)),
            "segment": np.char.add("segment ", (agent % segments).astype(str)),
        }
    )


def first_content(browser: Browser, path: Path, rounds: int = 5) -> float:
    """Least time to the first content, in seconds."""
    times = []
    for _ in range(rounds):
        page = browser.new_page()
        page.goto(path.as_uri())
        page.wait_for_function(PAINT)
        times.append(page.evaluate(PAINT) / 1000)
        page.close()
    return min(times)


def main() -> None:
    """Time the page and its floor, and print both."""
    rows = population(100, 20, 2_000)
    start = time.perf_counter()
    results = [ask(rows, by="segment") for ask in (ds.between, ds.misalignment, ds.explain)]
    asked = time.perf_counter() - start
    start = time.perf_counter()
    page = ds.report(*results, title="A survey")
    made = time.perf_counter() - start
    chromium = shutil.which("chromium") or sys.exit("needs Chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        full = page.save(Path(folder) / "full.html")
        bare = Path(folder) / "bare.html"
        bare.write_text(re.sub(r"<script.*?</script>", "", page.html, flags=re.S))
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        ours, floor = first_content(browser, full), first_content(browser, bare)
        browser.close()
    print("page of 100 problem areas x 20 segments")
    print(f"  size               {len(page.html.encode()) / 1e6:6.2f} MB   (target 2)")
    print(f"  questions          {asked:6.2f} s")
    print(f"  page               {made:6.2f} s")
    print(f"  first content      {ours:6.2f} s    (target 1)")
    print(f"  the same, no data  {floor:6.2f} s    ratio {ours / floor:.1f}")


if __name__ == "__main__":
    main()
