"""Read files of survey programs and of PrefLib, beside the plain way into a data frame.

The plain way reads SPSS by pyreadstat into pandas, and PrefLib line by line in Python. Ours ends
where rows are ready to be counted.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

from timing import child, line, report

ROWS, QUESTIONS = 300_000, 40
BALLOTS, ALTERNATIVES = 100_000, 12


def survey(folder):
    import pandas
    import pyreadstat

    path = Path(folder) / "survey.sav"
    if not path.is_file():
        rng = np.random.default_rng(0)
        frame = pandas.DataFrame(
            {f"q{i}": rng.choice([1.0, 2, 3, 4, 5, 8, 9], ROWS) for i in range(QUESTIONS)}
        )
        frame.insert(0, "id", np.arange(ROWS) + 1.0)
        words = {1: "a", 2: "b", 3: "c", 4: "d", 5: "e", 8: "unsure"}
        names = list(frame.columns[1:])
        pyreadstat.write_sav(
            frame,
            path,
            variable_value_labels=dict.fromkeys(names, words),
            missing_ranges={name: [8, 9] for name in names},
            row_compress=True,
        )
    return str(path)


def ballots(folder):
    path = Path(folder) / "ballots.soc"
    if not path.is_file():
        rng = np.random.default_rng(0)
        names = [f"# ALTERNATIVE NAME {i + 1}: option {i + 1}" for i in range(ALTERNATIVES)]
        orders = rng.permuted(np.tile(np.arange(ALTERNATIVES) + 1, (BALLOTS, 1)), axis=1)
        lines = ["1: " + ",".join(map(str, order)) for order in orders.tolist()]
        path.write_text("\n".join(["# TITLE: many", *names, *lines]), encoding="utf-8")
    return str(path)


def by_line(path):
    names, counted = {}, {}
    for text in Path(path).read_text(encoding="utf-8").splitlines():
        if text.startswith("# ALTERNATIVE"):
            number, _, name = text.removeprefix("# ALTERNATIVE NAME ").partition(": ")
            names[int(number)] = name
        elif not text.startswith("#"):
            count, _, order = text.partition(": ")
            key = ">".join(names[int(one)] for one in order.split(","))
            counted[key] = counted.get(key, 0) + int(count)
    return counted


def work(what, folder):
    from dissensus.engine.sources import open_source

    if what == "survey":
        return lambda: open_source(survey(folder))
    if what == "survey-plain":
        import pyreadstat

        return lambda: pyreadstat.read_sav(survey(folder), user_missing=True)
    if what == "ballots":
        return lambda: open_source(ballots(folder))
    return lambda: by_line(ballots(folder))


def main():
    with tempfile.TemporaryDirectory() as folder:
        survey(folder), ballots(folder)
        for what, name in (
            ("survey", f"SPSS, {ROWS:,} rows x {QUESTIONS} questions"),
            ("ballots", f"PrefLib, {BALLOTS:,} orders of {ALTERNATIVES}"),
        ):
            ours = child(__file__, what, folder)
            line(name, ours, child(__file__, f"{what}-plain", folder))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        report(work(*sys.argv[1:]), 2)
    else:
        main()
