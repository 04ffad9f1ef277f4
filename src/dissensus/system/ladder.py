"""Less bounded rules for the same parts: what they would do, and whom that overrides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dissensus.system.choice import Choice
from dissensus.system.conventions import COMPARABILITY
from dissensus.system.manipulation import prefers
from dissensus.system.rules import choose, find

if TYPE_CHECKING:
    from dissensus.system.system import System

__all__ = ["LADDER", "Rung", "ladder"]

LADDER = ("plurality", "runoff", "borda", "nash", "nash-lottery")
"""Rules from the least to the most able to weigh what the parts want."""


@dataclass(frozen=True, eq=False)
class Rung:
    """What a less bounded rule makes of the same parts.

    ``displacement`` is the total variation from what the system does now; ``override`` the share
    of standing of the parts that expect less than now. Both None without a choice.
    """

    rule: str
    choice: Choice
    displacement: float | None
    override: float | None


def ladder(
    system: System, observation: str | int | None = None, *, seed: int = 0
) -> tuple[Rung, ...]:
    """What less bounded rules would make of the parts, and whom that overrides.

    Rules that the system's comparability does not allow are left out.

    Examples
    --------
    >>> from dissensus.system import Part, System, World
    >>> parts = [Part("one", [1, 0, 0, 0.7]), Part("two", [1, 0.1, 0, 0.6]),
    ...          Part("three", [0, 0, 1, 0.7])]
    >>> h = System(parts, World.of(["a0", "a1", "a2", "a3"]), "plurality")
    >>> nash = ladder(h)[3]
    >>> nash.choice.winner_names, nash.displacement, round(nash.override, 4)
    (('a3',), 1.0, 0.6667)
    """
    ballots = system.ballots(observation, seed=seed)
    now = choose(system.rule, ballots)
    level = COMPARABILITY.index(ballots.comparability)
    rungs = []
    for rule in LADDER:
        if COMPARABILITY.index(find(rule)[0].needed(ballots)) > level:
            continue
        choice = choose(rule, ballots)
        if choice.dist is None or now.dist is None:
            rungs.append(Rung(rule, choice, None, None))
            continue
        loses = [prefers(ballots, i, now, choice) for i in range(len(ballots.parts))]
        moved = float(np.abs(choice.dist - now.dist).sum() / 2)
        rungs.append(Rung(rule, choice, moved, float(ballots.shares[loses].sum())))
    return tuple(rungs)
