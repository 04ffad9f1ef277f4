"""Rows of members of the roster that have none in a problem area, where these count."""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw

from dissensus.engine.kinds import is_category
from dissensus.engine.population import Population
from dissensus.engine.rows import AREA, GOAL, DataError, aligned, roster_rows
from dissensus.engine.sources import Frame

__all__ = ["with_absent"]


def with_absent(
    population: Population, frame: Frame, names: Mapping[str, str], where: str | None, kept: Frame
) -> Frame:
    """Rows of ``kept`` and one without a goal for each absent member and problem area.

    Parameters
    ----------
    population : Population
        Whose roster lists the members.
    frame : Frame
        All rows, before any filter: who is in there is not absent.
    names : mapping
        From the columns of agents and segments to their canonical names.
    where : str, optional
        Filter; it may be about columns of the roster alone.
    kept : Frame
        The rows that pass it.

    Raises
    ------
    DataError
        A roster whose members belong to some areas only.
    """
    roles, roster = population.roles, population.roster
    if roster is None or roles.roster_on or (roles.area and roles.area in roster.schema):
        raise DataError(
            "pairs from a network while absent members of some areas count",
            "a roster whose members all belong to every area: one row an agent",
            "give absent members rows of their own, or read absent='outside'",
        )
    members, aliases = roster_rows(population, list(names), where)
    absent = members.select(
        *(nw.col(alias).alias(name) for alias, name in zip(aliases, names.values(), strict=True))
    )
    agents = [names[name] for name in roles.agent]
    present_keys = list(agents)
    has_areas = AREA in frame.collect_schema()
    frame, absent = aligned(frame, absent, agents)
    if has_areas:
        absent = absent.join(frame.select(AREA).unique(), how="cross")  # type: ignore[arg-type]
        present_keys.append(AREA)
    present = frame.select(*present_keys).unique()
    absent = absent.join(present, on=present_keys, how="anti")  # type: ignore[arg-type]
    columns = [*names.values(), *([AREA] if has_areas else []), GOAL]
    kept, _ = aligned(kept, absent, agents)
    schema = kept.collect_schema()
    types = {name: nw.String() if is_category(schema[name]) else schema[name] for name in columns}
    absent = absent.with_columns(nw.lit(None).cast(types[GOAL]).alias(GOAL))

    def typed(rows: Frame) -> Frame:
        return rows.select(*(nw.col(name).cast(kind) for name, kind in types.items()))

    both: Frame = nw.concat([typed(kept), typed(absent)], how="vertical")  # type: ignore[type-var]
    return both
