"""Patterns: the distinct ways to hold goals, and how many agents hold each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from dissensus.errors import DissensusError
from dissensus.model.keys import Codes

__all__ = ["PairingError", "Patterns", "patterns_of"]

Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]

_WORD = 64


class PairingError(DissensusError, ValueError):
    """Goals of agents that cannot be paired as asked."""


@dataclass(frozen=True, eq=False)
class Patterns:
    """Distinct ways to hold goals: sets of goals, or amounts on goals; m patterns of k goals.

    Attributes
    ----------
    goals : int
        Number k of goals.
    offsets, held : (m + 1,), (h,)
        Goals of pattern i: ``held[offsets[i]:offsets[i + 1]]``, ascending; none is no goal.
    amounts : (h,), optional
        Points, draws or probability on each of these goals; None for plain sets.
    totals : (m,), optional
        Draws of each pattern, with those that yielded no goal; None: all yielded one.

    Examples
    --------
    >>> patterns = patterns_of([[0, 1], [0], []], goals=3)
    >>> patterns.size, patterns.sizes.tolist(), patterns.words.tolist()
    (3, [2, 1, 0], [[3], [1], [0]])
    """

    goals: int
    offsets: Codes
    held: Codes
    amounts: Floats | None = None
    totals: Floats | None = None

    @property
    def size(self) -> int:
        """Number of patterns."""
        return len(self.offsets) - 1

    @cached_property
    def sizes(self) -> Codes:
        """Goals in each pattern, (m,)."""
        return np.diff(self.offsets)

    @cached_property
    def words(self) -> Words:
        """Each set as bits, (m, ceil(k / 64)): bit g % 64 of word g // 64 is goal g."""
        out = np.zeros((self.size, max(-(-self.goals // _WORD), 1)), dtype=np.uint64)
        bits = np.left_shift(np.uint64(1), (self.held % _WORD).astype(np.uint64))
        np.bitwise_or.at(out, (self.of_each, self.held // _WORD), bits)
        return out

    @cached_property
    def of_each(self) -> Codes:
        """Pattern of each entry of ``held``, (h,)."""
        return np.repeat(np.arange(self.size), self.sizes)

    def members(self, chosen: Codes | slice) -> Flags:
        """Which goals some of the patterns hold, (chosen, k)."""
        bits = np.unpackbits(
            self.words[chosen].astype("<u8").view(np.uint8), axis=1, bitorder="little"
        )
        return bits[:, : self.goals].astype(bool)

    def take(self, chosen: Codes) -> Patterns:
        """Only some of the patterns."""
        sizes = self.sizes[chosen]
        ends = np.cumsum(sizes)
        total = int(ends[-1]) if len(ends) else 0
        entry = np.arange(total) + np.repeat(self.offsets[chosen] - (ends - sizes), sizes)
        return Patterns(
            self.goals,
            np.append(0, ends).astype(np.int64),
            self.held[entry],
            None if self.amounts is None else self.amounts[entry],
            None if self.totals is None else self.totals[chosen],
        )


def patterns_of(
    sets: Iterable[Sequence[int]],
    goals: int,
    amounts: Iterable[Sequence[float]] | None = None,
    totals: npt.ArrayLike | None = None,
) -> Patterns:
    """Patterns from plain lists: the goals of each, with amounts on them where there are any.

    Parameters
    ----------
    sets : iterable of sequences of int
        Goals of each pattern, 0 .. ``goals`` - 1, each at most once; an empty one holds no goal.
    goals : int
        Number of goals.
    amounts : iterable of sequences of float, optional
        Points, draws or probability on these goals, >= 0; goals of amount 0 are left out.
    totals : (m,) array, optional
        Draws of each pattern, with those without a goal.

    Raises
    ------
    PairingError
        A goal outside the range or listed twice; an amount that is negative or no number; fewer
        draws in total than on goals.

    Examples
    --------
    >>> patterns_of([[2, 0]], goals=3, amounts=[[1, 4]]).amounts.tolist()
    [4.0, 1.0]
    """
    listed = [list(part) for part in sets]
    sizes = np.array([len(part) for part in listed], dtype=np.int64)
    held = np.array([goal for part in listed for goal in part], dtype=np.int64)
    of_each = np.repeat(np.arange(len(listed)), sizes)
    values = None
    if amounts is not None:
        values = np.array([value for part in amounts for value in part], dtype=np.float64)
    _check(held, of_each, goals, values)
    if values is not None:
        kept = values > 0
        held, of_each, values = held[kept], of_each[kept], values[kept]
    order = np.lexsort([held, of_each])
    offsets = np.searchsorted(of_each[order], np.arange(len(listed) + 1))
    drawn = None if totals is None else np.asarray(totals, dtype=np.float64)
    if drawn is not None:
        on_goals = np.bincount(of_each, values, minlength=len(listed))
        if (drawn < on_goals * (1 - 1e-12)).any():
            first = int(np.argmax(drawn < on_goals))
            raise PairingError(
                f"pattern {first} has {drawn[first]:g} draws, and {on_goals[first]:g} on goals",
                "at least as many draws in total as on goals",
                "count the draws without a goal too",
            )
    return Patterns(
        goals,
        offsets.astype(np.int64),
        held[order],
        None if values is None else values[order],
        drawn,
    )


def _check(held: Codes, of_each: Codes, goals: int, amounts: Floats | None) -> None:
    outside = (held < 0) | (held >= goals)
    if outside.any():
        raise PairingError(
            f"goal {int(held[outside][0])} of {goals} goals",
            f"goals numbered 0 to {goals - 1}",
            "number the goals from 0, or raise goals=",
        )
    if len(held) != len(np.unique(of_each * goals + held)):
        raise PairingError(
            "a pattern that lists a goal twice",
            "each goal at most once a pattern",
            "sum the amounts of equal goals, or leave the second out",
        )
    if amounts is None:
        return
    if len(amounts) != len(held):
        raise PairingError(
            f"{len(amounts)} amounts on {len(held)} goals",
            "one amount a goal held",
            "give amounts in the order of the goals",
        )
    bad = ~((amounts >= 0) & np.isfinite(amounts))
    if bad.any():
        raise PairingError(
            f"an amount of {amounts[bad][0]:g} on goal {int(held[bad][0])}",
            "numbers of at least 0",
            "mend the amount",
        )
