"""From data to a system: the segments of a population become its parts."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, Unpack

import numpy as np
import numpy.typing as npt

from dissensus.engine.population import Population, as_text
from dissensus.engine.sources import collect, open_source
from dissensus.errors import DissensusError, nearest, quoted
from dissensus.measure.friction import friction
from dissensus.model.tally import Tally
from dissensus.scenario import load_scenario, scenario_of
from dissensus.scenario.shipped import shipped_folders
from dissensus.study.arguments import Arguments, model_arguments, role_arguments
from dissensus.study.asking import Asked, population_of
from dissensus.study.conflicts import conflict_model
from dissensus.study.nested import nested_system
from dissensus.study.options import ConflictOptions, MeasureOptions
from dissensus.study.several import single_goals
from dissensus.study.shipped import study_of
from dissensus.study.study_file import Study, load_study, options_of, options_with
from dissensus.study.subjects import Subject, subject_of
from dissensus.system import Comparability, Part, System, World
from dissensus.system.audit import Case

__all__ = ["SystemDataError", "system_from", "system_of_segments"]

Floats = npt.NDArray[np.float64]
Holds = Literal["goals", "ratings", "ranks"]
Policies = Sequence[str] | Mapping[str, Mapping[str, str]] | Any
NOBODY = "(none)"


class SystemDataError(DissensusError, ValueError):
    """Data that does not make a system."""


def system_from(
    data: Any,
    *,
    by: str | Sequence[str],
    actions: Policies | None = None,
    about: str | None = None,
    options_are: Holds = "goals",
    rule: str = "plurality",
    comparability: Comparability = "ordinal",
    today: str | None = None,
    nested: bool = False,
    where: str | None = None,
    conflict: Any = "exclusive",
    level: str | None = None,
    levels: Sequence[str] = (),
    range: tuple[float, float] | None = None,
    symmetrise: bool = False,
    no_goal_conflict: Any = None,
    goal_set: Sequence[str] = (),
    **roles: Unpack[Arguments],
) -> Subject:
    r"""A system whose parts are the segments of a population.

    .. math:: u_S(a) = 1 - r_S(a), \qquad r_S(a) = \frac{1}{|T_a|} \sum_{t \in T_a}
        (C p_{S,t})_{a_t}

    ============== =========== ================================================================
    symbol         shape       meaning
    ============== =========== ================================================================
    :math:`u_S(a)` [0, 1]      utility of an action for a segment: chance that a random member
                               does not conflict with it
    :math:`T_a`    areas       problem areas that the action is about; :math:`a_t` the goal that
                               it serves in each
    :math:`p_S`    ``(k,)``    share of the segment that holds each goal
    :math:`C`      ``(k, k)``  conflict between goals
    ============== =========== ================================================================

    A segment's standing is its share of the population.

    Parameters
    ----------
    data : Population, path, frame or mapping of columns
        As in :func:`dissensus.misalignment`, with its roles.
    by : str or list of str
        Columns whose crossed values are the segments.
    actions : list of goals, mapping of policy to {area: goal}, or table, optional
        What can be done: goals of one problem area (all, by default), or policies over several;
        a table of policies has the columns policy, area and goal.
    about : str, optional
        The problem area that the options are about, if the data has several and ``actions``
        names no policies.
    options_are : {'goals', 'ratings', 'ranks'}
        ``ratings``: the problem areas are the options and goals are numbers, higher is better;
        ``ranks``: likewise, 1 is best. A segment's utility is its mean rating, or minus its mean
        rank.
    rule : str
        How the system decides today, if it does.
    comparability : {'ordinal', 'range', 'unit', 'full'}
        Frictions order the actions of a segment; declare more if they mean more.
    today : str, optional
        The action that is taken today.
    nested : bool
        Segments inside segments: each value of the first column of ``by`` is a part that is a
        system of the segments of the next column, down to those who hold the same goal. For the
        mechanism ``levels``.
    where, conflict, level, levels, range, symmetrise, no_goal_conflict, goal_set, **roles
        As in :func:`dissensus.misalignment`.

    Returns
    -------
    Subject
        With its ``system``; `dissensus.audit`, `reflexivity` and `alignment` take it.

    Raises
    ------
    DissensusError
        Whatever the user can mend: several problem areas and none named, an unknown goal.

    Examples
    --------
    Six in ten users are young and want clips, the others read news; all can live with a mix:

    >>> import dissensus as ds
    >>> wants = {"agent": range(10), "age": ["young"] * 6 + ["old"] * 4,
    ...          "goal": ["clips"] * 5 + ["mix"] + ["news"] * 3 + ["mix"]}
    >>> feed = ds.system_from(wants, by="age")
    >>> [(part.name, part.standing, part.utilities.round(3).tolist()) for part in feed.system.parts]
    [('old', 0.4, [0.0, 0.25, 0.75]), ('young', 0.6, [0.833, 0.167, 0.0])]
    """
    given = {
        name: value
        for name, value in locals().items()
        if name in (*ConflictOptions.model_fields, "by", "where")
    }
    options = options_of(given | model_arguments(roles))
    population = data if isinstance(data, Population) else Population(data, **role_arguments(roles))
    return system_of_segments(
        population,
        options.conflict,
        options.measure,
        actions=actions,
        about=about,
        options_are=options_are,
        rule=rule,
        comparability=comparability,
        today=today,
        nested=nested,
    )


def system_of_segments(
    population: Population,
    conflicts: ConflictOptions,
    measure: MeasureOptions,
    *,
    actions: Policies | None = None,
    about: str | None = None,
    options_are: Holds = "goals",
    rule: str = "plurality",
    comparability: Comparability = "ordinal",
    today: str | None = None,
    nested: bool = False,
) -> Subject:
    """Return the system that options describe; see `system_from`."""
    if not measure.by:
        raise SystemDataError(
            "a population without segments",
            "columns whose values are the segments: they become the parts",
            "pass by=..., for example by='party'",
        )
    single_goals(population, "system_from")
    asked = Asked(population, conflicts, measure)
    tally = asked.counted.tally
    if nested:
        return _nested(asked, about, rule, comparability, today)
    if options_are != "goals":
        names, utilities = _scored(tally, options_are)
        used = np.arange(tally.areas.size)
    elif actions is not None and not _is_names(actions):
        names, utilities, used = _policies(asked, tally, _read_policies(actions))
    else:
        place = _one_area(tally, about)
        goals = [str(goal) for goal in tally.goals.take(_goals(tally, place)).to_pylist()]
        names = list(actions) if actions is not None else goals
        value = _frictionless(asked, tally, place)
        utilities = np.stack([value[:, _place(name, goals)] for name in names], axis=1)
        used = np.array([place])
    standing = _standing(tally, used)
    kept = (standing > 0) & ~np.isnan(utilities).any(axis=1)
    lost = [name for name, keep in zip(_names(tally), kept, strict=True) if not keep]
    parts = [
        Part(name, u, standing=float(w))
        for name, u, w, keep in zip(_names(tally), utilities, standing, kept, strict=True)
        if keep
    ]
    system = System(parts, World.of(names), rule, comparability)
    # what a filter leaves out is what the user wanted out
    told = lost and not measure.where
    notes = [f"segments without data left out: {quoted(lost)}"] if told else []
    source = dict(population.source.about)
    title = f"{' and '.join(measure.by)} of {source.get('path') or source.get('kind', 'the data')}"
    return Subject(
        Case(system, today=today),
        title=title,
        source={**source, "tally": tally.digest(), "by": list(measure.by), "about": about},
        notes=tuple(notes),
        people_misalignment=_people(asked, used),
    )


def _nested(
    asked: Asked, about: str | None, rule: str, comparability: Comparability, today: str | None
) -> Subject:
    """Tree of segments inside segments, of one problem area."""
    tally, by = asked.counted.tally, asked.measure.by
    place = _one_area(tally, about)
    goals = [as_text(goal) for goal in tally.goals.take(_goals(tally, place)).to_pylist()]
    system = nested_system(tally, place, goals, rule, comparability)
    source = dict(asked.population.source.about)
    where = source.get("path") or source.get("kind", "the data")
    return Subject(
        Case(system, today=today),
        title=f"{', then '.join(by)}, of {where}",
        source={**source, "tally": tally.digest(), "by": list(by), "about": about},
        notes=("agents without a goal are in no part; the lowest parts are holders of one goal",),
        people_misalignment=_people(asked, np.array([place])),
    )


def _people(asked: Asked, areas: npt.NDArray[np.int64]) -> float | None:
    """Mean misalignment of the agents behind the parts, over the areas that the options are in."""
    everyone = asked.everyone
    if everyone.segments.names:
        return None
    values = asked.within(everyone).misalignment[np.isin(everyone.cell_area, areas)]
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None


def _one_area(tally: Tally, area: str | None) -> int:
    if "area" not in tally.areas.names:
        return 0
    known = [as_text(name) for name in tally.areas.table.column("area").to_pylist()]
    if area is None and len(known) == 1:
        return 0
    if area is None:
        raise SystemDataError(
            f"{len(known):,} problem areas: {quoted(known)}",
            "one of them, whose goals are the options, or policies over several",
            f"pass about={known[0]!r}, or actions={{policy: {{area: goal}}}}",
        )
    if area not in known:
        raise SystemDataError(
            f"no problem area {area!r}", "one of the data", nearest(area, known[:5000])
        )
    return known.index(area)


def _goals(tally: Tally, area: int) -> npt.NDArray[np.int64]:
    return tally.area_goals[tally.area_offsets[area] : tally.area_offsets[area + 1]]


def _frictionless(asked: Asked, tally: Tally, area: int) -> Floats:
    """Chance that a member of each segment does not conflict with each goal, (segments, k)."""
    cells = np.flatnonzero(tally.cell_area == area)
    width = int(tally.goal_counts[area])
    conflicts = asked.model.of(tally)
    masses = tally.dense(cells, width).astype(np.float64)
    people = np.asarray(tally.population.values, dtype=np.float64)[cells]
    met = friction(masses, conflicts.of(np.array([area]), tally.area_offsets))
    silence = conflicts.silence_of(np.array([area]), tally.area_offsets)
    if silence is not None:
        without = np.asarray(tally.without_goal.values, dtype=np.float64)[cells]
        met = met + without[:, None] * silence
    out = np.full((tally.segments.size, width), np.nan)
    some = people > 0
    out[tally.cell_segment[cells[some]]] = 1 - met[some] / people[some, None]
    return out


def _policies(
    asked: Asked, tally: Tally, policies: Mapping[str, Mapping[str, str]]
) -> tuple[list[str], Floats, npt.NDArray[np.int64]]:
    """Mean over the areas of each policy."""
    known: dict[int, tuple[list[str], Floats]] = {}
    columns = []
    for name, goals in policies.items():
        if not goals:
            raise SystemDataError(
                f"policy {name!r} is about no problem area", "a goal in one", "name one, or drop it"
            )
        values = []
        for area, goal in goals.items():
            place = _one_area(tally, str(area))
            if place not in known:
                held = tally.goals.take(_goals(tally, place)).to_pylist()
                known[place] = [str(one) for one in held], _frictionless(asked, tally, place)
            named, value = known[place]
            values.append(value[:, _place(str(goal), named)])
        columns.append(np.mean(values, axis=0))
    return list(policies), np.stack(columns, axis=1), np.array(sorted(known))


def _is_names(actions: Any) -> bool:
    listed = isinstance(actions, Sequence) and not isinstance(actions, str)
    return listed and all(isinstance(name, str) for name in actions)


def _read_policies(actions: Any) -> dict[str, dict[str, str]]:
    """Goal of each policy in each problem area, from a mapping or a table."""
    if isinstance(actions, Mapping) and all(isinstance(v, Mapping) for v in actions.values()):
        return {str(name): dict(goals) for name, goals in actions.items()}
    source = open_source(actions)
    columns = ("policy", "area", "goal")
    missing = [name for name in columns if name not in source.schema]
    if missing:
        raise SystemDataError(
            f"a table of policies without {quoted(missing)}",
            "the columns policy, area and goal",
            f"rename its columns: {quoted(source.columns, 6)}",
        )
    out: dict[str, dict[str, str]] = {}
    for row in collect(source.frame.select(*columns)).to_pylist():
        out.setdefault(as_text(row["policy"]), {})[as_text(row["area"])] = as_text(row["goal"])
    return out


def _scored(tally: Tally, options_are: Holds) -> tuple[list[str], Floats]:
    """Mean number that each segment holds in each area, (segments, areas)."""
    if "area" not in tally.areas.names:
        raise SystemDataError(
            f"{options_are} without problem areas", "one problem area an option", "pass area=..."
        )
    texts = [str(goal) for goal in tally.goals.to_pylist()]
    try:
        numbers = np.array([float(text) for text in texts])
    except ValueError:
        bad = next(text for text in texts if not _is_number(text))
        raise SystemDataError(
            f"goal {bad!r} among {options_are}",
            "goals that are numbers",
            "name it under no_goal, or recode it with goal_map",
        ) from None
    out = np.full((tally.segments.size, tally.areas.size), np.nan)
    for cell in range(len(tally.cell_area)):
        start, end = tally.entry_offsets[cell], tally.entry_offsets[cell + 1]
        area = tally.cell_area[cell]
        mass = np.asarray(tally.entries.values[start:end], dtype=np.float64)
        if mass.sum() > 0:
            held = numbers[_goals(tally, int(area))[tally.entry_goal[start:end]]]
            mean = float(mass @ held / mass.sum())
            out[tally.cell_segment[cell], area] = -mean if options_are == "ranks" else mean
    names = [as_text(name) for name in tally.areas.table.column("area").to_pylist()]
    return names, out


def _standing(tally: Tally, areas: npt.NDArray[np.int64]) -> Floats:
    """Share of each segment in the population, mean over the areas, (segments,)."""
    people = np.asarray(tally.population.values, dtype=np.float64)
    shares = np.zeros(tally.segments.size)
    for area in areas:
        cells = np.flatnonzero(tally.cell_area == area)
        total = people[cells].sum()
        if total > 0:
            np.add.at(shares, tally.cell_segment[cells], people[cells] / total / len(areas))
    return shares


def _names(tally: Tally) -> list[str]:
    columns = [tally.segments.table.column(name).to_pylist() for name in tally.segments.names]
    return [
        ", ".join(NOBODY if value is None else as_text(value) for value in row)
        for row in zip(*columns, strict=True)
    ]


def _place(goal: str, goals: Sequence[str]) -> int:
    if goal not in goals:
        raise SystemDataError(
            f"no goal {goal!r} in that problem area",
            "a goal that is held or declared",
            f"{nearest(goal, goals)}; or declare it: goal_set={[goal]!r}",
        )
    return goals.index(goal)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def subject_of_source(source: str, given: Mapping[str, Any], told: Mapping[str, Any]) -> Subject:
    """Return what a name on the command line is about: a scenario, a case, or data.

    Parameters
    ----------
    source : str
        A scenario file, a folder with one or a shipped case; else data as for ``measure``.
    given : mapping
        Options of a study that were given beside it.
    told : mapping
        Arguments of `system_from` besides; None for those that were not given.
    """
    told = {name: value for name, value in told.items() if value is not None}
    wants_data = bool(given) or bool(told)
    is_study = is_study_file(source) or (wants_data and source not in shipped_folders())
    scenario = None if is_study else scenario_of(source)
    if scenario is not None:
        if wants_data:
            raise SystemDataError(
                f"{quoted([*given, *told])} beside a scenario file",
                "options that are about data",
                "leave them out; --fix states a choice of the audit",
            )
        return subject_of(scenario)
    study = study_of(source)
    if study is None and not Path(source).exists() and "::" not in source and source != "-":
        return subject_of(source)  # names nothing: says so
    options = options_with(study or Study({"data": {"source": source}}), given)
    if "policies" in told:
        told["actions"] = told.pop("policies")
    population = population_of(options.data)
    subject = system_of_segments(population, options.conflict, options.measure, **told)
    if study is None:
        return subject
    return replace(subject, title=study.title or subject.title, question=study.question)


def is_study_file(source: str) -> bool:
    """Whether a name is that of a file that calls itself a study."""
    try:
        record = tomllib.loads(Path(source).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return str(record.get("schema", "")).startswith("dissensus/study")


def checked(file: str) -> str:
    """Look for mistakes in a scenario or study file; says what it is if there are none.

    Raises
    ------
    DissensusError
        All mistakes, each with its place.
    """
    if not is_study_file(file):
        scenario = load_scenario(file)
        system, axes = scenario.case.system, scenario.case.axes
        told = f"axes: {', '.join(axes)}" if axes else "all axes that it allows"
        return (
            f"{file} is a scenario without mistakes: {len(system.parts)} parts, "
            f"{len(system.actions)} actions; {told}."
        )
    options = options_with(load_study(file), {})
    population = population_of(options.data)
    conflict_model(options.conflict, population)
    columns = len(population.source.columns)
    return f"{file} is a study without mistakes: its data has {columns} columns."
