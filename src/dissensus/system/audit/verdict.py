"""One word for how far a system settles what "aligned with it" means."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["FEW_UNDEFINED", "Verdict", "verdict_of"]

FEW_UNDEFINED = 0.1


class Verdict(StrEnum):
    """Verdicts, in the order in which they are tried."""

    SETTLED = "SETTLED"
    """Every reading has the same outcome."""
    UNSETTLED = "UNSETTLED"
    """Every option that the parts would choose is the outcome of some reading."""
    NARROW = "NARROW"
    """Of at least three options, at most half are."""
    WIDE = "WIDE"
    """All else."""


def verdict_of(outcomes: int, options: int, reached: int, undefined_share: float) -> Verdict:
    """Return the first verdict that fits.

    Parameters
    ----------
    outcomes : int
        Distinct outcomes of the cells.
    options : int
        Options that some part, or some weighting of the parts, would choose.
    reached : int
        How many of them some cell reaches.
    undefined_share : float
        Share of the cells in which nothing is chosen.

    Examples
    --------
    >>> found = [(1, 4, 1, 0), (6, 4, 4, 0), (2, 4, 2, 0), (2, 3, 2, 0)]
    >>> [str(verdict_of(*one)) for one in found]
    ['SETTLED', 'UNSETTLED', 'NARROW', 'WIDE']
    """
    if outcomes == 1 and undefined_share == 0:
        return Verdict.SETTLED
    if reached == options:
        return Verdict.UNSETTLED
    if options >= 3 and 2 * reached <= options and undefined_share < FEW_UNDEFINED:
        return Verdict.NARROW
    return Verdict.WIDE
