"""Mechanisms at 10 parts and 10 actions, and drift's exact search beside listing every plan.

Usage: python benchmarks/dynamics.py
"""

from itertools import product

import numpy as np

import dissensus as ds
from dissensus.system import Part, System, World
from dissensus.system.dynamics.planning import OBJECTIVES, best_plan
from dissensus.system.dynamics.standing import Feeding
from timing import seconds

SIZE = 10
CLOSED, OTHER = 0.2, 5.0  # seconds


def large():
    """Ten parts, ten actions, random utilities and hardness."""
    random = np.random.default_rng(0)
    parts = [
        Part(f"part {i}", random.random(SIZE).round(3), hardness=float(random.integers(1, 20)))
        for i in range(SIZE)
    ]
    return System(parts, World.of([f"action {i}" for i in range(SIZE)]), "utilitarian", "unit")


def mechanisms():
    """One line each: time, and the target for closed forms or for the others."""
    system = large()
    random = np.random.default_rng(1)
    influence = random.dirichlet(np.ones(SIZE), size=SIZE).tolist()
    said = {
        "model": "argument-exchange",
        "held": random.integers(0, 2, (SIZE, 12)).tolist(),
        "arguments": random.normal(size=(12, SIZE)).tolist(),
    }
    runs = [
        ("boundary", {}, CLOSED),
        ("deliberation, degroot", {"model": "degroot", "influence": influence}, CLOSED),
        (
            "deliberation, bounded confidence",
            {"model": "bounded-confidence", "confidence": 0.4},
            CLOSED,
        ),
        ("deliberation, 1,000 exchanges of arguments", said, OTHER),
        ("rationality", {}, OTHER),
        ("meta-preferences", {"endorsement": np.eye(SIZE), "sharpness": 15.0}, OTHER),
        ("scale", {}, OTHER),
        ("drift, horizon 5", {"horizon": 5}, OTHER),
        ("drift, horizon 8", {"horizon": 8}, OTHER),
    ]
    for name, given, target in runs:
        mechanism = name.partition(",")[0]
        best = seconds(lambda m=mechanism, g=given: ds.simulate(system, m, **g), 2)
        met = "met" if best < target else "MISSED"
        print(f"  {name:<46} {best:8.3f} s   target {target:g} s: {met}", flush=True)


def listed(feeding, horizon):
    """Worth of the best real-time plan, by listing all of them."""
    plans = np.array(list(product(range(feeding.utilities.shape[1]), repeat=horizon)))
    standing, total = np.tile(feeding.start, (len(plans), 1)), np.zeros(len(plans))
    for t in range(horizon):
        got = feeding.utilities.T[plans[:, t]]
        total += (standing * got).sum(axis=1)
        standing = feeding.after(standing, got)
    return total.max()


def drift():
    """Two actions, three parts: exact to horizon 30, checked at 12."""
    random = np.random.default_rng(2)
    feeding = Feeding(random.random((3, 2)), random.dirichlet(np.ones(3)), 1.0, 0.0)

    def plan(objective, horizon):
        rest = [0] * horizon
        path, gets = feeding.path(rest), feeding.utilities.T[rest]
        return best_plan(objective, feeding, horizon, path, gets)

    ours = seconds(lambda: plan("real-time", 12), 3)
    theirs = seconds(lambda: listed(feeding, 12), 3)
    same = abs(plan("real-time", 12).value - listed(feeding, 12)) < 1e-9
    print(
        f"  horizon 12: {ours:.4f} s, listing 4,096 plans {theirs:.4f} s, "
        f"ratio {ours / theirs:.3f}, {'the same worth' if same else 'ANOTHER WORTH'}"
    )
    for objective in OBJECTIVES:
        best = seconds(lambda o=objective: plan(o, 30), 2)
        print(
            f"  horizon 30, {objective:<14} {best:8.4f} s, error bound "
            f"{plan(objective, 30).error_bound:g}"
        )
    pulled = Feeding(feeding.utilities, feeding.start, 1.0, 0.1)
    rest = [0] * 30
    found = best_plan("real-time", pulled, 30, pulled.path(rest), feeding.utilities.T[rest])
    print(
        f"  horizon 30 with pull-back 0.1: worth {found.value:.4f}, at most "
        f"{found.error_bound:.4f} short of the best"
    )


def main():
    print(f"{SIZE} parts, {SIZE} actions")
    mechanisms()
    print("drift, 2 actions x 3 parts")
    drift()


if __name__ == "__main__":
    main()
