"""Goals that are preference orders: conflict by the pairs of alternatives that they rank apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dissensus.engine.population import Population
from dissensus.measure.conflicts.orders import order_conflict
from dissensus.model.conflict import ConflictError
from dissensus.study.conflict_models.catalogue import declared_as
from dissensus.study.options import ConflictOptions

__all__ = ["Ranking", "places_of", "ranking"]


def places_of(orders: Sequence[str]) -> tuple[list[str], npt.NDArray[np.int64]]:
    """Alternatives that occur in orders such as ``a>b=c``, and the place of each in each order.

    Alternatives that an order does not name are tied behind all that it names.

    Raises
    ------
    ConflictError
        An order that names nothing, or an alternative twice.

    Examples
    --------
    >>> alternatives, places = places_of(["a > b = c", "c"])
    >>> alternatives, places.tolist()
    (['a', 'b', 'c'], [[0, 1, 1], [1, 1, 0]])
    """
    read = [
        [[name.strip() for name in tied.split("=")] for tied in order.split(">")]
        for order in orders
    ]
    for order, ties in zip(orders, read, strict=True):
        names = [name for tied in ties for name in tied]
        twice = next((name for name in names if names.count(name) > 1), None)
        if not all(names) or twice is not None:
            raise ConflictError(
                f"order {order!r} names "
                + ("an empty alternative" if twice in (None, "") else f"{twice!r} twice"),
                "alternatives, each once, from the best to the worst: a>b=c",
                "mend the goal; name it in no_goal= if it is none",
            )
    known = sorted({name for ties in read for tied in ties for name in tied})
    column = {name: j for j, name in enumerate(known)}
    lengths = np.array([len(ties) for ties in read], dtype=np.int64)
    places = np.repeat(lengths[:, None], len(known), axis=1)
    rows = [i for i, ties in enumerate(read) for tied in ties for _ in tied]
    columns = [column[name] for ties in read for tied in ties for name in tied]
    values = [place for ties in read for place, tied in enumerate(ties) for _ in tied]
    places[rows, columns] = values
    return known, places


@dataclass(frozen=True)
class Ranking:
    """Orders over the alternatives that those of an area name."""

    declared: tuple[str, ...] = ()
    words: str = ""
    by_area: bool = False

    def between(self, goals: Sequence[str], _area: str | None, /) -> npt.NDArray[np.float64]:
        """Normalised Kendall distance of every two orders."""
        _, places = places_of(goals)
        return order_conflict(places)


@declared_as(
    "ranking",
    "goals are orders, best first (a>b=c), and conflict by the share of pairs of alternatives that "
    "they rank in opposite ways; a pair that one order alone ties counts half, and what an order "
    "does not name stands last in it",
    reference="kendall1938",
)
def ranking(_options: ConflictOptions, _population: Population) -> Ranking:
    """Orders need nothing beside the goals themselves."""
    return Ranking()
