"""Meta-preferences: which preferences the parts would rather have, and whether that settles it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from dissensus.measure.misalignment import misalignment_of_shares
from dissensus.system.choice import Choice
from dissensus.system.dynamics.catalogue import find, mechanism
from dissensus.system.dynamics.opinions import limit_of
from dissensus.system.dynamics.parameters import MechanismError, parameter, read
from dissensus.system.dynamics.reflection import (
    Equilibria,
    closed_classes,
    fixed_points,
    reflect,
)
from dissensus.system.dynamics.simulation import Simulation, Table
from dissensus.system.rules import choose

if TYPE_CHECKING:
    from dissensus.system.audit.case import Case
    from dissensus.system.system import System

__all__ = ["MetaPreferences", "levels_up", "meta_preferences", "reflected_standing"]

Floats = npt.NDArray[np.float64]
SETTLED = 0.99  # share of the starts that must end in one place


@dataclass(frozen=True)
class MetaPreferences:
    """Parameters of `meta_preferences`."""

    endorsement: Floats = parameter(
        "How much holding one preference speaks for another: of linear form each row is a holder "
        "and sums to 1; of softmax each column is a holder.",
        shape=("parts", "parts"),
    )
    form: Literal["softmax", "linear"] = parameter(
        "How weights follow what is endorsed.", "softmax"
    )
    sharpness: float = parameter("How far reflection follows what is endorsed.", 1.0, least=0)
    levels: int = parameter("Levels up that the question is asked again, at most.", 3, least=0)
    starts: int = parameter("Random starts that basins are counted from.", 2000, least=1)


def levels_up(
    endorsement: Floats, sharpness: float, levels: int, starts: int, seed: int = 0
) -> list[Equilibria]:
    r"""Ask which of several equilibria the equilibria themselves would rather have, and again.

    .. math:: M'_{ef} = x_e^\top M x_f

    Returns
    -------
    list of Equilibria
        Level by level, the system's own first; it ends where one basin has nearly all, where
        nothing settles, or at the last level.

    Examples
    --------
    >>> [int(one.is_stable.sum()) for one in levels_up(np.eye(2), 2.5, 3, 500)]
    [2, 1]
    """
    found = [fixed_points(endorsement, sharpness, starts, seed)]
    m = endorsement
    for _ in range(levels):
        last = found[-1]
        stable = last.points[last.is_stable]
        if len(stable) < 2 or last.cycling > 1 - SETTLED:
            break
        m = stable @ m @ stable.T
        found.append(fixed_points(m, sharpness, starts, seed))
    return found


def reflected_standing(case: Case, given: Mapping[str, Any]) -> dict[str, Floats]:
    """Standing where reflection leads from today's, under the mechanism's name; shares.

    Empty if it settles nowhere from there.
    """
    if find("meta-preferences").missing(case, given):
        return {}
    parameters = read(MetaPreferences, "meta-preferences", given, case.system)
    start = case.system.standing / case.system.standing.sum()
    if parameters.form == "linear":
        limit = limit_of(parameters.endorsement)
        return {} if limit is None else {"meta-preferences": np.asarray(start @ limit)}
    end, settled = reflect(parameters.endorsement, parameters.sharpness, start[None, :])
    return {"meta-preferences": end[0]} if settled[0] else {}


@mechanism(
    name="meta-preferences",
    label="Meta-preferences",
    question="Do the preferences that parts would rather have settle which ones count?",
    symbol="x = f(M x)",
    reference="frankfurt1971, sen1977",
    parameters=MetaPreferences,
    needs=("several parts",),
)
def meta_preferences(case: Case, parameters: MetaPreferences, seed: int) -> Simulation:
    """Which mixtures of preferences would keep themselves, and how many of them there are.

    Returns
    -------
    Simulation
        ``SETTLED`` if nearly every start ends in one place; ``MOVED UP`` if only the question which
        of several ends is the better one has one answer; ``CONTINUUM``; ``CYCLES``; ``UNDEFINED``
        if there are several ends at every level that was asked.

    References
    ----------
    [frankfurt1971]_, [sen1977]_.
    """
    if parameters.form == "linear":
        return _linear(case.system, parameters, seed)
    system = case.system
    levels = levels_up(
        parameters.endorsement, parameters.sharpness, parameters.levels, parameters.starts, seed
    )
    own = levels[0]
    stable = int(own.is_stable.sum())
    largest = float(own.basin.max(initial=0.0))
    weights = own.basin[own.is_stable]
    verdict, words = _verdict(levels)
    start = system.standing / system.standing.sum()
    end, settled = reflect(parameters.endorsement, parameters.sharpness, start[None, :])
    rows, mixtures = _tables(system, own, seed)
    today = _chosen(system, start, seed)
    after = _chosen(system, end[0], seed) if settled[0] else None
    conflict = None
    if weights.sum() > 0:
        shares = weights / weights.sum()
        conflict = float(misalignment_of_shares(shares, 1 - np.eye(len(shares))))
    return Simulation(
        verdict,
        words,
        rows,
        {"mixtures": mixtures, "levels": _level_table(levels)},
        numbers={
            "equilibria": len(own.points),
            "stable_equilibria": stable,
            "largest_basin": largest,
            "basin_error": float(np.sqrt(largest * (1 - largest) / parameters.starts)),
            "cycling_share": own.cycling,
            "equilibria_misalignment": conflict,
            "levels_asked": len(levels) - 1,
            "moved": float(np.abs(end[0] - start).sum() / 2) if settled[0] else None,
            "changes_action": None if after is None else _names(after) != _names(today),
        },
        reasons={
            "equilibria_misalignment": "no start settles",
            "moved": "from today's standing nothing settles",
            "changes_action": "from today's standing nothing settles",
        },
        trace=(
            f"with today's standing the system does {_names(today)}",
            "from today's standing nothing settles"
            if after is None
            else f"from today's standing reflection ends where it does {_names(after)}",
        ),
        conventions={
            "basins": f"{parameters.starts:,} mixtures drawn evenly from all that there are",
            "one level up": "an equilibrium endorses another by what its preferences say of the "
            "other's, each by its weight",
        },
    )


def _verdict(levels: list[Equilibria]) -> tuple[str, str]:
    own, last = levels[0], levels[-1]
    stable, largest = int(own.is_stable.sum()), float(own.basin.max(initial=0.0))
    if own.cycling > 1 - SETTLED:
        return "CYCLES", f"from {own.cycling:.0%} of all starts the weights never settle."
    if stable == 1:
        return "SETTLED", "one mixture of preferences keeps itself, wherever reflection starts."
    told = (
        f"{stable} stable equilibria, largest basin {largest:.0%}: "
        "meta-preferences do not settle it"
    )
    up = len(levels) - 1
    if last.is_stable.sum() == 1:
        where = "one level" if up == 1 else f"{up} levels"
        return "MOVED UP", f"{told}; which of them is better has one answer {where} up."
    return "UNDEFINED", f"{told}; the problem is moved up {up} level{'s' * (up != 1)}."


def _tables(system: System, own: Equilibria, seed: int) -> tuple[Table, Table]:
    names = [part.name for part in system.parts]
    count = len(own.points)
    chosen = [_chosen(system, point, seed) for point in own.points]
    rows = Table(
        "Mixtures of preferences that keep themselves",
        {
            "equilibrium": list(range(1, count + 1)),
            "is_stable": own.is_stable.tolist(),
            "spectral_radius": own.radius,
            "basin_share": own.basin,
            "outcome": [list(one.winner_names) or None for one in chosen],
        },
        {"outcome": "the system makes no choice"},
    )
    mixtures = Table(
        "Weight of each preference there",
        {
            "equilibrium": np.repeat(np.arange(1, count + 1), len(names)).tolist(),
            "part": names * count,
            "standing_share": own.points.ravel(),
        },
    )
    return rows, mixtures


def _level_table(levels: list[Equilibria]) -> Table:
    return Table(
        "Level by level",
        {
            "level": list(range(len(levels))),
            "equilibria": [len(one.points) for one in levels],
            "stable_equilibria": [int(one.is_stable.sum()) for one in levels],
            "largest_basin": [float(one.basin.max(initial=0.0)) for one in levels],
        },
    )


def _linear(system: System, parameters: MetaPreferences, seed: int) -> Simulation:
    """Endorsement as in a page's rank: weights flow along it."""
    m = parameters.endorsement
    sums = m.sum(axis=1)
    if (m < 0).any() or np.abs(sums - 1).max() > 1e-9:
        raise MechanismError(
            "linear endorsement whose rows are no shares",
            "numbers of at least 0, each row summing to 1: how a preference divides its support",
            "divide each row by its sum, or use form = 'softmax'",
        )
    dimension = closed_classes(m)
    limit = limit_of(m)
    start = system.standing / system.standing.sum()
    names = [part.name for part in system.parts]
    end = np.full(len(names), np.nan) if limit is None else start @ limit
    rows = Table(
        "Weight of each preference",
        {"part": names, "standing": start, "standing_share": end},
        {"standing_share": "the weights go round for ever"},
    )
    if dimension > 1:
        verdict = "CONTINUUM"
        free = "a line" if dimension == 2 else f"{dimension - 1} dimensions"
        words = f"{free} of mixtures keep what they are: where it ends hangs on where it starts."
    elif limit is None:
        verdict, words = (
            "CYCLES",
            "one mixture keeps itself, and from elsewhere the weights go round.",
        )
    else:
        verdict, words = "SETTLED", "one mixture of preferences keeps itself, wherever it starts."
    changed = None
    if limit is not None:
        changed = _names(_chosen(system, end, seed)) != _names(_chosen(system, start, seed))
    return Simulation(
        verdict,
        words,
        rows,
        numbers={
            "dimension": dimension,
            "moved": None if limit is None else float(np.abs(end - start).sum() / 2),
            "changes_action": changed,
        },
        reasons=dict.fromkeys(("moved", "changes_action"), "the weights go round for ever"),
    )


def _chosen(system: System, standing: Floats, seed: int) -> Choice:
    ballots = replace(system.ballots(seed=seed), standing=np.maximum(standing, 1e-12))
    return choose(system.rule, ballots)


def _names(choice: Any) -> str:
    return " or ".join(choice.winner_names) or f"nothing ({choice.status})"
