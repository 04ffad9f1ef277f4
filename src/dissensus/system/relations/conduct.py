"""What a system does when it is asked: on every menu, in every frame, each asked only once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from dissensus.system.ballots import Ballots
from dissensus.system.choice import Choice, Status
from dissensus.system.conventions import Frame
from dissensus.system.rules import choose
from dissensus.system.system import System, expected_utilities

__all__ = ["LARGEST_FULL_MENUS", "Answer", "Conduct", "Menu", "default_menus"]

Floats = npt.NDArray[np.float64]
Menu = tuple[int, ...]
LARGEST_FULL_MENUS = 6


@dataclass(frozen=True, eq=False)
class Answer:
    """What a rule says on a menu: chances of all k actions, or a status without any.

    ``tied`` are the winners of a tie that nobody has broken; ``dist`` is uniform over them.
    """

    dist: Floats | None
    tied: Menu
    status: Status

    @cached_property
    def mark(self) -> bytes:
        """What tells it from other answers."""
        if self.dist is None:
            return self.status.encode()
        return np.round(self.dist, 12).tobytes()

    def settled(self, action: int) -> Answer:
        """Return the answer with its tie broken for an action."""
        return _sure(action, 0 if self.dist is None else len(self.dist))


@cache
def _sure(action: int, k: int) -> Answer:
    dist = np.zeros(k)
    dist[action] = 1.0
    return Answer(dist, (), Status.OK)


class Conduct:
    """A system's choices, remembered by menu, agenda, turn and rule.

    Parameters
    ----------
    system : System
    observation : str or int, optional
        What is seen before each choice.
    seed : int
        For random steps of the system.

    Examples
    --------
    >>> from dissensus.system import Part, System, World
    >>> pair = System([Part("me", [1, 0.5, 0]), Part("you", [0, 0.5, 1])],
    ...               World.of(["sea", "hills", "town"]), "plurality")
    >>> Conduct(pair).answer((0, 2)).tied
    (0, 2)
    """

    def __init__(self, system: System, observation: str | int | None = None, seed: int = 0) -> None:
        self.system, self.observation, self.seed = system, observation, seed
        self._answers: dict[tuple[Any, ...], Answer] = {}
        self._reads: dict[tuple[Any, ...], set[str]] = {}

    @property
    def actions(self) -> tuple[str, ...]:
        """Names of the k actions."""
        return self.system.actions

    @property
    def everything(self) -> Menu:
        """The menu of all actions."""
        return tuple(range(len(self.actions)))

    @cached_property
    def ballots(self) -> Ballots:
        """What the parts say, with utilities as they perceive them."""
        return self.system.ballots(self.observation, seed=self.seed)

    @cached_property
    def utilities(self) -> Floats:
        """True expected utilities, (n, k)."""
        return expected_utilities(self.system, self.observation)

    def reads(self, menu: Menu, rule: Any = None) -> set[str]:
        """Which of agenda and turn the rule looks at on a menu."""
        self.answer(menu, rule=rule)
        return self._reads[menu, rule]

    def answer(
        self,
        menu: Menu,
        agenda: tuple[str, ...] | None = None,
        turn: str | None = None,
        rule: Any = None,
    ) -> Answer:
        """Return the choice from a menu, ties unbroken; the system's own rule unless one is given.

        Raises
        ------
        DissensusError
            The rule cannot be used with what the system states.
        """
        key = (menu, rule)
        if key not in self._reads:
            self._reads[key], self._answers[*key, None, None] = self._watched(menu, rule)
        if not self._reads[key]:
            return self._answers[*key, None, None]
        among = {self.actions[action] for action in menu}
        seen = self._reads[key]
        order = tuple(name for name in agenda if name in among) if agenda else None
        order = order if "agenda" in seen else None
        whose = turn if "turn" in seen else None
        full = (menu, rule, order, whose)
        if full not in self._answers:
            self._answers[full] = self._ask(menu, rule, Frame(agenda=order, turn=whose))
        return self._answers[full]

    def _ask(self, menu: Menu, rule: Any, frame: Frame) -> Answer:
        asked = replace(self.ballots.on(menu), frame=frame)
        choice = choose(self.system.rule if rule is None else rule, asked)
        return spread(choice, menu, len(self.actions))

    def _watched(self, menu: Menu, rule: Any) -> tuple[set[str], Answer]:
        """Ask in the default frame, and notice which circumstances the rule looks at."""
        seen: set[str] = set()

        class Watched(Frame):
            def __getattribute__(self, name: str) -> Any:
                if name in ("agenda", "turn"):
                    seen.add(name)
                return super().__getattribute__(name)

        return seen, self._ask(menu, rule, Watched())


def spread(choice: Choice, menu: Menu, k: int) -> Answer:
    """Answer on all k actions from a choice among those of a menu.

    Examples
    --------
    >>> spread(Choice.among(["b", "c"], [0, 1]), (1, 2), 3).dist.tolist()
    [0.0, 0.5, 0.5]
    """
    if choice.dist is None:
        return Answer(None, (), choice.status)
    dist = np.zeros(k)
    dist[list(menu)] = choice.dist
    tied = choice.status is Status.TIE
    winners = tuple(sorted(menu[winner] for winner in choice.winners))
    return Answer(dist, winners if tied else (), choice.status)


def default_menus(k: int) -> tuple[Menu, ...]:
    """All subsets of at least two of up to six actions; of more, all pairs and triples.

    Examples
    --------
    >>> default_menus(3)
    ((0, 1), (0, 2), (1, 2), (0, 1, 2))
    >>> len(default_menus(6)), len(default_menus(7))
    (57, 56)
    """
    largest = k if k <= LARGEST_FULL_MENUS else 3
    return tuple(
        menu for size in range(2, min(largest, k) + 1) for menu in combinations(range(k), size)
    )
