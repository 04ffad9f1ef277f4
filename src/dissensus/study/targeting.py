"""Whom can one agent or policy serve? Candidates against a population and all its segments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Unpack

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dissensus.engine.population import Population
from dissensus.engine.rows import DataError
from dissensus.measure.drivers import goals
from dissensus.measure.misalignment import Sampling, ratio, within
from dissensus.measure.serving import floors
from dissensus.model.keys import Codes, Keys
from dissensus.model.result import Result
from dissensus.model.tally import Mass, Tally
from dissensus.study.arguments import model_arguments
from dissensus.study.asking import Asked, given_population
from dissensus.study.design_arguments import SampleArguments, split_arguments
from dissensus.study.intensities import refuse_salience
from dissensus.study.options import Options
from dissensus.study.policies import policies
from dissensus.study.sampling import measured
from dissensus.study.second import Second, check_goals, joined_with, second
from dissensus.study.serving import Served, baselines, candidate_tables, served
from dissensus.study.several import single_goals
from dissensus.study.study_file import options_of
from dissensus.study.target_winners import with_indistinguishable

__all__ = ["answer", "target"]

Floats = npt.NDArray[np.float64]

_ROWS_AT_MOST = 20_000_000


def target(
    data: Any,
    *,
    by: str | Sequence[str] = (),
    candidates: Any = None,
    candidate: str | Sequence[str] = (),
    mixtures: bool = False,
    where: str | None = None,
    over: str | None = None,
    sampling: Sampling | None = None,
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
    **roles: Unpack[SampleArguments],
) -> Result:
    r"""Whom can one agent serve: each candidate's misalignment with everyone and every segment.

    .. math:: M(c, s) = q_c^\top C p_s, \qquad \min_c M(c, H), \quad \min_c \max_s M(c, s)

    ============ ========= ============ ==========================================================
    symbol       shape     range        meaning
    ============ ========= ============ ==========================================================
    :math:`q_c`  ``(k,)``  [0, 1]       goals of candidate c: one goal, or shares of several
    :math:`p_s`  ``(k,)``  [0, 1]       share of segment s that holds each goal
    :math:`C`    ``(k,k)`` [0, 1]       conflict between goals, zero diagonal
    ============ ========= ============ ==========================================================

    Parameters
    ----------
    conflict, level, levels, range, symmetrise, directed, no_goal_conflict, goal_set
        As in :func:`dissensus.misalignment`.
    data, by, where, over, sampling, area_weights, min_minority, segments_from_answers, **roles
        As in :func:`dissensus.misalignment`; ``where`` filters the population, not the
        candidates. Of a lopsided table M(population -> candidate) is given.
    candidates : Population, path, frame or mapping, optional
        Agents or policies to judge, read with the roles of ``data`` as far as they have its
        columns; a study file or the name of an example brings its own. If not given, each goal of
        the population is a candidate that holds it wherever it can be held.
    candidate : str or list of str
        Columns of ``candidates`` that tell them apart; their agents if not given. Several rows of
        one candidate in an area are a mixture.
    mixtures : bool
        The mixture of goals that is best for the segment it serves worst, in each area alone and
        as one policy over all areas, and the goals on the Pareto frontier of mixtures.

    Returns
    -------
    Result
        ``rows``: one per area and candidate. ``tables``: ``overall``, means over the areas that a
        candidate is in; ``segments``, its value with each segment; ``baselines``: U(H), floor and
        ceiling of the population and each segment; those that begin with ``area_`` are per area.
        Order, minimiser, minimax and Pareto go by ``conditional_misalignment``, since a
        candidate that refuses everything conflicts with nobody; those without any goal have no
        place. A value is 0 if the candidate conflicts with nobody, never below ``floor`` for a
        candidate that always holds a goal.

        Of a sample (``design="sample"``) ``is_indistinguishable`` marks the candidates that cannot
        be told from the best one.

    Raises
    ------
    DissensusError
        Whatever the user can mend.

    References
    ----------
    [kierans2022]_, Eq. 1, for an agent and a population.

    Examples
    --------
    >>> import dissensus as ds
    >>> votes = {"agent": [1, 2, 3, 4], "goal": ["ban", "ban", "ban", "allow"]}
    >>> result = ds.target(votes)
    >>> list(zip(*(result.rows[name].to_pylist() for name in ("candidate", "misalignment"))))
    [('ban', 0.25), ('allow', 0.75)]
    """
    given = {name: value for name, value in locals().items() if name not in ("data", "roles")}
    named, design = split_arguments(roles)
    options = options_of(given | model_arguments(named) | design)
    return answer(given_population(data, named), options)


def answer(population: Population, options: Options) -> Result:
    """Answer the question that the options ask.

    Raises
    ------
    DissensusError
        Whatever the user can mend.
    """
    refuse_salience(population, "target")
    chosen = options.target
    if chosen.candidate and chosen.candidates is None:
        raise DataError(
            "candidate columns without candidates", "candidates=...", "name the second table"
        )
    single_goals(population, "target")
    if options.design.differences or options.design.excess_test:
        raise DataError(
            "differences asked of target",
            "populations: measure or between",
            "leave them out; is_indistinguishable compares the candidates",
        )
    asked = Asked(population, options.conflict, measured(options), options.design)
    tally, everyone = asked.counted.tally, asked.everyone
    if everyone.segments.names and everyone.segments.size > 1 and tally.entries.agents is None:
        raise DataError(
            "shares of several segments, whose sizes are unknown",
            "numbers of agents, since a candidate is judged by everyone too",
            "use count= instead of share=, or choose one segment with where=",
        )
    if chosen.candidates is None:
        words = population.labels.values.get(str(population.roles.goal), {})
        others = _goals_as_candidates(everyone, words)
    else:
        others = second(chosen.candidates, asked, chosen.candidate, "candidates")
    pairs = len(others.tally.cell_area) * max(tally.segments.size, 1)
    if pairs > _ROWS_AT_MOST:
        raise DataError(
            f"{pairs:,} rows: every candidate with every segment in every area",
            f"at most {_ROWS_AT_MOST:,} rows",
            "merge segments, or choose areas with where=",
        )
    whole = _served(asked, everyone, others)
    parts = _served(asked, tally, others) if options.measure.by else None
    tables, more = candidate_tables(asked, whole, parts, others)
    if asked.sample:
        for name in ("rows", "overall"):
            tables[name] = with_indistinguishable(
                asked, asked.sample, whole, tables[name], over_areas=name == "overall"
            )
    tables |= _baselines(asked, whole, parts)
    if chosen.mixtures:
        tables |= policies(asked, tally)
    readings, table = asked.readings(
        lambda reading: asked.everyone_mean(reading.tally), of=everyone
    )
    line = asked.head_line(readings, table)
    more |= {"candidates": len(others.names), "candidates_are": _kind(chosen.candidates)}
    rows = tables.pop("rows")
    notes = []
    areas = tables["overall"]["areas"].to_pylist()
    if areas and chosen.candidates is not None and min(areas) < max(areas):
        notes.append(
            f"candidates are in {min(areas):,} to {max(areas):,} problem areas: means over "
            "different areas compare only so far"
        )
    return asked.result("target", rows, {**tables, "readings": table}, line, more, notes)


def _kind(candidates: Any) -> str:
    return "goals of the population" if candidates is None else "a second table"


def _served(asked: Asked, tally: Tally, others: Second) -> Served:
    both = joined_with(tally, others.tally, "candidates")
    unbounded = asked.model.name == "interval" and asked.model.span is None
    check_goals(tally, others.tally, both, "candidates", by_area=unbounded)
    weights = asked.area_weights(tally)
    return served(
        both, asked.model.of(both.tally), None if weights is None else weights[both.area_a]
    )


def _baselines(asked: Asked, whole: Served, parts: Served | None) -> dict[str, pa.Table]:
    """U, floor and ceiling of everyone and of each segment, over the areas of the candidates."""

    def of(tally: Tally) -> list[Floats]:
        conflicts = asked.model.of(tally)
        size = len(tally.cell_area)
        others = within(tally, conflicts, "distinct-pairs")
        part = tally.holders.values.astype(np.float64)
        participation = ratio(part, tally.population.values, part > 0)
        among = floors(goals(tally, replace(conflicts, silence=None)), size)
        return [
            others.misalignment,
            *floors(goals(tally, conflicts), size),
            others.conditional_misalignment,
            *(limit / participation for limit in among),
        ]

    tallies = [(whole, asked.everyone)]
    if parts is not None:
        tallies.append((parts, asked.counted.tally))
    return baselines(asked, [(one.joined.area_a, tally, of(tally)) for one, tally in tallies])


def _goals_as_candidates(tally: Tally, words: Mapping[str, str]) -> Second:
    """Each goal as an agent that holds it in every area that lists it."""
    area: Codes = np.repeat(np.arange(tally.areas.size), tally.goal_counts)
    goal = np.arange(len(tally.area_goals)) - tally.area_offsets[area]
    one = np.ones(len(area), dtype=np.int64)
    names = tally.goals.to_pylist()
    candidates = Tally(
        areas=tally.areas,
        segments=Keys(pa.table({"candidate": tally.goals}), len(names)),
        goals=tally.goals,
        area_offsets=tally.area_offsets,
        area_goals=tally.area_goals,
        cell_area=area,
        cell_segment=tally.area_goals.astype(np.int64),
        entry_offsets=np.arange(len(area) + 1),
        entry_goal=goal,
        entries=Mass(one),
        kinds=(),
        silent=Mass(np.zeros((len(area), 0), dtype=np.int64)),
    )
    return Second(None, candidates, names, [words.get(name) for name in names])
