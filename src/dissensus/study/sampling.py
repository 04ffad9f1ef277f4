"""A population as a sample: how it was drawn, and how sure its values are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dissensus.engine.rows import DataError
from dissensus.engine.units import UnitColumns, count_units, unit_columns
from dissensus.errors import quoted
from dissensus.measure.between import Between
from dissensus.measure.misalignment import Within
from dissensus.measure.uncertainty.cells import CellErrors, errors_of_cells
from dissensus.measure.uncertainty.estimates import (
    Estimates,
    estimates_of_cells,
    estimates_of_pairs,
)
from dissensus.measure.uncertainty.reasons import FEWEST_AGENTS
from dissensus.measure.uncertainty.spread import Drawing, Spread, spread_of
from dissensus.model.tally import Tally
from dissensus.model.units import Units, slot_offsets
from dissensus.study.options import DesignOptions, MeasureOptions, Options

if TYPE_CHECKING:
    from dissensus.study.asking import Asked

__all__ = ["FEWEST_CLUSTERS", "Sample", "measured", "refuse_unbuilt", "sample_of"]

Floats = npt.NDArray[np.float64]

# units in which agents stand through several areas, that are still worth holding
_ROWS_AT_MOST = 5_000_000
FEWEST_CLUSTERS = 20


def measured(options: Options) -> MeasureOptions:
    """What is measured: of a sample U, unless something else was asked for."""
    measure = options.measure
    if options.design.design == "census" or "sampling" in measure.model_fields_set:
        return measure
    return measure.model_copy(update={"sampling": "distinct-pairs"})


def refuse_unbuilt(question: str, design: DesignOptions) -> None:
    """Refuse a sample where no interval is defined.

    Raises
    ------
    DataError
        A design other than a census.
    """
    if design.design != "census":
        raise DataError(
            f"design={design.design!r} for {question}",
            "a question whose errors are known: measure, between or target",
            "leave out design=; its values are right, and nothing is said about their error",
        )
    _refuse_of_census(design)


def sample_of(asked: Asked, design: DesignOptions) -> Sample | None:
    """The sample that the options describe; None for a census.

    Raises
    ------
    DataError
        Intervals asked of a census or of shares; columns that do not fit together.
    """
    if design.design == "census":
        _refuse_of_census(design)
        return None
    roles = asked.population.roles
    if roles.share:
        raise DataError(
            f"design={design.design!r} of shares, whose number of agents is unknown",
            "numbers of agents: how far shares may be off depends on them",
            "use count= with numbers of agents, or leave out design=",
        )
    if roles.holds != "one":
        raise DataError(
            f"design={design.design!r} of agents that hold {roles.holds}",
            "one goal per agent and area: errors are known for these alone",
            "leave out design=; the values are right, and nothing is said about their error",
        )
    if roles.salience:
        raise DataError(
            f"design={design.design!r} with salience",
            "conflict that is not weighed: errors of an intensity are not known",
            "leave out design=, or salience",
        )
    if design.replicates and not design.replicate_type:
        raise DataError(
            "replicate weights without their type",
            "how they were made: BRR, Fay, JK1, JKn or bootstrap",
            "pass replicate_type=, as the survey's documentation states it",
        )
    if design.replicates and (design.strata or design.cluster or design.population_size):
        raise DataError(
            "replicate weights beside strata, clusters or a population size",
            "one of the two: the replicates know the design already",
            "leave out the others",
        )
    if design.replicates and not roles.weight:
        raise DataError(
            "replicate weights without the weight itself", "weight=...", "name its column"
        )
    for name, needs in (
        ("replicate_type", "replicates"),
        ("fay", "replicates"),
        ("replicate_scales", "replicates"),
        ("nested_clusters", "strata"),
    ):
        if getattr(design, name) and not getattr(design, needs):
            raise DataError(f"{name} without {needs}", f"{needs}=...", f"leave out {name}")
    if design.differences == "over" and not asked.measure.over:
        raise DataError("differences over nothing", "over=...", "name the column of years")
    if design.differences == "segments" and not asked.measure.by:
        raise DataError("differences of segments without by", "by=...", "name segment columns")
    if design.differences == "areas" and "area" not in asked.counted.tally.areas.names:
        raise DataError("differences of one problem area", "several areas", "pass area=...")
    return Sample(asked, design)


def _refuse_of_census(design: DesignOptions) -> None:
    default = DesignOptions()
    given = [
        name
        for name in DesignOptions.model_fields
        if name not in ("design", "seed")
        and (
            getattr(design, name) != getattr(default, name)
            or (name == "interval" and name in design.model_fields_set)
        )
    ]
    if given:
        raise DataError(
            f"{given[0]} of a census, of which nothing was sampled",
            "design='sample', if the agents were drawn from more",
            f"pass design='sample', or leave out {given[0]}",
        )


class Sample:
    """What is known about how the agents of a question were drawn."""

    def __init__(self, asked: Asked, design: DesignOptions) -> None:
        self.asked, self.design = asked, design
        population, measure = asked.population, asked.measure
        self.columns: UnitColumns = unit_columns(
            population,
            design.strata,
            design.cluster,
            design.replicates,
            are_nested=design.nested_clusters,
        )
        columns = self.columns
        self.is_simple = not (
            population.roles.weight or columns.strata or columns.cluster or columns.replicates
        )
        # U of weights is right for single agents; what has a design needs its own correction
        self.is_complex = bool(columns.strata or columns.cluster or columns.replicates)
        tally = asked.counted.tally
        whole = float(np.asarray(tally.population.values, dtype=np.float64).sum())
        agents = tally.population.agents
        rows = whole if agents is None else float(np.asarray(agents, dtype=np.float64).sum())
        follow = tally.areas.size > 1 or design.differences == "over"
        known = bool(population.roles.agent) and rows <= _ROWS_AT_MOST
        self.units: Units = count_units(
            population,
            tally,
            columns,
            by=measure.by,
            over=measure.over,
            where=measure.where,
            tell_agents_apart=follow and known and not columns.replicates,
        )
        self._known: list[tuple[Tally, Spread]] = []
        self.errors = lru_cache(maxsize=4)(self._errors)
        self.estimates = lru_cache(maxsize=4)(self._estimates)

    @cached_property
    def fractions(self) -> Floats | None:
        """Part of the units that was drawn, by value of ``over`` and stratum."""
        given = self.design.population_size
        if given is None:
            return None
        sizes = self.units.sizes.astype(np.float64)
        whole = np.array(self._population_sizes(given))
        part: Floats = sizes / whole
        if (part > 1 + 1e-12).any():
            stratum = self.units.strata[int(np.nonzero(part > 1)[1][0])]
            where = f" of stratum {stratum!r}" if stratum else ""
            raise DataError(
                f"a population{where} that is smaller than its sample",
                "population_size of at least what was drawn",
                "give the size of the whole population, in what was drawn: agents or clusters",
            )
        return np.minimum(part, 1.0)

    def _population_sizes(self, given: Any) -> list[float]:
        strata = self.units.strata
        needed = (
            "a number above 0, or one for each stratum" if len(strata) > 1 else "a number above 0"
        )
        values: list[Any]
        if isinstance(given, Mapping):
            lost = [name for name in strata if name not in given]
            if lost:
                raise DataError(
                    f"population_size has no stratum {quoted(lost)}",
                    "the size of each stratum",
                    "add them: stratum=number",
                )
            values = [given[name] for name in strata]
        elif len(strata) > 1:
            raise DataError(
                "one population_size of several strata",
                "the size of each stratum",
                "pass a mapping from stratum to size: north=1200,south=800",
            )
        else:
            values = [given]
        try:
            sizes = [float(value) for value in values]
        except (TypeError, ValueError):
            sizes = [float("nan")]
        if not all(np.isfinite(size) and size > 0 for size in sizes):
            raise DataError(f"population_size={given!r}", needed, "write it as a number")
        return sizes

    def spread(self, tally: Tally) -> Spread:
        """How the masses of the tally, or of its everyone, vary."""
        for known, spread in self._known:
            if known is tally:
                return spread
        scales = np.array(self.design.replicate_scales) if self.design.replicate_scales else None
        drawing = Drawing(
            self.design.lonely,
            self.fractions,
            self.design.replicate_type,
            self.design.fay,
            scales,
        )
        spread = spread_of(tally, self._units_of(tally), drawing)
        self._known.append((tally, spread))
        return spread

    def _units_of(self, tally: Tally) -> Units:
        """Units of the same tally with all segments merged."""
        own = self.asked.counted.tally
        if tally is own:
            return self.units
        offsets, merged = slot_offsets(own), slot_offsets(tally)
        cell = np.searchsorted(offsets, self.units.slot, side="right") - 1
        target = np.searchsorted(tally.cell_area, own.cell_area)
        slot = merged[target[cell]] + self.units.slot - offsets[cell]
        return replace(self.units, slot=slot)

    def _errors(self, tally: Tally) -> CellErrors:
        fraction: float | Floats = 0.0
        spread = self.spread(tally)
        if self.is_simple and self.fractions is not None:
            fraction = self.fractions[spread.frame_of_cell, 0]
        return errors_of_cells(
            tally,
            self.asked.model.of(tally),
            None if self.is_simple else spread,
            level=self.design.interval,
            threshold=self.design.threshold,
            fraction=fraction,
            seed=self.design.seed,
        )

    def corrected(self, tally: Tally, values: Within) -> Within:
        """Values of a sample with a design, without the bias of clusters."""
        own = (self.asked.counted.tally, self.asked.everyone)
        if not self.is_complex or self.asked.measure.sampling != "distinct-pairs":
            return values
        if not any(tally is one for one in own):  # another reading of the same cells
            return values
        errors = self.errors(tally)
        known = ~np.isnan(errors.value)

        def better(new: Floats, old: Floats) -> Floats:
            return np.where(known & ~np.isnan(old), new, old)

        return replace(
            values,
            misalignment=better(errors.value, values.misalignment),
            conditional_misalignment=better(errors.conditional, values.conditional_misalignment),
            compatible_share=better(errors.compatible, values.compatible_share),
            no_goal_share=better(errors.silent, values.no_goal_share),
        )

    def _estimates(self, tally: Tally) -> Estimates:
        found = estimates_of_cells(
            tally, self.asked.model.of(tally), self.errors(tally), self.spread(tally)
        )
        return replace(found, value=self.asked.within(tally).misalignment)

    def estimates_between(self, tally: Tally, pairs: Between) -> Estimates:
        """Misalignment between segments as estimates."""
        return estimates_of_pairs(
            tally,
            self.asked.model.of(tally),
            pairs,
            self.spread(tally),
            level=self.design.interval,
            threshold=self.design.threshold,
        )

    def too_few(self, agents: npt.NDArray[Any], units: npt.NDArray[Any]) -> list[tuple[Any, str]]:
        """Rows about too few agents or clusters, and the words for it."""
        causes = [(agents < FEWEST_AGENTS, f"fewer than {FEWEST_AGENTS} agents")]
        if self.columns.cluster:
            words = f"fewer than {FEWEST_CLUSTERS} clusters"
            causes.append((units < FEWEST_CLUSTERS, words))
        if self.columns.replicates:
            words = f"fewer than {FEWEST_CLUSTERS} replicates"
            causes.append((units < FEWEST_CLUSTERS, words))
        return causes

    @property
    def words(self) -> str:
        """The design in words."""
        design, columns = self.design, self.columns
        if design.design == "self-selected":
            start = "agents who chose themselves, printed as if they were a random sample"
        else:
            start = "agents drawn at random"
        parts = [start]
        if columns.cluster:
            parts.append(f"in clusters {', '.join(columns.cluster)}")
        if columns.strata:
            parts.append(f"in strata {', '.join(columns.strata)}")
        if columns.replicates:
            parts.append(f"{len(columns.replicates)} {design.replicate_type} replicate weights")
        if design.population_size is not None:
            parts.append("without replacement from a finite population")
        if design.lonely != "fail":
            parts.append(f"lonely units: {design.lonely}")
        if design.sampled_areas:
            parts.append("problem areas drawn from many")
        return ", ".join(parts)

    @property
    def summary(self) -> dict[str, Any]:
        """What a reader of the values has to know, by name."""
        design = self.design
        return {
            "design": design.design,
            "interval": design.interval,
            "threshold": design.threshold,
        }

    @property
    def note(self) -> str:
        """Sentence for whoever reads the values."""
        level = f"{100 * self.design.interval:g} %"
        note = f"{self.words}; {level} intervals"
        if self.asked.measure.sampling == "distinct-pairs":
            note += ", values without the bias of a sample"
        if self.design.design == "self-selected":
            note += "; they say nothing about those who stayed away"
        return note
