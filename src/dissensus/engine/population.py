"""A population: rows, and what their columns are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any, NamedTuple, TypedDict

from dissensus.engine.kinds import has_parts, join_type
from dissensus.engine.sources import Source, collect, open_source
from dissensus.errors import DissensusError, nearest, quoted
from dissensus.model.roles import Check, Holds, Roles, Silence

__all__ = ["ColumnError", "Population", "RoleArguments"]

Names = str | Sequence[str]

# the only roles that are ever found by their names
_FOUND_BY_NAME = ("agent", "area", "goal")
_NAMED_ROLES = ("count", "share", "weight")
_ROLES_OF_COLUMNS = (
    "agent",
    "area",
    "goal",
    "count",
    "share",
    "weight",
    "points",
    "probability",
)

# columns of a result; a segment column of one of these names would stand there twice
RESERVED = frozenset(
    """
    area area_label areas agents agents_a agents_b weighted_agents weighted_agents_a
    weighted_agents_b goals declared_goals no_goal_agents participation participation_a
    participation_b misalignment conditional_misalignment alignment compatible_share
    no_goal_share internal_conflict excess asymptotic finite attainable standard_error
    interval_low interval_high exceedance_probability reasons scope part pair_share contribution
    contribution_share candidate candidate_label added_share added_agents compared
    compared_label compared_agents shannon effective_number fractionalisation rice
    agreement_index reynal_querol esteban_ray van_der_eijk misalignment_a misalignment_b
    mean_within total_minus_within is_negative_type largest_misalignment worst_segment
    candidate_place place_by_misalignment is_best is_minimax is_efficient baseline
    conditional_baseline floor ceiling conditional_alone conditional_floor own_misalignment
    cross_misalignment added_misalignment peak_share peak_misalignment own_after cross_after
    misalignment_after change_by_adding change_by_goals whole_change conditional_ceiling
    place_between method error_bound lower_bound upper_bound wasserstein_similarity
    jensen_shannon_similarity edges edge_weight
    network_misalignment network_conditional_misalignment network_participation
    """.split()  # noqa: SIM905
)


class ColumnError(DissensusError, KeyError):
    """A column that is not there, is there twice, or cannot have the role."""

    __str__ = DissensusError.__str__


class RoleArguments(TypedDict, total=False):
    """The keyword arguments of :class:`Population`."""

    agent: Names
    area: str | None
    goal: str | None
    wide: Names
    count: str | None
    share: str | None
    weight: str | None
    holds: Holds
    points: str | None
    probability: str | None
    no_goal: Names
    null_goal: Silence
    absent: Silence
    goal_map: Any
    roster: Any
    roster_on: Names
    areas: Any
    labels: Any
    check: Check


class Labels(NamedTuple):
    """Words for areas, and for the values of goal and segment columns; keys are text."""

    areas: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]


class Population:
    """A set of agents with the goals that they hold: rows, and the roles of their columns.

    Nothing is read yet beyond the names and types of the columns. A population is never changed;
    questions such as ``dissensus.misalignment(population, by=...)`` are asked of it.

    Parameters
    ----------
    data : path, ``file.duckdb::table``, ``-``, frame, or mapping of columns
        One row per agent and problem area (long); one row an agent (``wide``); or one row per
        group of agents (``count``, ``share``). CSV and TSV (also ``.gz``), Parquet (a file or a
        pattern such as ``votes-*.parquet``), JSON lines, Arrow, Feather; pandas, Polars (lazy
        too), PyArrow, DuckDB. Text files are read as text exactly as written.
    agent : str or list of str
        Columns that identify an agent. ``agent``, ``area`` and ``goal`` are found by these names
        if they are left out; no other role is guessed.
    area : str, optional
        Column of the problem area; without one, the table is one area.
    goal : str
        Column of the goal held.
    wide : str or list of str
        Columns that are problem areas: names, patterns ``q*``, ranges ``q1..q20``.
    count, share : str, optional
        Number, or share, of the agents that a row stands for.
    weight : str, optional
        Survey weight of the row, >= 0.
    holds : {'one', 'several', 'draws'}
        What repeated rows of an agent in an area are: an error; goals that it holds at once; or
        draws from its own distribution over goals, such as repeated answers.
    points, probability : str, optional
        Where an agent holds several goals: points on each, >= 0; or its probability, in [0, 1],
        what is missing to 1 being no goal.
    no_goal : str or list of str
        Values that mean: belongs to the population, holds no goal. Each is a kind of its own.
    null_goal : {'outside', 'no-goal'}
        How an empty goal is read: as if the row were missing, or as no goal.
    absent : {'outside', 'no-goal'}
        How a member of the roster without a row in an area is read.
    goal_map : mapping or table, optional
        Recode values to goals, to ``no-goal`` or to ``outside``; every value must be listed.
    roster : as ``data``, optional
        One row an agent: segments and weights. Joined on the agent's columns, on the area if it
        has that column, and on ``roster_on``.
    areas : table or mapping, optional
        Words for problem areas: columns id and text.
    labels : table or mapping, optional
        Words for goals and segments: columns column, id and text.
    check : {'auto', 'full', 'none'}
        Look for agents counted twice; ``auto`` takes a sample of the agents above 10 million rows.

    Raises
    ------
    SourceError, ColumnError
        The data cannot be read, or a column is not there.

    Examples
    --------
    >>> import dissensus as ds
    >>> votes = ds.Population({"agent": [1, 2], "goal": ["ban", "allow"]})
    >>> votes.roles.goal
    'goal'
    """

    def __init__(
        self,
        data: Any,
        *,
        agent: Names = (),
        area: str | None = None,
        goal: str | None = None,
        wide: Names = (),
        count: str | None = None,
        share: str | None = None,
        weight: str | None = None,
        holds: Holds = "one",
        points: str | None = None,
        probability: str | None = None,
        no_goal: Names = (),
        null_goal: Silence = "outside",
        absent: Silence = "outside",
        goal_map: Any = None,
        roster: Any = None,
        roster_on: Names = (),
        areas: Any = None,
        labels: Any = None,
        check: Check = "auto",
    ) -> None:
        self.source: Source = open_source(data)
        self.roster: Source | None = None if roster is None else open_source(roster)
        self.check: Check = check
        self.found: tuple[str, ...] = ()
        roles = Roles(
            agent=_names(agent),
            area=area,
            goal=goal,
            wide=_names(wide),
            count=count,
            share=share,
            weight=weight,
            holds=_one_of("holds", holds, ("one", "several", "draws")),
            points=points,
            probability=probability,
            no_goal=tuple(map(as_text, _names(no_goal))),
            null_goal=_one_of("null_goal", null_goal, ("outside", "no-goal")),
            absent=_one_of("absent", absent, ("outside", "no-goal")),
            goal_map=_goal_map(goal_map),
            roster_on=_names(roster_on),
        )
        _one_of("check", check, ("auto", "full", "none"))
        self.roles: Roles = self._resolved(roles)
        self.labels: Labels = Labels(
            _mapping_table(areas, "areas", self.roles.area), _value_labels(labels)
        )

    def __repr__(self) -> str:
        about = self.source.about
        named = {
            name: value
            for name, value in vars(self.roles).items()
            if value and value not in ("one", "outside")
        }
        roles = ", ".join(f"{name}={value!r}" for name, value in named.items())
        return f"Population({about.get('path') or about.get('kind')!s}, {roles})"

    @property
    def unused_role_names(self) -> tuple[str, ...]:
        """Columns that bear a role's name and are not used: worth a word."""
        roles = self.roles
        used = {roles.count, roles.share, roles.weight, roles.amount}
        return tuple(n for n in _NAMED_ROLES if n in self.source.schema and n not in used)

    def side_of(self, column: str, role: str) -> str:
        """Say where a column is: ``data`` or ``roster``.

        Raises
        ------
        ColumnError
            On neither side, or on both without being one they are joined on.
        """
        here = column in self.source.schema
        there = self.roster is not None and column in self.roster.schema
        if here and there and column not in _roster_keys(self.roles, self.roster):
            raise ColumnError(
                f"{role} column {column!r} is in the data and in the roster",
                "a column on one side",
                f"remove one of the two, or join on it: roster_on={column!r}",
            )
        if not (here or there):
            sides = [*self.source.columns, *(self.roster.columns if self.roster else [])]
            raise ColumnError(
                f"no column {column!r} for {role}",
                "a column of the data" + (" or of the roster" if self.roster else ""),
                nearest(column, sides),
            )
        source = self.source if here or self.roster is None else self.roster
        _check_type(column, role, source)
        return "data" if here else "roster"

    @property
    def roster_keys(self) -> tuple[str, ...]:
        """Columns on which the roster is joined."""
        return _roster_keys(self.roles, self.roster)

    def _resolved(self, roles: Roles) -> Roles:
        schema = self.source.schema
        if not schema:
            raise ColumnError("a table without columns", "columns and rows", "check the source")
        wide = expand(roles.wide, self.source.columns) if roles.wide else ()
        if wide:
            clash = next((r for r in ("area", "goal", "count", "share") if getattr(roles, r)), None)
            if clash:
                raise ColumnError(
                    f"wide and {clash} together",
                    "a wide table (one row an agent) or a long one",
                    f"leave out {clash}, or leave out wide",
                )
            roles = replace(roles, wide=wide)
        wanted = [r for r in _FOUND_BY_NAME if not getattr(roles, r) and r in schema]
        if wide:
            wanted = [r for r in wanted if r == "agent" and "agent" not in wide]
        if roles.is_counted:
            wanted = [r for r in wanted if r != "agent"]
        self.found = tuple(wanted)
        roles = replace(
            roles,
            agent=("agent",) if "agent" in wanted else roles.agent,
            area="area" if "area" in wanted else roles.area,
            goal="goal" if "goal" in wanted else roles.goal,
        )
        for role in _ROLES_OF_COLUMNS:
            for name in _names(getattr(roles, role) or ()):
                if role == "weight":
                    self.roles = roles
                    self.side_of(name, role)
                elif name not in schema:
                    raise _missing_column(role, name, self.source.columns)
                else:
                    _check_type(name, role, self.source)
        for name in roles.wide:
            _check_type(name, "wide", self.source)
        _check_roles(roles, self.source.columns, has_roster=self.roster is not None)
        self._check_roster(roles)
        return roles

    def _check_roster(self, roles: Roles) -> None:
        if self.roster is None:
            return
        for key in _roster_keys(roles, self.roster):
            for side, source in (("data", self.source), ("roster", self.roster)):
                if key not in source.schema:
                    raise ColumnError(
                        f"no column {key!r} in the {side}",
                        "the agent's columns and roster_on, on both sides",
                        nearest(key, source.columns),
                    )
            here, there = self.source.schema[key], self.roster.schema[key]
            if join_type(here, there) is None:
                raise ColumnError(
                    f"{key!r} is {here} in the data ({_cases(self.source, key)}) and {there} in "
                    f"the roster ({_cases(self.roster, key)})",
                    "the same type on both sides",
                    "store both as text or both as numbers; text files are read as text",
                )


def _roster_keys(roles: Roles, roster: Source | None) -> tuple[str, ...]:
    if roster is None:
        return ()
    area = [roles.area] if roles.area and roles.area in roster.schema else []
    return tuple(dict.fromkeys([*roles.agent, *area, *roles.roster_on]))


def _check_type(name: str, role: str, source: Source) -> None:
    if has_parts(source.schema[name]):
        raise ColumnError(
            f"{role} column {name!r} is {source.schema[name]}",
            "one number, text, date or truth value in each row, all of one type",
            "convert the column, for example to text",
        )


def as_text(value: Any) -> str:
    """Spell a value as tallies spell goals: whole numbers without a point.

    Examples
    --------
    >>> as_text(2.0), as_text(True), as_text("2.0")
    ('2', 'true', '2.0')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def expand(patterns: Sequence[str], columns: Sequence[str]) -> tuple[str, ...]:
    """Columns meant by names, patterns (``q*``) and ranges (``q1..q20``), in the table's order.

    Raises
    ------
    ColumnError
        A name, pattern or range that matches nothing.

    Examples
    --------
    >>> expand(["q1..q3"], ["id", "q1", "q2", "q3", "q4"])
    ('q1', 'q2', 'q3')
    """
    chosen: list[str] = []
    for pattern in patterns:
        if pattern in columns:
            chosen.append(pattern)
            continue
        matched = _range(pattern, columns) if ".." in pattern else None
        if matched is None and re.search(r"[*?\[]", pattern):
            matched = [column for column in columns if fnmatchcase(column, pattern)]
        if not matched:
            raise ColumnError(
                f"wide: nothing matches {pattern!r}",
                "names, patterns such as 'q*', or ranges such as 'q1..q20'",
                nearest(pattern.split("..")[0], columns),
            )
        chosen.extend(matched)
    return tuple(dict.fromkeys(chosen))


def _range(pattern: str, columns: Sequence[str]) -> list[str] | None:
    first, _, last = pattern.partition("..")
    if first in columns and last in columns:
        start, end = columns.index(first), columns.index(last)
        return list(columns[min(start, end) : max(start, end) + 1])
    return None


def _names(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) or not isinstance(value, Iterable) else tuple(value)


def _one_of(name: str, value: Any, allowed: tuple[str, ...]) -> Any:
    if value not in allowed:
        raise ColumnError(
            f"{name}={value!r}", f"one of {quoted(allowed)}", nearest(str(value), allowed)
        )
    return value


def _missing_column(role: str, name: str, columns: Sequence[str]) -> ColumnError:
    found = f"no column {name!r} for {role}"
    return ColumnError(found, "a column of the data", nearest(name, columns))


def _check_roles(roles: Roles, columns: Sequence[str], *, has_roster: bool) -> None:
    if not roles.wide and roles.goal is None:
        raise ColumnError(
            "no column for goal",
            "the column of the goal held (an answer, a vote)",
            f"pass goal=...; columns: {quoted(columns, 12)}",
        )
    if not roles.agent and not roles.wide and not roles.is_counted:
        raise ColumnError(
            "no column for agent",
            "the column that identifies an agent, or count= for a table of groups",
            f"pass agent=... or count=...; columns: {quoted(columns, 12)}",
        )
    if roles.count and roles.share:
        raise ColumnError("count and share together", "one of the two", "leave one out")
    if roles.share and roles.weight:
        raise ColumnError("share and weight together", "one of the two", "multiply them yourself")
    _check_several(roles)
    if roles.absent == "no-goal" and not has_roster:
        raise ColumnError(
            "absent='no-goal' without a roster",
            "a roster: its members are the population",
            "pass roster=..., a table with one row an agent",
        )
    if has_roster and not roles.agent:
        raise ColumnError("a roster without agent columns", "agent=...", "name the agent's columns")
    if roles.roster_on and not has_roster:
        raise ColumnError("roster_on without a roster", "a roster", "pass roster=...")
    seen: dict[str, str] = {}
    for role in (*_ROLES_OF_COLUMNS, "wide"):
        for name in _names(getattr(roles, role) or ()):
            if name in seen:
                raise ColumnError(
                    f"column {name!r} as {seen[name]} and as {role}",
                    "one role a column",
                    "name another, or leave it out of one of the two",
                )
            seen[name] = role


def _check_several(roles: Roles) -> None:
    """Refuse roles that do not go with what agents hold."""
    amount = "points" if roles.points else "probability"
    if roles.points and roles.probability:
        raise ColumnError("points and probability together", "one of the two", "leave one out")
    if roles.amount and roles.holds != "several":
        raise ColumnError(
            f"{amount} with holds={roles.holds!r}",
            f"agents that hold several goals, one row a goal with its {amount}",
            "pass holds='several'",
        )
    if roles.amount and roles.wide:
        raise ColumnError(
            f"{amount} of a wide table",
            "one row per agent, area and goal",
            "make the table long",
        )
    if roles.holds == "one":
        return
    if roles.is_counted:
        raise ColumnError(
            f"holds={roles.holds!r} with {'count' if roles.count else 'share'}",
            "rows of agents: what an agent holds together is lost in groups",
            "give one row per agent and goal, or leave out holds",
        )
    if not roles.agent:
        raise ColumnError(
            f"holds={roles.holds!r} without agent columns",
            "the column that says which rows are of one agent",
            "pass agent=...",
        )


def _cases(source: Source, column: str) -> str:
    return quoted(collect(source.frame.select(column).head(3)).column(column).to_pylist())


def _mapping_table(value: Any, role: str, key: str | None = None) -> Mapping[str, str]:
    """Read a mapping, or a table with columns id (or the key's own name) and text."""
    if value is None:
        return {}
    if isinstance(value, Mapping) and not any(isinstance(v, list | tuple) for v in value.values()):
        return {as_text(name): str(text) for name, text in value.items()}
    source = open_source(value)
    named = ("id", key, role.removesuffix("s"))
    ids = [name for name in named if name and name in source.schema]
    texts = [name for name in ("text", "label") if name in source.schema]
    if not ids or not texts:
        raise ColumnError(
            f"{role}: columns {quoted(source.columns, 6)}",
            "a table with the columns id and text",
            "rename its columns",
        )
    table = collect(source.frame.select(ids[0], texts[0]))
    pairs = zip(table.column(0).to_pylist(), table.column(1).to_pylist(), strict=True)
    return {as_text(name): str(text) for name, text in pairs if text is not None}


def _value_labels(value: Any) -> Mapping[str, Mapping[str, str]]:
    if value is None:
        return {}
    if isinstance(value, Mapping) and all(isinstance(part, Mapping) for part in value.values()):
        return {
            str(column): {as_text(name): str(text) for name, text in part.items()}
            for column, part in value.items()
        }
    source = open_source(value)
    missing = [name for name in ("column", "id", "text") if name not in source.schema]
    if missing:
        raise ColumnError(
            f"labels: no column {missing[0]!r}",
            "a table with the columns column, id and text",
            "rename its columns",
        )
    out: dict[str, dict[str, str]] = {}
    for row in collect(source.frame.select("column", "id", "text")).to_pylist():
        out.setdefault(str(row["column"]), {})[as_text(row["id"])] = str(row["text"])
    return out


def _goal_map(value: Any) -> Mapping[str, str]:
    if value is None:
        return {}
    if isinstance(value, Mapping) and not any(isinstance(v, list | tuple) for v in value.values()):
        return {as_text(name): as_text(goal) for name, goal in value.items()}
    source = open_source(value)
    if not {"value", "goal"} <= set(source.schema):
        raise ColumnError(
            f"goal_map: columns {quoted(source.columns, 6)}",
            "a table with the columns value and goal",
            "rename its columns",
        )
    rows = collect(source.frame.select("value", "goal")).to_pylist()
    return {as_text(row["value"]): as_text(row["goal"]) for row in rows}
