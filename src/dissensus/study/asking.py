"""What all questions share: the count, the conflict model, the means and the record."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import Any

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
from dissensus.engine.where import parse_where
from dissensus.errors import nearest, quoted
from dissensus.measure.between import Between, between
from dissensus.measure.misalignment import Within, within
from dissensus.model.columns import described, own_columns
from dissensus.model.holdings import Holdings
from dissensus.model.keys import distinct, encode
from dissensus.model.result import SCHEMA, Result
from dissensus.model.roles import Roles
from dissensus.model.tally import Tally
from dissensus.study.arguments import role_arguments
from dissensus.study.companions import companions
from dissensus.study.composites import composite_notes
from dissensus.study.conflicts import ConflictModel, conflict_model
from dissensus.study.intensities import (
    check_options,
    check_shares_of_attention,
    intensity_words,
    with_total,
    within_intensities,
)
from dissensus.study.options import ConflictOptions, DataOptions, DesignOptions, MeasureOptions
from dissensus.study.readings import Reading, head_line, readings_of, readings_table
from dissensus.study.sample_tables import with_mean_errors
from dissensus.study.sampling import Sample, sample_of
from dissensus.study.several import Several, internal_columns, pairing_of, with_method
from dissensus.study.tables import mean_within
from dissensus.study.unanimous import contested

__all__ = ["Asked", "given_population", "population_of", "record_of"]


def population_of(data: DataOptions) -> Population:
    """Open the population that the options describe."""
    given = {name: getattr(data, name) for name in DataOptions.model_fields if name != "source"}
    if "no_goal" not in data.model_fields_set:
        given["no_goal"] = None  # nothing was said; a layout may say it
    return Population(data.source, **given)


def given_population(data: Any, given: Mapping[str, Any]) -> Population:
    """Open the population that a question in Python is given: one, or rows and their roles.

    Raises
    ------
    DataError
        A population, and roles beside it; an option that there is not.
    """
    roles = role_arguments(given)
    unknown = [name for name in roles if name not in RoleArguments.__annotations__]
    if unknown:
        raise DataError(
            f"no option {quoted(unknown)} of this question",
            "the options that help() names, and roles of the data",
            f"leave it out, or correct it; roles: "
            f"{nearest(unknown[0], RoleArguments.__annotations__)}",
        )
    if not isinstance(data, Population):
        return Population(data, **roles)
    if roles:
        raise DataError(
            f"a Population and roles beside it: {quoted(roles)}",
            "roles in one place",
            "give them to Population(...)",
        )
    return data


class Asked:
    """What all questions share: the count, the conflict model, the means and the record."""

    def __init__(
        self,
        population: Population,
        conflicts: ConflictOptions,
        measure: MeasureOptions,
        design: DesignOptions | None = None,
    ) -> None:
        population, self._unanimous = contested(population, measure)
        self.population, self.conflicts, self.measure = population, conflicts, measure
        check_options(population, conflicts, measure)
        self.several = Several(pairing_of(population.roles, conflicts.pairing))
        self.model: ConflictModel = conflict_model(conflicts, population)
        self.counted: Counted = count(
            population,
            by=measure.by,
            over=measure.over,
            where=measure.where,
            goal_set=self.model.declared,
            salience_mean=measure.salience_mean,
        )
        self.sample: Sample | None = None
        # one tally is asked about several times: for everyone, and under its own reading
        self.within: Callable[[Tally], Within] = lru_cache(maxsize=8)(self._within)
        tally = self.counted.tally
        if not len(tally.goals) or not tally.population.values.astype(np.float64).sum():
            raise _nothing_held(tally, measure)
        is_census = design is None or design.design == "census"  # else the sample itself refuses
        if measure.sampling == "distinct-pairs" and population.roles.share and is_census:
            raise DataError(
                "distinct pairs of shares, whose number of agents is unknown",
                "sampling='with-replacement', or count= with numbers of agents",
                "leave out sampling=",
            )
        check_shares_of_attention(population, measure, tally)
        if design is not None:
            self.sample = sample_of(self, design)

    def area_weights(self, tally: Tally) -> npt.NDArray[np.float64] | None:
        """Weights of the areas of a tally."""
        if self.measure.area_weights is None:
            return None
        return _area_weights(self.measure.area_weights, tally)

    @cached_property
    def everyone(self) -> Tally:
        """All segments as one; shares of groups cannot be merged and stay apart."""
        tally = self.counted.tally
        return tally if tally.entries.agents is None else tally.everyone()

    def everyone_mean(self, tally: Tally) -> pa.Table:
        """Mean over the areas for everyone."""
        return self._mean(tally, "segment" if tally.segments.names else "everyone")

    def within_means(self) -> pa.Table:
        """Means over the areas for everyone and for each segment."""
        tally, over = self.counted.tally, self.measure.over
        whole = self._with_errors(self.everyone_mean(self.everyone), self.everyone)
        if self.everyone is tally:
            return whole
        parts = self._with_errors(self._mean(tally, "segment"), tally)
        for place, field in enumerate(parts.schema):
            if field.name not in whole.column_names:
                whole = whole.add_column(place, field, pa.nulls(whole.num_rows, field.type))
        stacked = pa.concat_tables([whole, parts])
        if not over:
            return stacked
        order = np.argsort(encode(stacked.column(over))[1], kind="stable")
        return stacked.take(pa.array(order))

    def _with_errors(self, table: pa.Table, tally: Tally) -> pa.Table:
        return table if self.sample is None else with_mean_errors(self.sample, table, tally)

    def readings(
        self, mean: Callable[[Reading], pa.Table], of: Tally
    ) -> tuple[list[Reading], pa.Table]:
        """Means under every reading."""
        found = readings_of(of)
        return found, readings_table(found, [mean(reading) for reading in found])

    def head_line(self, readings: list[Reading], table: pa.Table) -> str:
        """Say what was taken as the population, and what other readings would give."""
        about = self.population.source.about
        source = str(about.get("path") or f"the {about.get('kind', 'data')}")
        if self.measure.where:
            source += f" where {self.measure.where}"
        if self.population.roles.weight:
            source += f", weighted by {self.population.roles.weight}"
        areas = self._areas_with_agents()
        named = [name + suffix for name in self.measure.by for suffix in ("", "_a", "_b")]
        over = [self.measure.over] if self.measure.over else []
        keys = [name for name in (*over, *named) if name in table.column_names]
        return head_line(source, self._agents(), areas, readings, table, keys, over=bool(over))

    def result(
        self,
        question: str,
        rows: pa.Table,
        tables: Mapping[str, pa.Table],
        line: str,
        more: Mapping[str, Any] | None = None,
        notes: Sequence[str] = (),
    ) -> Result:
        """Put the answer and its record together; ``more`` goes into the summary."""
        tally, measure = self.counted.tally, self.measure
        rows = with_method(rows)
        tables = {name: with_method(table) for name, table in tables.items()}
        summary = {
            "question": question,
            "head_line": line,
            "notes": [*([self.sample.note] if self.sample else []), *self._notes(), *notes],
            "by": list(measure.by),
            "over": measure.over,
            "areas": self._areas_with_agents(),
            "agents": self._agents(),
            **(self.sample.summary if self.sample else {}),
            **(more or {}),
        }
        provenance = {
            "schema": SCHEMA,
            "dissensus": __version__,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "source": dict(self.population.source.about),
            "roster": dict(self.population.roster.about) if self.population.roster else None,
            "rows": self.counted.rows,
            "roles": record_of(self.population),
            "conventions": self._conventions(),
            "check": self.counted.checked,
            "tally": tally.digest(),
            "seed": self._seed(),
            "versions": _versions(),
            "columns": described([rows, *tables.values()], own_columns(summary)),
        }
        return Result(rows, summary, dict(tables), provenance)

    def between(self, tally: Tally) -> Between:
        """Every two segments of each area."""
        if isinstance(tally, Holdings):
            return self.several.between(tally, self.model.of(tally))
        return between(tally, self.model.of(tally))

    def beside(self, tally: Tally) -> tuple[dict[str, Any], list[Any]]:
        """Intensity, internal conflict and companions of the cells, and why one is null."""
        columns, causes = companions(tally, self.model, self.measure, self.measure.companions)
        if isinstance(tally, Holdings):
            values: Any = self.within(tally)
            own, why = internal_columns(tally, values, self.several.pairing)
        else:
            own, why = within_intensities(tally, self.model.of(tally), self.measure)
        return own | columns, [*why, *causes]

    def _seed(self) -> int | None:
        if self.sample is not None:
            return self.sample.design.seed
        return self.several.work.seed if self.several.is_sampled else None

    def _agents(self) -> int | None:
        """Number of agents asked about; unknown if the filter is about the roster."""
        where = self.measure.where
        if where and any(c.column not in self.population.source.schema for c in parse_where(where)):
            return None
        return self.counted.agents

    def _areas_with_agents(self) -> int:
        """Number of problem areas that somebody belongs to, whatever the value of ``over``."""
        tally = self.counted.tally
        areas = distinct(tally.cell_area[np.asarray(tally.population.values > 0)])
        _, codes = tally.areas.codes(["area"] if "area" in tally.areas.names else [])
        return len(distinct(codes[areas]))

    def _within(self, tally: Tally) -> Within:
        if isinstance(tally, Holdings):
            return self.several.within(tally, self.model.of(tally), self.measure.sampling)
        values = within(tally, self.model.of(tally), self.measure.sampling)
        return values if self.sample is None else self.sample.corrected(tally, values)

    def _mean(self, tally: Tally, scope: str) -> pa.Table:
        values, labels = self.within(tally), self.population.labels
        weights = self.area_weights(tally)
        means = mean_within(tally, values, weights, scope, labels, *self.beside(tally))
        return with_total(means, self.measure)

    def _notes(self) -> list[str]:
        population, tally, measure = self.population, self.counted.tally, self.measure
        notes = [
            f"column {name!r} bears a role's name and is not used; pass {name}={name!r} to use it"
            for name in population.unused_role_names
        ]
        if measure.by and measure.segments_from_answers:
            notes.append(
                "the segments were made from these same answers: their distance is partly built in"
            )
        notes += composite_notes(tally)
        if population.found:
            notes.append(f"found by name: {', '.join(population.found)}")
        kinds = {kind.name for kind in tally.kinds if kind.source == "value"}
        lost = [value for value in population.roles.no_goal if value not in kinds]
        if lost:
            notes.append(f"no_goal names {quoted(lost)}, which no row holds")
        if self.counted.has_zero_weights:
            notes.append("some agents have weight 0: they are counted and weigh nothing")
        areas, _ = tally.areas.codes(["area"] if "area" in tally.areas.names else [])
        if self._unanimous:
            notes.append(
                f"{self._unanimous:,} near-unanimous problem areas left out: fewer than "
                f"{100 * measure.min_minority:g} % of those with a goal hold another than most"
            )
        empty = areas.size - self._areas_with_agents()
        if empty:
            notes.append(f"{empty:,} problem areas have nobody left")
        if self.several.is_sampled:
            sampled = next(m for m in self.several.methods if m.startswith("sampled"))
            notes.append(f"values are estimates, {sampled}")
        unnamed = self.model.not_named(tally)
        if unnamed:
            notes.append(
                f"the conflict table does not name {quoted(unnamed)}: no conflict with other goals"
            )
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
            "no goal": "an agent without a goal belongs to the population and conflicts with nobody"
            if self.conflicts.no_goal_conflict is None
            else "see conflict",
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
            + "; each column over the areas in which it is defined",
            "agents of a mean": "the most agents that one of its areas has",
        }
        words |= intensity_words(self.population, measure)
        if roles.holds != "one":
            words["several goals"] = self.several.words
            words["internal conflict"] = "of an agent's own goals; no part of misalignment"
            words["method"] = "; ".join(self.several.methods)
        if "effective_number" in measure.companions:
            words["effective number"] = f"of order {measure.order:g}"
        if "esteban_ray" in measure.companions:
            words["Esteban-Ray"] = f"alpha {measure.sensitivity:g}, distance is conflict"
        if self.sample:
            words["design"] = self.sample.words
        if measure.where:
            words["where"] = f"{measure.where}; areas and their goals are those seen before"
        if roles.weight:
            words["weights"] = f"survey weight {roles.weight!r}; a weighted row is one observation"
        if roles.share:
            words["shares"] = "what is missing to 1 holds no goal; the number of agents is unknown"
        return words


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


def record_of(population: Population) -> dict[str, Any]:
    """Roles of a population that are not the default, as a study file would name them."""
    default = vars(Roles())
    plain = {
        name: dict(value) if isinstance(value, Mapping) else value
        for name, value in vars(population.roles).items()
        if value != default[name]
    }
    if population.roles.ranking:
        del plain["goal"]  # made of the ranks
    if population.layout:
        plain = {"layout": population.layout, "no_goal": population.roles.no_goal, **plain}
    return {name: list(v) if isinstance(v, tuple) else v for name, v in plain.items()}


def _versions() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "pyarrow": pa.__version__,
        "narwhals": narwhals.__version__,
        "duckdb": duckdb.__version__,
    }
