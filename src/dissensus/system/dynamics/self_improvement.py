"""Bargaining that improves itself: agreements that start the next, rules that choose the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dissensus.errors import DissensusError
from dissensus.system.conventions import EQUAL
from dissensus.system.dynamics.catalogue import mechanism
from dissensus.system.dynamics.parameters import MechanismError, parameter
from dissensus.system.dynamics.simulation import Simulation, Table
from dissensus.system.dynamics.stages import (
    SOLUTIONS,
    Ratchet,
    RuleSequence,
    ratchet,
    rule_sequence,
    with_actions,
)
from dissensus.system.rules import find

if TYPE_CHECKING:
    from dissensus.system.audit.case import Case
    from dissensus.system.system import System

__all__ = ["SelfImprovement", "self_improvement"]

Floats = npt.NDArray[np.float64]
MENU = ("plurality", "borda", "utilitarian", "nash", "egalitarian")


@dataclass(frozen=True)
class SelfImprovement:
    """Parameters of `self_improvement`."""

    available_from: npt.NDArray[np.float64] | None = parameter(
        "Stage from which on each option can be thought of, from 0; else all from the start.",
        None,
        shape=("actions",),
        least=0,
    )
    menu: tuple[str, ...] = parameter("Rules that may come next, beside the rule of today.", MENU)


@mechanism(
    name="self-improvement",
    label="Bargaining that improves itself",
    question="Where does it end if each agreement, and each rule, makes the next one?",
    symbol="delta",
    reference="kalai1977, koray2000",
    parameters=SelfImprovement,
    needs=("utilities", "range", "several parts"),
)
def self_improvement(case: Case, parameters: SelfImprovement, seed: int) -> Simulation:
    """Rules that choose the rule after them, and bargaining in stages against all at once.

    Returns
    -------
    Simulation
        ``PATH DEPENDENT`` if stages change what Nash or Kalai-Smorodinsky give; else by the rules:
        ``SETTLED`` if one chooses itself in the end, ``CYCLES``, ``TIED`` or ``UNDEFINED``.

    References
    ----------
    [kalai1977]_, [koray2000]_, [barbera2004]_.
    """
    system = case.system
    stages = _stages(parameters.available_from, len(system.actions))
    sequence = rule_sequence(system, _usable(system, parameters.menu), stages, seed=seed)
    rows = _sequence_table(system, sequence, stages, seed)
    u = system.ballots(seed=seed).utilities
    low = u.min(axis=1) if system.disagreement is None else system.disagreement
    solutions = [s for s in SOLUTIONS if s != "egalitarian" or system.comparability == "full"]
    found = [
        ratchet([u[:, list(stage)] for stage in stages], low, s, system.standing)
        for s in (solutions if len(stages) > 1 else ())
    ]
    names = [part.name for part in system.parts]
    tables = {"stages": _stages_table(found, names)} if found else {}
    size = np.maximum(np.ptp(u, axis=1), np.finfo(float).tiny)
    moved = [one for one in found if (np.abs(one.difference) > 1e-6 * size).any()]
    word = {"FIXED": "SETTLED", "CYCLE": "CYCLES", "TIE": "TIED", "EMPTY": "UNDEFINED"}
    told = _rules_in_words(sequence)
    if moved:
        worst = moved[0]
        loser = int((worst.difference / size).argmin())
        told = (
            f"by {worst.solution}, early agreements cost {names[loser]} "
            f"{-worst.difference[loser]:.3g} of {worst.direct[loser]:.3g}; {told}"
        )
    return Simulation(
        "PATH DEPENDENT" if moved else word[sequence.status],
        f"{told}.",
        rows,
        tables,
        {"rules_passed": len(sequence.rules), "stages_count": len(stages)},
        trace=tuple(
            f"{rule}: " + ", ".join(f"{name} {chance:.3g}" for name, chance in chances.items())
            for rule, chances in zip(
                [*sequence.rules, sequence.rules[-1]], sequence.chances, strict=False
            )
        ),
        conventions={
            "path": "only proportional solutions do not depend on the path; the symmetric one of "
            "them, the egalitarian, compares levels between parts",
            "rules": "the parts vote on rules by what each would choose",
        },
    )


def _stages(available: Floats | None, k: int) -> list[list[int]]:
    """Options of each stage; every stage has those of the one before."""
    if available is None:
        return [list(range(k))]
    if not (available == available.min()).any() or available.min() > 0:
        raise MechanismError(
            f"available_from starts at {available.min():g}",
            "an option that can be thought of from the start",
            "write 0 for it",
        )
    return [
        [a for a in range(k) if available[a] <= stage + EQUAL] for stage in np.unique(available)
    ]


def _usable(system: System, menu: Sequence[str]) -> list[str]:
    """Rules of the menu that what the system states allows; an unknown one is an error."""
    ballots = system.ballots()
    out = []
    for name in menu:
        found, _ = find(name)
        try:
            found.check(ballots)
        except DissensusError:
            continue
        out.append(name)
    return out


def _sequence_table(
    system: System, sequence: RuleSequence, stages: Sequence[Sequence[int]], seed: int
) -> Table:
    columns: dict[str, list[Any]] = {"point": [], "rule": [], "outcome": [], "status": []}
    for place, rule in enumerate(sequence.rules):
        here = with_actions(system, stages[min(place, len(stages) - 1)])
        choice = here.choice(rule=rule, seed=seed)
        columns["point"].append(place + 1)
        columns["rule"].append(rule)
        columns["outcome"].append(list(choice.winner_names))
        columns["status"].append(str(choice.status))
    return Table("Rules, each chosen by the one before", columns)


def _stages_table(found: Sequence[Ratchet], names: list[str]) -> Table:
    return Table(
        "Bargained at once, and in stages",
        {
            "solution": [one.solution for one in found for _ in names],
            "part": names * len(found),
            "at_once": np.concatenate([one.direct for one in found]),
            "in_stages": np.concatenate([one.path[-1] for one in found]),
            "path_difference": np.concatenate([one.difference for one in found]),
        },
    )


def _rules_in_words(sequence: RuleSequence) -> str:
    way = " > ".join(sequence.rules)
    last = sequence.rules[-1]
    if sequence.status == "FIXED":
        return f"{way} chooses itself" if len(sequence.rules) == 1 else f"{way}, which stays"
    if sequence.status == "CYCLE":
        return f"rules go round: {way}"
    if sequence.status == "TIE":
        return f"{way}, which cannot tell several rules apart"
    return f"{way}: asked for a rule, {last} makes no choice"
