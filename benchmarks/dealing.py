"""Mechanisms among parts at size, beside a plain way to the same number where there is one.

Usage: python benchmarks/dealing.py
"""

import numpy as np
from scipy.optimize import minimize

import dissensus as ds
from dissensus.measure.misalignment import misalignment_of_shares
from dissensus.system import Part, System, World
from dissensus.system.dynamics.compatible import Compatible, plan
from dissensus.system.dynamics.exchange import fisher_market
from dissensus.system.dynamics.extrapolation import STEPS, Person, extrapolate, starts_around
from dissensus.system.dynamics.tree import level_misalignment
from timing import seconds

PARTS = ACTIONS = 10
STARTS, LEAVES = 10_000, 100_000
random = np.random.default_rng(0)


def told(name, ours, target, theirs=None, way=""):
    ratio = f"  {way} {theirs:8.3f} s  ratio {ours / theirs:7.3f}" if theirs else ""
    met = "met" if ours < target else "MISSED"
    print(f"{name:<44} {ours:8.3f} s (under {target:g}: {met}){ratio}", flush=True)


def uncertain(belief):
    return World(
        [f"a{i}" for i in range(ACTIONS)],
        states=["s", "t"],
        initial_belief=belief,
        observation_probabilities=[[0.8, 0.2], [0.3, 0.7]],
        outcomes=["x", "y", "z"],
        outcome_probabilities=random.dirichlet(np.ones(3), (ACTIONS, 2)),
    )


def mechanisms():
    """Every mechanism at 10 parts and 10 actions."""
    world = World.of([f"a{i}" for i in range(ACTIONS)])
    parts = [
        Part(f"p{i}", random.random(ACTIONS), hardness=float(i), compute=5.0) for i in range(PARTS)
    ]
    plain = System(parts, world, "utilitarian", "full")
    believing = System(
        [
            Part(f"p{i}", random.random(3), model=uncertain(random.dirichlet([1, 1])))
            for i in range(PARTS)
        ],
        uncertain([0.5, 0.5]),
        "utilitarian",
        "full",
    )
    tree = System(
        [Part(f"p{i}", inner=System(parts, world, "borda", "full")) for i in range(PARTS)],
        world,
        "plurality",
    )
    cases = {
        "bargaining": (plain, 5.0),
        "negotiation": (plain, 5.0),
        "self-improvement": (plain, 5.0),
        "market": (plain, 0.2),
        "cev": (plain, 5.0),
        "critch": (believing, 0.2),
        "information": (believing, 5.0),
        "levels": (tree, 5.0),
    }
    for name, (system, target) in cases.items():
        took = seconds(lambda s=system, n=name: ds.simulate(s, n), 3)
        told(f"simulate {name}, {PARTS} x {ACTIONS}", took, target)


def market():
    """Fisher market beside a general solver of convex programmes."""
    u, budgets = random.random((PARTS, ACTIONS)), np.ones(PARTS)

    def general():
        def loss(flat):
            x = flat.reshape(u.shape)
            got = (u * x).sum(axis=1)
            return -(budgets @ np.log(got)), (-(budgets / got)[:, None] * u).ravel()

        sold = {
            "type": "eq",
            "fun": lambda flat: flat.reshape(u.shape).sum(axis=0) - 1,
            "jac": lambda _: np.tile(np.eye(ACTIONS), PARTS),
        }
        minimize(
            loss,
            np.full(u.size, 1 / PARTS),
            jac=True,
            bounds=[(0, 1)] * u.size,
            constraints=[sold],
            method="SLSQP",
            options={"maxiter": 500, "ftol": 1e-12},
        )

    told(
        f"Fisher market, {PARTS} x {ACTIONS}",
        seconds(lambda: fisher_market(u, budgets)),
        0.2,
        seconds(general, 1),
        "SLSQP",
    )


def critch():
    """Exact recursion over all histories, 2 actions and 2 observations to horizon 9."""

    def players(horizon):
        return Compatible(
            tuple(
                World(
                    ["a", "b"],
                    initial_belief=random.dirichlet([1, 1]),
                    transitions=random.dirichlet([1, 1], (2, 2)),
                    observation_probabilities=random.dirichlet([1, 1], 2),
                    horizon=horizon,
                )
                for _ in range(3)
            ),
            tuple(random.random((horizon, 2, 2)) for _ in range(3)),
            np.ones(3) / 3,
        )

    deep = players(9)
    told("Critch, 3 players, horizon 9, 131,072 histories", seconds(lambda: plan(deep), 2), 5.0)


def cev():
    """Ten thousand starts, all steps, one order; the floor is the softmax alone."""
    person = Person(
        random.random((PARTS, ACTIONS)),
        np.ones(PARTS),
        random.integers(0, 20, PARTS).astype(float),
        faster=3.0,
        learned=random.random((PARTS, ACTIONS)),
        sharpness=4.0,
        influence=random.dirichlet(np.ones(PARTS), PARTS),
    )
    starts = starts_around(np.ones(PARTS), STARTS, 0.05)
    told(
        f"extrapolation, {STARTS:,} starts, {PARTS} parts",
        seconds(lambda: extrapolate(person, starts, orders=[STEPS]), 3),
        5.0,
    )


def levels():
    """A tree of a hundred thousand leaves; the floor is the misalignment of one flat group."""
    goals = random.integers(8, size=LEAVES)
    low = random.integers(1000, size=LEAVES)
    table = 1 - np.eye(8)

    def ours():
        leaves = np.eye(8)[goals]
        named = [("all", np.zeros(LEAVES)), ("region", low // 50), ("town", low)]
        level_misalignment(leaves, named, table)

    def flat():
        misalignment_of_shares(np.bincount(goals, minlength=8) / LEAVES, table)

    told(f"levels, {LEAVES:,} leaves", seconds(ours, 3), 2.0, seconds(flat, 3), "one flat group")


if __name__ == "__main__":
    mechanisms()
    market()
    critch()
    cev()
    levels()
