"""Errors of a sample as columns of a result: standard errors, intervals, and why there are none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dissensus.measure.between import Between
from dissensus.measure.uncertainty.estimates import Estimates
from dissensus.measure.uncertainty.means import FEWEST_AREAS, MeanErrors
from dissensus.model.keys import Codes
from dissensus.model.tally import Tally
from dissensus.study.sample_differences import with_mean_winners
from dissensus.study.sample_means import mean_errors, mean_pair_errors
from dissensus.study.sampling import Sample
from dissensus.study.tables import reals, reasons_column

__all__ = ["Causes", "cell_errors", "pair_errors", "with_mean_errors", "with_mean_pair_errors"]

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Causes = list[tuple[str, Mask, str]]

_NAMES = ("standard_error", "interval_low", "interval_high")
_NO_VALUE = "no value, and so no error"
_FEW = "fewer than two effective agents"
_ONE_GOAL = (
    "one goal only, and no others declared: how many hold what nobody here holds is unknown; "
    "goal_set= declares goals"
)
_APART = (
    "agents are not told apart between problem areas: name the agent's column (at most 5 million "
    "holdings), or clusters"
)
_FEW_AREAS = f"fewer than {FEWEST_AREAS} sampled problem areas"


def cell_errors(sample: Sample, tally: Tally) -> tuple[dict[str, Floats], Causes]:
    """Errors of the values of all cells, and why one is null."""
    errors, spread = sample.errors(tally), sample.spread(tally)
    agents = np.asarray(tally.population.agents)
    columns = {
        "effective_agents": errors.effective,
        "standard_error": errors.standard_error,
        "interval_low": errors.low,
        "interval_high": errors.high,
    }
    squares = tally.population.squares
    if squares is not None:
        weight = np.asarray(tally.population.values, dtype=np.float64)
        kish = np.full(len(weight), np.nan)
        np.divide(weight**2, squares, out=kish, where=np.asarray(squares > 0))
        columns = {"effective_agents": errors.effective, "kish_agents": kish, **columns}
    # a second goal that nobody of the sample holds may be held all the same
    alone = (tally.goal_counts[tally.cell_area] < 2) & (errors.high == 0)
    return _with_reasons(
        sample,
        columns,
        errors.exceedance,
        sample.asked.within(tally).misalignment,
        agents,
        spread.units_of_cell,
        unknown=[(alone, _ONE_GOAL)],
    )


def pair_errors(
    sample: Sample, tally: Tally, pairs: Between, estimates: Estimates
) -> tuple[dict[str, Floats], Causes]:
    """Errors of the values of pairs of segments."""
    spread = sample.spread(tally)
    agents = np.asarray(tally.population.agents)
    a, b = pairs.cell_a, pairs.cell_b
    columns = {
        "standard_error": estimates.standard_error,
        "interval_low": estimates.low,
        "interval_high": estimates.high,
    }
    least = np.minimum(agents[a], agents[b])
    units = np.minimum(spread.units_of_cell[a], spread.units_of_cell[b])
    return _with_reasons(sample, columns, estimates.exceedance, pairs.misalignment, least, units)


def with_mean_errors(sample: Sample, table: pa.Table, tally: Tally) -> pa.Table:
    """Table of the means of populations, with their errors."""
    means, cells, group = mean_errors(sample, tally)
    units = sample.spread(tally).units_of_cell[cells]
    told = _with_errors(sample, table, means, _most(units, group, table.num_rows))
    if tally is not sample.asked.counted.tally:
        return told
    return with_mean_winners(sample, told, means, tally)


def with_mean_pair_errors(
    sample: Sample, table: pa.Table, tally: Tally, pairs: Between, estimates: Estimates
) -> pa.Table:
    """Table of the means of pairs of segments, with their errors."""
    means, chosen, group = mean_pair_errors(sample, tally, pairs, estimates)
    of_cell = sample.spread(tally).units_of_cell
    units = np.minimum(of_cell[pairs.cell_a[chosen]], of_cell[pairs.cell_b[chosen]])
    told = _with_errors(sample, table, means, _most(units, group, table.num_rows))
    return with_mean_winners(sample, told, means, tally)


def _with_errors(
    sample: Sample, table: pa.Table, means: MeanErrors, units: npt.NDArray[Any]
) -> pa.Table:
    columns = {
        "standard_error": means.standard_error,
        "interval_low": means.low,
        "interval_high": means.high,
    }
    names = [n for n in ("agents", "agents_a", "agents_b") if n in table.column_names]
    agents = np.min([table.column(n).to_numpy() for n in names], axis=0)
    values = np.asarray(table.column("misalignment").to_numpy(zero_copy_only=False), dtype=float)
    causes: Causes = []
    shown = [*_NAMES, *(["exceedance_probability"] if _asks(sample) else [])]
    for name in shown:
        causes.append((name, ~means.is_followed, _APART))
        if sample.design.sampled_areas:
            causes.append((name, means.areas < FEWEST_AREAS, _FEW_AREAS))
    columns, more = _with_reasons(sample, columns, means.exceedance, values, agents, units, causes)
    return _merged(table, columns, more)


def _asks(sample: Sample) -> bool:
    return sample.design.threshold is not None


def _with_reasons(
    sample: Sample,
    columns: dict[str, Floats],
    exceedance: Floats,
    value: Floats,
    agents: npt.NDArray[Any],
    units: npt.NDArray[Any],
    known: Sequence[tuple[str, Mask, str]] = (),
    unknown: Sequence[tuple[Mask, str]] = (),
) -> tuple[dict[str, Floats], Causes]:
    if _asks(sample):
        columns["exceedance_probability"] = exceedance
    causes: Causes = list(known)
    few = [*sample.too_few(agents, units), *unknown]
    out = {}
    for name, values in columns.items():
        gone = np.isnan(value)
        causes.append((name, gone, _NO_VALUE))
        for mask, words in few if not name.endswith("_agents") else []:
            causes.append((name, np.asarray(mask), words))
            gone = gone | mask
        out[name] = np.where(gone, np.nan, values)
        causes.append((name, np.isnan(values), _FEW))
    return out, causes


def _merged(table: pa.Table, columns: dict[str, Floats], causes: Sequence[Any]) -> pa.Table:
    """Table with further columns before its reasons, and the reasons of both."""
    masked = [(name, mask & np.isnan(columns[name]), words) for name, mask, words in causes]
    new = reasons_column(table.num_rows, masked).to_pylist()
    old = table.column("reasons").to_pylist()
    both = [[*(a or []), *(b or [])] or None for a, b in zip(old, new, strict=True)]
    place = table.column_names.index("reasons")
    table = table.remove_column(place)
    for name, values in columns.items():
        table = table.append_column(name, reals(values))
    return table.append_column("reasons", pa.array(both, pa.map_(pa.string(), pa.string())))


def _most(values: npt.NDArray[Any], group: Codes, size: int) -> npt.NDArray[Any]:
    out = np.zeros(size, dtype=np.int64)
    np.maximum.at(out, group, values)
    return out
