"""Roles: what each column of a holdings table is, and how cells without a goal are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["NO_GOAL", "OUTSIDE", "Check", "Holds", "Roles", "Silence"]

Silence = Literal["outside", "no-goal"]
Holds = Literal["one", "several", "draws"]
Check = Literal["auto", "full", "none"]

# what a goal_map may say instead of a goal
NO_GOAL = "no-goal"
OUTSIDE = "outside"


@dataclass(frozen=True)
class Roles:
    """What the columns are.

    Attributes
    ----------
    agent : tuple of str
        Columns that identify an agent.
    area, goal : str, optional
        Columns of the problem area and of the goal; None where the table is wide, or one area.
    wide : tuple of str
        Columns that are problem areas, one row an agent.
    ranking : tuple of str
        Columns of ranked choices, which together are one order: the goal.
    count, share, weight : str, optional
        Columns of whole agents, of proportions, of survey weights.
    salience : str, optional
        Column of how much an agent cares about its goal.
    holds : {'one', 'several', 'draws'}
        What repeated rows of an agent in an area are.
    points, probability : str, optional
        Columns of the points on a goal, or of its probability, where an agent holds several.
    no_goal : tuple of str
        Values that mean no goal, each a kind of its own.
    outside : tuple of str
        Values that are read as if the row were missing.
    latest : str, optional
        Column whose highest value tells which row of an agent in an area counts.
    null_goal, absent : {'outside', 'no-goal'}
        How an empty goal, and a member of the roster without a row, are read.
    goal_map : mapping of str to str
        Recoded values; ``no-goal`` and ``outside`` are states, not goals.
    roster_on : tuple of str
        Columns that the roster is joined on beside the agent's.
    """

    agent: tuple[str, ...] = ()
    area: str | None = None
    goal: str | None = None
    wide: tuple[str, ...] = ()
    ranking: tuple[str, ...] = ()
    count: str | None = None
    share: str | None = None
    weight: str | None = None
    salience: str | None = None
    holds: Holds = "one"
    points: str | None = None
    probability: str | None = None
    no_goal: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    latest: str | None = None
    null_goal: Silence = "outside"
    absent: Silence = "outside"
    goal_map: Mapping[str, str] = field(default_factory=dict)
    roster_on: tuple[str, ...] = ()

    @property
    def goal_columns(self) -> tuple[str, ...]:
        """Columns in which goals stand."""
        return self.wide or self.ranking or tuple(filter(None, (self.goal,)))

    @property
    def is_counted(self) -> bool:
        """Whether a row stands for a group of agents."""
        return self.count is not None or self.share is not None

    @property
    def amount(self) -> str | None:
        """Column of the amount on a goal, if there is one."""
        return self.points or self.probability
