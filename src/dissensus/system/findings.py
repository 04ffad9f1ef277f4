"""All checks on a system at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dissensus.system.beliefs import spurious_unanimity
from dissensus.system.checks import (
    Finding,
    contraction_consistency,
    deciders,
    majority_winner,
    unanimity,
)
from dissensus.system.conventions import Frame
from dissensus.system.manipulation import manipulability

if TYPE_CHECKING:
    from dissensus.system.system import System

__all__ = ["findings"]


def findings(
    system: System,
    observation: str | int | None = None,
    *,
    frame: Frame | None = None,
    seed: int = 0,
) -> tuple[Finding, ...]:
    """What is wrong, or right, with the system's choice as it stands, each with a witness.

    Only parts that are agents misreport.

    Examples
    --------
    >>> from dissensus.system import Part, System, World
    >>> h = System([Part("me", order="a > b > c", standing=3),
    ...             Part("you", order="b > a > c", standing=2)], World.of(["a", "b", "c"]), "borda")
    >>> for finding in findings(h):
    ...     print(finding.check, finding.holds, finding.words, sep=": ")
    majority_winner: True: a beats every other option
    unanimity: True: nothing wins that all find worse than another option
    contraction_consistency: True: no losing option matters for who wins
    deciders: True: no part decides alone
    manipulability: False: you gets b instead of a by reporting b > c > a
    spurious_unanimity: None: some part gives no utilities
    """
    ballots = system.ballots(observation, frame=frame, seed=seed)
    agents = [i for i, part in enumerate(system.parts) if part.agentic]
    return (
        majority_winner(ballots),
        unanimity(system.rule, ballots),
        contraction_consistency(system.rule, ballots),
        deciders(system.rule, ballots, seed=seed),
        manipulability(system.rule, ballots, parts=agents),
        spurious_unanimity(system, observation),
    )
