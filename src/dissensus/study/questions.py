"""The questions: one function a question, from a population to a result."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Unpack

import duckdb
import narwhals
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dissensus._version import __version__
from dissensus.engine.counting import Counted, count
from dissensus.engine.population import Population, RoleArguments, as_text
from dissensus.engine.rows import DataError
from dissensus.engine.sources import collect, open_source
from dissensus.errors import nearest, quoted
from dissensus.measure.between import between as measure_between
from dissensus.measure.between import count_pairs
from dissensus.measure.misalignment import Sampling
from dissensus.measure.misalignment import within as measure_within
from dissensus.model.columns import described
from dissensus.model.result import SCHEMA, Result
from dissensus.model.tally import Tally
from dissensus.study.conflicts import ConflictModel, conflict_model
from dissensus.study.options import ConflictOptions, DataOptions, MeasureOptions, Options
from dissensus.study.readings import Reading, head_line, readings_of, readings_table
from dissensus.study.tables import between_rows, mean_between, mean_within, within_rows

__all__ = ["ask", "between", "misalignment"]

# beyond it the readings of a pair of segments are not worth their rows
_PAIRS_WITH_READINGS = 200
# rows of the result that are still worth holding
_PAIRS_AT_MOST = 30_000_000


def misalignment(
    data: Any,
    *,
    by: str | Sequence[str] = (),
    where: str | None = None,
    over: str | None = None,
    sampling: Sampling = "with-replacement",
    area_weights: Any = None,
    conflict: Any = "exclusive",
    level: str | None = None,
    levels: Sequence[str] = (),
    range: tuple[float, float] | None = None,
    symmetrise: bool = False,
    directed: bool = False,
    no_goal_conflict: Any = None,
    goal_set: Sequence[str] = (),
    **roles: Unpack[RoleArguments],
) -> Result:
    r"""Chance that two agents drawn at random hold conflicting goals, per area and segment.

    .. math:: V = p^\top C p, \qquad U = \frac{n}{n - 1} V

    ============ ========= ============ ==========================================================
    symbol       shape     range        meaning
    ============ ========= ============ ==========================================================
    :math:`p`    ``(k,)``  [0, 1]       share of the population that holds each goal
    :math:`C`    ``(k,k)`` [0, 1]       conflict between goals, zero diagonal
    :math:`n`              >= 1         agents of the population, with and without a goal
    ============ ========= ============ ==========================================================

    Parameters
    ----------
    data : Population, path, frame or mapping of columns
        The population, or its rows; then its roles are given here too (``agent=``, ``goal=`` ...,
        see :class:`dissensus.Population`).
    by : str or list of str
        Segment columns of the data or the roster: one row per crossed segment.
    where : str, optional
        Keep rows: ``column OP value`` joined by ``and``, with ``= != < <= > >= in``. The areas and
        their goals are those seen before.
    over : str, optional
        Repeat the question for each value of this column: a year, a congress.
    sampling : {'with-replacement', 'distinct-pairs'}
        V: an agent may meet itself and agrees with itself; or U: two different agents.
    area_weights : mapping or table, optional
        Weights of the areas in the means (area to weight, or columns id and weight).
    conflict : str, path, mapping, table or array
        ``exclusive``, ``ordinal``, ``interval``, or a table of conflict.
    level, levels, range
        For ``ordinal``: a level column, or the goals from lowest to highest. For ``interval``: a
        level column, and the lowest and highest value possible.
    symmetrise, directed : bool
        What to do with a lopsided table: use the mean of both ways, or keep both.
    no_goal_conflict : number or mapping, optional
        Conflict of having no goal with goals; 0 unless given.
    goal_set : list of str
        Goals that could be held.

    Returns
    -------
    Result
        ``rows``: one per area and segment. ``tables['overall']``: means over the areas, for
        everyone and each segment. ``tables['readings']``: the same mean under the other readings
        of cells without a goal. ``misalignment`` is 0 if no two held goals conflict and at most
        (k - 1) / k for k exclusive goals.

    Raises
    ------
    DissensusError
        Whatever the user can mend: what was found, what is needed, how to mend it.

    References
    ----------
    [kierans2022]_, Eq. 1 and 2.

    Examples
    --------
    >>> import dissensus as ds
    >>> votes = {"agent": [1, 2, 3], "goal": ["ban", "allow", "unsure"]}
    >>> result = ds.misalignment(votes, no_goal="unsure", sampling="distinct-pairs")
    >>> result.rows.column("misalignment").to_pylist()
    [0.3333333333333333]
    """
    population = _population(data, roles)
    conflicts = ConflictOptions(
        conflict=conflict,
        level=level,
        levels=levels,
        range=range,
        symmetrise=symmetrise,
        directed=directed,
        no_goal_conflict=no_goal_conflict,
        goal_set=goal_set,
    )
    measure = MeasureOptions(
        by=by, where=where, over=over, sampling=sampling, area_weights=area_weights
    )
    return _misalignment(population, conflicts, measure)


def between(
    data: Any,
    *,
    by: str | Sequence[str],
    where: str | None = None,
    over: str | None = None,
    sampling: Sampling = "with-replacement",
    area_weights: Any = None,
    conflict: Any = "exclusive",
    level: str | None = None,
    levels: Sequence[str] = (),
    range: tuple[float, float] | None = None,
    symmetrise: bool = False,
    directed: bool = False,
    no_goal_conflict: Any = None,
    goal_set: Sequence[str] = (),
    **roles: Unpack[RoleArguments],
) -> Result:
    r"""Chance that an agent of one segment and an agent of another hold conflicting goals.

    .. math:: M(A, B) = p_A^\top C p_B

    ============= ========= ============ =========================================================
    symbol        shape     range        meaning
    ============= ========= ============ =========================================================
    :math:`p_A`   ``(k,)``  [0, 1]       share of segment A that holds each goal
    :math:`C`     ``(k,k)`` [0, 1]       conflict between goals, zero diagonal
    ============= ========= ============ =========================================================

    Parameters
    ----------
    data, by, where, over, area_weights, conflict, level, levels, range, symmetrise, \
no_goal_conflict, goal_set, **roles
        As in :func:`misalignment`.
    sampling : {'with-replacement', 'distinct-pairs'}
        How pairs within a segment are drawn (``tables['within']``); between segments it makes no
        difference.
    directed : bool
        Keep a lopsided table: both orders of each pair, M(A -> B) and M(B -> A).

    Returns
    -------
    Result
        ``rows``: one per area and pair of segments, each pair once. ``tables['overall']``: means
        over the areas of each pair; ``tables['within']``: of everyone and of each segment.
        ``misalignment`` is 0 if no goal held in A conflicts with one held in B, 1 if each does
        with each.

    Raises
    ------
    DissensusError
        Whatever the user can mend.

    References
    ----------
    [kierans2022]_, Eq. 1, for sub-populations.

    Examples
    --------
    >>> import dissensus as ds
    >>> votes = {"agent": [1, 2, 3], "party": ["A", "A", "B"], "goal": ["yes", "no", "yes"]}
    >>> ds.between(votes, by="party").rows.column("misalignment").to_pylist()
    [0.5]
    """
    population = _population(data, roles)
    conflicts = ConflictOptions(
        conflict=conflict,
        level=level,
        levels=levels,
        range=range,
        symmetrise=symmetrise,
        directed=directed,
        no_goal_conflict=no_goal_conflict,
        goal_set=goal_set,
    )
    measure = MeasureOptions(
        by=by, where=where, over=over, sampling=sampling, area_weights=area_weights
    )
    return _between(population, conflicts, measure)


def ask(question: str, options: Options) -> Result:
    """Ask a question that is declared in a study file or on the command line.

    Raises
    ------
    DissensusError
        Whatever the user can mend.
    """
    from dissensus.study.description import description

    population = population_of(options.data)
    if question == "describe":
        return description(population, options)
    answer = {"misalignment": _misalignment, "between": _between}[question]
    return answer(population, options.conflict, options.measure)


def population_of(data: DataOptions) -> Population:
    """Open the population that the options describe."""
    given = {name: getattr(data, name) for name in DataOptions.model_fields if name != "source"}
    return Population(data.source, **given)


def _population(data: Any, roles: RoleArguments) -> Population:
    if not isinstance(data, Population):
        return Population(data, **roles)
    if roles:
        raise DataError(
            f"a Population and roles beside it: {quoted(roles)}",
            "roles in one place",
            "give them to Population(...)",
        )
    return data


def _misalignment(
    population: Population, conflicts: ConflictOptions, measure: MeasureOptions
) -> Result:
    asked = _Asked(population, conflicts, measure)
    tally = asked.counted.tally
    values = measure_within(tally, asked.model.of(tally), measure.sampling)
    rows = within_rows(
        tally, values, population.labels, distinct=measure.sampling == "distinct-pairs"
    )
    overall = asked.within_means(tally)
    readings, table = asked.readings(lambda reading: asked.everyone_mean(reading.tally))
    line = asked.head_line(readings, table, _what(overall, measure, "the value"))
    tables = {"overall": overall, "readings": table}
    return asked.result("misalignment", rows, tables, line)


def _between(
    population: Population, conflicts: ConflictOptions, measure: MeasureOptions
) -> Result:
    if not measure.by:
        raise DataError(
            "between without segments",
            "columns whose values are the segments",
            "pass by=..., for example by='party'",
        )
    asked = _Asked(population, conflicts, measure)
    tally, labels = asked.counted.tally, population.labels
    pairs = int(count_pairs(tally, directed=conflicts.directed).sum())
    if pairs > _PAIRS_AT_MOST:
        raise DataError(
            f"{pairs:,} rows: every pair of {tally.segments.size:,} segments in "
            f"{tally.areas.size:,} problem areas",
            f"at most {_PAIRS_AT_MOST:,} rows",
            "merge segments, or choose areas with where=",
        )
    values = measure_between(tally, asked.model.of(tally))
    overall = mean_between(tally, values, asked.area_weights(tally), labels)
    if overall.num_rows == 0:
        raise DataError(
            f"one segment of {', '.join(measure.by)}, and no area with two",
            "at least two segments in one problem area",
            "choose another column for by=, or widen where=",
        )

    def mean(reading: Reading) -> pa.Table:
        if overall.num_rows > _PAIRS_WITH_READINGS:
            return asked.everyone_mean(reading.tally.everyone())
        pair_values = measure_between(reading.tally, asked.model.of(reading.tally))
        weights = asked.area_weights(reading.tally)
        return mean_between(reading.tally, pair_values, weights, labels)

    readings, table = asked.readings(mean, of=tally)
    what = _what(overall, measure, "the first pair's value")
    line = asked.head_line(readings, table, what)
    tables = {"overall": overall, "within": asked.within_means(tally), "readings": table}
    return asked.result("between", between_rows(tally, values, labels), tables, line)


def _what(overall: pa.Table, measure: MeasureOptions, value: str) -> str:
    several = max(overall.column("areas").to_pylist(), default=1) > 1
    first = f" at the first {measure.over}" if measure.over else ""
    return value + (", mean over the areas" if several else "") + first


class _Asked:
    """What all questions share: the count, the conflict model, the means and the record."""

    def __init__(
        self, population: Population, conflicts: ConflictOptions, measure: MeasureOptions
    ) -> None:
        self.population, self.conflicts, self.measure = population, conflicts, measure
        _not_built_yet(population)
        self.model: ConflictModel = conflict_model(conflicts, population)
        self.counted: Counted = count(
            population,
            by=measure.by,
            over=measure.over,
            where=measure.where,
            goal_set=self.model.declared,
        )
        tally = self.counted.tally
        if not len(tally.goals) or not tally.population.values.astype(np.float64).sum():
            raise _nothing_held(tally, measure)
        if measure.sampling == "distinct-pairs" and population.roles.share:
            raise DataError(
                "distinct pairs of shares, whose number of agents is unknown",
                "sampling='with-replacement', or count= with numbers of agents",
                "leave out sampling=",
            )

    def area_weights(self, tally: Tally) -> npt.NDArray[np.float64] | None:
        """Weights of the areas of a tally."""
        if self.measure.area_weights is None:
            return None
        return _area_weights(self.measure.area_weights, tally)

    def everyone_mean(self, tally: Tally) -> pa.Table:
        """Mean over the areas for everyone."""
        return self._mean(tally, "everyone")

    def within_means(self, tally: Tally) -> pa.Table:
        """Means over the areas for everyone and for each segment."""
        whole = self._mean(tally.everyone(), "everyone") if self._can_merge(tally) else None
        if not tally.segments.names:
            return whole if whole is not None else self._mean(tally, "everyone")
        parts = self._mean(tally, "segment")
        if whole is None:
            return parts
        for place, field in enumerate(parts.schema):
            if field.name not in whole.column_names:
                whole = whole.add_column(place, field, pa.nulls(whole.num_rows, field.type))
        stacked = pa.concat_tables([whole, parts])
        return stacked.sort_by([(self.measure.over, "ascending")]) if self.measure.over else stacked

    def readings(self, mean: Any, of: Tally | None = None) -> tuple[list[Reading], pa.Table]:
        """Means under every reading."""
        tally = self.counted.tally
        if of is None:
            of = tally.everyone() if self._can_merge(tally) else tally
        found = readings_of(of)
        return found, readings_table(found, [mean(reading) for reading in found])

    def head_line(self, readings: list[Reading], table: pa.Table, what: str) -> str:
        about = self.population.source.about
        source = str(about.get("path") or f"the {about.get('kind', 'data')}")
        areas = self.counted.tally.areas.size
        return head_line(source, self.counted.agents, areas, readings, table, what)

    def result(
        self, question: str, rows: pa.Table, tables: Mapping[str, pa.Table], line: str
    ) -> Result:
        """Put the answer and its record together."""
        tally, measure = self.counted.tally, self.measure
        summary = {
            "question": question,
            "head_line": line,
            "notes": self._notes(),
            "by": list(measure.by),
            "over": measure.over,
            "areas": tally.areas.size,
            "agents": self.counted.agents,
        }
        provenance = {
            "schema": SCHEMA,
            "dissensus": __version__,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "source": dict(self.population.source.about),
            "roster": dict(self.population.roster.about) if self.population.roster else None,
            "rows": self.counted.rows,
            "roles": _record(self.population),
            "conventions": self._conventions(),
            "check": self.counted.checked,
            "tally": tally.digest(),
            "seed": None,
            "versions": _versions(),
            "columns": described([rows, *tables.values()]),
        }
        return Result(rows, summary, dict(tables), provenance)

    def _mean(self, tally: Tally, scope: str) -> pa.Table:
        values = measure_within(tally, self.model.of(tally), self.measure.sampling)
        return mean_within(tally, values, self.area_weights(tally), scope, self.population.labels)

    def _can_merge(self, tally: Tally) -> bool:
        return tally.entries.agents is not None or not tally.segments.names

    def _notes(self) -> list[str]:
        population, tally = self.population, self.counted.tally
        notes = [
            f"column {name!r} bears a role's name and is not used; pass {name}={name!r} to use it"
            for name in population.unused_role_names
        ]
        if population.found:
            notes.append(f"found by name: {', '.join(population.found)}")
        kinds = {kind.name for kind in tally.kinds if kind.source == "value"}
        lost = [value for value in population.roles.no_goal if value not in kinds]
        if lost:
            notes.append(f"no_goal names {quoted(lost)}, which no row holds")
        zero = tally.entries.weights
        if population.roles.weight and zero is not None and not zero.all():
            notes.append("some agents have weight 0: they are counted and weigh nothing")
        present = len(np.unique(tally.cell_area[np.asarray(tally.population.values > 0)]))
        if present < tally.areas.size:
            notes.append(f"{tally.areas.size - present:,} problem areas have nobody left")
        return notes

    def _conventions(self) -> dict[str, str]:
        measure, roles = self.measure, self.population.roles
        words = {
            "sampling": {
                "with-replacement": "two agents drawn with replacement: V, an agent may meet "
                "itself and agrees with itself",
                "distinct-pairs": "two different agents: U = V n / (n - 1) for equal weights",
            }[measure.sampling],
            "conflict": self.model.words,
            "no goal": "an agent without a goal belongs to the population and conflicts with "
            "nobody" if self.conflicts.no_goal_conflict is None else "see conflict",
            "null goal": {
                "outside": "an empty goal is read as if the row were missing",
                "no-goal": "an empty goal counts as no goal",
            }[roles.null_goal],
            "absent": {
                "outside": "an agent without a row in an area is outside",
                "no-goal": "a member of the roster without a row in an area holds no goal there",
            }[roles.absent],
            "mean over areas": "a random pair and a random area"
            + (", weighted" if measure.area_weights is not None else "")
            + "; areas in which nobody holds a goal are left out, but for participation",
            "agents of a mean": "the most agents that one of its areas has",
        }
        if measure.where:
            words["where"] = f"{measure.where}; areas and their goals are those seen before"
        if roles.weight:
            words["weights"] = f"survey weight {roles.weight!r}; a weighted row is one observation"
        if roles.share:
            words["shares"] = "what is missing to 1 holds no goal; the number of agents is unknown"
        return words


def _not_built_yet(population: Population) -> None:
    holds = population.roles.holds
    if holds != "one":
        raise DataError(
            f"holds={holds!r} is not built yet",
            "one goal per agent and area",
            "keep one row per agent and area, or one goal of each agent, for now",
        )


def _nothing_held(tally: Tally, measure: MeasureOptions) -> DataError:
    if measure.where and tally.areas.size:
        return DataError(
            f"nobody left after where {measure.where!r}", "at least one row", "widen where="
        )
    if tally.population.values.astype(np.float64).sum():
        return DataError(
            "no goal in this population: not one of its problem areas",
            "at least one agent with a goal",
            "check goal= and no_goal=",
        )
    return DataError(
        "all goals are empty",
        "at least one agent with a goal",
        "check goal=; if empty means no goal, and others hold one, pass null_goal='no-goal'",
    )


def _area_weights(value: Any, tally: Tally) -> npt.NDArray[np.float64]:
    if "area" not in tally.areas.names:
        raise DataError("area_weights for one problem area", "an area column", "pass area=...")
    if not isinstance(value, Mapping):
        source = open_source(value)
        ids = [name for name in ("id", "area") if name in source.schema]
        if not ids or "weight" not in source.schema:
            raise DataError(
                f"area_weights: columns {quoted(source.columns, 6)}",
                "a table with the columns id and weight",
                "rename its columns",
            )
        table = collect(source.frame.select(ids[0], "weight"))
        pairs = zip(table.column(0).to_pylist(), table.column(1).to_pylist(), strict=True)
        value = {as_text(name): weight for name, weight in pairs}
    names = [as_text(name) for name in tally.areas.table.column("area").to_pylist()]
    unknown = [name for name in value if name not in set(names)]
    missing = [name for name in names if name not in value]
    if unknown or missing:
        raise DataError(
            f"area_weights: {'no area' if unknown else 'no weight for area'} "
            f"{quoted(unknown or missing)}",
            "one weight for every area of the data",
            nearest(unknown[0], names[:5000]) if unknown else "add it; 0 leaves an area out",
        )
    try:
        weights = np.array([float(value[name]) for name in names])
    except (TypeError, ValueError):
        weights = np.array([np.nan])
    if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.sum() > 0):
        raise DataError(
            "area_weights that are no weights",
            "numbers of at least 0, not all 0",
            "mend the weights",
        )
    return weights


def _record(population: Population) -> dict[str, Any]:
    roles = vars(population.roles)
    plain = {
        name: dict(value) if isinstance(value, Mapping) else value
        for name, value in roles.items()
        if value
    }
    return {name: list(v) if isinstance(v, tuple) else v for name, v in plain.items()}


def _versions() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "pyarrow": pa.__version__,
        "narwhals": narwhals.__version__,
        "duckdb": duckdb.__version__,
    }
