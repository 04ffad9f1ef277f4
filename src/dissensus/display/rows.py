"""Rows of a result as cells of a table: who, on what, how much."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from dissensus.display.layout import MARK, Field, Row
from dissensus.display.picking import is_silent
from dissensus.model.columns import column
from dissensus.model.result import Result
from dissensus.model.spelling import spelled

__all__ = ["EVERYONE", "NOBODY", "Shape", "words"]

EVERYONE = "everyone"
NORMALISED = ("asymptotic", "finite", "attainable")
COMPANIONS = (
    "shannon",
    "effective_number",
    "fractionalisation",
    "rice",
    "agreement_index",
    "reynal_querol",
    "esteban_ray",
    "van_der_eijk",
)
INTERNAL = "internal_conflict"
NOBODY = "(none)"  # the segment of those whose value is missing


@dataclass(frozen=True)
class Shape:
    """What names a row of a result.

    Attributes
    ----------
    by : tuple of str
        Segment columns.
    over : str, optional
        Column that the question was repeated over.
    pairs : bool
        Whether the main question is about pairs of segments.
    one_area : bool
        Whether the data is one problem area.
    normalised : tuple of str
        Columns of normalised values, which were asked for by name; means have none.
    companions : tuple of str
        Companions that were asked for by name.
    level : float, optional
        Confidence of the intervals of a sample.
    threshold : float, optional
        A value, of which it was asked how sure it is that others lie above it.
    internal : bool
        Whether agents may conflict with themselves.
    salient : bool
        Whether conflict is weighed by how much the agents care too.
    """

    by: tuple[str, ...]
    over: str | None
    pairs: bool
    one_area: bool
    normalised: tuple[str, ...] = ()
    companions: tuple[str, ...] = ()
    level: float | None = None
    threshold: float | None = None
    internal: bool = False
    salient: bool = False

    @classmethod
    def of(cls, result: Result) -> Shape:
        """Shape of a result, as its summary tells it."""
        areas = result.summary.get("areas")
        return cls(
            tuple(result.summary.get("by") or ()),
            result.summary.get("over"),
            result.summary.get("question") == "between",
            "area" not in result.rows.column_names or areas == 1,
            tuple(name for name in NORMALISED if name in result.rows.column_names),
            tuple(name for name in COMPANIONS if name in result.rows.column_names),
            result.summary.get("interval"),
            result.summary.get("threshold"),
            INTERNAL in result.rows.column_names,
            "intensity" in result.rows.column_names,
        )

    @property
    def segment_columns(self) -> list[str]:
        """Columns that may name segments, or the two of a pair."""
        return [*self.by, *(f"{name}_{side}" for side in "ab" for name in self.by)]

    def keys(self, table: pa.Table) -> list[str]:
        """Columns that name a row of a table, words rather than ids: how ties are ordered."""
        names = [*([self.over] if self.over else []), "area", *self.segment_columns]
        labelled = [
            f"{name}_label" if f"{name}_label" in table.column_names else name for name in names
        ]
        return [name for name in labelled if name in table.column_names]

    def who(self, row: Mapping[str, Any], times: str) -> str:
        """Segment, or pair of segments, that a row is about."""
        if self.is_pair(row):
            return f"{self.side(row, '_a')} {times} {self.side(row, '_b')}"
        return EVERYONE if row.get("scope") == EVERYONE or not self.by else self.side(row)

    def side(self, row: Mapping[str, Any], suffix: str = "") -> str:
        """One segment of a row, its crossed values joined."""
        return ", ".join(words(row, f"{name}{suffix}") or NOBODY for name in self.by)

    def is_pair(self, row: Mapping[str, Any]) -> bool:
        """Whether a row is about two segments."""
        return bool(self.by) and f"{self.by[0]}_a" in row

    @property
    def _weighed(self) -> tuple[str, ...]:
        return ("intensity",) if self.salient else ()

    def fields(self, *, areas: bool, who: bool = True) -> list[Field]:
        """Columns of a list of rows (``areas``), or of a block of means; ``who`` names segments."""
        named = [Field(self.over)] if self.over else []
        if areas and not self.one_area:
            named.append(Field(column("area").label, lines=2))
        if who and (self.by or not areas):
            named.append(Field(", ".join(self.by), lines=3))
        counted = [Field("agents", "number", rank=1)]
        if not areas and not self.one_area:
            counted.append(Field("areas", "number", rank=2))
        return [
            *named,
            Field(column("misalignment").label, "value"),
            *self._sure(),
            *(Field(column(name).label, "number") for name in self._weighed),
            *(Field(name, "number") for name in self.normalised if areas),
            Field("among those\nwith a goal", "number"),
            *([Field("with\nthemselves", "number")] if self.internal else []),
            Field(column("participation").label, "number"),
            *counted,
        ]

    def _sure(self) -> list[Field]:
        """Columns of what a sample tells of the population."""
        fields = [] if self.level is None else [Field(f"{spelled(self.level, 'share')}", "number")]
        if self.threshold is not None:
            fields.append(Field(f"> {self.threshold:g}", "number"))
        return fields

    def rows(self, table: pa.Table, *, areas: bool, who: bool = True, times: str) -> list[Row]:
        """Cells of all rows of a (small) table; a repeated value of ``over`` is left out."""
        marks = is_silent(table).to_pylist()
        out = []
        before: object = self
        for row, silent in zip(table.to_pylist(), marks, strict=True):
            cells = []
            if self.over:
                cells.append(
                    "" if not areas and row[self.over] == before else words(row, self.over)
                )
                before = row[self.over]
            if areas and not self.one_area:
                cells.append(words(row, "area"))
            if who and (self.by or not areas):
                cells.append(self.who(row, times))
            cells += self._values(row, silent=silent, areas=areas, times=times)
            out.append(Row(cells, row["misalignment"]))
        return out

    def _values(
        self, row: Mapping[str, Any], *, silent: bool, areas: bool, times: str
    ) -> Iterable[str]:
        value = _cell(row, "misalignment")
        yield value or "none"
        if self.level is not None:
            low, high = _cell(row, "interval_low"), _cell(row, "interval_high")
            yield f"[{low}, {high}]" if low else "none"
        if self.threshold is not None:
            yield _cell(row, "exceedance_probability") or "none"
        for name in self._weighed:
            yield _cell(row, name) or "none"
        for name in self.normalised if areas else ():
            yield _cell(row, name) or "none"
        yield _cell(row, "conditional_misalignment") or "none"
        if self.internal:
            yield _cell(row, INTERNAL) or "none"
        yield (f"{MARK} " if silent else "") + _cell(row, "participation")
        if self.is_pair(row):
            yield f"{_cell(row, 'agents_a') or '?'} {times} {_cell(row, 'agents_b') or '?'}"
        else:
            yield _cell(row, "agents") or "?"
        if not areas and not self.one_area:
            yield _cell(row, "areas")


def words(row: Mapping[str, Any], name: str) -> str:
    """Words for a value of a row, if there are any, else the value itself."""
    label = row.get(f"{name}_label")
    return spelled(row.get(name) if label is None else label)


def _cell(row: Mapping[str, Any], name: str) -> str:
    return spelled(row.get(name), column(name).unit)
