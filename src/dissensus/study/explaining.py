"""Why is misalignment what it is? Within and between, pairs of goals, pairs of segments, kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Unpack

import numpy as np
import pyarrow as pa

from dissensus.engine.counting import count
from dissensus.engine.population import Population, as_text
from dissensus.engine.rows import DataError
from dissensus.engine.sources import collect, open_source
from dissensus.errors import quoted
from dissensus.measure.between import count_pairs
from dissensus.measure.decomposition import Decomposition, decomposition, mean_within, restated
from dissensus.measure.drivers import goal_pairs, goals
from dissensus.measure.misalignment import Sampling
from dissensus.measure.negative_type import negative_types
from dissensus.model.keys import distinct
from dissensus.model.result import Result
from dissensus.model.tally import Tally
from dissensus.study.arguments import Arguments, model_arguments
from dissensus.study.asking import Asked, given_population
from dissensus.study.composites import composite_notes
from dissensus.study.intensities import refuse_salience
from dissensus.study.options import Options
from dissensus.study.parts import (
    AREA_PAIRS_AT_MOST,
    Mean,
    area_goal_pairs,
    area_goals,
    area_pairs,
    area_parts,
    area_totals,
    mean_goal_pairs,
    mean_goals,
    mean_pairs,
    mean_parts,
    mean_totals,
    part_codes,
)
from dissensus.study.several import single_goals
from dissensus.study.study_file import options_of

__all__ = ["answer", "explain"]

_PAIRS_AT_MOST = 30_000_000


def explain(
    data: Any,
    *,
    by: str | Sequence[str] = (),
    nested: bool = False,
    kind: str | None = None,
    kind_shares: Any = None,
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
    r"""Which segments, goals and kinds of agents make the misalignment of a population.

    .. math::

        V = \sum_a w_a^2 M_{aa} + 2 \sum_{a < b} w_a w_b M_{ab}
          = \sum_{i < j} 2 p_i p_j C_{ij}

    ================ ========= ==================================================================
    symbol           range     meaning
    ================ ========= ==================================================================
    :math:`w_a`      [0, 1]    share of the population that is in segment a
    :math:`M_{ab}`   [0, 1]    misalignment between segments a and b
    :math:`p_i`      [0, 1]    share of the population that holds goal i
    :math:`C_{ij}`   [0, 1]    conflict between goals i and j
    ================ ========= ==================================================================

    Parameters
    ----------
    conflict, level, levels, range, symmetrise, no_goal_conflict, goal_set
        As in :func:`dissensus.misalignment`.
    data, by, where, over, sampling, area_weights, min_minority, segments_from_answers, **roles
        As in :func:`dissensus.misalignment`.
    nested : bool
        Within and between at each level of ``by``, the widest first: continent, then country.
    kind : str, optional
        Column with the kind of agent (human, AI, composite): the blocks between kinds.
    kind_shares : mapping or table, optional
        Shares of the kinds in the whole, one for each kind, summing to 1: fifteen models and a
        thousand people have no natural union. If not given, the agents are counted as they stand.
    directed : bool
        Keep a lopsided table: friction is row by row; pairs use the mean of both ways.

    Returns
    -------
    Result
        ``rows``: per area and part (within, between), its ``contribution``; the parts sum to the
        misalignment. ``tables``: ``overall``, the same as means over the areas; ``totals`` with
        the mean within and Rao's between; ``segment_pairs`` with ``excess``; ``goal_pairs``,
        ``goals`` with friction, opposing group and influence; ``kinds``; those that begin with
        ``area_`` are per area. A contribution is 0 where nothing conflicts, and all of the
        misalignment where nothing else does.

    Raises
    ------
    DissensusError
        Whatever the user can mend.

    References
    ----------
    [kierans2022]_, Eq. 1 and 2; [rao1982]_.

    Examples
    --------
    >>> import dissensus as ds
    >>> teams = {"agent": list(range(9)), "goal": list("AABAABBBB"), "team": list("xxxyyyzzz")}
    >>> parts = ds.explain(teams, by="team").tables["overall"]
    >>> [round(share * 81, 9) for share in parts.column("contribution").to_pylist()]
    [32.0, 8.0]
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
    refuse_salience(population, "explain")
    chosen, measure = options.explain, options.measure
    if chosen.nested and len(measure.by) < 2:
        raise DataError(
            f"nested with by={list(measure.by)}",
            "two columns or more, the widest first",
            "pass by=['continent', 'country'], or leave nested out",
        )
    if chosen.kind_shares is not None and not chosen.kind:
        raise DataError(
            "kind_shares without kind", "the column with the kinds", "pass kind=... too"
        )
    single_goals(population, "explain")
    asked = Asked(population, options.conflict, measure)
    tally = asked.counted.tally
    _check_sizes(tally)
    conflicts = asked.model.of(tally)
    parts = decomposition(tally, conflicts, measure.sampling)
    mean = Mean.of(tally, parts.total, asked.area_weights(tally))
    names, part_of = part_codes(tally, parts, measure.by, nested=chosen.nested)
    own = asked.within(tally).misalignment
    within = mean_within(tally, own)
    types = negative_types(tally, conflicts)
    labels = population.labels
    tables = {
        "overall": mean_parts(tally, parts, names, part_of, mean),
        "totals": mean_totals(parts.total, within, types, mean),
        "area_totals": area_totals(tally, parts.total, within, types, labels),
    }
    notes: list[str] = []
    if measure.by:
        tables["segment_pairs"] = mean_pairs(tally, parts, mean, labels)
        if len(parts.cell_a) <= AREA_PAIRS_AT_MOST:
            tables["area_segment_pairs"] = area_pairs(tally, parts, labels)
        else:
            notes.append(
                f"{len(parts.cell_a):,} pairs of segments in single areas are left out of the "
                "record; the question between lists them"
            )
    everyone = asked.everyone
    of_everyone = asked.model.of(everyone)
    pairs = goal_pairs(everyone, of_everyone, measure.sampling)
    held = goals(everyone, of_everyone)
    words = labels.values.get(str(population.roles.goal), {})
    value = asked.within(everyone).misalignment
    tables["goal_pairs"] = mean_goal_pairs(everyone, pairs, value, mean, words)
    tables["goals"] = mean_goals(everyone, held, value, mean, words)
    tables["area_goal_pairs"] = area_goal_pairs(everyone, pairs, value, labels, words)
    tables["area_goals"] = area_goals(everyone, held, value, labels, words)
    if pairs.left_out:
        notes.append(f"of each area the 100 largest pairs of goals; {pairs.left_out:,} left out")
    shares = None
    if chosen.kind:
        by_kind = _by_kind(asked, chosen.kind)
        shares = _kind_shares(chosen.kind_shares, chosen.kind, by_kind)
        kind_tables, kind_notes = _kinds(asked, by_kind, shares)
        tables |= kind_tables
        notes += kind_notes
        if measure.sampling == "distinct-pairs" and chosen.kind_shares is not None:
            notes.append("of stated shares pairs within a kind are two different agents of it")
    readings, table = asked.readings(
        lambda reading: asked.everyone_mean(reading.tally), of=everyone
    )
    more = {
        "nested": chosen.nested,
        "kind": chosen.kind,
        "kind_shares": shares,
        "excess_sign": _sign(asked, types, everyone),
    }
    rows = area_parts(tally, parts, names, part_of, labels)
    line = asked.head_line(readings, table)
    return asked.result("explain", rows, {**tables, "readings": table}, line, more, notes)


def _check_sizes(tally: Tally) -> None:
    pairs = int(count_pairs(tally, directed=False).sum())
    if pairs > _PAIRS_AT_MOST:
        raise DataError(
            f"{pairs:,} pairs: every two of {tally.segments.size:,} segments in "
            f"{tally.areas.size:,} problem areas",
            f"at most {_PAIRS_AT_MOST:,} pairs",
            "merge segments, or choose areas with where=",
        )
    segments = len(distinct(np.sort(tally.cell_segment)))
    if tally.entries.agents is None and segments > 1:
        raise DataError(
            f"shares of {segments:,} segments, whose sizes are unknown",
            "numbers of agents, since within and between need the segments' sizes",
            "use count= instead of share=, or choose one segment with where=",
        )


def _by_kind(asked: Asked, kind: str) -> Tally:
    measure = asked.measure
    if measure.by == (kind,):
        return asked.counted.tally
    return count(
        asked.population,
        by=(kind,),
        over=measure.over,
        where=measure.where,
        goal_set=asked.model.declared,
    ).tally


def _kind_shares(value: Any, kind: str, tally: Tally) -> dict[str, float] | None:
    """Stated share of each kind, in the order of the kinds; None if none are stated."""
    if value is None:
        return None
    known = [_name(name) for name in tally.segments.table.column(kind).to_pylist()]
    if not isinstance(value, Mapping) or any(isinstance(v, list) for v in value.values()):
        source = open_source(value)
        if "share" not in source.schema or not {"id", kind} & set(source.schema):
            raise DataError(
                f"kind_shares: columns {quoted(source.columns, 6)}",
                "a table with the columns id and share",
                "rename its columns",
            )
        name = "id" if "id" in source.schema else kind
        table = collect(source.frame.select(name, "share"))
        listed = zip(table.column(0).to_pylist(), table.column(1).to_pylist(), strict=True)
        value = {as_text(name): share for name, share in listed}
    odd = sorted(set(value) ^ set(known))
    if odd:
        raise DataError(
            f"kind_shares: {'no kind' if odd[0] in value else 'no share for kind'} {odd[0]!r}",
            f"one share for each of {quoted(known, 8)}",
            "correct the names; 0 leaves a kind out of the whole",
        )
    try:
        shares = [float(value[name]) for name in known]
    except (TypeError, ValueError):
        shares = [float("nan")]
    if not all(share >= 0 for share in shares) or abs(sum(shares) - 1) > 1e-9:
        raise DataError(
            f"kind_shares {', '.join(f'{name}={value[name]}' for name in known)}",
            "shares of at least 0 that sum to 1",
            "divide them by their sum",
        )
    return dict(zip(known, shares, strict=True))


def _name(value: Any) -> str:
    return "" if value is None else as_text(value)


def _kinds(
    asked: Asked, tally: Tally, shares: Mapping[str, float] | None
) -> tuple[dict[str, pa.Table], list[str]]:
    """Blocks of the kinds, with their stated shares or as they are counted."""
    _check_sizes(tally)
    parts: Decomposition = decomposition(tally, asked.model.of(tally), asked.measure.sampling)
    notes = []
    if shares is None:
        notes.append(
            "the kinds are counted as they stand in the data; state their shares in the whole with "
            "kind_shares"
        )
    else:
        parts = restated(parts, tally, np.array(list(shares.values())))
    if not (~np.isnan(parts.total)).any():
        notes.append("no problem area has members of every kind: their blocks have no total")
    mean = Mean.of(tally, parts.total, asked.area_weights(tally))
    labels = asked.population.labels
    tables = {
        "kinds": mean_pairs(tally, parts, mean, labels),
        "area_kinds": area_pairs(tally, parts, labels),
    }
    (kind,) = tally.segments.names
    beside = [] if kind in asked.measure.by else composite_notes(tally)
    return tables, [*notes, *beside]


def _sign(asked: Asked, types: Any, everyone: Tally) -> str:
    """Say whether excess may be negative here, and why."""
    if types.all():
        return (
            "Excess is never negative here: conflict is of negative type, so that two populations "
            "conflict at least as much with each other as they do on average with themselves."
            + (
                " Drawn as distinct pairs it may be, by the number of agents alone."
                if asked.measure.sampling == "distinct-pairs"
                else ""
            )
        )
    silent = replace(everyone, kinds=tuple(replace(k, counted=False) for k in everyone.kinds))
    alone = negative_types(silent, asked.model.of(silent))
    where = "" if not types.any() else f" in {int((~types).sum()):,} of {len(types):,} areas"
    if alone.all():
        return (
            f"Excess may be negative{where}: having no goal conflicts less with two goals than "
            "these do with each other, so a silent segment conflicts less with a divided one than "
            "that one does with itself. It is no distance."
        )
    return (
        f"Excess may be negative{where}: the conflict table is not of negative type, some goal "
        "conflicts less with two goals than these do with each other. It is no distance."
    )
