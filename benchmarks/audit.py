"""An audit of 10 parts, 8 actions and 20,000 cells: the whole question, and its steps.

Usage: python benchmarks/audit.py
"""

import time

import numpy as np

import dissensus as ds
from dissensus.system import Part, System, World
from dissensus.system.audit import Case, commitments, cross, importances, shake
from dissensus.system.audit.axes import default_rules
from timing import seconds

PARTS, ACTIONS, CELLS = 10, 8, 20_000
TARGET = 10.0  # seconds


def case(computes):
    """Random parts with every axis crossed that changes what they say, or how it is read."""
    random = np.random.default_rng(0)
    names = [f"action {i}" for i in range(ACTIONS)]
    parts = [
        Part(
            f"part {i}",
            random.random(ACTIONS).round(3),
            hardness=float(random.integers(1, 20)),
            aspiration=0.6 if i == 0 else None,
        )
        for i in range(PARTS)
    ]
    after = {
        f"part {i}": Part(f"part {i}", random.random(ACTIONS).round(3), hardness=3.0)
        for i in range(4)
    }
    system = System(parts, World.of(names), "plurality", comparability="full")
    axes = {
        "rule": default_rules(Case(system)),
        "compute": np.geomspace(0.5, 2000, computes).tolist(),
        "compute_model": ["shrinkage", "noisy", "search"],
        "deliberation": ["none", "given"],
        "scale": ["raw", "range"],
        "tie_break": ["kept", " > ".join(names)],
    }
    return Case(system, after, axes=axes, perturbation=0.1)


def timed(name, work, rounds=3):
    best = seconds(work, rounds)
    print(f"  {name:<52} {best:8.3f} s")
    return best


def main():
    large = case(80)
    start = time.perf_counter()
    crossed = cross(large)
    first = time.perf_counter() - start
    print(f"{PARTS} parts, {ACTIONS} actions, {len(crossed.settings):,} cells")
    print(f"  {'cells':<52} {first:8.3f} s")
    timed("what decides", lambda: importances(crossed))
    timed("minimal commitments", lambda: commitments(crossed), 1)
    robust = shake(crossed)
    timed(f"perturbed draws, 200 of {len(robust.cells)} cells", lambda: shake(cross(large)), 1)
    whole = timed("the whole question, ds.audit", lambda: ds.audit(large), 1)
    print(f"  target: {TARGET:.0f} s for {CELLS:,} cells: {'met' if whole < TARGET else 'MISSED'}")
    small = timed("ds.audit('holiday'), 30 cells", lambda: ds.audit("holiday"))
    print(f"  {small / 30 * 1000:.1f} ms a cell")


if __name__ == "__main__":
    main()
