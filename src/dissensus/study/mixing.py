"""What does adding agents do? The curve from the population to the added agents, and its peak."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Unpack

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dissensus.engine.population import Population, as_text
from dissensus.engine.rows import DataError
from dissensus.errors import quoted
from dissensus.measure.between import between
from dissensus.measure.misalignment import Sampling, pair_masses, ratio
from dissensus.model.conflict import AreaConflicts
from dissensus.model.joining import Joined, merged
from dissensus.model.keys import Codes, Keys
from dissensus.model.result import Result
from dissensus.model.tally import Tally
from dissensus.study.arguments import Arguments, model_arguments
from dissensus.study.asking import Asked, given_population
from dissensus.study.curves import Blocks, curve_tables
from dissensus.study.intensities import refuse_salience
from dissensus.study.options import Options
from dissensus.study.second import check_goals, joined_with, names_of, second
from dissensus.study.several import single_goals
from dissensus.study.study_file import options_of

__all__ = ["answer", "mix"]

Floats = npt.NDArray[np.float64]


def mix(
    data: Any,
    *,
    add: Any = None,
    split: Mapping[str, Any] | None = None,
    after: Any = None,
    steps: int = 20,
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
    r"""Misalignment of a population to which other agents are added, by their share.

    .. math:: V(t) = (1 - t)^2 M_{HH} + 2 t (1 - t) M_{HA} + t^2 M_{AA}

    ================ ========= ==================================================================
    symbol           range     meaning
    ================ ========= ==================================================================
    :math:`t`        [0, 1]    share of the added agents in the whole
    :math:`M_{HH}`   [0, 1]    misalignment of the population, or of one of its segments
    :math:`M_{HA}`   [0, 1]    between it and the added agents
    :math:`M_{AA}`   [0, 1]    of the added agents
    ================ ========= ==================================================================

    Parameters
    ----------
    conflict, level, levels, range, symmetrise, no_goal_conflict, goal_set
        As in :func:`dissensus.misalignment`.
    data, by, where, over, sampling, area_weights, min_minority, segments_from_answers, **roles
        As in :func:`dissensus.misalignment`.
    add : Population, path, frame or mapping
        The agents to add, all of them as one, read with the roles of ``data`` as far as they have
        its columns; a study file or the name of an example brings its own.
    split : mapping
        Instead of ``add``, a column and the value in it of those that are added to the others of
        the same data: ``{"kind": "AI"}``.
    after : as ``add``, optional
        The population afterwards: its goals may have changed too.
    steps : int
        The curve is given at t = 0, 1 / steps, ... 1.
    directed : bool
        Keep a lopsided table; pairs use the mean of both ways.

    Returns
    -------
    Result
        ``rows``: one per area, segment and share t. ``tables``: ``overall``, means over the areas
        in common; ``blocks``, the three parts, the excess, and the share at which misalignment
        peaks (``area_blocks`` per area). At t = 0 it is the population's own value, at t = 1 that
        of the added agents. With ``after`` also ``misalignment_after``, and the change in two
        parts: by adding, and by changed goals.

    Raises
    ------
    DissensusError
        Whatever the user can mend.

    References
    ----------
    [kierans2022]_, Eq. 1, for two blocks.

    Examples
    --------
    >>> import dissensus as ds
    >>> people = {"agent": [1, 2], "goal": ["ban", "allow"]}
    >>> bots = {"agent": ["m"], "goal": ["ban"]}
    >>> ds.mix(people, add=bots, steps=2).rows["misalignment"].to_pylist()
    [0.5, 0.375, 0.0]
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
    refuse_salience(population, "mix")
    chosen, measure = options.mix, options.measure
    if (chosen.add is None) == (chosen.split is None):
        raise DataError(
            "neither add nor split" if chosen.add is None else "add and split together",
            "the agents to add: a second table (add=), or some of the data (split=)",
            "pass add='bots.csv', or split={'kind': 'AI'}",
        )
    single_goals(population, "mix")
    asked = Asked(population, options.conflict, measure)
    if chosen.split is not None:
        base, added = _split(asked, options, chosen.split)
        added_name = ", ".join(f"{name} {value}" for name, value in chosen.split.items())
    else:
        base = asked.counted.tally
        others = second(chosen.add, asked, (), "add", merge=True)
        added, added_name = others.tally, "the added agents"
    if base.entries.agents is None and measure.by:
        raise DataError(
            "shares of several segments, whose sizes are unknown",
            "numbers of agents, since everyone together is mixed too",
            "use count= instead of share=, or leave by= out",
        )
    notes = []
    parts = []
    for tally in (_whole(base), *([base] if measure.by else [])):
        both = joined_with(tally, added, "add")
        unbounded = asked.model.name == "interval" and asked.model.span is None
        if unbounded:
            check_goals(tally, added, both, "add", by_area=True)
        parts.append(_blocks(asked, tally, both))
    strange = sorted(_held(added) - set(base.goals.to_pylist()))
    if strange:
        notes.append(f"the added agents hold goals that nobody else does: {quoted(strange)}")
    lost = base.areas.size - len(parts[0].areas)
    if lost:
        notes.append(f"{lost:,} problem areas of the population are not among those of add")
    if chosen.after is not None:
        parts = _with_after(asked, options, parts, added)
    tables, more = curve_tables(asked, parts, chosen.steps)
    rows = tables.pop("rows")
    readings, table = asked.readings(
        lambda reading: asked.everyone_mean(reading.tally), of=asked.everyone
    )
    line = asked.head_line(readings, table)
    more |= {"added": added_name, "with_after": chosen.after is not None}
    return asked.result("mix", rows, {**tables, "readings": table}, line, more, notes)


def _whole(tally: Tally) -> Tally:
    return tally if tally.entries.agents is None else tally.everyone()


def _held(tally: Tally) -> set[str]:
    area = np.repeat(tally.cell_area, np.diff(tally.entry_offsets))
    goal = tally.area_goals[tally.area_offsets[area] + tally.entry_goal]
    names = tally.goals.to_pylist()
    return {names[i] for i in np.unique(goal)}


def _split(asked: Asked, options: Options, split: Mapping[str, Any]) -> tuple[Tally, Tally]:
    """Count the data with the column of the split, and take it apart."""
    if len(split) != 1:
        raise DataError(
            f"split by {quoted(split)}", "one column and one value", "pass split={'kind': 'AI'}"
        )
    (column, value), by = next(iter(split.items())), options.measure.by
    finer = Asked(
        asked.population,
        options.conflict,
        options.measure.model_copy(update={"by": tuple(dict.fromkeys((*by, column)))}),
    ).counted.tally
    if finer.entries.agents is None:
        raise DataError(
            "shares to split, of groups whose sizes are unknown", "numbers of agents", "use count="
        )
    chosen = _has(finer, column, value)
    if chosen.all() or not chosen.any():
        values = finer.segments.table.column(column).unique().drop_null().to_pylist()
        raise DataError(
            f"{'everybody' if chosen.all() else 'nobody'} has {column} {as_text(value)!r}",
            "some agents to add, and others to add them to",
            f"values: {quoted(sorted(map(as_text, values)), 8)}",
        )
    return _without(finer, chosen, by), merged(
        finer, np.where(chosen, 0, -1), Keys(pa.table({}), 1)
    )


def _has(tally: Tally, column: str, value: Any) -> npt.NDArray[np.bool_]:
    """Segments that have a value."""
    values = tally.segments.table.column(column).to_pylist()
    return np.array([v is not None and as_text(v) == as_text(value) for v in values])


def _without(tally: Tally, chosen: npt.NDArray[np.bool_], by: Sequence[str]) -> Tally:
    """All but the chosen segments, by fewer columns."""
    coarse, code = tally.segments.codes(list(by))
    return merged(tally, np.where(chosen, -1, code), coarse)


def _blocks(asked: Asked, tally: Tally, both: Joined) -> Blocks:
    """The three parts of every area and segment, and of pairs that both hold a goal."""
    conflicts: AreaConflicts = asked.model.of(both.tally)
    joint = both.tally
    pairs = between(joint, replace(conflicts, directed=False), first=both.first)
    if conflicts.directed:
        back = between(
            joint,
            replace(conflicts, matrices=tuple(m.T for m in conflicts.matrices), directed=False),
            first=both.first,
        )
        values, among = (
            (getattr(pairs, name) + getattr(back, name)) / 2
            for name in ("misalignment", "conditional_misalignment")
        )
    else:
        values, among = pairs.misalignment, pairs.conditional_misalignment
    masses = pair_masses(joint, conflicts, asked.measure.sampling)
    drawn = masses.drawn.astype(np.float64)
    possible = drawn > 0
    met = masses.conflicting.astype(np.float64)
    own = ratio(met + masses.conflicting_silent, drawn, possible)
    own_met = ratio(met, drawn, possible)
    own_holding = ratio(masses.holding.astype(np.float64), drawn, possible)
    holders = joint.holders.values.astype(np.float64)
    population = joint.population.values.astype(np.float64)
    a, b = pairs.cell_a, pairs.cell_b
    # an area in which nobody of either holds a goal is no problem area of the mix
    somebody = (holders[a] > 0) | (holders[b] > 0)

    def kept(column: Floats) -> Floats:
        return np.where(somebody, column, np.nan)

    share = ratio(holders, population, population > 0)
    return Blocks(
        tally=tally,
        areas=both.area_a,
        area=both.area_a[joint.cell_area[a]],
        segment=joint.cell_segment[a],
        agents=None if tally.entries.agents is None else _agents(joint, a),
        added_agents=_agents(joint, b) if joint.entries.agents is not None else None,
        own=kept(own[a]),
        cross=kept(values),
        added=kept(own[b]),
        own_met=kept(own_met[a]),
        cross_met=kept(np.nan_to_num(among * pairs.participation)),
        added_met=kept(own_met[b]),
        own_holding=kept(own_holding[a]),
        cross_holding=kept(pairs.participation),
        added_holding=kept(own_holding[b]),
        participation=share[a],
        added_participation=share[b],
    )


def _agents(tally: Tally, cells: Codes) -> Any:
    agents = tally.population.agents
    return None if agents is None else agents[cells]


def _later(asked: Asked, options: Options, by: Sequence[str]) -> Tally:
    """Count the population afterwards; those that a split adds are none of it."""
    split = options.mix.split or {}
    column = next(iter(split), "")
    others = second(options.mix.after, asked, by, "after", merge=not by)
    population = others.population
    sides = [population.source, population.roster] if population else []
    if not any(column in side.schema for side in sides if side is not None):
        return others.tally
    finer = second(options.mix.after, asked, tuple(dict.fromkeys((*by, column))), "after").tally
    return _without(finer, _has(finer, column, split[column]), by)


def _with_after(
    asked: Asked, options: Options, parts: Sequence[Blocks], added: Tally
) -> list[Blocks]:
    """Parts of the population afterwards, set beside those before."""
    by = options.measure.by
    later = _later(asked, options, by)
    out = []
    for before in parts:
        tally = later if before.tally.segments.names else _whole(later)
        both = joined_with(before.tally, tally, "after")
        place = np.full(tally.areas.size, -1)
        place[both.area_b] = both.area_a
        found = _blocks(asked, tally, joined_with(tally, added, "add"))
        names = {name: i for i, name in enumerate(names_of(before.tally)[0])}
        segment = np.array([names.get(name, -1) for name in names_of(tally)[0]])
        width = before.tally.segments.size
        codes = before.area * width + before.segment
        theirs = place[found.area] * width + segment[found.segment]
        known = (place[found.area] >= 0) & (segment[found.segment] >= 0)
        order = np.flatnonzero(known)[np.argsort(theirs[known], kind="stable")]
        spot = np.minimum(np.searchsorted(theirs[order], codes), max(len(order) - 1, 0))
        met = theirs[order][spot] == codes if len(order) else np.zeros(len(codes), dtype=bool)

        def aligned(
            column: Floats, order: Codes = order, spot: Codes = spot, met: Any = met
        ) -> Floats:
            if not len(order):
                return np.full(len(met), np.nan)
            return np.where(met, column[order][spot], np.nan)

        out.append(replace(before, own_after=aligned(found.own), cross_after=aligned(found.cross)))
    if not any((~np.isnan(one.own_after)).any() for one in out if one.own_after is not None):
        raise DataError(
            "no segment and area of after is one of the data",
            "the same areas and segments, spelt alike",
            "check area= and by= of both",
        )
    return out
