"""The value from goal counts, against a vectorised evaluation of all n x n pairs of agents."""

import numpy as np
import pyarrow as pa
from timing import child, line, report

AGENTS = 20_000
GOALS = 6


def holdings():
    rng = np.random.default_rng(0)
    return rng.integers(0, GOALS, AGENTS)


def table_of_conflict():
    rng = np.random.default_rng(1)
    table = np.triu(rng.random((GOALS, GOALS)), 1)
    return table + table.T


def boolean(goals):
    return float((goals[:, None] != goals).mean())


def graded(goals, conflict):
    return float(conflict[goals[:, None], goals].mean())


def ours(rows, conflict):
    import dissensus as ds

    names = [str(goal) for goal in range(GOALS)]
    graded = {} if conflict is None else {"conflict": conflict, "goal_set": names}
    result = ds.misalignment(rows, check="none", **graded)
    return result.rows["misalignment"][0].as_py()


def main():
    import sys

    goals, conflict = holdings(), table_of_conflict()
    rows = pa.table({"agent": np.arange(AGENTS), "goal": goals})
    ways = {
        "boolean": lambda: boolean(goals),
        "graded": lambda: graded(goals, conflict),
        "ours-boolean": lambda: ours(rows, None),
        "ours-graded": lambda: ours(rows, conflict),
    }
    if len(sys.argv) == 2:
        report(ways[sys.argv[1]], rounds=20 if sys.argv[1].startswith("ours") else 3)
        return
    for kind in ("boolean", "graded"):
        difference = abs(ways[kind]() - ways[f"ours-{kind}"]())
        mine, plain = child(__file__, f"ours-{kind}"), child(__file__, kind)
        line(f"{AGENTS:,} agents, {kind}, with counting", mine, plain)
        print(
            f"  {plain['seconds'] / mine['seconds']:.0f} times faster "
            f"(at least {50 if kind == 'boolean' else 500}), values differ by {difference:.1e}; "
            f"{plain['megabytes']:.0f} MB there"
        )


if __name__ == "__main__":
    main()
