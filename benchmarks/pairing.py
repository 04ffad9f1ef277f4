"""Several goals an agent: exact values from patterns, against the plain loop over pairs.

A million agents are measured from a Parquet file, against the reading of its columns and against
the collapse of agents to bit words as the engine's own query.

Usage: python benchmarks/pairing.py
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

from timing import child, report

PATTERNS, GOALS = 50_000, 64
AGENTS, FEW = 1_000_000, 20


def sets(agents, goals, seed=0):
    """Bit words of agents that hold 1 to 6 goals each."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 7, agents)
    chosen = np.argsort(rng.random((agents, goals), dtype=np.float32), axis=1)[:, :6]
    bits = np.left_shift(np.uint64(1), chosen.astype(np.uint64))
    bits[np.arange(6) >= sizes[:, None]] = 0
    return np.bitwise_or.reduce(bits, axis=1)[:, None]


def conflict(goals, levels, seed=1):
    rng = np.random.default_rng(seed)
    table = np.triu(rng.choice(levels, (goals, goals)), 1)
    return table + table.T


def tables():
    return {
        "any": ("any", conflict(GOALS, [0, 0, 0, 0, 0, 0, 0, 1])),
        "any-3-levels": ("any", conflict(GOALS, [0, 0, 0, 0, 0, 0.3, 0.6, 1])),
        "any-graded": ("any", conflict(GOALS, np.linspace(0, 1, 1000) ** 8)),
        "independent": ("independent", conflict(GOALS, [0, 0, 0, 0, 0, 0.3, 0.6, 1])),
    }


def distinct():
    """50,000 patterns that all differ, and how many agents hold each."""
    from dissensus.model.patterns import patterns_of
    from dissensus.model.tally import Mass

    words = np.unique(sets(PATTERNS * 2, GOALS), axis=0)
    words = np.sort(np.random.default_rng(2).permutation(words)[:PATTERNS, 0])
    bits = np.arange(GOALS, dtype=np.uint64)
    held = (words[:, None] >> bits) & np.uint64(1)
    patterns = patterns_of([np.flatnonzero(row).tolist() for row in held], GOALS)
    return patterns, Mass(np.random.default_rng(3).integers(1, 20, (1, PATTERNS)))


def plain(pairing, table):
    """All pairs of a tenth of the patterns, pattern by pattern, vectorised over its partners."""
    patterns, mass = distinct()
    part = patterns.take(np.arange(PATTERNS // 10))
    members = part.members(slice(None))
    weight = mass.agents[0][: PATTERNS // 10]
    total = 0.0
    for i in range(part.size):
        own = table[members[i]]
        if pairing == "any":
            degree = np.where(members, own.max(axis=0, initial=0), 0).max(axis=1)
        else:
            degree = 1 - np.prod(np.where(members, np.prod(1 - own, axis=0), 1), axis=1)
        total += weight[i] * (degree @ weight)
    return total


def write(path):
    """Rows of agents that hold 1 to 6 goals each."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    words = sets(AGENTS, FEW)[:, 0]
    bits = np.unpackbits(words.astype("<u8").view(np.uint8).reshape(AGENTS, 8), axis=1)
    order = np.arange(64).reshape(8, 8)[:, ::-1].ravel()  # bits of a byte, lowest first
    agent, bit = np.nonzero(bits)
    names = pa.array([f"goal {i}" for i in range(64)])
    pq.write_table(pa.table({"agent": agent, "goal": names.take(pa.array(order[bit]))}), path)


def reading(path):
    import duckdb

    rows = duckdb.connect().read_parquet(path)
    return rows.to_arrow_table


def collapse(path):
    """Patterns and their agents, by a query written for these 20 goals."""
    import duckdb

    connection = duckdb.connect()
    sets_of_agents = (
        "SELECT bit_or(1::BIGINT << replace(goal, 'goal ', '')::INT) AS word "
        f"FROM '{path}' GROUP BY agent"
    )
    query = f"SELECT word, count(*) FROM ({sets_of_agents}) GROUP BY word"
    return lambda: connection.sql(query).to_arrow_table()


def measured(check):
    def ways(path):
        import dissensus as ds

        table = conflict(FEW, [0, 0, 0, 1])
        pairs = {(f"goal {i}", f"goal {j}"): 1.0 for i, j in np.argwhere(np.triu(table))}
        return lambda: ds.misalignment(path, holds="several", conflict=pairs, check=check)

    return ways


AGENTS_WAYS = {
    "reading": reading,
    "collapse": collapse,
    "checked": measured("auto"),
    "unchecked": measured("none"),
}


def main():
    if len(sys.argv) == 3:
        name, way = sys.argv[1:]
        if way in AGENTS_WAYS:
            report(AGENTS_WAYS[way](name), 3)
            return
        pairing, table = tables()[name]
        if way == "plain":
            report(lambda: plain(pairing, table), 1)
            return
        from dissensus.measure.pairing.several import within_patterns

        patterns, mass = distinct()
        report(lambda: print(within_patterns(patterns, mass, table, pairing).method), 1)
        return
    print(f"{PATTERNS:,} distinct patterns of {GOALS} goals; the loop on a tenth of them")
    for name in tables():
        ours, loop = child(__file__, name, "ours"), child(__file__, name, "plain")
        print(
            f"  {name:<14} {ours['seconds']:6.1f} s (at most 20), {ours['megabytes']:4.0f} MB "
            f"(at most 1000); the loop {loop['seconds']:.1f} s, x 100 for all"
        )
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "holdings.parquet")
        write(path)
        found = {way: child(__file__, path, way) for way in AGENTS_WAYS}
    read = found["reading"]["seconds"]
    print(
        f"{AGENTS:,} agents x {FEW} goals from a file, any: reading {read:.2f} s; the engine's own "
        f"collapse {found['collapse']['seconds']:.2f} s"
    )
    for way in ("checked", "unchecked"):
        ours = found[way]
        print(
            f"  {way:<10} {ours['seconds']:.2f} s, {ours['seconds'] - read:.2f} s beyond reading "
            f"(at most 1.5), {ours['megabytes']:.0f} MB (at most 1000)"
        )


if __name__ == "__main__":
    main()
