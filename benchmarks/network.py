"""Pairs from a network in Parquet files, against two merges and a comparison in pandas.

Usage: python benchmarks/network.py [EDGES]
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from timing import child, line, report

AREAS = 5
PARTIES = 10
GOALS = 6


def write(folder, edges):
    """A tenth as many agents as edges, in some areas."""
    rng = np.random.default_rng(0)
    agents = edges // 10
    ids = np.tile(np.arange(agents), AREAS)
    rows = {
        "agent": ids,
        "area": np.repeat(np.arange(AREAS), agents),
        "party": (ids % PARTIES),
        "goal": rng.integers(0, GOALS, len(ids)),
    }
    pq.write_table(pa.table(rows), folder / "rows.parquet")
    ends = rng.integers(0, agents, (2, edges))
    pairs = {"agent_a": ends[0], "agent_b": ends[1], "weight": rng.random(edges)}
    pq.write_table(pa.table(pairs), folder / "edges.parquet")


def ours(folder):
    import dissensus as ds

    found = ds.misalignment(
        folder / "rows.parquet", by="party", pairs=folder / "edges.parquet", check="none"
    )
    return found.tables["network"]["network_misalignment"].to_pylist()


def plain(folder):
    import pandas as pd

    rows = pd.read_parquet(folder / "rows.parquet")
    edges = pd.read_parquet(folder / "edges.parquet")
    edges = edges[edges.agent_a != edges.agent_b]
    met = edges.merge(rows, left_on="agent_a", right_on="agent")
    met = met.merge(rows, left_on=["agent_b", "area"], right_on=["agent", "area"])
    met["clash"] = (met.goal_x != met.goal_y) * met.weight
    same = met[met.party_x == met.party_y]

    def mean(table, keys):
        sums = table.groupby(["area", *keys])[["clash", "weight"]].sum()
        return (sums.clash / sums.weight).groupby(keys).mean() if keys else sums

    whole = mean(met, [])
    everyone = (whole.clash / whole.weight).mean()
    return [everyone, *mean(same, ["party_x"]).tolist()]


def main():
    if len(sys.argv) == 3:
        way, folder = sys.argv[1], Path(sys.argv[2])
        report(lambda: {"ours": ours, "plain": plain}[way](folder), rounds=2)
        return
    edges = int(sys.argv[1]) if len(sys.argv) == 2 else 2_000_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, edges)
        difference = max(abs(a - b) for a, b in zip(ours(folder), plain(folder), strict=True))
        mine, theirs = (child(__file__, way, folder) for way in ("ours", "plain"))
        line(f"{edges:,} edges, {AREAS} areas, {PARTIES} segments", mine, theirs)
        print(f"  values differ by {difference:.1e}; {theirs['megabytes']:.0f} MB there")


if __name__ == "__main__":
    main()
