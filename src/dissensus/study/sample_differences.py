"""What a sample says of differences: which values are compared, and the excess of pairs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dissensus.engine.rows import DataError
from dissensus.measure.between import Between
from dissensus.measure.uncertainty.cells import conflict_of_cells, masses_of_cells
from dissensus.measure.uncertainty.comparing import excess_test, false_discoveries
from dissensus.measure.uncertainty.estimates import Estimates
from dissensus.measure.uncertainty.means import MeanErrors, covariance_of_means
from dissensus.model.keys import Codes, encode_rows
from dissensus.model.tally import Tally
from dissensus.study.differences import Compared, difference_table, winners
from dissensus.study.sample_means import mean_errors, mean_pair_errors
from dissensus.study.sampling import Sample
from dissensus.study.tables import seen_pairs, shown_cells

__all__ = [
    "differences_between",
    "differences_within",
    "excess_columns",
    "findings",
    "with_mean_winners",
]

Floats = npt.NDArray[np.float64]
Causes = list[tuple[str, npt.NDArray[np.bool_], str]]

_SHUFFLED_AT_MOST = 20_000
_NO_PAIR = "a population of fewer than two agents"


def differences_within(
    sample: Sample, rows: pa.Table, overall: pa.Table
) -> tuple[pa.Table, dict[str, pa.Table]]:
    """Rows, with which areas may be the highest, and the table of differences of populations."""
    kind, tally = sample.design.differences, sample.asked.counted.tally
    if kind is None:
        return rows, {}
    if kind == "areas":
        estimates = sample.estimates(tally).taken(shown_cells(tally))
        return _of_areas(sample, rows, estimates, tally)
    if sample.asked.measure.by:
        overall = overall.filter(pc.equal(overall.column("scope"), "segment"))
    means, _, _ = mean_errors(sample, tally)
    return rows, {"differences": difference_table(_means(sample, overall, means, tally))}


def differences_between(
    sample: Sample, rows: pa.Table, overall: pa.Table, pairs: Between, estimates: Estimates
) -> tuple[pa.Table, dict[str, pa.Table]]:
    """Rows, with which areas may be the highest, and the table of differences of pairs."""
    kind, tally = sample.design.differences, sample.asked.counted.tally
    if kind is None:
        return rows, {}
    if kind == "areas":
        return _of_areas(sample, rows, estimates.taken(seen_pairs(tally, pairs)), tally)
    means, _, _ = mean_pair_errors(sample, tally, pairs, estimates)
    return rows, {"differences": difference_table(_means(sample, overall, means, tally))}


def findings(tables: Mapping[str, pa.Table]) -> list[str]:
    """Say how many of the differences are findings."""
    table = tables.get("differences")
    if table is None:
        return []
    found = pc.sum(pc.fill_null(table.column("is_found"), False)).as_py() or 0
    return [f"{found:,} of {table.num_rows:,} differences are findings: table differences has them"]


def with_mean_winners(sample: Sample, table: pa.Table, means: MeanErrors, tally: Tally) -> pa.Table:
    """Table of means with which of them may be the highest and the lowest, if it was asked for."""
    if sample.design.differences not in ("segments", "over"):
        return table
    return _with_flags(table, winners(_means(sample, table, means, tally)))


def _of_areas(
    sample: Sample, rows: pa.Table, estimates: Estimates, tally: Tally
) -> tuple[pa.Table, dict[str, pa.Table]]:
    compared = _areas(sample, rows, estimates, tally)
    return _with_flags(rows, winners(compared)), {"differences": difference_table(compared)}


def _means(sample: Sample, table: pa.Table, means: MeanErrors, tally: Tally) -> Compared:
    """Means over areas that are compared: segments with each other, or values of ``over``."""
    over = sample.asked.measure.over
    by = [name + side for name in sample.asked.measure.by for side in ("", "_a", "_b")]
    named = [n for n in table.column_names if n in by or n.removesuffix("_label") in by]
    own = [over] if sample.design.differences == "over" and over else named
    common = [name for name in ([over] if over else []) + named if name not in own]
    columns = {name: table.column(name) for name in common}
    _, group = encode_rows(columns, table.num_rows)
    spread = sample.spread(tally)
    known = np.asarray(table.column("standard_error").is_valid())

    def covariance(chosen: Codes) -> Floats:
        return covariance_of_means(means, spread, chosen)

    return Compared(
        means.value,
        known,
        group,
        covariance,
        columns,
        {name: table.column(name) for name in own},
        spread,
        sample.design.interval,
        sample.design.seed,
    )


def _areas(sample: Sample, table: pa.Table, estimates: Estimates, tally: Tally) -> Compared:
    """Values of single areas, compared for each segment or pair: one row of ``table`` each."""
    own = [name for name in ("area", "area_label") if name in table.column_names]
    over = sample.asked.measure.over
    by = [name + side for name in sample.asked.measure.by for side in ("", "_a", "_b")]
    common = [name for name in table.column_names if name == over or name in by]
    columns = {name: table.column(name) for name in common}
    _, group = encode_rows(columns, table.num_rows)
    spread = sample.spread(tally)
    known = np.asarray(table.column("standard_error").is_valid()) & spread.follows_areas

    def covariance(chosen: Codes) -> Floats:
        found = spread.covariance(estimates.gradients[:, chosen], estimates.frames[chosen])
        return found + np.diag(estimates.second[chosen])

    return Compared(
        estimates.value,
        known,
        group,
        covariance,
        columns,
        {name: table.column(name) for name in own},
        spread,
        sample.design.interval,
        sample.design.seed,
    )


def _with_flags(table: pa.Table, flags: Mapping[str, pa.Array]) -> pa.Table:
    """Table with flags before its reasons."""
    for name, values in flags.items():
        table = table.add_column(table.column_names.index("reasons"), name, values)
    return table


def excess_columns(
    sample: Sample, tally: Tally, pairs: Between
) -> tuple[dict[str, Floats], Causes]:
    """Excess of each pair of populations, and its p by shuffling their agents.

    Raises
    ------
    DataError
        More pairs than can be shuffled in a reasonable time.
    """
    count = len(pairs.cell_a)
    if count > _SHUFFLED_AT_MOST:
        raise DataError(
            f"{count:,} pairs to shuffle",
            f"at most {_SHUFFLED_AT_MOST:,}",
            "merge segments, or choose areas with where=",
        )
    own = sample.asked.within(tally).misalignment
    excess = 2 * pairs.misalignment - own[pairs.cell_a] - own[pairs.cell_b]
    p_value = np.full(count, np.nan)
    shuffles = int(np.clip(2_000_000 // max(count, 1), 999, 9_999))
    for cells, table in conflict_of_cells(tally, sample.asked.model.of(tally)):
        if not sample.is_simple:
            break
        place = {int(cell): row for row, cell in enumerate(cells)}
        masses = masses_of_cells(tally, cells)
        for e in np.flatnonzero(np.isin(pairs.cell_a, cells)).tolist():
            one, two = (masses[place[int(c[e])]] for c in (pairs.cell_a, pairs.cell_b))
            excess[e], p_value[e] = excess_test(
                one, two, table, permutations=shuffles, seed=sample.design.seed
            )
    _, adjusted = false_discoveries(p_value)
    columns = {
        "excess": excess,
        "excess_p_value": p_value,
        "excess_adjusted_p_value": adjusted,
    }
    why = "agents with weights or a design cannot be dealt anew"
    causes: Causes = [
        (name, np.isnan(columns[name]), _NO_PAIR if sample.is_simple or name == "excess" else why)
        for name in columns
    ]
    return columns, causes
