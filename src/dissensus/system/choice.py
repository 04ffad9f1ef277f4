"""What a rule answers: winners, a lottery over actions, a status, and the steps that explain it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Choice", "Status", "Trace"]

Floats = npt.NDArray[np.float64]
SUPPORT = 1e-9  # an action is in a lottery if its probability is larger


class Status(StrEnum):
    """What kind of answer a rule gave."""

    OK = "OK"
    """One winner, or a lottery that the rule means."""
    TIE = "TIE"
    """Several winners that the rule cannot tell apart."""
    CYCLE = "CYCLE"
    """No winner: every option is beaten by another."""
    EMPTY = "EMPTY"
    """No winner: nobody says anything, or no option qualifies."""
    NOT_CONVERGED = "NOT_CONVERGED"
    """No answer within the steps allowed."""


@dataclass(frozen=True, eq=False)
class Trace:
    """Why a rule chose what it chose: steps in words, and the numbers behind them."""

    steps: tuple[str, ...] = ()
    numbers: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return "\n".join(self.steps)


@dataclass(frozen=True, eq=False)
class Choice:
    """The answer of a rule.

    Attributes
    ----------
    actions : tuple of str
        Names of the k actions.
    dist : (k,) array, or None
        Probability of each action; uniform over the winners if they tie; None without a winner.
    winners : frozenset of int
        Actions that win, or that a lottery gives a chance.
    status : Status
        ``TIE``, ``CYCLE`` and ``EMPTY`` are answers: none is turned into a winner silently.
    trace : Trace
        Steps and numbers that explain the choice.

    Examples
    --------
    >>> Choice.among(["stay", "go"], [0, 1], ["1 vote each"])
    Choice: TIE between 'stay' and 'go'
    """

    actions: tuple[str, ...]
    dist: Floats | None
    winners: frozenset[int]
    status: Status
    trace: Trace = field(default_factory=Trace)

    @classmethod
    def among(
        cls,
        actions: Sequence[str],
        winners: Iterable[int],
        steps: Iterable[str] = (),
        **numbers: Any,
    ) -> Choice:
        """Return one winner (``OK``), several (``TIE``) or none (``EMPTY``).

        Examples
        --------
        >>> Choice.among(["stay", "go"], [1]).dist.tolist()
        [0.0, 1.0]
        """
        chosen = frozenset(int(winner) for winner in winners)
        if not chosen:
            return cls.none(actions, Status.EMPTY, steps, **numbers)
        dist = np.zeros(len(actions))
        dist[sorted(chosen)] = 1 / len(chosen)
        status = Status.OK if len(chosen) == 1 else Status.TIE
        return cls(tuple(actions), dist, chosen, status, Trace(tuple(steps), numbers))

    @classmethod
    def lottery(
        cls, actions: Sequence[str], dist: npt.ArrayLike, steps: Iterable[str] = (), **numbers: Any
    ) -> Choice:
        """Return a lottery that the rule means; the winners are the actions that have a chance.

        Examples
        --------
        >>> Choice.lottery(["stay", "go"], [0.25, 0.75])
        Choice: OK, lottery of 'stay' 0.25, 'go' 0.75
        """
        chances = np.asarray(dist, dtype=np.float64)
        support = frozenset(np.flatnonzero(chances > SUPPORT).tolist())
        return cls(tuple(actions), chances, support, Status.OK, Trace(tuple(steps), numbers))

    @classmethod
    def none(
        cls, actions: Sequence[str], status: Status, steps: Iterable[str] = (), **numbers: Any
    ) -> Choice:
        """Return no winner, with the status that says why."""
        return cls(tuple(actions), None, frozenset(), status, Trace(tuple(steps), numbers))

    @property
    def winner_names(self) -> tuple[str, ...]:
        """Names of the winners, in the order of the actions."""
        return tuple(self.actions[winner] for winner in sorted(self.winners))

    def broken_by(self, order: Sequence[str]) -> Choice:
        """Return the choice with a tie broken by an order that somebody stated.

        Examples
        --------
        >>> Choice.among(["stay", "go"], [0, 1]).broken_by(["go", "stay"])
        Choice: OK, 'go'
        """
        if self.status is not Status.TIE:
            return self
        first = min(self.winners, key=lambda winner: order.index(self.actions[winner]))
        dist = np.zeros(len(self.actions))
        dist[first] = 1
        step = f"tie of {_listed(self.winner_names)} broken by the stated order: {', '.join(order)}"
        steps = (*self.trace.steps, step)
        return replace(
            self,
            dist=dist,
            winners=frozenset([first]),
            status=Status.OK,
            trace=Trace(steps, self.trace.numbers),
        )

    def __repr__(self) -> str:
        if self.status is Status.TIE:
            return f"Choice: TIE between {_listed(self.winner_names)}"
        if self.dist is None:
            return f"Choice: {self.status}"
        if len(self.winners) == 1:
            return f"Choice: {self.status}, {self.winner_names[0]!r}"
        chances = [f"{self.actions[a]!r} {self.dist[a]:.4g}" for a in sorted(self.winners)]
        return f"Choice: {self.status}, lottery of {', '.join(chances)}"


def _listed(names: Sequence[str]) -> str:
    quoted = [repr(name) for name in names]
    return f"{', '.join(quoted[:-1])} and {quoted[-1]}" if len(quoted) > 1 else quoted[0]
