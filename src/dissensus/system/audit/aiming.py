"""What an AI would do that is aligned with a system, under a relation or a pointer to its wants."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from dissensus.system.choice import Choice, Status
from dissensus.system.conventions import Conventions
from dissensus.system.part import Part
from dissensus.system.pointers import pointers
from dissensus.system.relations import Encounter, find
from dissensus.system.system import System
from dissensus.system.world import World

__all__ = ["COST", "POINTERS", "RELATIONS", "aligned_choice", "flat_system", "pointed_choice"]

Floats = npt.NDArray[np.float64]

RELATIONS: dict[str, tuple[str, ...]] = {
    "obey": (),
    "irl": (),
    "assistance": (),
    "rlhf": ("rule", "scale"),
    "no-veto": ("rule", "scale", "compute", "compute_model", "unranked"),
    "pareto": (),
    "whole-system": (),
}
"""Relations under which some policy is best, and the axes that make no difference to it."""

POINTERS: dict[str, tuple[str, ...]] = {
    "output": (),
    "parts": ("rule", "scale", "compute", "compute_model"),
    "efficient": ("rule", "scale", "compute", "compute_model"),
}
"""Pointers to what a system wants, and the axes that make no difference to them."""

COST = 30  # choices by a rule that one learned or optimised target takes the time of


def aligned_choice(relation: str, system: System, seed: int = 0) -> Choice:
    r"""What a policy does that is best by a relation: :math:`\arg\max_\pi f(\pi, H)`.

    ``EMPTY`` where the relation is undefined for this system; its steps say why.

    Examples
    --------
    >>> h = System([Part("work", [1, 0, 0.7]), Part("life", [0, 1, 0.7])],
    ...            World.of(["push", "rest", "balance"]), "plurality")
    >>> aligned_choice("no-veto", h)
    Choice: OK, 'balance'
    """
    score = find(relation).score(Encounter(system, system.actions[0], seed=seed))
    if score.best is None:
        why = f"{relation} names no best policy: {score.sentence or score.status}"
        return Choice.none(system.actions, Status.EMPTY, [why])
    return score.best


def pointed_choice(pointer: str, system: System, seed: int = 0) -> Choice:
    """What "what it wants" points to, where that is not what its rule gives.

    ``TIE`` where it points to several actions, since the words alone do not say which.

    Examples
    --------
    >>> h = System([Part("work", [1, 0, 0.7]), Part("life", [0, 1, 0.7])],
    ...            World.of(["push", "rest", "balance"]), "plurality")
    >>> pointed_choice("parts", h)
    Choice: TIE between 'push' and 'rest'
    """
    found = pointers(system, seed=seed)
    if pointer == "parts":
        wanted = sorted({action for best in found.wants for action in best})
        return Choice.among(system.actions, wanted, ["best of some part"])
    return Choice.among(system.actions, found.efficient, ["efficient for the parts"])


def flat_system(
    system: System,
    parts: list[Part],
    rows: list[int],
    expected: Floats,
    spoken: Floats,
    conventions: Conventions,
    factor: float,
    rule: str,
) -> System:
    """Return the system with these parts, beliefs and observation worked into their utilities.

    Parameters
    ----------
    system : System
        Where the rest comes from.
    parts, rows
        The parts, and their positions in the system.
    expected, spoken : (n, k) array
        Expected utilities of these parts, and ranks of those that give none.
    conventions, factor, rule
        How they are read: conventions, the factor of compute, and the rule.
    """
    names = system.actions
    flat = []
    for part, values, ranks in zip(parts, expected, spoken, strict=True):
        told = {} if np.isnan(values).any() else {"utilities": values}
        if part.inner is not None and not np.isnan(ranks).all():
            groups = [[names[a] for a in np.flatnonzero(ranks == rank)] for rank in (1, 2)]
            told = {"order": [group for group in groups if group], "inner": None}
        flat.append(replace(part, model=None, compute=part.compute * factor, **told))
    d = system.disagreement
    return replace(
        system,
        parts=tuple(flat),
        world=World.of(names),
        rule=rule,
        conventions=conventions,
        disagreement=None if d is None else d[rows],
    )
