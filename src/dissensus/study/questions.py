"""The questions: one function a question, from a population to a result."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any, Unpack

import pyarrow as pa

from dissensus.engine.population import Population, RoleArguments
from dissensus.engine.rows import DataError
from dissensus.measure.between import Between, count_pairs
from dissensus.measure.misalignment import Sampling
from dissensus.model.result import Result
from dissensus.model.salience import SalienceMean
from dissensus.model.tally import Tally
from dissensus.study.any_area import any_area_table
from dissensus.study.arguments import model_arguments
from dissensus.study.asking import Asked, given_population, population_of
from dissensus.study.description import description, description_of
from dissensus.study.design_arguments import SampleArguments, split_arguments
from dissensus.study.intensities import between_intensities, with_total
from dissensus.study.judging import judged_ranges
from dissensus.study.networks import network_tables
from dissensus.study.normalising import normalised
from dissensus.study.options import Options
from dissensus.study.readings import Reading
from dissensus.study.sample_differences import (
    differences_between,
    differences_within,
    excess_columns,
    findings,
)
from dissensus.study.sample_tables import cell_errors, pair_errors, with_mean_pair_errors
from dissensus.study.sampling import measured, refuse_unbuilt
from dissensus.study.study_file import options_of
from dissensus.study.tables import between_rows, mean_between, within_rows

__all__ = ["ask", "between", "describe", "misalignment"]

# questions that have a file of their own, read when they are asked
_ELSEWHERE = {
    "compare": "comparing",
    "explain": "explaining",
    "mix": "mixing",
    "target": "targeting",
}
# beyond it the readings of a pair of segments are not worth their rows
_PAIRS_WITH_READINGS = 200
# rows of the result that are still worth holding
_PAIRS_AT_MOST = 10_000_000


def misalignment(
    data: Any,
    *,
    by: str | Sequence[str] = (),
    where: str | None = None,
    over: str | None = None,
    sampling: Sampling | None = None,
    salience_mean: SalienceMean = "geometric",
    attention_shares: bool = False,
    normalise: str | Sequence[str] = (),
    companions: str | Sequence[str] = (),
    order: float = 2.0,
    sensitivity: float = 1.0,
    pairs: Any = None,
    area_weights: Any = None,
    min_minority: float = 0.0,
    in_any_area: bool = False,
    segments_from_answers: bool = False,
    conflict: Any = "exclusive",
    level: str | None = None,
    levels: Sequence[str] = (),
    range: tuple[float, float] | None = None,
    symmetrise: bool = False,
    directed: bool = False,
    pairing: str = "auto",
    no_goal_conflict: Any = None,
    goal_set: Sequence[str] = (),
    **roles: Unpack[SampleArguments],
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
        see :class:`dissensus.Population`), and of a sample how it was drawn (``design=``,
        ``strata=``, ``cluster=`` ..., see
        :class:`~dissensus.study.design_arguments.DesignArguments`).
    by : str or list of str
        Segment columns of the data or the roster: one row per crossed segment.
    where : str, optional
        Keep rows: ``column OP value`` joined by ``and``, with ``= != < <= > >= in``. The areas and
        their goals are those seen before.
    over : str, optional
        Repeat the question for each value of this column: a year, a congress.
    sampling : {'with-replacement', 'distinct-pairs'}, optional
        V: an agent may meet itself and agrees with itself; or U: two different agents. V unless
        given, but U for a sample: V of a sample is too small.
    salience_mean : {'geometric', 'arithmetic', 'harmonic', 'min', 'max', 'none'}
        Where the roles name a salience: the conflict of a pair is multiplied by this mean of what
        the two care, into the columns ``intensity`` and ``conditional_intensity``.
    attention_shares : bool
        Saliences of an agent sum to at most 1 over the areas: ``total_intensity`` in the means is
        the sum over the areas.
    normalise : str or list of str
        Columns beside the value, each null with a reason outside its domain: ``asymptotic``
        (V k / (k - 1)), ``finite`` (the value by its maximum for n agents), ``attainable`` (V by
        the largest that any shares of the goals can reach).
    companions : str or list of str
        What other fields measure on the same shares, each null with a reason outside its domain:
        ``shannon`` (bits), ``effective_number`` (of camps), ``fractionalisation``, ``rice``,
        ``agreement_index``, ``reynal_querol``, ``esteban_ray``, ``van_der_eijk``. All but the
        effective number and the agreement index are among those with a goal.
    order : float
        Order q of the effective number; 2 makes it 1 / (1 - V).
    sensitivity : float
        Esteban and Ray's alpha, in (0, 1.6].
    pairs : path, frame or mapping of columns, optional
        Edges of a network, with the columns ``agent_a``, ``agent_b`` (for an agent column ``x``:
        ``x_a``, ``x_b``) and perhaps ``weight``: the same values of pairs that meet, in
        ``tables['network']`` and ``tables['area_network']``.
    area_weights : mapping or table, optional
        Weights of the areas in the means (area to weight, or columns id and weight).
    min_minority : float
        Leave out near-unanimous areas: those in which fewer than this share of those with a goal
        hold another one than most do. Of everyone, whatever the segments.
    in_any_area : bool
        ``tables['any_area']``: how likely two agents conflict in at least one problem area, from
        what each holds in all of them, and between which bounds the areas alone leave it.
    segments_from_answers : bool
        The segments were made from these same answers (opinion clusters): a note says so.
    conflict : str, path, callable, mapping, table or array
        The name of a model (``exclusive``, ``ordinal``, ``interval``, ``ranking``, ``budget``,
        ``utility``, ``co-holding``, ``judged``), a callable that judges the texts of two goals,
        or a table of conflict.
    level, levels, range
        For ``ordinal``: a level column, or the goals from lowest to highest. For ``interval``: a
        level column, and the lowest and highest value possible. What other models need is given
        likewise: ``costs``, ``budget``, ``budget_test``; ``utilities``; ``judgements``,
        ``judgement_error``, ``judgement_flips``.
    symmetrise, directed : bool
        What to do with a lopsided table: use the mean of both ways, or keep both.
    pairing : str
        Where agents hold several goals (``holds="several"``), or draws: how the goals of two agents
        become one conflict. ``any`` (the default of several): the worst of all pairs of goals;
        ``independent``: each pair may clash on its own; ``mean``: one goal of each; ``points``,
        ``probability``, ``draws`` (the default where there are such): by the amounts. The result
        then has ``internal_conflict``, that of an agent's own goals, and ``method``: ``exact``, or
        ``sampled`` with an ``error_bound``.
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
    given = {name: value for name, value in locals().items() if name not in ("data", "roles")}
    named, design = split_arguments(roles)
    options = options_of(given | model_arguments(named) | design)
    return _misalignment(given_population(data, named), options)


def between(
    data: Any,
    *,
    by: str | Sequence[str],
    where: str | None = None,
    over: str | None = None,
    sampling: Sampling | None = None,
    salience_mean: SalienceMean = "geometric",
    attention_shares: bool = False,
    pairs: Any = None,
    area_weights: Any = None,
    min_minority: float = 0.0,
    segments_from_answers: bool = False,
    conflict: Any = "exclusive",
    level: str | None = None,
    levels: Sequence[str] = (),
    range: tuple[float, float] | None = None,
    symmetrise: bool = False,
    directed: bool = False,
    pairing: str = "auto",
    no_goal_conflict: Any = None,
    goal_set: Sequence[str] = (),
    **roles: Unpack[SampleArguments],
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
    data, by, where, over, pairs, area_weights, min_minority, segments_from_answers, **roles
        As in :func:`misalignment`.
    salience_mean, attention_shares
        As in :func:`misalignment`.
    conflict, level, levels, range, symmetrise, pairing, no_goal_conflict, goal_set
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
    given = {name: value for name, value in locals().items() if name not in ("data", "roles")}
    named, design = split_arguments(roles)
    options = options_of(given | model_arguments(named) | design)
    return _between(given_population(data, named), options)


def describe(data: Any, **roles: Unpack[RoleArguments]) -> Result:
    """How is my data read? Columns, roles, the three states of a cell, the other readings.

    Parameters
    ----------
    data, **roles
        As in :func:`misalignment`; of rows, roles that are not known yet may be left out.

    Returns
    -------
    Result
        ``rows``: one per column of the data. ``tables['states']``: cells that hold a goal, hold
        none, or are outside; ``tables['goals']``: how many hold each; ``tables['readings']``: the
        value under each reading of cells without a goal. ``summary['study']``: the same as a
        study file would say it.

    Raises
    ------
    DissensusError
        Whatever the user can mend, but for roles that are missing.

    Examples
    --------
    >>> import dissensus as ds
    >>> result = ds.describe({"agent": [1, 2], "goal": ["ban", None]}, null_goal="no-goal")
    >>> result.tables["states"].column("state").to_pylist()
    ['holds a goal', 'no goal']
    """
    if isinstance(data, Population):
        return description_of(given_population(data, roles), Options())
    return ask("describe", options_of({"source": data, **roles}))


def ask(question: str, options: Options) -> Result:
    """Ask a question that is declared in a study file or on the command line.

    Raises
    ------
    DissensusError
        Whatever the user can mend.
    """
    if question == "describe":
        return description(options.data, options)
    if question in _ELSEWHERE:
        if question != "target":
            refuse_unbuilt(question, options.design)
        if options.measure.pairs is not None:
            raise DataError(
                f"pairs from a network asked of {question}",
                "a question about misalignment along edges",
                "ask measure or between, or leave out pairs",
            )
        if options.measure.in_any_area:
            raise DataError(
                f"in_any_area asked of {question}",
                "a question about the misalignment of a population",
                "ask measure, or leave out in_any_area",
            )
        answer = import_module(f"dissensus.study.{_ELSEWHERE[question]}").answer
        found: Result = answer(population_of(options.data), options)
        return found
    population = population_of(options.data)
    if question == "between":
        return _between(population, options)
    return _misalignment(population, options)


def _misalignment(population: Population, options: Options) -> Result:
    measure = measured(options)
    if options.design.excess_test:
        raise DataError(
            "excess_test of populations alone", "pairs of segments", "ask between, with by="
        )
    asked = Asked(population, options.conflict, measure, options.design)
    tally = asked.counted.tally
    values = asked.within(tally)
    sampling = measure.sampling
    beside, causes = normalised(tally, asked.model.of(tally), values, sampling, measure.normalise)
    more, why = asked.beside(tally)
    beside, causes = more | beside, [*causes, *why]
    if asked.sample:
        errors, reasons = cell_errors(asked.sample, tally)
        beside, causes = beside | errors, [*causes, *reasons]
    rows = within_rows(tally, values, population.labels, beside, causes)
    overall = asked.within_means()
    readings, table = asked.readings(
        lambda reading: asked.everyone_mean(reading.tally), of=asked.everyone
    )
    line = asked.head_line(readings, table)
    met = network_tables(asked)
    ranges = judged_ranges(asked)
    tables = {"overall": overall, **met.tables, **ranges.tables, "readings": table}
    if measure.in_any_area:
        tables["any_area"] = any_area_table(asked)
    if asked.sample:
        rows, found = differences_within(asked.sample, rows, overall)
        tables |= found
    notes = [*met.notes, *ranges.notes, *findings(tables)]
    return asked.result("misalignment", rows, tables, line, ranges.summary, notes)


def _between(population: Population, options: Options) -> Result:
    conflicts, measure = options.conflict, measured(options)
    if not measure.by:
        raise DataError(
            "between without segments",
            "columns whose values are the segments",
            "pass by=..., for example by='party'",
        )
    if measure.normalise:
        raise DataError(
            f"normalise={list(measure.normalise)} between populations",
            "values of one population: maxima are known for these alone",
            "ask misalignment (dissensus measure) with normalise=",
        )
    if measure.in_any_area:
        raise DataError(
            "in_any_area between populations",
            "a question about one population, or each segment",
            "ask misalignment (dissensus measure) with in_any_area=",
        )
    asked = Asked(population, conflicts, measure, options.design)
    tally, labels = asked.counted.tally, population.labels
    pairs = int(count_pairs(tally, directed=conflicts.directed).sum())
    if pairs > _PAIRS_AT_MOST:
        raise DataError(
            f"{pairs:,} rows: every pair of {tally.segments.size:,} segments in "
            f"{tally.areas.size:,} problem areas",
            f"at most {_PAIRS_AT_MOST:,} rows",
            "merge segments, or choose areas with where=",
        )

    def means(tally: Tally, values: Between, beside: Any) -> pa.Table:
        table = mean_between(tally, values, asked.area_weights(tally), labels, *beside)
        return with_total(table, measure)

    values = asked.between(tally)
    beside, causes = between_intensities(tally, asked.model.of(tally), values)
    overall = means(tally, values, (beside, causes))
    if asked.sample:
        estimates = asked.sample.estimates_between(tally, values)
        errors, reasons = pair_errors(asked.sample, tally, values, estimates)
        beside, causes = beside | errors, [*causes, *reasons]
        if options.design.excess_test:
            excess, why = excess_columns(asked.sample, tally, values)
            beside, causes = excess | beside, [*causes, *why]
        overall = with_mean_pair_errors(asked.sample, overall, tally, values, estimates)
    if overall.num_rows == 0:
        raise DataError(
            f"one segment of {', '.join(measure.by)}, and no area with two",
            "at least two segments in one problem area",
            "choose another column for by=, or widen where=",
        )

    def mean(reading: Reading) -> pa.Table:
        if overall.num_rows > _PAIRS_WITH_READINGS and not population.roles.share:
            return asked.everyone_mean(reading.tally.everyone())
        pair_values = asked.between(reading.tally)
        conflicts = asked.model.of(reading.tally)
        of_pairs = between_intensities(reading.tally, conflicts, pair_values)
        return means(reading.tally, pair_values, of_pairs)

    readings, table = asked.readings(mean, of=tally)
    line = asked.head_line(readings, table)
    met = network_tables(asked, values)
    ranges = judged_ranges(asked, values)
    tables = {"overall": overall, "within": asked.within_means(), **met.tables, **ranges.tables}
    rows = between_rows(tally, values, labels, beside, causes)
    if asked.sample:
        rows, found = differences_between(asked.sample, rows, overall, values, estimates)
        tables |= found
    notes = [*met.notes, *ranges.notes, *findings(tables)]
    tables["readings"] = table
    return asked.result("between", rows, tables, line, ranges.summary, notes)
