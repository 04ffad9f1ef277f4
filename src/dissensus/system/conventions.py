"""Conventions that every rule shares: what counts as equal, how ties, ranges and silence are read.

They stand here and nowhere else. Where an outcome hangs on one, it is a field of `Conventions` or
of `Frame`, so that an audit can cross it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from dissensus.errors import DissensusError

__all__ = [
    "COMPARABILITY",
    "EQUAL",
    "Comparability",
    "ComparabilityError",
    "ConventionError",
    "Conventions",
    "Frame",
    "as_good_as",
    "best",
    "dense_ranks",
    "gains",
    "range_normalised",
]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

EQUAL = 1e-9  # two numbers are equal if they differ by less than this part of their scale

Comparability = Literal["ordinal", "range", "unit", "full"]
COMPARABILITY: tuple[Comparability, ...] = ("ordinal", "range", "unit", "full")
"""What may be said of the utilities of different parts, from least to most.

``ordinal``: orders only. ``range``: each part's own utilities say how much better one option is
than another *for it*, on its own scale. ``unit``: differences compare between parts. ``full``:
levels compare too.
"""


class ComparabilityError(DissensusError, ValueError):
    """A rule needs to know more about the utilities of the parts than the system states."""


@dataclass(frozen=True)
class Conventions:
    """Choices that a rule leaves open, stated once for a system.

    Attributes
    ----------
    unranked : {'last', 'silent'}
        Options that a partial order leaves out stand below all that it lists (as in elections), or
        nothing is said about them. A part that lists nothing abstains either way.
    scale : {'own', 'raw', 'range'}
        Utilities enter as each rule declares (``own``), as given (``raw``), or stretched so that
        each part's worst option is 0 and its best 1 (``range``). By itself, score stretches,
        utilitarian and softmax do not, and egalitarian stretches unless the system declares full
        comparability.
    compute_model : {'shrinkage', 'noisy', 'search'}
        What a part of limited compute perceives of its utilities.
    abstain_below : float
        A part whose reliability is lower gives no order (shrinkage only).

    Notes
    -----
    Fixed for all rules: a part with several best options splits its vote equally (plurality) and
    gives equal options their mean rank (Borda); approval approves what reaches the part's
    aspiration, where it names one, else its own mean; Nash and Kalai-Smorodinsky count gains over
    the disagreement point, which is each part's own minimum of its perceived utilities unless the
    system states another; rules choose pure options unless their name says lottery.
    """

    unranked: Literal["last", "silent"] = "last"
    scale: Literal["own", "raw", "range"] = "own"
    compute_model: Literal["shrinkage", "noisy", "search"] = "shrinkage"
    abstain_below: float = 0.2

    def __post_init__(self) -> None:
        for name, known in (
            ("unranked", ("last", "silent")),
            ("scale", ("own", "raw", "range")),
            ("compute_model", ("shrinkage", "noisy", "search")),
        ):
            if getattr(self, name) not in known:
                raise ConventionError(
                    f"{name} is {getattr(self, name)!r}",
                    f"one of {', '.join(known)}",
                    f"write {name} = {known[0]!r}, which is the default",
                )


class ConventionError(DissensusError, ValueError):
    """A convention that nobody knows."""


@dataclass(frozen=True)
class Frame:
    """Circumstances that should not matter: two frames that lead to two choices are a finding.

    Attributes
    ----------
    agenda : tuple of str, optional
        Order in which options come up for a vote; the system's own order of actions by default.
    turn : str, optional
        The part in charge under turn-taking; by default a lottery by standing.
    tie_break : tuple of str, optional
        Order of actions by which ties are broken; by default a tie remains a tie.
    """

    agenda: tuple[str, ...] | None = None
    turn: str | None = None
    tie_break: tuple[str, ...] | None = None

    def checked(self, actions: Sequence[str], parts: Sequence[str]) -> Frame:
        """Return the frame; raises if an order is not one of all actions, or no part has the turn.

        Examples
        --------
        >>> Frame(agenda=("a",)).checked(["a", "b"], ["me"])
        Traceback (most recent call last):
        dissensus.system.conventions.ConventionError: agenda ('a',)
          needed: every action once: a, b
          mend:   list each of the 2 actions once
        """
        for name, order in (("agenda", self.agenda), ("tie_break", self.tie_break)):
            if order is not None and sorted(order) != sorted(actions):
                raise ConventionError(
                    f"{name} {order!r}",
                    f"every action once: {', '.join(actions)}",
                    f"list each of the {len(actions)} actions once",
                )
        if self.turn is not None and self.turn not in parts:
            raise ConventionError(
                f"turn of {self.turn!r}", f"a part: {', '.join(parts)}", "name one of the parts"
            )
        return self


def best(scores: npt.ArrayLike) -> Codes:
    """Positions of the largest scores; scores within `EQUAL` of it tie. NaN never wins.

    Examples
    --------
    >>> best([0.3, 0.1 + 0.2, 0.2]).tolist()
    [0, 1]
    """
    values = np.asarray(scores, dtype=np.float64)
    if np.isnan(values).all():
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(as_good_as(values, np.nanmax(values)))


def as_good_as(values: npt.ArrayLike, bar: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Whether values reach a bar, up to `EQUAL` of the larger of 1 and their own size.

    Examples
    --------
    >>> as_good_as([0.1 + 0.2, 0.29], 0.3).tolist()
    [True, False]
    """
    x, y = np.asarray(values, dtype=np.float64), np.asarray(bar, dtype=np.float64)
    return np.asarray(x >= y - EQUAL * np.maximum(1.0, np.abs(y)))


def dense_ranks(utilities: npt.ArrayLike) -> Floats:
    """Rank of each option for each part: 1 for its best, equal utilities alike, NaN stays.

    Utilities that differ by less than `EQUAL` of the part's range are equal.

    Examples
    --------
    >>> dense_ranks([[0.3, 0.1 + 0.2, 1.0]]).tolist()
    [[2.0, 2.0, 1.0]]
    """
    u = np.atleast_2d(np.asarray(utilities, dtype=np.float64))
    order = np.argsort(-u, axis=1, kind="stable")
    falling = np.take_along_axis(u, order, axis=1)
    known = ~np.isnan(falling)
    span = np.zeros(len(u))
    some = known.any(axis=1)
    span[some] = np.nanmax(u[some], axis=1) - np.nanmin(u[some], axis=1)
    size = np.zeros(len(u))
    size[some] = np.nanmax(np.abs(u[some]), axis=1)
    step = np.maximum(EQUAL * span, 8 * np.finfo(np.float64).eps * size)[:, None]
    with np.errstate(invalid="ignore"):
        drop = falling[:, :-1] - falling[:, 1:] > step
    steps = np.concatenate([np.ones((len(u), 1), dtype=bool), drop], axis=1)
    sorted_ranks = np.where(known, np.cumsum(steps, axis=1), np.nan)
    ranks = np.empty_like(u)
    np.put_along_axis(ranks, order, sorted_ranks, axis=1)
    return ranks


def range_normalised(utilities: npt.ArrayLike) -> Floats:
    r"""Utilities on each part's own range: :math:`(u - \min u) / (\max u - \min u)`.

    A part that is indifferent between all options gets 0 everywhere: it has nothing to gain.

    Examples
    --------
    >>> range_normalised([[2, 4, 3], [5, 5, 5]]).tolist()
    [[0.0, 1.0, 0.5], [0.0, 0.0, 0.0]]
    """
    u = np.asarray(utilities, dtype=np.float64)
    low = u.min(axis=-1, keepdims=True)
    span = u.max(axis=-1, keepdims=True) - low
    real = span > EQUAL * np.maximum(np.abs(u).max(axis=-1, keepdims=True), np.finfo(float).tiny)
    return np.where(real, (u - low) / np.where(real, span, 1.0), 0.0)


def gains(utilities: npt.ArrayLike, disagreement: npt.ArrayLike | None) -> Floats:
    """Utilities above the disagreement point; each part's own minimum if none is stated.

    Examples
    --------
    >>> gains([[2, 4, 3]], None).tolist()
    [[0.0, 2.0, 1.0]]
    """
    u = np.asarray(utilities, dtype=np.float64)
    if disagreement is None:
        return np.asarray(u - u.min(axis=1, keepdims=True))
    return np.asarray(u - np.asarray(disagreement, dtype=np.float64)[:, None])
