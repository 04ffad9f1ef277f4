"""Compare models, or any agents, with each segment of a population."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Unpack

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dissensus.engine.population import Population, as_text
from dissensus.engine.rows import DataError
from dissensus.errors import quoted
from dissensus.measure.comparison import place_between, similarities
from dissensus.measure.drivers import goals
from dissensus.measure.mean_over_areas import mean_over_areas
from dissensus.measure.misalignment import Sampling, ratio, within
from dissensus.measure.serving import floors
from dissensus.model.joining import Joined
from dissensus.model.keys import Codes
from dissensus.model.result import Result
from dissensus.model.tally import Tally
from dissensus.study.arguments import Arguments, model_arguments
from dissensus.study.asking import Asked, given_population
from dissensus.study.intensities import refuse_salience
from dissensus.study.options import Options
from dissensus.study.second import Second, check_goals, joined_with, second
from dissensus.study.serving import Served, served
from dissensus.study.several import single_goals
from dissensus.study.study_file import options_of
from dissensus.study.tables import (
    NO_HOLDERS,
    NO_PAIR,
    NOBODY,
    Columns,
    area_columns,
    groups_of,
    over_keys,
    reals,
    reasons_column,
    segment_columns,
    stacked,
    wholes,
)

__all__ = ["answer", "compare"]

Floats = npt.NDArray[np.float64]

_NO_LEVELS = "goals without levels: conflict='ordinal' or 'interval' gives them"
_ONE_VALUE = "floor and ceiling are the same: every goal fares alike"
_NO_OWN = "one of the two has no value of its own: no goal, or no two agents to draw"


def compare(
    data: Any,
    models: Any = None,
    *,
    model: str | Sequence[str] = (),
    by: str | Sequence[str] = (),
    where: str | None = None,
    over: str | None = None,
    sampling: Sampling = "with-replacement",
    area_weights: Any = None,
    min_minority: float = 0.0,
    segments_from_answers: bool = False,
    conflict: Any = "exclusive",
    level: str | None = None,
    levels: Sequence[str] = (),
    range: tuple[float, float] | None = None,
    symmetrise: bool = False,
    directed: bool = False,
    no_goal_conflict: Any = None,
    goal_set: Sequence[str] = (),
    **roles: Unpack[Arguments],
) -> Result:
    r"""Each model against each segment: misalignment, and the measures of model surveys beside it.

    .. math::

        M(s, m) = p_s^\top C q_m, \qquad
        1 - \frac{W_1(p_s, q_m)}{L - 1}, \qquad 1 - \mathrm{JS}(p_s, q_m)

    ============ ========= ============ ==========================================================
    symbol       shape     range        meaning
    ============ ========= ============ ==========================================================
    :math:`p_s`  ``(k,)``  [0, 1]       share of segment s that holds each goal
    :math:`q_m`  ``(k,)``  [0, 1]       share of the answers of model m
    :math:`C`    ``(k,k)`` [0, 1]       conflict between goals, zero diagonal
    ============ ========= ============ ==========================================================

    Parameters
    ----------
    conflict, level, levels, range, symmetrise, directed, no_goal_conflict, goal_set
        As in :func:`dissensus.misalignment`.
    data, by, where, over, sampling, area_weights, min_minority, segments_from_answers, **roles
        As in :func:`dissensus.misalignment`; ``where`` filters the population, not the models. Of
        a lopsided table M(segment -> model) is given.
    models : Population, path, frame or mapping
        Whom to compare, read with the roles of ``data`` as far as they have its columns; a study
        file or the name of an example brings its own.
    model : str or list of str
        Columns of ``models`` that tell them apart; their agents if not given.

    Returns
    -------
    Result
        ``rows``: one per area, model and segment, and with everyone. ``tables``: ``overall``,
        means over the areas in common; ``areas``, which side has which; ``unmatched``, goals that
        only one side holds. ``misalignment`` is 0 if they never conflict; both similarities are
        among those with a goal, 1 for equal distributions, whatever the misalignment of these.

    Raises
    ------
    DissensusError
        Whatever the user can mend.

    References
    ----------
    [kierans2022]_, Eq. 1; [santurkar2023]_; [durmus2023]_.

    Examples
    --------
    Two populations that are split alike are as misaligned as each is with itself:

    >>> import dissensus as ds
    >>> people = {"agent": [1, 2], "goal": ["ban", "allow"]}
    >>> model = {"agent": ["m1", "m2"], "name": ["m", "m"], "goal": ["ban", "allow"]}
    >>> row = ds.compare(people, model, model="name").rows.to_pylist()[0]
    >>> row["misalignment"], row["jensen_shannon_similarity"], row["excess"]
    (0.5, 1.0, 0.0)
    """
    given = {name: value for name, value in locals().items() if name not in ("data", "roles")}
    return answer(given_population(data, roles), options_of(given | model_arguments(roles)))


def answer(population: Population, options: Options) -> Result:
    """Answer the question that the options ask.

    Raises
    ------
    DissensusError
        Whatever the user can mend.
    """
    refuse_salience(population, "compare")
    chosen, measure = options.compare, options.measure
    if chosen.models is None:
        raise DataError(
            "compare without models", "a second table", "name it: compare people.csv models.csv"
        )
    single_goals(population, "compare")
    asked = Asked(population, options.conflict, measure)
    tally = asked.counted.tally
    others = second(chosen.models, asked, chosen.model, "models")
    mergeable = tally.entries.agents is not None or tally.segments.size == 1
    listed = [(asked.everyone, "everyone")] if mergeable else []
    if measure.by:
        listed.append((tally, "segment"))
    compared = [_compared(asked, one, others, scope) for one, scope in listed]
    both = compared[0][0].joined
    unmatched = _unmatched(asked.everyone, others.tally, both)
    areas = _areas(asked.everyone, others.tally, both)
    tables = {
        "overall": stacked([_table(asked, *one, others, over_areas=True) for one in compared]),
        "areas": areas,
        "unmatched": unmatched,
    }
    rows = stacked([_table(asked, *one, others, over_areas=False) for one in compared])
    readings, table = asked.readings(
        lambda reading: asked.everyone_mean(reading.tally), of=asked.everyone
    )
    line = asked.head_line(readings, table)
    more = {
        "models": len(others.names),
        "areas_in_common": len(both.area_a),
        "areas_only_in_data": areas.num_rows - _count(areas, "in_models"),
        "areas_only_in_models": areas.num_rows - _count(areas, "in_data"),
        "unmatched_goals": unmatched.column("goal").to_pylist()[:20],
    }
    return asked.result("compare", rows, {**tables, "readings": table}, line, more)


def _count(table: pa.Table, name: str) -> int:
    return sum(table.column(name).to_pylist())


_Limits = dict[str, Floats]


def _compared(
    asked: Asked, tally: Tally, others: Second, scope: str
) -> tuple[Served, Tally, _Limits, str]:
    """All values of each segment with each model, per area."""
    both = joined_with(tally, others.tally, "models")
    unbounded = asked.model.name == "interval" and asked.model.span is None
    if unbounded:
        check_goals(tally, others.tally, both, "models", by_area=True)
    conflicts = asked.model.of(both.tally)
    weights = asked.area_weights(tally)
    one = served(both, conflicts, None if weights is None else weights[both.area_a])
    joint, pairs = both.tally, one.pairs
    alike = similarities(joint, conflicts, both.first)
    own = within(joint, conflicts, asked.measure.sampling).misalignment
    others_of = within(joint, conflicts, "distinct-pairs")
    a, b = pairs.cell_a, pairs.cell_b
    limits = _limits(asked, tally)
    cell = _cells_of(tally, both, a)
    values = {
        "participation": pairs.participation,
        "participation_b": pairs.participation_b,
        "misalignment": pairs.misalignment,
        "conditional_misalignment": pairs.conditional_misalignment,
        "excess": 2 * pairs.misalignment - own[a] - own[b],
        "baseline": others_of.misalignment[a],
        "conditional_baseline": others_of.conditional_misalignment[a],
        **{name: limit[cell] for name, limit in limits.items()},
        "wasserstein_similarity": alike.wasserstein,
        "jensen_shannon_similarity": alike.jensen_shannon,
    }
    spoken = ~np.isnan(pairs.conditional_misalignment)
    for name in ("conditional_floor", "conditional_ceiling"):
        values[name] = np.where(spoken, values[name], np.nan)
    return one, tally, values, scope


def _limits(asked: Asked, tally: Tally) -> _Limits:
    """Floor and ceiling of each cell, of all pairs and among those with a goal."""
    conflicts = asked.model.of(tally)
    size = len(tally.cell_area)
    somebody = np.asarray(tally.holders.values > 0)
    participation = ratio(tally.holders.values, tally.population.values, somebody)
    low, high = floors(goals(tally, conflicts), size)
    inner = floors(goals(tally, replace(conflicts, silence=None)), size)
    return {
        "floor": np.where(somebody, low, np.nan),
        "ceiling": np.where(somebody, high, np.nan),
        "conditional_floor": inner[0] / participation,
        "conditional_ceiling": inner[1] / participation,
    }


def _cells_of(tally: Tally, both: Joined, cells: Codes) -> Codes:
    """Cells of the population's own tally behind cells of the joined one."""
    width = tally.segments.size
    codes = tally.cell_area * width + tally.cell_segment
    wanted = both.area_a[both.tally.cell_area[cells]] * width + both.tally.cell_segment[cells]
    return np.searchsorted(codes, wanted)


def _table(
    asked: Asked,
    one: Served,
    own: Tally,
    values: _Limits,
    scope: str,
    others: Second,
    *,
    over_areas: bool,
) -> pa.Table:
    size, width = len(others.names), own.segments.size
    tally, pairs = one.joined.tally, one.pairs
    over, over_of_area = over_keys(tally)
    frame = over_of_area if over_areas else np.arange(tally.areas.size)
    codes, group = groups_of((frame[one.area] * size + one.candidate) * width + one.segment)
    count, unit = len(codes), codes // (size * width)
    who, segment = codes // width % size, codes % width
    labels = asked.population.labels
    columns: Columns = {}
    columns |= dict(over.take(unit)) if over_areas else area_columns(tally, unit, labels)
    columns["compared"] = pa.array(others.names, pa.string()).take(pa.array(who))
    if any(label is not None for label in others.labels):
        columns["compared_label"] = pa.array(others.labels, pa.string()).take(pa.array(who))
    columns["scope"] = pa.array([scope] * count, pa.string())
    if scope == "segment":
        columns |= segment_columns(own.segments, segment, "", labels)
    if over_areas:
        met = ~np.isnan(pairs.misalignment)
        columns["areas"] = wholes(np.bincount(group[met], minlength=count), count)
    sides = (("agents", own, pairs.cell_a), ("compared_agents", others.tally, pairs.cell_b))
    for name, side, cells in sides:
        columns[name] = _most(tally, side, cells, group, count)
    weight = None if one.weights is None else one.weights[one.area]
    means = {name: mean_over_areas(v, group, count, weight) for name, v in values.items()}
    means["place_between"] = place_between(
        means["conditional_misalignment"], means["conditional_floor"], means["conditional_ceiling"]
    )
    order = [*list(means)[:4], "place_between", *list(means)[4:-1]]
    columns |= {name: reals(means[name]) for name in order}
    columns["reasons"] = _reasons(asked, means, count)
    rank = np.where(
        np.isnan(means["conditional_misalignment"]), 2.0, means["conditional_misalignment"]
    )
    return pa.table(columns).take(pa.array(np.lexsort((who, rank, segment, unit))))


def _most(tally: Tally, side: Tally, cells: Codes, group: Codes, size: int) -> pa.Array:
    """Most agents behind a row; null where their number is unknown."""
    agents = tally.population.agents
    if agents is None or side.entries.agents is None:
        return wholes(None, size)
    out = np.zeros(size, dtype=agents.dtype)
    np.maximum.at(out, group, agents[cells])
    return wholes(out, size)


def _reasons(asked: Asked, means: _Limits, size: int) -> pa.Array:
    gone = {name: np.isnan(values) for name, values in means.items()}
    empty = gone["misalignment"]
    causes = [(name, empty, NOBODY) for name in means]
    levels = asked.model.name in ("ordinal", "interval")
    if not levels:
        every = np.ones(size, dtype=bool)
        causes.append(("wasserstein_similarity", every, _NO_LEVELS))
    silent = gone["conditional_misalignment"]
    names = ("conditional_misalignment", "conditional_floor", "conditional_ceiling")
    causes += [(name, silent, NO_HOLDERS) for name in names]
    alike = ("wasserstein_similarity", "jensen_shannon_similarity")
    causes += [(name, gone[name], NO_HOLDERS) for name in alike]
    causes.append(("conditional_baseline", gone["conditional_baseline"], NO_PAIR))
    causes.append(("place_between", silent, NO_HOLDERS))
    causes.append(("place_between", gone["place_between"], _ONE_VALUE))
    causes.append(("excess", gone["excess"], _NO_OWN))
    causes.append(("baseline", gone["baseline"], NO_PAIR))
    causes += [(name, gone[name], "nobody in the segment holds a goal") for name in _ENDS]
    return reasons_column(size, causes)


_ENDS = ("floor", "ceiling")


def _unmatched(tally: Tally, other: Tally, both: Joined) -> pa.Table:
    """Goals that only one side holds in the areas in common.

    Raises
    ------
    DataError
        No goal in common at all.
    """
    held = [_held(tally, both.area_a), _held(other, both.area_b)]
    if held[0] and held[1] and not set(held[0]) & set(held[1]):
        raise DataError(
            f"no goal in common: {quoted(sorted(held[0]))} in the data, "
            f"{quoted(sorted(held[1]))} in models",
            "the same answers, spelt alike",
            "recode one of the two with goal_map",
        )
    sides = (("data", held[0], held[1]), ("models", held[1], held[0]))
    rows = [
        {"goal": goal, "side": side, "areas": count}
        for side, mine, theirs in sides
        for goal, count in sorted(mine.items())
        if goal not in theirs
    ]
    kinds = [("goal", pa.string()), ("side", pa.string()), ("areas", pa.int64())]
    return pa.Table.from_pylist(rows, schema=pa.schema(kinds))


def _held(tally: Tally, areas: Codes) -> dict[str, int]:
    """Goals that somebody holds in some areas, and in how many of them."""
    area = np.repeat(tally.cell_area, np.diff(tally.entry_offsets))
    held = np.isin(area, areas) & np.asarray(tally.entries.values > 0)
    goal = tally.area_goals[tally.area_offsets[area[held]] + tally.entry_goal[held]]
    pairs = np.unique(np.stack([area[held], goal]), axis=1)
    counts = np.bincount(pairs[1], minlength=len(tally.goals))
    names = tally.goals.to_pylist()
    return {names[i]: int(n) for i, n in enumerate(counts.tolist()) if n}


def _areas(tally: Tally, other: Tally, both: Joined) -> pa.Table:
    """Areas of either side, and which of the two has them."""
    here, there = np.zeros(tally.areas.size, bool), np.zeros(other.areas.size, bool)
    here[both.area_a], there[both.area_b] = True, True
    lost = np.flatnonzero(~there)
    size = tally.areas.size
    columns: Columns = {}
    for name, column in tally.areas.take(np.arange(size)).items():
        mine = [None if v is None else as_text(v) for v in column.to_pylist()]
        known = name in other.areas.names
        values = other.areas.table.column(name).to_pylist() if known else []
        theirs = [as_text(values[i]) if known else None for i in lost.tolist()]
        columns[name] = pa.array([*mine, *theirs], pa.string())
    columns["in_data"] = pa.array([True] * size + [False] * len(lost))
    columns["in_models"] = pa.array([*here.tolist(), *([True] * len(lost))])
    return pa.table(columns)
