"""The cells of an audit: each distinct setting, and what comes of it.

Cells share work: beliefs and deliberation give expected utilities, compute gives ballots, and many
rules read the same ballots. The same steps take stacks of perturbed utilities.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dissensus.system.audit.aiming import (
    COST,
    POINTERS,
    RELATIONS,
    aligned_choice,
    flat_system,
    pointed_choice,
)
from dissensus.system.audit.axes import Setting
from dissensus.system.audit.case import Case
from dissensus.system.audit.ground import Ground, Shaken, ground_of
from dissensus.system.audit.standing import TODAY, standings_of
from dissensus.system.ballots import Ballots
from dissensus.system.choice import Choice, Status
from dissensus.system.conventions import Conventions, Frame, dense_ranks
from dissensus.system.part import Part
from dissensus.system.rules import choose, find
from dissensus.system.scale import perceived_utilities, reliability
from dissensus.system.system import System

__all__ = ["Cells", "View", "is_defined"]

Floats = npt.NDArray[np.float64]
_UNDEFINED = (Status.CYCLE, Status.EMPTY, Status.NOT_CONVERGED)


def is_defined(choice: Choice) -> bool:
    """Whether something is chosen."""
    return choice.status not in _UNDEFINED


@dataclass(frozen=True, eq=False)
class View:
    """What the parts of a reading say: as ballots, and as expected utilities behind them."""

    ballots: Ballots
    expected: Floats


class Cells:
    """What comes of each setting of a case; equal steps are taken once.

    Attributes
    ----------
    made : int
        Choices made so far, each by its cost.
    """

    def __init__(self, case: Case, seed: int = 0) -> None:
        self.case, self.seed = case, seed
        self.made = 0
        self._grounds: dict[tuple[str | None, ...], Ground] = {}
        self._views: dict[Setting, View] = {}
        self._choices: dict[Setting, Choice] = {}
        self._answers: dict[tuple[object, ...], Choice] = {}
        self._idle: dict[str | None, list[str]] = {}
        self._plain: dict[str | None, Ballots] = {}

    def distinct(self, setting: Setting) -> Setting:
        """Return the setting with None on each axis that makes no difference in it."""
        case = self.case
        if setting.reading not in self._idle:
            self._idle[setting.reading] = _idle_axes(case, setting.reading)
        off = [*self._idle[setting.reading], *RELATIONS[str(setting.relation)]]
        if setting.relation != "obey":
            off += ["pointer", "tie_break"]
        elif setting.pointer != "output":
            off += [*POINTERS[str(setting.pointer)], "tie_break"]
        found, _ = find(self.rule_of(setting))
        scale = found.scaling(self._stating(setting.scale)) if found.scale else None
        if case.reading(setting.reading).rule:
            off.append("rule")
        return setting._replace(scale=scale)._replace(**dict.fromkeys(off))

    def ground(self, setting: Setting) -> Ground:
        """What all parts want, as far as beliefs, what is seen and deliberation go."""
        key = (setting.beliefs, setting.observation, setting.deliberation)
        if key not in self._grounds:
            self._grounds[key] = ground_of(self.case, setting)
        return self._grounds[key]

    def rule_of(self, setting: Setting) -> str:
        """Rule that decides in a setting, or that the system has where none decides."""
        return self.case.reading(setting.reading).rule or setting.rule or _name(self.case.system)

    def variant(self, setting: Setting) -> Setting:
        """Return what settings share that have the same ballots."""
        return setting._replace(relation=None, pointer=None, rule=None, scale=None, tie_break=None)

    def is_cheap(self, setting: Setting) -> bool:
        """Whether a rule decides; other relations and pointers take the time of many rules."""
        return setting.relation == "obey" and setting.pointer == "output"

    def choice(self, setting: Setting) -> Choice:
        """What is chosen in a setting.

        Raises
        ------
        ComparabilityError
            The rule needs more comparability than the case declares.
        """
        key = setting._replace(tie_break=None)
        if key not in self._choices:
            variant = self.variant(setting)
            if variant not in self._views:
                self._views[variant] = self.stack(setting, None)[0]
            self._choices[key] = self.chosen(setting, self._views[variant])
        return self.broken(setting, self._choices[key])

    def broken(self, setting: Setting, choice: Choice) -> Choice:
        """Return the choice with its tie broken as a setting says."""
        order = _order(setting)
        return choice if order is None else choice.broken_by(order)

    def chosen(self, setting: Setting, view: View) -> Choice:
        """Aim at what a setting says: by its rule, relation or pointer.

        A rule that needs only orders answers equal orders once, however they came about.
        """
        if setting.relation != "obey":
            self.made += COST
            return aligned_choice(str(setting.relation), self._system(setting, view), self.seed)
        if setting.pointer != "output":
            self.made += COST
            return pointed_choice(str(setting.pointer), self._system(setting, view), self.seed)
        ballots, name = view.ballots, self.rule_of(setting)
        found, _ = find(name)
        if found.needs == "ordinal" and not found.lotteries:
            unranked = ballots.conventions.unranked
            key = (name, setting.reading, unranked, ballots.ranks.tobytes())
            if key not in self._answers:
                self.made += 1
                self._answers[key] = choose(name, ballots)
            return self._answers[key]
        if setting.scale not in (None, ballots.conventions.scale):
            stated = _stated(ballots.conventions, scale=setting.scale)
            ballots = replace(ballots, conventions=stated)
        self.made += 1
        return choose(name, ballots)

    def stack(self, setting: Setting, noise: Shaken | None) -> list[View]:
        """Views of a setting, one under each draw of a noise; one alone without noise."""
        system, parts, rows = self.case.system, *self._members(setting)
        ground = self.ground(setting)
        expected = ground.shaken(noise)[:, rows]
        draws, n, k = expected.shape
        compute = np.array([part.compute for part in parts]) * _factor(setting)
        hardness = np.array([part.hardness for part in parts])
        conventions = self._conventions(setting)
        model = conventions.compute_model
        perceived = perceived_utilities(
            expected.reshape(-1, k),
            np.tile(compute, draws),
            np.tile(hardness, draws),
            model,
            self.seed,
        )
        ranks = dense_ranks(perceived).reshape(draws, n, k)
        ranks = np.where(np.isnan(ranks), ground.spoken[rows], ranks)
        if model == "shrinkage":
            ranks[:, reliability(compute, hardness) < conventions.abstain_below] = np.nan
        perceived = perceived.reshape(draws, n, k)
        d = system.disagreement
        first = Ballots(
            actions=system.actions,
            ranks=ranks[0],
            standing=np.array([part.standing for part in parts]),
            utilities=perceived[0],
            parts=tuple(part.name for part in parts),
            aspiration=_optional([part.aspiration for part in parts]),
            rationality=_optional([part.rationality for part in parts]),
            disagreement=None if d is None else d[rows],
            comparability=system.comparability,
            conventions=conventions,
            frame=Frame(),
            seed=self.seed,
        )
        ballots = [
            replace(first, ranks=r, utilities=u) if i else first
            for i, (r, u) in enumerate(zip(ranks, perceived, strict=True))
        ]
        return [View(*pair) for pair in zip(ballots, expected, strict=True)]

    def _members(self, setting: Setting) -> tuple[list[Part], list[int]]:
        rows = self.case.members(setting.reading)
        parts = [self.ground(setting).parts[i] for i in rows]
        if setting.standing_after in (None, TODAY):
            return parts, rows
        standing = standings_of(self.case)[setting.standing_after]
        return [
            replace(p, standing=float(standing[i])) for p, i in zip(parts, rows, strict=True)
        ], rows

    def _conventions(self, setting: Setting) -> Conventions:
        known = self.case.system.conventions
        return _stated(known, compute_model=setting.compute_model, unranked=setting.unranked)

    def _system(self, setting: Setting, view: View) -> System:
        parts, rows = self._members(setting)
        return flat_system(
            self.case.system,
            parts,
            rows,
            view.expected,
            self.ground(setting).spoken[rows],
            _stated(self._conventions(setting), scale=setting.scale),
            _factor(setting),
            self.rule_of(setting),
        )

    def _stating(self, scale: str | None) -> Ballots:
        """Ballots that differ only in the convention on scale, to ask a rule how it reads it."""
        if scale not in self._plain:
            ballots = self.case.system.ballots()
            stated = _stated(ballots.conventions, scale=scale)
            self._plain[scale] = replace(ballots, conventions=stated)
        return self._plain[scale]


def _idle_axes(case: Case, reading: str | None) -> list[str]:
    """Axes that cannot make a difference to the parts of a reading."""
    system = case.system
    parts = [system.parts[i] for i in case.members(reading)]
    after = [case.deliberated[part.name] for part in parts if part.name in case.deliberated]
    hard = any(part.hardness > 0 for part in (*parts, *after))
    partial = any(
        part.order is not None and sum(map(len, part.order)) < len(system.actions)
        for part in (*parts, *after)
    )
    matters = {
        "beliefs": any(part.model is not None for part in parts),
        "observation": len(system.world.observations) > 1,
        "deliberation": bool(after),
        "standing_after": len(standings_of(case)) > 1,
        "compute": hard,
        "compute_model": hard,
        "unranked": partial,
    }
    return [name for name, does in matters.items() if not does]


def _stated(conventions: Conventions, **given: str | None) -> Conventions:
    """Conventions with those that are given; None leaves one as it is."""
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    return replace(conventions, **changes)


def _factor(setting: Setting) -> float:
    return 1.0 if setting.compute is None else setting.compute


def _name(system: System) -> str:
    return system.rule if isinstance(system.rule, str) else find(system.rule)[0].name


def _order(setting: Setting) -> Sequence[str] | None:
    text = setting.tie_break
    return None if text is None or " > " not in text else text.split(" > ")


def _optional(values: list[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values])
