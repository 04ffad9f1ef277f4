"""Bargaining among the parts: the solutions, who wins and loses, and where improving steps lead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dissensus.system.ballots import Ballots
from dissensus.system.conventions import COMPARABILITY, EQUAL, range_normalised
from dissensus.system.dynamics.catalogue import mechanism
from dissensus.system.dynamics.parameters import parameter
from dissensus.system.dynamics.simulation import Simulation, Table
from dissensus.system.ladder import ladder
from dissensus.system.pareto import efficient_actions, improving_steps, is_efficient
from dissensus.system.rules import choose, find

if TYPE_CHECKING:
    from dissensus.system.audit.case import Case
    from dissensus.system.choice import Choice

__all__ = ["Bargaining", "bargaining", "status_quo"]

Floats = npt.NDArray[np.float64]
SOLUTIONS = ("nash-lottery", "kalai-smorodinsky-lottery", "egalitarian-lottery", "utilitarian")
SAME = 1e-6


@dataclass(frozen=True)
class Bargaining:
    """Parameters of `bargaining`."""

    most_orders: int = parameter(
        "Orders in which parts improve one after another: all, if they are at most this many.",
        120,
        least=1,
    )


@mechanism(
    name="bargaining",
    label="Alignment with the parts, by bargaining",
    question="What would the parts agree on, and who wins and loses by it?",
    symbol="override",
    reference="nash1950, kalai1975, kalai1977",
    parameters=Bargaining,
    needs=("utilities", "range", "several parts"),
)
def bargaining(case: Case, parameters: Bargaining, seed: int) -> Simulation:
    """Bargaining solutions over lotteries against what is done today, and all improving steps.

    Returns
    -------
    Simulation
        ``SETTLED`` if all solutions, and improving steps in every order, give every part the same;
        ``OPEN`` if they do not; ``UNDEFINED`` if nothing is done today.

    References
    ----------
    [nash1950]_, [kalai1975]_, [kalai1977]_, [thomson1994]_.
    """
    system = case.system
    ballots = system.ballots(seed=seed)
    now, today = status_quo(case, seed)
    values = range_normalised(ballots.utilities)
    names = list(ballots.parts)
    chosen = {name: choose(name, ballots) for name in _allowed(ballots)}
    rows = Table(
        "What the parts would agree on",
        _solution_columns(chosen, ballots, values, now),
        {"override": "no choice to compare", "displacement": "no choice to compare"},
    )
    tables = {
        "parts": _parts_table(chosen, values, names, now),
        "ladder": _ladder_table(case, seed),
        "frontier": _frontier_table(ballots, values),
    }
    made = {name: choice for name, choice in chosen.items() if choice.dist is not None}
    points = np.array([values @ choice.dist for choice in made.values() if choice.dist is not None])
    places = len(np.unique((points / SAME).round(), axis=0)) if len(points) else 0
    if now is None:
        words = f"nothing is done today ({today}), so nothing can be compared with it."
        return Simulation("UNDEFINED", words, rows, tables, {"places": places})
    steps = improving_steps(values, now, most_orders=parameters.most_orders, seed=seed)
    tables["steps"] = Table(
        "Where improving parts one after another ends",
        {
            "point": [p + 1 for p in range(len(steps.dists)) for _ in names],
            "orders": [
                steps.point_of_order.count(p) for p in range(len(steps.dists)) for _ in names
            ],
            "part": names * len(steps.dists),
            "value": (steps.dists @ values.T).ravel(),
        },
    )
    settled = places <= 1 and steps.diameter <= SAME
    override = rows.columns["override"]
    told = [
        f"{name} overrides {100 * share:.3g}% of the standing"
        for name, share in zip(chosen, override, strict=True)
        if share is not None and share > EQUAL
    ]
    apart = f" up to {steps.diameter:.3g} apart" if len(steps.dists) > 1 else ""
    words = (
        f"{len(made)} solutions give the parts {_times(places, 'result')}, improving steps end at "
        f"{_times(len(steps.dists), 'point')}{apart}; against today ({today}), "
        f"{', '.join(told) if told else 'nobody loses by any solution'}."
    )
    return Simulation(
        "SETTLED" if settled else "OPEN",
        words,
        rows,
        tables,
        {
            "places": places,
            "end_points": len(steps.dists),
            "diameter": steps.diameter,
            "is_exhaustive": steps.exhaustive,
        },
        trace=tuple(
            f"{name}: {step}" for name, choice in chosen.items() for step in choice.trace.steps
        ),
        conventions={
            "feasible": "all lotteries over the options, as the parts perceive them",
            "disagreement": "as stated, else each part's own minimum",
            "today": "the action that the case names, else what the rule does",
        },
    )


def status_quo(case: Case, seed: int = 0) -> tuple[Floats | None, str]:
    """What is done today: the action that the case names, else what the rule does; and in words."""
    system = case.system
    if case.today is not None:
        sure = np.zeros(len(system.actions))
        sure[system.actions.index(case.today)] = 1.0
        return sure, case.today
    choice = system.choice(seed=seed)
    if choice.dist is None:
        return None, str(choice.status)
    return choice.dist, " or ".join(choice.winner_names)


def _allowed(ballots: Ballots) -> list[str]:
    level = COMPARABILITY.index(ballots.comparability)
    return [
        name for name in SOLUTIONS if COMPARABILITY.index(find(name)[0].needed(ballots)) <= level
    ]


def _solution_columns(
    chosen: dict[str, Choice], ballots: Ballots, values: Floats, now: Floats | None
) -> dict[str, Any]:
    columns: dict[str, list[Any]] = {
        name: []
        for name in (
            "solution",
            "outcome",
            "chances",
            "status",
            "displacement",
            "override",
            "is_efficient",
        )
    }
    for name, choice in chosen.items():
        p = choice.dist
        columns["solution"].append(name)
        columns["outcome"].append(list(choice.winner_names))
        columns["chances"].append(
            None if p is None else p[sorted(choice.winners)].round(9).tolist()
        )
        columns["status"].append(str(choice.status))
        known = p is not None and now is not None
        moved = values @ (p - now) if p is not None and now is not None else np.zeros(len(values))
        columns["displacement"].append(
            float(np.abs(p - now).sum() / 2) if p is not None and now is not None else None
        )
        loses = ballots.shares[moved < -SAME].sum()
        columns["override"].append(float(loses) if known else None)
        columns["is_efficient"].append(None if p is None else is_efficient(values, p))
    return columns


def _parts_table(
    chosen: dict[str, Choice], values: Floats, names: list[str], now: Floats | None
) -> Table:
    solution: list[str] = []
    value: list[float | None] = []
    change: list[float | None] = []
    for name, choice in chosen.items():
        p = choice.dist
        solution += [name] * len(names)
        got = None if p is None else values @ p
        value += [None] * len(names) if got is None else got.tolist()
        change += (
            [None] * len(names) if got is None or now is None else (got - values @ now).tolist()
        )
    return Table(
        "Who wins and loses against today",
        {"solution": solution, "part": names * len(chosen), "value": value, "change": change},
        dict.fromkeys(("value", "change"), "no choice to compare"),
    )


def _ladder_table(case: Case, seed: int) -> Table:
    rungs = ladder(case.system, seed=seed)
    return Table(
        "Less and less bounded rules",
        {
            "rule": [rung.rule for rung in rungs],
            "outcome": [list(rung.choice.winner_names) for rung in rungs],
            "displacement": [rung.displacement for rung in rungs],
            "override": [rung.override for rung in rungs],
        },
        dict.fromkeys(("displacement", "override"), "no choice to compare"),
    )


def _frontier_table(ballots: Ballots, values: Floats) -> Table:
    efficient = efficient_actions(values)
    n, k = values.shape
    return Table(
        "The options, for each part",
        {
            "action": [name for name in ballots.actions for _ in range(n)],
            "is_efficient": [a in efficient for a in range(k) for _ in range(n)],
            "part": list(ballots.parts) * k,
            "value": values.T.ravel(),
        },
    )


def _times(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
