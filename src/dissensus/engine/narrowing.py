"""A population without some of its problem areas."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from functools import reduce
from operator import or_

import narwhals as nw
import pyarrow as pa

from dissensus.engine.population import ColumnError, Population

__all__ = ["without_areas"]


def without_areas(population: Population, areas: pa.Table, over: str | None) -> Population:
    """Leave out the rows of some problem areas; nothing is read.

    Parameters
    ----------
    population : Population
        With a column of areas, or a wide table.
    areas : pyarrow.Table
        What is left out: a column ``area``, and before it the column of ``over`` where there is
        one.
    over : str, optional
        Column for each value of which the areas are meant.

    Returns
    -------
    Population
        Another one; the population itself is as it was.

    Raises
    ------
    ColumnError
        The column of ``over`` is not in the data, or the table is wide and there is one.
    """
    roles, source = population.roles, population.source
    if over and (roles.wide or over not in source.schema):
        raise ColumnError(
            f"areas left out for each {over!r}, which is not beside them in the data",
            "a column of the same long table",
            "put the column into the data, or leave out over=",
        )
    narrowed = copy(population)
    names = areas.column("area").to_pylist()
    if roles.wide:
        narrowed.roles = replace(roles, wide=tuple(n for n in roles.wide if n not in names))
        return narrowed
    parts = areas.column(over).to_pylist() if over else [None] * len(names)
    named = [
        _of(over, value, [name for name, part in zip(names, parts, strict=True) if part == value])
        for value in dict.fromkeys(parts)
    ]
    listed = reduce(or_, (nw.col(str(roles.area)).is_in(some) & of for some, of in named))
    gone = nw.when(listed).then(nw.lit(1)).otherwise(nw.lit(0))
    narrowed.source = replace(source, frame=source.frame.filter(gone == 0))
    return narrowed


def _of(over: str | None, value: object, areas: list[object]) -> tuple[list[object], nw.Expr]:
    """Areas, and the rows at one value of ``over``."""
    if over is None:
        return areas, nw.lit(True)
    return areas, nw.col(over).is_null() if value is None else nw.col(over) == value
