"""Two systems side by side: H, and an A that is measured against it, or H itself in A's place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from dissensus.errors import quoted
from dissensus.system.choice import Status
from dissensus.system.relations.catalogue import Need, RelationError
from dissensus.system.relations.conduct import Conduct, Menu, default_menus
from dissensus.system.relations.occasions import Occasion, Occasions, Question, occasions
from dissensus.system.relations.policy import Policy, Table, read_table
from dissensus.system.relations.score import Score, averaged
from dissensus.system.system import System

__all__ = ["Encounter"]

Floats = npt.NDArray[np.float64]
Judged = Callable[[Occasion], Score]


class Encounter:
    """H, and A or nobody: then H stands in A's place. All relations share what was asked.

    Parameters
    ----------
    system : System
        H.
    a : System, str, array, mapping, Choice, optional
        A, in any form of `read_table`, or a system with the same actions.
    observation : str or int, optional
        What is seen before each choice.
    menus : sequence of sequences of names, optional
        Menus that the learners see; by default all subsets of at least two of up to six actions,
        of more actions all pairs and triples.
    seed : int
        For samples of orders, and random steps of the systems.

    Raises
    ------
    RelationError
        A's actions are not those of H; a menu of fewer than two actions.
    """

    def __init__(
        self,
        system: System,
        a: System | Policy | None = None,
        observation: str | int | None = None,
        menus: Sequence[Sequence[str]] | None = None,
        seed: int = 0,
    ) -> None:
        self.system, self.observation, self.seed = system, observation, seed
        self.conduct = Conduct(system, observation, seed)
        self.menus = default_menus(len(system.actions)) if menus is None else self._read(menus)
        self.other: Conduct | None = None
        self.table: Table = {}
        if isinstance(a, System):
            if a.actions != system.actions:
                raise RelationError(
                    f"A chooses among {quoted(a.actions)}",
                    f"the actions of H in the same order: {quoted(system.actions, 12)}",
                    "describe both systems with the same actions",
                )
            self.other = Conduct(a, observation, seed)
        elif a is not None:
            self.table = read_table(a, system.actions)
        self.alone = a is None
        self._asked: dict[tuple[Question, ...], Occasions] = {}

    @property
    def actions(self) -> tuple[str, ...]:
        """Names of the k actions."""
        return self.system.actions

    @property
    def everything(self) -> Menu:
        """The menu of all actions."""
        return self.conduct.everything

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the parts of H."""
        return tuple(part.name for part in self.system.parts)

    @cached_property
    def shares(self) -> Floats:
        """Standing of the parts of H as shares, (n,)."""
        return np.asarray(self.system.standing / self.system.standing.sum())

    def missing(self, needs: Sequence[Need]) -> Score | None:
        """Return an undefined score if H does not state what a relation needs."""
        silent = [part.name for part in self.system.parts if part.utilities is None]
        if "utilities" in needs and silent:
            return Score.undefined(
                "missing: utilities",
                f"part {quoted(silent)} gives no utilities, only an order or a system inside",
                witness={"parts": silent},
            )
        level = self.system.comparability
        if "unit" in needs and len(self.system.parts) > 1 and level not in ("unit", "full"):
            return Score.undefined(
                "missing: comparability",
                f"utilities of the parts are added up, but comparability is {level!r}, not 'unit'",
                witness={"comparability": level},
            )
        if "hardness" in needs and not any(part.hardness > 0 for part in self.system.parts):
            return Score.undefined(
                "missing: hardness", "no part has values that are hard to compute"
            )
        return None

    def of_h(self, menu: Menu | None = None, *, turns: bool = False) -> Question:
        """Question what H takes from a menu, from all actions by default."""
        return Question(self.conduct, self.everything if menu is None else menu, turns=turns)

    def of_a(self, menu: Menu | None = None, *, turns: bool = False) -> Question | None:
        """Question what A takes; None if A is given as a table."""
        if self.alone:
            return self.of_h(menu, turns=turns)
        if self.other is None:
            return None
        return Question(self.other, self.everything if menu is None else menu, turns=turns)

    def ask(self, questions: Sequence[Question | None]) -> Occasions:
        """Ask in every frame that makes a difference."""
        real = tuple(dict.fromkeys(question for question in questions if question is not None))
        if real not in self._asked:
            self._asked[real] = occasions(real, self.seed)
        return self._asked[real]

    def a_dist(self, occasion: Occasion, menu: Menu | None = None) -> Floats | None:
        """What A takes from a menu in a frame; None if it takes nothing, or nobody knows."""
        offered = self.everything if menu is None else menu
        question = self.of_a(offered)
        if question is None:
            return self.table.get(offered)
        return occasion.dist(question) if question in occasion.said else None

    def over_frames(self, questions: Sequence[Question | None], judge: Judged) -> Score:
        """Judge in each frame, and take the mean."""
        found = self.ask(questions)
        return averaged([judge(occasion) for occasion in found.each], found.weights)

    def nothing_said(self, occasion: Occasion) -> Score | None:
        """Return an undefined score if H, or A, has no choice among all actions."""
        for who, question in (("H", self.of_h()), ("A", self.of_a())):
            if question is not None and occasion.said[question].dist is None:
                status = occasion.said[question].status
                return Score.undefined(str(status), f"{who} {_WITHOUT[status]}")
        if self.of_a() is None and self.everything not in self.table:
            return Score.undefined(
                "missing: policy", "A's table has no choice from the menu of all actions"
            )
        return None

    def over_a_menus(self, occasion: Occasion, judge: Callable[[Menu, Floats], Score]) -> Score:
        """Judge what A takes from all actions, else the mean over the menus of its table."""
        whole = self.a_dist(occasion)
        if whole is not None:
            return judge(self.everything, whole)
        if self.of_a() is not None:
            return self.nothing_said(occasion) or Score.undefined("EMPTY", "A makes no choice")
        real = [(menu, dist) for menu, dist in self.table.items() if len(menu) > 1]
        if not real:
            return Score.undefined("missing: policy", "A's table has no menu of two actions")
        mean = averaged([judge(menu, dist) for menu, dist in real], np.ones(len(real)))
        return replace(mean, best=None)

    def _read(self, menus: Sequence[Sequence[str]]) -> tuple[Menu, ...]:
        actions = self.system.actions
        read = []
        for menu in menus:
            unknown = [name for name in menu if name not in actions]
            places = tuple(sorted({actions.index(name) for name in menu if name in actions}))
            if unknown or len(places) < 2:
                raise RelationError(
                    f"menu {list(menu)!r}",
                    f"at least two of the actions {quoted(actions, 12)}",
                    "correct the menu",
                )
            read.append(places)
        return tuple(read)


_WITHOUT = {
    Status.EMPTY: "makes no choice: no option qualifies",
    Status.CYCLE: "makes no choice: every option is beaten by another",
    Status.NOT_CONVERGED: "makes no choice within the steps allowed",
    Status.OK: "makes no choice",
    Status.TIE: "makes no choice",
}
