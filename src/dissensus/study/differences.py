"""Each with each: paired differences of a sample's values, and which may be the highest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dissensus.engine.rows import DataError
from dissensus.measure.uncertainty.comparing import (
    differences,
    false_discoveries,
    indistinguishable,
)
from dissensus.measure.uncertainty.spread import Spread
from dissensus.model.keys import Codes
from dissensus.study.tables import Columns, reals, reasons_column

__all__ = ["Compared", "difference_table", "winners"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_ROWS_AT_MOST = 1_000_000
# values of one group among which winners are sought; each draw looks at all of them
_LARGEST = 300
_NO_ERROR = "one of the two has no standard error"
_ALIKE = "every agent pulls alike on both: their difference does not vary"


@dataclass(frozen=True, eq=False)
class Compared:
    """Values that are compared with each other inside their groups, each (e,).

    ``is_known`` are those with an error; ``covariance`` gives that of some of them; ``common`` and
    ``own`` are columns that name what a group shares, and each value in it.
    """

    value: Floats
    is_known: Flags
    group: Codes
    covariance: Callable[[Codes], Floats]
    common: Mapping[str, pa.ChunkedArray]
    own: Mapping[str, pa.ChunkedArray]
    spread: Spread
    level: float
    seed: int

    def groups(self) -> Iterator[tuple[Codes, Codes]]:
        """Values of each group, and those of them that have an error."""
        order = np.argsort(self.group, kind="stable")
        bounds = np.flatnonzero(np.diff(self.group[order])) + 1
        for members in np.split(order, bounds) if len(order) else []:
            yield members, members[self.is_known[members]]

    @property
    def freedom(self) -> float:
        """Degrees of freedom: endless where agents are their own units."""
        if self.spread.is_agent:
            return np.inf
        return float(max(int(self.spread.degrees_of_freedom.max(initial=1)), 1))


def difference_table(compared: Compared) -> pa.Table:
    """One row a pair: the difference, its error, and its p-value under false discovery control.

    Raises
    ------
    DataError
        More pairs than are worth a table.
    """
    sizes = np.bincount(compared.group)
    pairs = int((sizes * (sizes - 1) // 2).sum())
    if pairs > _ROWS_AT_MOST:
        raise DataError(
            f"{pairs:,} differences", f"at most {_ROWS_AT_MOST:,}", "choose fewer with where="
        )
    parts: list[tuple[Codes, Codes, Floats]] = []
    for members, known in compared.groups():
        one, two = (members[rows] for rows in np.triu_indices(len(members), 1))
        figures = np.full((4, len(one)), np.nan)
        if len(known) > 1:
            found = differences(
                compared.value[known],
                compared.covariance(known),
                compared.level,
                degrees_of_freedom=compared.freedom,
            )
            place = np.isin(one, known) & np.isin(two, known)
            figures[:, place] = [
                found.standard_error,
                found.interval_low,
                found.interval_high,
                found.p_value,
            ]
        parts.append((one, two, figures))
    nothing = np.empty(0, dtype=np.int64)
    first = np.concatenate([part[0] for part in parts]) if parts else nothing
    second = np.concatenate([part[1] for part in parts]) if parts else nothing
    figures = np.concatenate([part[2] for part in parts], axis=1) if parts else np.empty((4, 0))
    error, low, high, p_value = figures
    is_found, adjusted = false_discoveries(p_value, 1 - compared.level)
    columns: Columns = {name: c.take(pa.array(first)) for name, c in compared.common.items()}
    for suffix, rows in (("_first", first), ("_second", second)):
        columns |= {name + suffix: c.take(pa.array(rows)) for name, c in compared.own.items()}
    for suffix, rows in (("_first", first), ("_second", second)):
        columns[f"misalignment{suffix}"] = reals(compared.value[rows])
    columns["difference"] = reals(compared.value[first] - compared.value[second])
    names = ("standard_error", "difference_low", "difference_high", "p_value", "adjusted_p_value")
    values = (error, low, high, p_value, adjusted)
    columns |= {name: reals(value) for name, value in zip(names, values, strict=True)}
    unknown = np.isnan(p_value)
    columns["is_found"] = pa.array(is_found, mask=unknown)
    apart = ~(compared.is_known[first] & compared.is_known[second])
    causes = [(name, apart, _NO_ERROR) for name in (*names, "is_found")]
    causes += [(name, unknown, _ALIKE) for name in (*names[1:], "is_found")]
    columns["reasons"] = reasons_column(len(first), causes)
    return pa.table(columns)


def winners(compared: Compared) -> dict[str, pa.Array]:
    """Which values may be the highest, and the lowest, of their group; null where unknown."""
    out = {}
    for name, lowest in (("is_possibly_highest", False), ("is_possibly_lowest", True)):
        flags = np.zeros(len(compared.value), dtype=bool)
        seen = np.zeros(len(compared.value), dtype=bool)
        for _, known in compared.groups():
            if not 2 <= len(known) <= _LARGEST:
                continue
            flags[known] = indistinguishable(
                compared.value[known],
                compared.covariance(known),
                compared.level,
                lowest=lowest,
                draws=int(np.clip(400_000 // len(known), 2_000, 20_000)),
                seed=compared.seed,
            )
            seen[known] = True
        out[name] = pa.array(flags, mask=~seen)
    return out
