"""What a rule sees: for each part utilities, ranks and standing, and how to read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import cast, overload

import numpy as np
import numpy.typing as npt

from dissensus.errors import DissensusError, nearest
from dissensus.system.conventions import (
    Comparability,
    Conventions,
    Frame,
    dense_ranks,
    range_normalised,
)
from dissensus.system.part import Order, parse_order

__all__ = ["Ballots", "BallotsError", "ranks_of_order"]

Floats = npt.NDArray[np.float64]


SMALL = 200_000  # comparisons that are made at once


class _Numbered(Sequence[str]):
    """Names of a hundred thousand parts that have none, made when asked for."""

    def __init__(self, size: int) -> None:
        self._size = size

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[str, ...]: ...
    def __getitem__(self, place: int | slice) -> str | tuple[str, ...]:
        found = range(1, self._size + 1)[place]
        return f"part {found}" if isinstance(found, int) else tuple(f"part {i}" for i in found)

    def __repr__(self) -> str:
        return f"<part 1 to part {self._size}>"


class BallotsError(DissensusError, ValueError):
    """Ballots that do not fit together."""


@dataclass(frozen=True, eq=False)
class Ballots:
    r"""The input of every rule, frozen.

    ===================== ========= ==============================================================
    attribute             shape     meaning
    ===================== ========= ==============================================================
    ``actions``           ``(k,)``  names of the options
    ``ranks``             ``(n,k)`` 1 for a part's best, equal ranks for equals, NaN for unranked;
                                    a row of NaN abstains
    ``standing``          ``(n,)``  weight of each part: a count, where many voters share a ballot
    ``utilities``         ``(n,k)`` perceived expected utilities; a row of NaN where a part gives
                                    only an order
    ``parts``             ``(n,)``  names
    ``aspiration``        ``(n,)``  utility that each calls good enough; NaN for none
    ``rationality``       ``(n,)``  sharpness of each part where it is in charge; NaN: picks its
                                    best
    ``disagreement``      ``(n,)``  utility of each part without agreement; None: its own minimum
    ===================== ========= ==============================================================

    Besides ``comparability``, ``conventions``, ``frame`` and a ``seed`` for random steps.

    Examples
    --------
    >>> ballots = Ballots.from_orders({"a > b > c": 3, "b > c > a": 2})
    >>> ballots.preferring.tolist()
    [[0.0, 3.0, 3.0], [2.0, 0.0, 5.0], [2.0, 0.0, 0.0]]
    """

    actions: tuple[str, ...]
    ranks: Floats
    standing: Floats
    utilities: Floats
    parts: tuple[str, ...]
    aspiration: Floats
    rationality: Floats
    disagreement: Floats | None = None
    comparability: Comparability = "ordinal"
    conventions: Conventions = field(default_factory=Conventions)
    frame: Frame = field(default_factory=Frame)
    seed: int = 0

    @classmethod
    def from_ranks(
        cls,
        actions: Sequence[str],
        ranks: npt.ArrayLike,
        standing: npt.ArrayLike | None = None,
        conventions: Conventions | None = None,
    ) -> Ballots:
        """Ballots of parts that give only ranks; ``standing`` may count voters of equal ballots.

        Examples
        --------
        >>> Ballots.from_ranks(["a", "b"], [[1, 2], [2, 1]], standing=[3, 2]).margins.tolist()
        [[0.0, 1.0], [-1.0, 0.0]]
        """
        return cls._of(actions, ranks, None, standing, "ordinal", conventions)

    @classmethod
    def from_utilities(
        cls,
        actions: Sequence[str],
        utilities: npt.ArrayLike,
        standing: npt.ArrayLike | None = None,
        comparability: Comparability = "range",
        conventions: Conventions | None = None,
        disagreement: npt.ArrayLike | None = None,
    ) -> Ballots:
        """Ballots of parts that give utilities.

        Examples
        --------
        >>> Ballots.from_utilities(["a", "b"], [[0.2, 0.9]]).ranks.tolist()
        [[2.0, 1.0]]
        """
        u = np.asarray(utilities, dtype=np.float64)
        made = cls._of(actions, dense_ranks(u), u, standing, comparability, conventions)
        if disagreement is None:
            return made
        return replace(made, disagreement=np.asarray(disagreement, dtype=np.float64))

    @classmethod
    def from_orders(
        cls,
        orders: Mapping[str, float],
        actions: Sequence[str] | None = None,
        conventions: Conventions | None = None,
    ) -> Ballots:
        """Ballots from orders and how many hold each, as in ``{"a > b = c": 3}``.

        Without ``actions`` the options are those that are named, sorted.
        """
        parsed = [parse_order(order) for order in orders]
        named = sorted({name for order in parsed for group in order for name in group})
        options = tuple(actions) if actions is not None else tuple(named)
        ranks = [ranks_of_order(order, options) for order in parsed]
        return cls.from_ranks(options, ranks, list(orders.values()), conventions)

    @classmethod
    def _of(
        cls,
        actions: Sequence[str],
        ranks: npt.ArrayLike,
        utilities: Floats | None,
        standing: npt.ArrayLike | None,
        comparability: Comparability,
        conventions: Conventions | None,
    ) -> Ballots:
        r = np.asarray(ranks, dtype=np.float64)
        w = np.ones(len(r)) if standing is None else np.asarray(standing, dtype=np.float64)
        if r.ndim != 2 or r.shape[1] != len(actions) or w.shape != (len(r),):
            raise BallotsError(
                f"ballots of shape {r.shape}, {len(actions)} actions and {w.size} standings",
                "one row a part, one column an action, one standing a part",
                "give each part a number or rank for each action, and a standing",
            )
        if not len(r) or not (np.isfinite(w) & (w > 0)).all():
            raise BallotsError(
                "no ballots" if not len(r) else f"a standing of {w[~(w > 0)][:1]}",
                "at least one ballot, each with a standing above 0",
                "leave out who has no say",
            )
        return cls(
            actions=tuple(actions),
            ranks=r,
            standing=w,
            utilities=np.full(r.shape, np.nan) if utilities is None else utilities,
            parts=cast(tuple[str, ...], _Numbered(len(r))),
            aspiration=np.full(len(r), np.nan),
            rationality=np.full(len(r), np.nan),
            comparability=comparability,
            conventions=conventions or Conventions(),
        )

    def on(self, options: Sequence[int]) -> Ballots:
        """Return the ballots on a smaller menu: the options at these positions.

        Examples
        --------
        >>> Ballots.from_orders({"a > b > c": 3}).on([1, 2]).actions
        ('b', 'c')
        """
        kept = list(options)
        names = tuple(self.actions[option] for option in kept)

        def among(order: tuple[str, ...] | None) -> tuple[str, ...] | None:
            return None if order is None else tuple(name for name in order if name in names)

        frame = replace(
            self.frame, agenda=among(self.frame.agenda), tie_break=among(self.frame.tie_break)
        )
        return replace(
            self,
            actions=names,
            ranks=self.ranks[:, kept],
            utilities=self.utilities[:, kept],
            frame=frame,
        )

    @cached_property
    def voices(self) -> Floats:
        """Ranks as they count in comparisons, (n, k): the unranked last, or NaN if silent."""
        if self.conventions.unranked == "silent":
            return self.ranks
        silent = np.isnan(self.ranks)
        if not silent.any():
            return self.ranks
        partial = silent & ~silent.all(axis=1, keepdims=True)
        return np.where(partial, np.inf, self.ranks)

    @cached_property
    def speaking(self) -> npt.NDArray[np.bool_]:
        """Which parts rank something, (n,)."""
        return np.asarray(~np.isnan(self.ranks).all(axis=1))

    @cached_property
    def tops(self) -> Floats:
        """Each part's vote for its best options, (n, k): split equally, zero if it abstains."""
        return top_votes(self.voices)

    @cached_property
    def preferring(self) -> Floats:
        """Standing of the parts that put the row's option above the column's, (k, k)."""
        w, ranks = self.standing, np.ascontiguousarray(self.voices.T)
        unknown = np.isnan(ranks)
        above = np.where(unknown, np.inf, ranks) if unknown.any() else ranks
        below = np.where(unknown, -np.inf, ranks) if unknown.any() else ranks
        if ranks.size * len(ranks) <= SMALL:
            return np.asarray(np.einsum("abn,n->ab", above[:, None] < below[None], w))
        if (w == w[0]).all():
            counts = [np.count_nonzero(row < below, axis=1) for row in above]
            return np.asarray(w[0] * np.array(counts, dtype=np.float64))
        return np.array([(row < below) @ w for row in above])

    @cached_property
    def margins(self) -> Floats:
        """Standing for the row's option over the column's, minus the reverse, (k, k)."""
        return np.asarray(self.preferring - self.preferring.T)

    @cached_property
    def stretched(self) -> Floats:
        """Utilities on each part's own range, (n, k)."""
        return range_normalised(self.utilities)

    @property
    def shares(self) -> Floats:
        """Standing as shares that sum to 1, (n,)."""
        return np.asarray(self.standing / self.standing.sum())


def top_votes(ranks: Floats) -> Floats:
    """One vote a row for its lowest rank, split equally among equals; none from a row of NaN.

    Examples
    --------
    >>> top_votes(np.array([[1.0, 1.0, 2.0], [np.nan, np.nan, np.nan]])).tolist()
    [[0.5, 0.5, 0.0], [0.0, 0.0, 0.0]]
    """
    known = np.where(np.isnan(ranks), np.inf, ranks)
    lowest = known.min(axis=1, keepdims=True)
    first = (known == lowest) & np.isfinite(lowest)
    count = first.sum(axis=1, keepdims=True)
    return np.asarray(first / np.maximum(count, 1))


def ranks_of_order(order: Order, actions: Sequence[str], part: str = "") -> Floats:
    """Rank of each action in a weak order; NaN for those that it leaves out.

    Examples
    --------
    >>> ranks_of_order((("b",), ("a", "c")), ["a", "b", "c", "d"]).tolist()
    [2.0, 1.0, 2.0, nan]
    """
    ranks = np.full(len(actions), np.nan)
    places = {name: position for position, name in enumerate(actions)}
    for rank, group in enumerate(order, start=1):
        for name in group:
            if name not in places:
                raise BallotsError(
                    f"{name!r} in the order{f' of part {part!r}' if part else ''}",
                    "names of actions",
                    nearest(name, actions),
                    part=part,
                )
            ranks[places[name]] = rank
    return cast(Floats, ranks)
