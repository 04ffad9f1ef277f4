"""Salience of 10 million agents: the whole question, against a raw sum of salience per goal.

The raw sum is the engine's own GROUP BY on the same file, written by hand. The geometric mean needs
one sum more than the misalignment alone, which stands beside it; means for which each distinct
salience is counted apart have saliences of three digits. Sums of arrays follow without a target.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

from timing import child, line, report

AGENTS, GOALS = 10_000_000, 20


def arrays():
    rng = np.random.default_rng(0)
    return rng.integers(0, GOALS, AGENTS), rng.random(AGENTS).round(3)


def write(path):
    import duckdb
    import pyarrow as pa

    goal, salience = arrays()
    rows = pa.table({"agent": np.arange(AGENTS), "goal": goal, "care": salience})
    duckdb.connect().execute(f"COPY rows TO '{path}' (FORMAT parquet)")
    return rows.num_rows


def plain(path):
    import duckdb

    query = f"SELECT goal, sum(care) AS mass FROM '{path}' GROUP BY goal ORDER BY goal"
    return duckdb.connect().execute(query).to_arrow_table()


def question(path, mean):
    import dissensus as ds

    given = {} if mean == "raw" else {"salience": "care", "salience_mean": mean}
    return ds.misalignment(path, check="none", **given)


def main():
    if len(sys.argv) == 3:
        way, path = sys.argv[1:]
        if way == "plain":
            report(lambda: plain(path), 15)
        elif way.startswith("ask-"):
            report(lambda: question(path, way.removeprefix("ask-")), 15)
        else:
            from dissensus.measure.salience import met_with_salience
            from dissensus.model.conflict import Exclusive

            goal, salience = arrays()
            if way == "array":
                report(lambda: np.bincount(goal, salience, minlength=GOALS), 15)
                return
            report(lambda: met_with_salience(goal, salience, Exclusive(), GOALS, way), 3)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "rows.parquet")
        write(path)
        print(f"{AGENTS:,} agents of {GOALS} goals, from a file")
        peer = child(__file__, "plain", path)
        for mean in ("raw", "geometric", "arithmetic", "min", "harmonic"):
            name = "misalignment alone" if mean == "raw" else mean
            most = 1.3 if mean == "geometric" else None
            line(name, child(__file__, f"ask-{mean}", path), peer, most)
        print("from arrays")
        peer = child(__file__, "array", path)
        for mean in ("geometric", "arithmetic", "min", "max"):
            line(mean, child(__file__, mean, path), peer)


if __name__ == "__main__":
    main()
