"""Salience: what each of its means needs of the rows."""

from __future__ import annotations

import narwhals as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dissensus.engine.rows import SALIENCE
from dissensus.model.keys import Codes
from dissensus.model.roles import Roles
from dissensus.model.salience import Salience, SalienceMean
from dissensus.model.tally import Numbers

__all__ = ["ABSENT", "CARE", "careless", "cares", "is_by_level", "salience_of", "summed_care"]

CARE, ABSENT = "_care", "careless"


def is_by_level(roles: Roles, mean: SalienceMean) -> bool:
    """Whether each distinct salience is counted apart; else sums for each goal are enough."""
    return roles.salience is not None and (
        mean in ("harmonic", "min", "max") or roles.share is not None
    )


def cares() -> nw.Expr:
    """Salience of each row; 0 where it is none."""
    value = nw.col(SALIENCE).cast(nw.Float64)
    return nw.when((value >= 0) & (value <= 1)).then(value).otherwise(nw.lit(0.0))


def careless() -> nw.Expr:
    """1 for a row without a salience in [0, 1], else 0."""
    value = nw.col(SALIENCE).cast(nw.Float64)
    return nw.when((value >= 0) & (value <= 1)).then(nw.lit(0)).otherwise(nw.lit(1))


def summed_care(mean: SalienceMean) -> nw.Expr:
    """What is summed for each goal: the roots of the saliences, or the saliences."""
    return cares().sqrt() if mean == "geometric" else cares()


def salience_of(
    table: pa.Table, rows: Codes, entry: Codes, mass: Numbers, mean: SalienceMean
) -> Salience:
    """Salience of the holders of each goal, from grouped counts.

    Parameters
    ----------
    table : pyarrow.Table
        Grouped counts.
    rows, entry : (holders,)
        Rows of the table in which a goal is held, and the entry of the tally that each is part of.
    mass : (rows of the table,)
        How much stands behind each row.
    mean : SalienceMean
        Average of the saliences of two agents.
    """
    amount = np.asarray(mass[rows], dtype=np.float64)
    apart = SALIENCE in table.column_names
    column = table.column(SALIENCE if apart else CARE).cast(pa.float64())
    care = np.asarray(pc.fill_null(column, 0.0).to_numpy())[rows]
    level = np.ones(len(rows))
    if apart:
        level = care
    elif mean == "geometric":
        amount = care
    else:
        np.divide(care, amount, out=level, where=amount > 0)
    order = np.lexsort((level, entry))
    return Salience(mean, entry[order], level[order], amount[order])
