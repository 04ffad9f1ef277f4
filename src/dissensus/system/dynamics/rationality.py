"""Bounded rationality: how far parts of limited thought get, and how much thought pays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dissensus.system.conventions import range_normalised
from dissensus.system.dynamics.bounded_choice import (
    bounded_choice,
    quantal_response,
    worthwhile_compute,
)
from dissensus.system.dynamics.catalogue import mechanism
from dissensus.system.dynamics.parameters import MechanismError, parameter
from dissensus.system.dynamics.simulation import Simulation, Table
from dissensus.system.scale import at_scale, chance_of_picking_the_better, reliability
from dissensus.system.system import System, expected_utilities

if TYPE_CHECKING:
    from dissensus.system.audit.case import Case

__all__ = ["Rationality", "rationality"]

Floats = npt.NDArray[np.float64]
FACTORS = np.geomspace(0.1, 1000, 41)


@dataclass(frozen=True)
class Rationality:
    """Parameters of `rationality`."""

    sharpness: float = parameter(
        "How sharply a part picks its best, per util, if it states no rationality.", 1.0, least=0
    )
    prior: Floats | None = parameter(
        "What parts would do without thought; all actions alike if left out.",
        None,
        shape=("actions",),
        least=0,
        most=1,
    )
    price: float = parameter("Utils that one evaluation costs a part.", 0.01, above=0)
    payoffs: Floats | None = parameter(
        "A game that the parts play: payoffs[part][move of the first][move of the second] ...", None
    )


@mechanism(
    name="rationality",
    label="Bounded rationality",
    question="How far do parts of limited thought get, and how much thought pays?",
    symbol="F, c*",
    reference="ortega2013, mckelvey1995, lieder2020",
    parameters=Rationality,
    needs=("utilities",),
)
def rationality(case: Case, parameters: Rationality, seed: int) -> Simulation:
    """What each part would do with limited information, noise and effort.

    Returns
    -------
    Simulation
        ``GUESSES`` if for some part no thought is worth its price, else ``THINKS``.

    References
    ----------
    [ortega2013]_, [mckelvey1995]_, [lieder2020]_.
    """
    system = case.system
    names = [part.name for part in system.parts]
    u = expected_utilities(system)
    rows, paid = _parts(system, u, parameters)
    curve, crossings = _curve(system, u, seed)
    tables = {"curve": curve}
    trace = []
    if parameters.payoffs is not None:
        game, converged = _game(names, parameters)
        tables["game"] = game
        if not converged:
            trace.append("the branch of equilibria turns back before this sharpness")
    hard = [i for i, part in enumerate(system.parts) if part.hardness > 0]
    idle = [names[i] for i in hard if not paid[i]]
    if idle:
        verb = "does" if len(idle) == 1 else "do"
        words = (
            f"at {parameters.price:g} utils an evaluation {', '.join(idle)} "
            f"{verb} best not to think."
        )
    elif hard:
        most = max(hard, key=lambda i: paid[i])
        words = (
            f"thought pays for every part whose values are hard; {names[most]} for the most, "
            f"{paid[most]:.3g} evaluations."
        )
    else:
        words = "no part's values are hard to compute: none has to think."
    return Simulation(
        "GUESSES" if idle else "THINKS",
        words,
        rows,
        tables,
        numbers={
            "crossings": len(crossings),
            "first_crossing": crossings[0] if crossings else None,
        },
        reasons={"first_crossing": "the best served part is the same at every compute"},
        trace=tuple(trace),
        conventions={
            "noise": "the error of one evaluation has the variance hardness x variance between the "
            "part's options",
            "gain": "of thought: the best option less the mean of all",
        },
    )


def _parts(system: System, u: Floats, parameters: Rationality) -> tuple[Table, list[float]]:
    columns: dict[str, list[Any]] = {
        name: []
        for name in (
            "part",
            "sharpness",
            "chance_of_best",
            "information",
            "expected_utility",
            "free_energy",
            "reliability",
            "chance_right",
            "best_compute",
            "net_gain",
        )
    }
    paid = []
    for part, row in zip(system.parts, u, strict=True):
        beta = parameters.sharpness if part.rationality is None else part.rationality
        found = bounded_choice(row, beta, parameters.prior)
        best = row >= row.max() - 1e-12
        right = None
        if best.sum() == 1 and len(row) > 1 and part.hardness > 0:
            gap = float(row.max() - np.sort(row)[-2])
            noise = float(np.sqrt(part.hardness * row.var()))
            right = chance_of_picking_the_better(gap, part.compute, noise)
        elif part.hardness == 0:
            right = 1.0
        compute, net = worthwhile_compute(
            float(row.max() - row.mean()), part.hardness, parameters.price
        )
        paid.append(compute)
        told = (
            part.name,
            beta,
            float(found.policy[best].sum()),
            found.information,
            found.value,
            found.free_energy,
            float(reliability(part.compute, part.hardness)),
            right,
            compute,
            net,
        )
        for column, value in zip(columns.values(), told, strict=True):
            column.append(value)
    return (
        Table("Part by part", columns, {"chance_right": "it has no single best option"}),
        paid,
    )


def _curve(system: System, u: Floats, seed: int) -> tuple[Table, list[float]]:
    """What each part gets as all compute more, and where the best served part changes."""
    stretched = range_normalised(u)
    gets = []
    for factor in FACTORS.tolist():
        choice = at_scale(system, factor).choice(seed=seed)
        gets.append(np.full(len(u), np.nan) if choice.dist is None else stretched @ choice.dist)
    values = np.array(gets)
    leads = [
        frozenset(np.flatnonzero(row >= row.max() - 1e-9)) if not np.isnan(row).any() else None
        for row in values
    ]
    crossings = [
        float(factor)
        for factor, one, other in zip(FACTORS[1:], leads, leads[1:], strict=False)
        if one is not None and other is not None and one != other
    ]
    parts = [part.name for part in system.parts]
    return (
        Table(
            "",
            {
                "compute": np.repeat(FACTORS, len(parts)),
                "part": parts * len(FACTORS),
                "value": values.ravel(),
            },
            {"value": "the system makes no choice"},
        ),
        crossings,
    )


def _game(names: list[str], parameters: Rationality) -> tuple[Table, bool]:
    payoffs = parameters.payoffs
    if payoffs is None or len(payoffs) != len(names):
        raise MechanismError(
            f"payoffs of {0 if payoffs is None else len(payoffs)} parts",
            f"a table for each of the {len(names)} parts",
            "give payoffs[part][move of the first][move of the second] ...",
        )
    found, converged = quantal_response(payoffs, parameters.sharpness)
    return (
        Table(
            "The game, played with limited sharpness",
            {
                "part": [name for name, one in zip(names, found, strict=True) for _ in one],
                "move": [place + 1 for one in found for place in range(len(one))],
                "chance": np.concatenate(found) if converged else [None] * sum(map(len, found)),
            },
            {"chance": "the branch of equilibria turns back before this sharpness"},
        ),
        converged,
    )
