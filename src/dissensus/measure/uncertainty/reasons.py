"""Why a value has no interval."""

from __future__ import annotations

from typing import Literal, get_args

from dissensus.errors import nearest
from dissensus.measure.uncertainty.variance import UncertaintyError

__all__ = ["FEWEST_AGENTS", "SampleDesign", "reason_without_interval"]

SampleDesign = Literal["census", "sample", "self-selected"]

# agents from which intervals hold the value as often as they promise
FEWEST_AGENTS = 30


def reason_without_interval(design: str, agents: int | None) -> str | None:
    """Say why an interval cannot be given; None if it can.

    Parameters
    ----------
    design : {'census', 'sample', 'self-selected'}
        How the agents came into the data. Those who chose themselves get intervals as if they were
        a random sample, which they are not: whoever prints them has to say so.
    agents : int or None
        Agents behind the value; None for shares, whose number of agents is unknown.

    Raises
    ------
    UncertaintyError
        No such design.

    Examples
    --------
    >>> reason_without_interval("sample", 12)
    '12 agents: an interval needs at least 30'
    """
    if design not in get_args(SampleDesign):
        raise UncertaintyError(
            f"design={design!r}",
            f"one of {', '.join(get_args(SampleDesign))}",
            nearest(str(design), get_args(SampleDesign)),
        )
    if design == "census":
        return "a census has no sampling error; pass design='sample' if the agents are a sample"
    if agents is None:
        return "shares without a number of agents: how far they may be off is unknown"
    if agents < FEWEST_AGENTS:
        return f"{agents} agents: an interval needs at least {FEWEST_AGENTS}"
    return None
