"""A population: rows, and what their columns are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypedDict

from dissensus.engine.columns import (
    ColumnError,
    Names,
    as_text,
    expand,
    free_name,
    names_of,
    one_of,
)
from dissensus.engine.derived import joined_columns, latest_rows, parts_of, with_orders
from dissensus.engine.kinds import has_parts, join_type
from dissensus.engine.layouts import laid_out
from dissensus.engine.sources import Source, collect, open_source
from dissensus.engine.words import (
    COLUMN_ROLES,
    Labels,
    goal_map_of,
    mapping_table,
    roles_from,
    value_labels,
)
from dissensus.errors import nearest, quoted
from dissensus.model.roles import Check, Holds, Roles, Silence

__all__ = ["ColumnError", "Labels", "Population", "RoleArguments", "as_text", "expand"]

# the only roles that are ever found by their names
_FOUND_BY_NAME = ("agent", "area", "goal")
# what an order of ranked choices is called among the columns
_ORDER = "ranking"
_NAMED_ROLES = ("count", "share", "weight", "salience")

# columns of a result; a segment column of one of these names would stand there twice
RESERVED = frozenset(
    """
    area area_label areas agents agents_a agents_b weighted_agents weighted_agents_a
    weighted_agents_b goals declared_goals no_goal_agents participation participation_a
    participation_b misalignment conditional_misalignment alignment compatible_share
    no_goal_share internal_conflict excess asymptotic finite attainable standard_error
    interval_low interval_high exceedance_probability effective_agents kish_agents
    is_indistinguishable misalignment_first misalignment_second difference difference_low
    difference_high p_value adjusted_p_value is_found is_possibly_highest is_possibly_lowest
    excess_p_value excess_adjusted_p_value reasons scope part pair_share contribution
    contribution_share candidate candidate_label added_share added_agents compared
    compared_label compared_agents shannon effective_number fractionalisation rice
    agreement_index reynal_querol esteban_ray van_der_eijk misalignment_a misalignment_b
    mean_within total_minus_within is_negative_type largest_misalignment worst_segment
    candidate_place place_by_misalignment is_best is_minimax is_efficient baseline
    conditional_baseline floor ceiling conditional_alone conditional_floor own_misalignment
    cross_misalignment added_misalignment peak_share peak_misalignment own_after cross_after
    misalignment_after change_by_adding change_by_goals whole_change conditional_ceiling
    place_between method error_bound lower_bound upper_bound wasserstein_similarity
    jensen_shannon_similarity edges edge_weight network_misalignment
    network_conditional_misalignment network_participation
    intensity conditional_intensity total_intensity
    judgements judged_low judged_high
    """.split()  # noqa: SIM905
)


class RoleArguments(TypedDict, total=False):
    """The keyword arguments of :class:`Population`."""

    layout: str | None
    agent: Names
    area: str | None
    goal: str | None
    wide: Names
    ranking: Names
    count: str | None
    share: str | None
    weight: str | None
    salience: str | None
    holds: Holds
    points: str | None
    probability: str | None
    no_goal: Names | None
    outside: Names
    latest: str | None
    null_goal: Silence
    absent: Silence
    goal_map: Any
    roster: Any
    roster_on: Names
    areas: Any
    labels: Any
    check: Check


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
        too), PyArrow, DuckDB; files of SPSS, Stata and SAS, whose value labels are the goals'
        words; files of PrefLib. Text files are read as text exactly as written.
    layout : str, optional
        Name of a known maker of files, whose columns then need not be named: ``polis``,
        ``voteview``, ``inspect``. What is named beside it goes first.
    agent : str or list of str
        Columns that identify an agent. ``agent``, ``area`` and ``goal`` are found by these names
        if they are left out; no other role is guessed.
    area : str, optional
        Column of the problem area, or several as ``a+b``; without one, the table is one area.
    goal : str
        Column of the goal held.
    wide : str or list of str
        Columns that are problem areas: names, patterns ``q*``, ranges ``q1..q20``.
    ranking : list of str, optional
        Columns of ranked choices, the first choice first: together they are the goal, an order
        such as ``ann>bob>cem``. An empty rank ends it.
    count, share : str, optional
        Number, or share, of the agents that a row stands for.
    weight : str, optional
        Survey weight of the row, >= 0.
    salience : str, optional
        How much the agent cares about its goal, in [0, 1].
    holds : {'one', 'several', 'draws'}
        What repeated rows of an agent in an area are: an error; goals that it holds at once; or
        draws from its own distribution over goals, such as repeated answers.
    points, probability : str, optional
        Where an agent holds several goals: points on each, >= 0; or its probability, in [0, 1],
        what is missing to 1 being no goal.
    no_goal : str or list of str
        Values that mean: belongs to the population, holds no goal. Each is a kind of its own. In
        survey files the word or the code. An empty list takes back what a layout says.
    outside : str or list of str
        Values that are read as if the row were missing. Codes that a survey file declares as
        missing are among them, unless ``no_goal`` or ``goal_map`` names them.
    latest : str, optional
        Column of time, or order: of an agent's rows in an area the one with the highest counts.
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
        layout: str | None = None,
        agent: Names = (),
        area: str | None = None,
        goal: str | None = None,
        wide: Names = (),
        ranking: Names = (),
        count: str | None = None,
        share: str | None = None,
        weight: str | None = None,
        salience: str | None = None,
        holds: Holds = "one",
        points: str | None = None,
        probability: str | None = None,
        no_goal: Names | None = None,
        outside: Names = (),
        latest: str | None = None,
        null_goal: Silence = "outside",
        absent: Silence = "outside",
        goal_map: Any = None,
        roster: Any = None,
        roster_on: Names = (),
        areas: Any = None,
        labels: Any = None,
        check: Check = "auto",
    ) -> None:
        given = {
            "agent": names_of(agent),
            "area": area,
            "goal": goal,
            "wide": names_of(wide),
            "ranking": names_of(ranking),
            "count": count,
            "share": share,
            "weight": weight,
            "salience": salience,
            "holds": one_of("holds", holds, ("one", "several", "draws")),
            "points": points,
            "probability": probability,
            "no_goal": None if no_goal is None else tuple(map(as_text, names_of(no_goal))),
            "outside": tuple(map(as_text, names_of(outside))),
            "latest": latest,
            "null_goal": one_of("null_goal", null_goal, ("outside", "no-goal")),
            "absent": one_of("absent", absent, ("outside", "no-goal")),
            "goal_map": goal_map_of(goal_map),
            "roster_on": names_of(roster_on),
            "labels": value_labels(labels),
        }
        source = open_source(data)
        members = None if roster is None else open_source(roster)
        defaults = source.roles
        if layout is not None:
            source, members, defaults = laid_out(layout, source, members, given)
        known, words = roles_from(given, defaults)
        self.layout: str | None = layout
        self.source: Source = source
        self.roster: Source | None = members
        self.check: Check = one_of("check", check, ("auto", "full", "none"))
        self.found: tuple[str, ...] = ()
        self.roles: Roles = self._read_as(self._resolved(known))
        questions = self.source.codebook.questions if self.roles.wide else {}
        self.labels: Labels = Labels(
            {**questions, **mapping_table(areas, "areas", self.roles.area)}, words
        )

    @property
    def ends_of_orders(self) -> tuple[str, ...]:
        """Values that end an order of ranked choices."""
        return (*self.roles.no_goal, *self.roles.outside)

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
        used = {roles.count, roles.share, roles.weight, roles.amount, roles.salience}
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

    def number(self, column: str) -> str:
        """Column that holds the numbers of a column: in survey files one beside the words."""
        sides = [self.source, *([self.roster] if self.roster else [])]
        return next(
            (side.codebook.numbers[column] for side in sides if column in side.codebook.numbers),
            column,
        )

    @property
    def roster_keys(self) -> tuple[str, ...]:
        """Columns on which the roster is joined."""
        return _roster_keys(self.roles, self.roster)

    def _read_as(self, roles: Roles) -> Roles:
        """Read the rows as the roles say: the latest, ranks as one order, codes as their words."""
        book, columns = self.source.codebook, roles.goal_columns
        settled = book.named(columns, roles.no_goal)
        outside = book.named(columns, roles.outside)
        both = sorted({*settled} & {*outside})
        if both:
            raise ColumnError(
                f"{both[0]!r} is in no_goal and in outside",
                "no_goal for who holds no goal, outside for who was not asked",
                "leave it out of one of the two",
            )
        lost = book.left_out(columns, (*settled, *outside, *roles.goal_map))
        roles = replace(roles, no_goal=settled, outside=(*outside, *lost))
        if roles.latest:
            keys = [*roles.agent, *([roles.area] if roles.area else [])]
            self.source = latest_rows(self.source, keys, roles.latest)
        if roles.ranking:
            ends = (*roles.no_goal, *roles.outside)
            self.source = with_orders(self.source, roles.ranking, ends, str(roles.goal))
        return roles

    def _resolved(self, roles: Roles) -> Roles:
        roles = self._composed(roles)
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
        if roles.ranking:
            wanted = [r for r in wanted if r != "goal"]
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
        if roles.ranking and not wide:
            _check_ranking(roles)
            roles = replace(roles, goal=free_name(_ORDER, schema))
        for role in COLUMN_ROLES:
            for name in names_of(getattr(roles, role) or ()):
                if role == "wide" or (role == "goal" and roles.ranking):
                    continue
                if role in ("weight", "salience"):
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

    def _composed(self, roles: Roles) -> Roles:
        """Make the column of an area of several columns; spread patterns of ranks."""
        columns = self.source.columns
        if roles.area and (parts := parts_of(roles.area, columns)):
            self.source = joined_columns(self.source, parts, roles.area)
        if roles.ranking:
            return replace(roles, ranking=expand(roles.ranking, columns, "ranking"))
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


def _missing_column(role: str, name: str, columns: Sequence[str]) -> ColumnError:
    found = f"no column {name!r} for {role}"
    return ColumnError(found, "a column of the data", nearest(name, columns))


def _check_ranking(roles: Roles) -> None:
    for role in ("goal", "share"):
        if getattr(roles, role):
            raise ColumnError(
                f"ranking and {role} together",
                "ranks, which together are the goal, or a goal column",
                "leave one out",
            )


def _check_roles(roles: Roles, columns: Sequence[str], *, has_roster: bool) -> None:
    if roles.latest and not roles.agent:
        raise ColumnError(
            "latest without agent columns",
            "the column that says which rows are of one agent",
            "pass agent=...",
        )
    if roles.ranking and roles.wide:
        raise ColumnError("wide and ranking together", "one of the two", "leave one out")
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
    for role in COLUMN_ROLES:
        for name in names_of(getattr(roles, role) or ()):
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
