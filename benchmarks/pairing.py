"""Several goals an agent: exact values from patterns, against the plain loop over pairs.

Usage: python benchmarks/pairing.py
"""

import sys

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
    from dissensus.model.patterns import collapsed

    words = np.unique(sets(PATTERNS * 2, GOALS), axis=0)
    words = np.random.default_rng(2).permutation(words)[:PATTERNS]
    rng = np.random.default_rng(3)
    return collapsed(words, GOALS, counts=rng.integers(1, 20, PATTERNS))


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


def main():
    if len(sys.argv) == 3:
        name, way = sys.argv[1:]
        from dissensus.measure.pairing.several import within_patterns
        from dissensus.model.patterns import collapsed

        if name == "agents":
            words, table = sets(AGENTS, FEW), conflict(FEW, [0, 0, 0, 1])

            def work():
                patterns, mass = collapsed(words, FEW)
                print(within_patterns(patterns, mass, table, "any").method, patterns.size)

            report(work, 3)
            return
        pairing, table = tables()[name]
        if way == "plain":
            report(lambda: plain(pairing, table), 1)
            return
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
    ours = child(__file__, "agents", "ours")
    print(
        f"{AGENTS:,} agents x {FEW} goals, any: {ours['seconds']:.2f} s (at most 1.5), "
        f"{ours['megabytes']:.0f} MB (at most 1000)"
    )


if __name__ == "__main__":
    main()
