"""Fifty million rows by area and segment, against the engine's own GROUP BY on the same rows.

Usage: python benchmarks/counting.py [ROWS]
"""

import sys
import tempfile
from pathlib import Path

from timing import child, line, report

ROWS = 50_000_000
KEYS = ["area", "segment", "goal"]
ROLES = {"agent": "agent", "area": "area", "goal": "goal", "by": "segment"}


def write(path, rows):
    import duckdb

    duckdb.connect().execute(
        f"COPY (SELECT (i // 100)::INT AS agent, (i % 100)::INT AS area, "
        f"((i // 100) % 20)::INT AS segment, (hash(i) % 5)::INT AS goal "
        f"FROM range({rows}) t(i)) TO '{path}' (FORMAT parquet)"
    )


def source(kind, path):
    """The rows as a user of each engine holds them."""
    if kind == "file":
        return path
    if kind == "relation":
        import duckdb

        return duckdb.connect().read_parquet(path)
    if kind == "polars":
        import polars

        return polars.scan_parquet(path)
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(path)
    return table.to_pandas() if kind == "pandas" else table


def plain(kind, rows):
    """The engine's own group-by, written by hand."""
    if kind in ("file", "relation"):
        import duckdb

        relation = duckdb.connect().read_parquet(rows) if kind == "file" else rows
        return relation.aggregate("area, segment, goal, count(*)").to_arrow_table()
    if kind == "polars":
        import polars

        return rows.group_by(KEYS).agg(polars.len()).collect(engine="streaming")
    if kind == "pandas":
        return rows.groupby(KEYS, dropna=False, observed=True).size()
    return rows.group_by(KEYS).aggregate([([], "count_all")])


def main():
    if len(sys.argv) == 4:
        kind, way, path = sys.argv[1:]
        rows = source(kind, path)
        if way == "plain":
            report(lambda: plain(kind, rows))
        else:
            import dissensus as ds

            report(lambda: ds.misalignment(rows, check=way, **ROLES))
        return
    count = int(sys.argv[1]) if len(sys.argv) == 2 else ROWS
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "rows.parquet")
        write(path, count)
        print(f"{count:,} rows: 100 areas, 20 segments, 5 goals")
        targets = {
            ("file", "none"): (1.15, 400),
            ("file", "auto"): (4, 1000),
            ("relation", "none"): (1.15, 600),
            ("polars", "none"): (1.3, 600),
            ("pandas", "none"): (1.3, None),
            ("pyarrow", "none"): (1.3, None),
        }
        peers = {}
        for (kind, way), (most, memory) in targets.items():
            if kind not in peers:
                peers[kind] = child(__file__, kind, "plain", path)
            ours = child(__file__, kind, way, path)
            line(f"{kind}, check={way}", ours, peers[kind], most, memory)


if __name__ == "__main__":
    main()
