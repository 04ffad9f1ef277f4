"""Several AIs for several humans: what their bargaining ends at, under three protocols."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dissensus.system.conventions import COMPARABILITY, gains, range_normalised
from dissensus.system.dynamics.catalogue import mechanism
from dissensus.system.dynamics.offers import (
    Agreement,
    alternating_offers,
    concession,
    favourite_concepts,
    insisting,
)
from dissensus.system.dynamics.parameters import MechanismError, parameter
from dissensus.system.dynamics.simulation import Simulation, Table
from dissensus.system.lotteries import largest_product

if TYPE_CHECKING:
    from dissensus.system.audit.case import Case
    from dissensus.system.system import System

__all__ = ["Negotiation", "negotiation"]

Floats = npt.NDArray[np.float64]
FEW = 3  # AIs whose concepts a sentence can name
SAME = 1e-4  # in shares of a part's range: offers come to rest more slowly than programmes


@dataclass(frozen=True)
class Negotiation:
    """Parameters of `negotiation`."""

    patience: float = parameter(
        "Worth of a unit one round later, for every AI.", 0.8, least=0, most=0.9999
    )
    patience_by_part: Mapping[str, float] | None = parameter(
        "The same for some, by the part that they serve.", None, least=0, most=0.9999
    )
    exponent: float = parameter(
        "How late every AI concedes: 1 evenly, more later, less sooner.", 1.0, above=0
    )
    exponent_by_part: Mapping[str, float] | None = parameter(
        "The same for some, by the part that they serve.", None, above=0
    )
    concepts: tuple[str, ...] | None = parameter(
        "Solution that each AI holds to be fair, one a part; else the one by which its part "
        "fares best.",
        None,
    )
    learned: Mapping[str, Any] | None = parameter(
        "Utilities that an AI has learned of its part, where they are not the part's own.", None
    )


@mechanism(
    name="negotiation",
    label="Several AIs for several humans",
    question="What do AIs agree on that each serve one part, and do they agree at all?",
    symbol="t*",
    reference="rubinstein1982, binmore1986, faratin1998, stastny2021",
    parameters=Negotiation,
    needs=("utilities", "range", "several parts"),
)
def negotiation(case: Case, parameters: Negotiation, seed: int) -> Simulation:
    """One AI a part, under alternating offers, conceding over time, and insisting on a concept.

    Returns
    -------
    Simulation
        ``FAILS`` if the AIs insist on demands that cannot be met together; ``DEPENDS`` if the
        protocols end at different points; ``AGREES`` if all end at one.

    References
    ----------
    [rubinstein1982]_, [binmore1986]_, [faratin1998]_, [stastny2021]_.
    """
    system = case.system
    ballots = system.ballots(seed=seed)
    names = list(ballots.parts)
    true = ballots.utilities
    u = _learned(system, true, parameters.learned)
    low = u.min(axis=1) if ballots.disagreement is None else ballots.disagreement
    patience = _of_parts(parameters.patience_by_part, parameters.patience, names)
    exponents = _of_parts(parameters.exponent_by_part, parameters.exponent, names)
    level = COMPARABILITY.index(system.comparability)
    concepts = parameters.concepts
    if not concepts:
        allowed = ["nash", "kalai-smorodinsky", "egalitarian"]
        allowed += ["utilitarian"] if level >= COMPARABILITY.index("unit") else []
        concepts = favourite_concepts(u, allowed, low, system.standing, system.comparability)
    found = {
        "alternating offers": alternating_offers(u, patience, low),
        "concession": concession(u, exponents, low),
        "insisting": insisting(u, concepts, low, system.standing, system.comparability),
    }
    ranges = range_normalised(true)
    nash = largest_product(gains(u, low), system.standing).dist
    got = {name: _value(one, true, ranges, low) for name, one in found.items()}
    failed = found["insisting"].dist is None
    points = [got[name] for name, one in found.items() if one.dist is not None]
    apart = max(float(np.abs(a - b).max()) for a in points for b in points)
    verdict = "FAILS" if failed else "DEPENDS" if apart > SAME else "AGREES"
    rows = Table(
        "What the AIs end at",
        {
            "protocol": list(found),
            "outcome": [_outcome(one, system.actions) for one in found.values()],
            "chances": [_chances(one) for one in found.values()],
            "agreement_time": [one.time for one in found.values()],
            "is_settled": [one.settled for one in found.values()],
            "nash_distance": [
                None if nash is None else float(np.linalg.norm(got[name] - ranges @ nash))
                for name in found
            ],
        },
        {
            "chances": "no agreement",
            "agreement_time": "time plays no part in it",
            "nash_distance": "no lottery is acceptable to all",
        },
    )
    parts = Table(
        "What each part gets of its own range",
        {
            "protocol": [name for name in found for _ in names],
            "part": names * len(found),
            "got": np.concatenate([got[name] for name in found]),
            "patience": patience.tolist() * len(found),
            "exponent": exponents.tolist() * len(found),
            "concept": list(concepts) * len(found),
        },
    )
    insisted = ", ".join(f"{n} on {c}" for n, c in zip(names, concepts, strict=True))
    told = insisted if len(names) <= FEW else "each on what is fair by its own concept"
    if failed:
        words = (
            f"AIs that insist ({told}) do not agree, and every part gets disagreement; by offers "
            "they would have agreed."
        )
    elif apart > SAME:
        words = (
            f"all protocols end in agreement, at points up to {apart:.3g} of a part's range "
            "apart: who gets what hangs on how they talk."
        )
    else:
        words = "offers, concession and insisting all end at one point."
    return Simulation(
        verdict,
        words,
        rows,
        {"parts": parts},
        {"largest_difference": apart},
        trace=(
            f"patience: {', '.join(f'{n} {d:g}' for n, d in zip(names, patience, strict=True))}",
            f"insisting: {insisted}",
        ),
        conventions={
            "turns": "in the order of the parts; every offer needs everybody's consent",
            "value": "by the utilities that the parts perceive, whatever the AIs have learned",
        },
    )


def _of_parts(given: Mapping[str, float] | None, default: float, names: Sequence[str]) -> Floats:
    return np.array([(given or {}).get(name, default) for name in names])


def _learned(system: System, u: Floats, learned: Mapping[str, Any] | None) -> Floats:
    out = u.copy()
    for i, part in enumerate(system.parts):
        if learned and part.name in learned:
            told = np.asarray(learned[part.name], dtype=object)
            if told.shape != u[i].shape or any(isinstance(x, str) for x in told.flat):
                raise MechanismError(
                    f"learned utilities of part {part.name!r}",
                    f"{u.shape[1]} numbers, one an action",
                    "give one number an action",
                )
            out[i] = told.astype(np.float64)
    return out


def _value(one: Agreement, true: Floats, ranges: Floats, low: Floats) -> Floats:
    """What each part gets on its own range; of disagreement, if they do not agree."""
    if one.dist is not None:
        return np.asarray(ranges @ one.dist)
    span = np.ptp(true, axis=1)
    return np.asarray((low - true.min(axis=1)) / np.where(span > 0, span, 1.0))


def _outcome(one: Agreement, actions: Sequence[str]) -> list[str]:
    return [] if one.dist is None else [actions[int(a)] for a in np.flatnonzero(one.dist > SAME)]


def _chances(one: Agreement) -> list[float] | None:
    return None if one.dist is None else one.dist[one.dist > SAME].round(6).tolist()
