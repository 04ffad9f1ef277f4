"""Salience of 10 million agents, geometric, against a raw sum of salience per goal.

The rows are a file, and the sums one GROUP BY; then the mathematics. The other means, which need
the agents one by one, and the sums of an array follow without a target.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

from timing import child, line, report

AGENTS, GOALS = 10_000_000, 20


def arrays():
    rng = np.random.default_rng(0)
    return rng.integers(0, GOALS, AGENTS), rng.random(AGENTS)


def grouped(path, expression):
    import duckdb

    query = f"SELECT goal, sum({expression}) AS mass FROM '{path}' GROUP BY goal ORDER BY goal"
    return duckdb.connect().execute(query).to_arrow_table()


def write(path):
    import duckdb
    import pyarrow as pa

    goal, salience = arrays()
    rows = pa.table({"goal": goal, "care": salience})
    duckdb.connect().execute(f"COPY rows TO '{path}' (FORMAT parquet)")
    return rows.num_rows


def main():
    if len(sys.argv) == 3:
        from dissensus.measure.friction import friction
        from dissensus.measure.salience import met_with_salience
        from dissensus.model.conflict import Exclusive

        way, path = sys.argv[1:]
        if way == "plain":
            report(lambda: grouped(path, "care"), 15)
        elif way == "ours":

            def work():
                v = grouped(path, "sqrt(care)").column("mass").to_numpy()
                return v @ friction(v, Exclusive())

            report(work, 15)
        else:
            goal, salience = arrays()
            if way == "array":
                report(lambda: np.bincount(goal, salience, minlength=GOALS), 15)
                return
            report(lambda: met_with_salience(goal, salience, Exclusive(), GOALS, way), 3)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "rows.parquet")
        write(path)
        print(f"{AGENTS:,} agents of {GOALS} goals")
        plain, ours = child(__file__, "plain", path), child(__file__, "ours", path)
        line("geometric, from a file", ours, plain, 1.3)
        plain = child(__file__, "array", path)
        for mean in ("geometric", "arithmetic", "min", "max"):
            line(f"{mean}, from arrays", child(__file__, mean, path), plain)


if __name__ == "__main__":
    main()
