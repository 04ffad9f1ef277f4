"""Hierarchical agency: systems in systems, what each level adds, and whether they form one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dissensus.system.ballots import top_votes
from dissensus.system.dynamics.catalogue import mechanism
from dissensus.system.dynamics.parameters import parameter
from dissensus.system.dynamics.simulation import Simulation, Table
from dissensus.system.dynamics.superagent import superagent
from dissensus.system.dynamics.tree import Level, interaction, level_misalignment

if TYPE_CHECKING:
    from dissensus.system.audit.case import Case
    from dissensus.system.system import System

__all__ = ["Levels", "leaves_of", "levels"]

Floats = npt.NDArray[np.float64]
NAMES = ("whole", "part", "sub-part")
MOST_TOGETHER = 6  # parts of which every set is tested for forming one agent


@dataclass(frozen=True)
class Levels:
    """Parameters of `levels`."""

    feedback: float = parameter(
        "How much standing agreeing with the choice above gives a round; negative: losing does.",
        1.0,
    )
    pull: float = parameter("Pull of standing back to what it was at first.", 0.1, least=0, most=1)
    rationality: float = parameter(
        "How sharply parts act that state none, where they may form one agent.", 1.0, above=0
    )


@mechanism(
    name="levels",
    label="Hierarchical agency",
    question="At which level do they conflict, and do the parts make up an agent?",
    symbol="P, G_ST",
    reference="kierans2022, nei1973, lee2025, kulveit2024",
    parameters=Levels,
    needs=("inner",),
)
def levels(case: Case, parameters: Levels, seed: int) -> Simulation:
    """Conflict at every level of a tree of systems, the loop between levels, and superagents.

    Returns
    -------
    Simulation
        ``OUTVOTED`` if most of the leaves conflict with what is done at the top, ``RESTLESS`` if
        the loop between levels does not come to rest, else ``HOLDS``; ``UNDEFINED`` if the top
        makes no choice.

    References
    ----------
    [kierans2022]_, [nei1973]_, [lee2025]_, [kulveit2024]_.
    """
    system = case.system
    found = leaves_of(system, seed)
    wants, masses = found.wants, found.masses
    k = len(system.actions)
    conflict = 1.0 - np.eye(k)
    told = level_misalignment(
        wants, found.levels, conflict, masses, votes="one each", choices=found.choices
    )
    loop = interaction(
        wants,
        found.levels,
        conflict,
        masses,
        rate=parameters.feedback,
        pull=parameters.pull,
    )
    rows = levels_table(told)
    tables = {"superagents": _superagents(system, parameters, seed)}
    top = found.choices[0][0]
    does = " or ".join(system.actions[int(a)] for a in np.flatnonzero(top > 0))
    agree = 1 - told[0].leaf_conflict
    next_level = told[1]
    formed = sum(bool(one) for one in tables["superagents"].columns["forms"])
    if not top.any():
        verdict, words = "UNDEFINED", "the system at the top makes no choice."
    else:
        verdict = "OUTVOTED" if agree < 0.5 else "HOLDS" if loop.settles else "RESTLESS"
        words = (
            f"{100 * agree:.0f}% of the leaves agree with the top ({does}), and "
            f"{100 * (1 - next_level.top_conflict):.0f}% of the {next_level.name}s; "
            + (
                f"the loop between levels rests after {loop.rounds} rounds"
                if loop.settles
                else f"the loop between levels does not rest in {loop.rounds} rounds"
            )
            + f"; {formed} of {len(tables['superagents'].columns['forms'])} sets of parts would "
            "gain by becoming one agent."
        )
    return Simulation(
        verdict,
        words,
        rows,
        tables,
        {
            "leaves": len(wants),
            "misalignment": told[0].misalignment,
            "is_settled": loop.settles,
            "rounds": loop.rounds,
            "choice_changes": loop.changes,
        },
        trace=(
            "loop: the top chooses "
            + _named(loop.first, system)
            + " at first and "
            + _named(loop.last, system)
            + " in the end",
        ),
        conventions={
            "leaves": "parts that are no systems; each wants its favourite, split among equals",
            "weights": "standing as shares of its node, multiplied down the tree",
            "choices": "by each system's own rule; in the loop by majority",
            "conflict": "different options conflict",
        },
    )


@dataclass(frozen=True, eq=False)
class Leaves:
    """Leaves of a tree of systems.

    Attributes
    ----------
    wants : (N, k) array
    masses : (N,) array
        Standing, multiplied down the tree; sums to 1.
    levels : list of (str, (N,) array)
        From the top down.
    choices : list of (nodes, k) arrays
        What the system at each node chooses; 0 everywhere without a choice.
    """

    wants: Floats
    masses: Floats
    levels: list[tuple[str, npt.NDArray[np.int64]]]
    choices: list[Floats]


def leaves_of(system: System, seed: int = 0) -> Leaves:
    """Leaves of a system whose parts may be systems, with the nodes above each.

    A leaf that is less deep than others is a node of its own on the levels below.

    Examples
    --------
    >>> from dissensus.system import Part, System, World
    >>> world = World.of(["a", "b"])
    >>> def team(*orders):
    ...     members = [Part(f"m{i}", order=o) for i, o in enumerate(orders)]
    ...     return System(members, world, "plurality")
    >>> firm = System([Part("x", inner=team("a > b", "a > b", "b > a")),
    ...                Part("y", inner=team("b > a"))], world, "plurality")
    >>> found = leaves_of(firm)
    >>> found.masses.round(4).tolist(), [name for name, _ in found.levels]
    ([0.1667, 0.1667, 0.1667, 0.5], ['whole', 'part'])
    """
    listed = list(_walk(system, (), 1.0, seed))
    depth = max(len(path) for path, *_ in listed)
    wants = np.array([want for _, want, _ in listed])
    masses = np.array([mass for *_, mass in listed])
    named: list[tuple[str, npt.NDArray[np.int64]]] = []
    choices = []
    for level in range(max(depth, 1)):
        places: dict[tuple[int, ...], int] = {}
        codes = np.zeros(len(listed), dtype=np.int64)
        chosen: list[Floats] = []
        for row, (path, want, _) in enumerate(listed):
            key = path[:level]
            if key not in places:
                places[key] = len(places)
                node = _node(system, key)
                # above a leaf that ends here there is only itself
                chosen.append(want if node is None else _choice(node, seed))
            codes[row] = places[key]
        named.append(
            (("whole", "part", "sub-part")[level] if level < 3 else f"level {level}", codes)
        )
        choices.append(np.array(chosen))
    return Leaves(wants, masses / masses.sum(), named, choices)


def levels_table(told: tuple[Level, ...]) -> Table:
    """Levels as a table, from the top down."""
    return Table(
        "Conflict at each level",
        {
            "tree_level": [one.name for one in told],
            "nodes": [one.nodes for one in told],
            "within": [one.within for one in told],
            "between": [one.between for one in told],
            "mean_within": [one.mean_within for one in told],
            "apart_share": [one.apart_share for one in told],
            "leaf_conflict": [one.leaf_conflict for one in told],
            "up_conflict": [one.up_conflict for one in told],
            "top_conflict": [one.top_conflict for one in told],
            "tied_nodes": [one.ties for one in told],
        },
        {
            "apart_share": "there is no misalignment to divide",
            "up_conflict": "there is nothing above the top",
        },
    )


def _walk(
    system: System, path: tuple[int, ...], mass: float, seed: int
) -> Iterator[tuple[tuple[int, ...], Floats, float]]:
    """Each leaf: its path of positions (with its own), what it wants, its share of the say."""
    ballots = system.ballots(seed=seed)
    shares = ballots.shares * mass
    ranks = ballots.ranks
    for place, part in enumerate(system.parts):
        here = (*path, place)
        if part.inner is not None:
            yield from _walk(part.inner, here, float(shares[place]), seed)
        else:
            row = ranks[place : place + 1]
            want = top_votes(row)[0] if not np.isnan(row).all() else np.zeros(row.shape[1])
            yield here, want, float(shares[place])


def _node(system: System, path: tuple[int, ...]) -> System | None:
    """System at a path; None where a leaf ends."""
    here: System | None = system
    for place in path:
        if here is None or place >= len(here.parts):
            return None
        here = here.parts[place].inner
    return here


def _choice(system: System, seed: int) -> Floats:
    dist = system.choice(seed=seed).dist
    return np.zeros(len(system.actions)) if dist is None else np.asarray(dist)


def _superagents(system: System, parameters: Levels, seed: int) -> Table:
    """Whether all parts of the top, and sets of them, would gain by becoming one agent."""
    ballots = system.ballots(seed=seed)
    acts, names = [], []
    for i, part in enumerate(system.parts):
        u = ballots.utilities[i]
        if not np.isnan(u).any():
            beta = parameters.rationality if part.rationality is None else part.rationality
            heat = beta * (u - u.max())
        elif not np.isnan(ballots.ranks[i]).any():  # only an order: steps of one
            heat = -parameters.rationality * ballots.ranks[i]
        else:
            continue
        weight = np.exp(heat - heat.max())
        acts.append(np.maximum(weight / weight.sum(), 1e-12))
        names.append(part.name)
    columns: dict[str, list[Any]] = {
        "together": [],
        "forms": [],
        "least_gain": [],
        "least_linear_gain": [],
    }
    count = len(names)
    sizes = range(2, count + 1) if count <= MOST_TOGETHER else (2, count)
    for size in sizes:
        for some in combinations(range(count), size):
            p = np.array([acts[i] / acts[i].sum() for i in some])
            found = superagent(p, [system.parts[i].standing for i in some])
            columns["together"].append([names[i] for i in some])
            columns["forms"].append(found.forms)
            columns["least_gain"].append(float(found.gains.min()))
            columns["least_linear_gain"].append(float(found.linear_gains.min()))
    return Table("Would they gain by becoming one agent?", columns)


def _named(dist: Floats, system: System) -> str:
    return " or ".join(system.actions[int(a)] for a in np.flatnonzero(dist > 0)) or "nothing"
