"""From a named conflict model, or a table, to the conflict between the goals of every area."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dissensus.engine.counting import goal_categories, goal_levels
from dissensus.engine.population import Population, as_text
from dissensus.errors import nearest, quoted
from dissensus.model.conflict import AreaConflicts, ConflictError
from dissensus.model.keys import Codes, distinct
from dissensus.model.tally import Tally
from dissensus.study.conflict_models import CATALOGUE, Remembered, check_options, worked_out
from dissensus.study.conflict_models.judged import Judged, judged
from dissensus.study.conflict_tables import degree_of, read_table
from dissensus.study.options import ConflictOptions

__all__ = ["ConflictModel", "conflict_model"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ConflictModel:
    """A conflict model before it meets the goals of a tally.

    Attributes
    ----------
    name : str
        Its name in the catalogue of models.
    declared : tuple of str
        Goals that it declares.
    places : mapping, optional
        Rank (ordinal) or value (interval) of each goal; None reads the goal itself as a number.
    span : (float, float), optional
        Declared range of the values.
    pairs : mapping, optional
        Area (or None for all) to the conflict of pairs of goals.
    is_complete : bool
        Whether every goal that is held must be in the table.
    options : ConflictOptions
    degrees : Remembered, optional
        What works out the conflict between the goals of an area, for models that are no table.
    """

    name: str
    declared: tuple[str, ...]
    options: ConflictOptions
    places: Mapping[str, float] | None = None
    span: tuple[float, float] | None = None
    pairs: Mapping[str | None, Mapping[tuple[str, str], float]] | None = None
    is_complete: bool = False
    degrees: Remembered | None = None

    @property
    def words(self) -> str:
        """The model in words, for the provenance."""
        words = CATALOGUE[self.name].words
        if self.degrees is not None and self.degrees.degrees.words:
            words += f": {self.degrees.degrees.words}"
        if self.options.symmetrise:
            words += "; the mean of both ways"
        if self.options.directed:
            words += "; directed: a population's own value uses the mean of both ways"
        if self.options.no_goal_conflict is not None:
            words += f"; having no goal conflicts with goals: {self.options.no_goal_conflict}"
        return words

    @property
    def judged(self) -> Judged | None:
        """What was judged, where conflict is."""
        degrees = None if self.degrees is None else self.degrees.degrees
        return degrees if isinstance(degrees, Judged) else None

    def not_named(self, tally: Tally) -> list[str]:
        """Goals that are held and that a table of pairs does not name: compatible with all."""
        if self.pairs is None:
            return []
        named = _named(self.pairs, self.declared)
        goals = tally.goals.to_pylist()
        return [goals[i] for i in distinct(tally.area_goals) if goals[i] not in named]

    def of(self, tally: Tally) -> AreaConflicts:
        """Conflict between the goals of every area of a tally.

        Raises
        ------
        ConflictError
            A goal that the model does not place, or a value outside [0, 1].
        """
        goals = tally.goals.to_pylist()
        silence = _silence(self.options.no_goal_conflict, goals, tally)
        zeros = np.zeros(tally.areas.size, dtype=np.int64)
        if self.name == "exclusive":
            return AreaConflicts(zeros, silence=silence)
        if self.pairs is not None:
            matrix_of_area, matrices = _matrices(self, goals, tally)
            return AreaConflicts(
                matrix_of_area, matrices, silence=silence, directed=self.options.directed
            )
        if self.degrees is not None:
            tables = worked_out(self.degrees, goals, tally)
            return AreaConflicts(*tables, silence=silence, directed=self.options.directed)
        return AreaConflicts(zeros, positions=_positions(self, goals, tally), silence=silence)


def conflict_model(options: ConflictOptions, population: Population) -> ConflictModel:
    """Read the conflict options.

    Raises
    ------
    ConflictError
        An unknown name, an order that is missing, or a table that is not one.
    """
    named = options.conflict
    goal_set = options.goal_set
    if options.symmetrise and options.directed:
        raise ConflictError("symmetrise and directed together", "one of the two", "leave one out")
    if callable(named):
        check_options(CATALOGUE["judged"], options, stood_in=("judgements",))
        degrees = judged(options, population)
        return ConflictModel("judged", goal_set, options, degrees=Remembered(degrees))
    if not (isinstance(named, str) and not _is_file(named)):
        check_options(CATALOGUE["matrix"], options)
        pairs, goals, complete = read_table(named, options)
        declared = tuple(dict.fromkeys([*goal_set, *goals]))
        return ConflictModel("matrix", declared, options, pairs=pairs, is_complete=complete)
    known = {name: one for name, one in CATALOGUE.items() if name != "matrix"}
    if named not in known:
        raise ConflictError(
            f"no conflict model {named!r}",
            f"one of {quoted(known, 12)}, or a file with a table",
            nearest(named, known),
        )
    model = known[named]
    check_options(model, options)
    if model.read is not None:
        degrees = model.read(options, population)
        declared = tuple(dict.fromkeys([*goal_set, *degrees.declared]))
        return ConflictModel(named, declared, options, degrees=Remembered(degrees))
    if named == "ordinal":
        return _ordinal(options, population)
    if named == "interval":
        places: Mapping[str, float] | None
        if options.level:
            places = goal_levels(population, options.level)
        else:  # the words of a survey file stand for numbers
            places = population.source.codebook.codes(population.roles.goal_columns)
        span = options.range
        if span is not None and not span[0] < span[1]:
            raise ConflictError(
                f"range {span[0]:g} to {span[1]:g}", "the lower value first", "swap them"
            )
        return ConflictModel("interval", goal_set, options, places, span)
    return ConflictModel("exclusive", goal_set, options)


def _is_file(text: str) -> bool:
    return "." in text or "/" in text


def _ordinal(options: ConflictOptions, population: Population) -> ConflictModel:
    if options.level and options.levels:
        raise ConflictError("level and levels together", "one of the two", "leave one out")
    if options.level:
        places = goal_levels(population, options.level)
        steps = {value: rank for rank, value in enumerate(sorted(set(places.values())))}
        ranks = {goal: float(steps[value]) for goal, value in places.items()}
    else:
        order = options.levels or tuple(goal_categories(population) or ())
        if len(order) < 2:
            raise ConflictError(
                "ordinal conflict without an order of the goals",
                "levels=[lowest, ..., highest], a level column, or an ordered categorical",
                "pass levels=; the order is never alphabetical by accident",
            )
        if len(set(order)) < len(order):
            raise ConflictError(
                f"levels with a goal twice: {quoted(order, 12)}", "each goal once", "remove one"
            )
        ranks = {goal: float(rank) for rank, goal in enumerate(order)}
    declared = tuple(dict.fromkeys([*ranks, *options.goal_set]))
    return ConflictModel("ordinal", declared, options, ranks)


def _positions(model: ConflictModel, goals: list[str], tally: Tally) -> Floats:
    """Places of the goals of each area on a line of length 1."""
    used = distinct(tally.area_goals)
    value = np.zeros(len(goals))
    for i in used.tolist():
        value[i] = _place(model, goals[i])
    places: Floats = value[tally.area_goals]
    if model.name == "ordinal":
        top = max((model.places or {}).values(), default=0.0)
        ranks: Floats = places / top if top else places
        return ranks
    area = np.repeat(np.arange(tally.areas.size), tally.goal_counts)
    if model.span is not None:
        low, high = (
            np.full(tally.areas.size, model.span[0]),
            np.full(tally.areas.size, model.span[1]),
        )
        outside = (places < model.span[0]) | (places > model.span[1])
        if outside.any():
            raise ConflictError(
                f"value {places[outside][0]:g} outside the declared range "
                f"{model.span[0]:g} to {model.span[1]:g}",
                "values in the range",
                "widen range=, or name the value in no_goal= if it is a code",
            )
    else:
        low, high = np.full(tally.areas.size, np.inf), np.full(tally.areas.size, -np.inf)
        np.minimum.at(low, area, places)
        np.maximum.at(high, area, places)
    width = (high - low)[area]
    out = np.zeros_like(places)
    np.divide(places - low[area], width, out=out, where=width > 0)
    return out


def _place(model: ConflictModel, goal: str) -> float:
    is_coded = model.name == "interval" and not model.options.level
    if model.places is not None and (goal in model.places or not is_coded):
        if goal not in model.places:
            raise ConflictError(
                f"goal {goal!r} has no place in the order",
                f"one of {quoted(model.places, 12)}",
                "add it to levels=, or name it in no_goal= if it is none",
            )
        return model.places[goal]
    try:
        number = float(goal)
    except ValueError:
        number = float("nan")
    if not np.isfinite(number):
        raise ConflictError(
            f"goal {goal!r} is no number",
            "numeric goals for conflict='interval'",
            "name it in no_goal= if it is none, or use ordinal with levels=",
        )
    return number


def _silence(value: Any, goals: list[str], tally: Tally) -> Floats | None:
    """Row of g_0, aligned with the goals of the areas."""
    if value is None:
        return None
    if isinstance(value, Mapping):
        unknown = [goal for goal in value if goal not in goals]
        if unknown:
            raise ConflictError(
                f"no_goal_conflict names {unknown[0]!r}, which nobody holds",
                "goals of the data",
                nearest(unknown[0], goals),
            )
        row = np.array([degree_of(value.get(goal, 0.0), f"no goal and {goal!r}") for goal in goals])
    else:
        row = np.full(len(goals), degree_of(value, "no goal and any goal"))
    return row[tally.area_goals]


def _matrices(
    model: ConflictModel, goals: list[str], tally: Tally
) -> tuple[Codes, tuple[Floats, ...]]:
    """One matrix per distinct list of goals, and one per area that has a table of its own."""
    pairs = model.pairs or {}
    if model.is_complete:
        missing = model.not_named(tally)
        if missing:
            raise ConflictError(
                f"goals without a row in the conflict table: {quoted(missing)}",
                "a row and a column for every goal that is held",
                "add them, or name them in no_goal= if they are none",
            )
    own = _areas_with_tables(pairs, tally)
    matrices: list[Floats] = []
    matrix_of_area = np.full(tally.areas.size, -1, dtype=np.int64)
    for area, key in own.items():
        table = {**pairs.get(None, {}), **pairs[key]}
        listed = tally.area_goals[tally.area_offsets[area] : tally.area_offsets[area + 1]]
        matrix_of_area[area] = len(matrices)
        matrices.append(_local(table, [goals[i] for i in listed]))
    shared = pairs.get(None, {})
    for width in np.unique(tally.goal_counts[matrix_of_area < 0]).tolist():
        areas = np.flatnonzero((tally.goal_counts == width) & (matrix_of_area < 0))
        lists = tally.area_goals[tally.area_offsets[areas][:, None] + np.arange(width)]
        lists_met, of = np.unique(lists, axis=0, return_inverse=True)
        matrix_of_area[areas] = len(matrices) + of.ravel()
        matrices += [_local(shared, [goals[i] for i in listed]) for listed in lists_met]
    return matrix_of_area, tuple(matrices)


def _named(pairs: Mapping[str | None, Any], declared: Sequence[str]) -> set[str]:
    return {goal for table in pairs.values() for pair in table for goal in pair} | set(declared)


def _areas_with_tables(pairs: Mapping[str | None, Any], tally: Tally) -> dict[int, str]:
    named = {area for area in pairs if area is not None}
    if not named:
        return {}
    if "area" not in tally.areas.names:
        raise ConflictError(
            "a conflict table with areas for data without an area column",
            "an area column in the data, or no area in the table",
            "pass area=..., or drop the column",
        )
    names = [as_text(area) for area in tally.areas.table.column("area").to_pylist()]
    unknown = named - set(names)
    if unknown:
        name = sorted(unknown)[0]
        raise ConflictError(
            f"the conflict table names area {name!r}",
            "areas of the data",
            nearest(name, names[:5000]),
        )
    return {i: name for i, name in enumerate(names) if name in named}


def _local(pairs: Mapping[tuple[str, str], float], goals: list[str]) -> Floats:
    place = {goal: i for i, goal in enumerate(goals)}
    out = np.zeros((len(goals), len(goals)))
    if len(pairs) < len(goals) ** 2:
        for (a, b), degree in pairs.items():
            if a in place and b in place:
                out[place[a], place[b]] = degree
    else:
        for a, i in place.items():
            for b, j in place.items():
                out[i, j] = pairs.get((a, b), 0.0)
    return out
