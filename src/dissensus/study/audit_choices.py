"""What each choice that a case leaves open gives each part: the decisions that somebody owes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dissensus.study.audit_tables import IDLE, satisfactions, value_in_words
from dissensus.study.tables import reals, reasons_column
from dissensus.system.audit import AXES, Crossed

__all__ = ["choices_table"]

Floats = npt.NDArray[np.float64]

_SILENT = "the part gives no utilities, or nothing is chosen"


def choices_table(crossed: Crossed) -> pa.Table:
    """One row a crossed axis, its value and a part: what the part gets if that value is stated.

    ``mean_value`` is over the readings that are left, each once, and ``gain`` is how much more
    that is than over all readings. ``outcomes_left`` counts the outcomes of those readings.
    """
    values, _ = satisfactions(crossed)
    everywhere = _mean(values)
    parts = [part.name for part in crossed.case.system.parts]
    rows: dict[str, list[object]] = {
        name: [] for name in ("axis", "axis_label", "choice", "cells", "outcomes_left", "part")
    }
    means, gains = [], []
    for name in crossed.axes:
        given = [getattr(one, name) for one in crossed.settings]
        for value in dict.fromkeys(given):
            left = np.array([one == value for one in given])
            mean = _mean(values[left])
            means.append(mean)
            gains.append(mean - everywhere)
            outcomes = crossed.outcome_of[left]
            told = (
                name,
                AXES[name].label,
                IDLE if value is None else value_in_words(value),
                int(left.sum()),
                len(np.unique(outcomes[outcomes >= 0])),
            )
            for part in parts:
                for column, one in zip(rows, (*told, part), strict=True):
                    rows[column].append(one)
    columns = {
        name: pa.array(column, pa.int64() if name in ("cells", "outcomes_left") else pa.string())
        for name, column in rows.items()
    }
    mean_value, gain = _joined(means), _joined(gains)
    missing = np.isnan(mean_value)
    why = [(name, missing, _SILENT) for name in ("mean_value", "gain")]
    columns |= {"mean_value": reals(mean_value), "gain": reals(gain)}
    return pa.table({**columns, "reasons": reasons_column(len(gain), why)})


def _mean(values: Floats) -> Floats:
    """Mean of each column over the rows that have a value; NaN if none has."""
    known = ~np.isnan(values)
    count = known.sum(axis=0)
    out = np.full(values.shape[1], np.nan)
    np.divide(np.where(known, values, 0.0).sum(axis=0), count, out=out, where=count > 0)
    return out


def _joined(parts: list[Floats]) -> Floats:
    return np.concatenate(parts) if parts else np.zeros(0)
