"""Frames: all orders of agenda, turn and tie-break, and what is said in each.

Frames in which everything asked has the same answers are one occasion, with their common weight.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import permutations
from math import factorial
from typing import Any

import numpy as np
import numpy.typing as npt

from dissensus.system.conventions import Frame
from dissensus.system.relations.conduct import Answer, Conduct, Menu

__all__ = ["MOST_ORDERS", "Occasion", "Occasions", "Question", "occasions", "orders_of"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
MOST_ORDERS = 720
DRAWN_ORDERS = 240
FEWEST_DRAWN = 24
MOST_ANSWERS = 30_000
MOST_FRAMES = 720


@dataclass(frozen=True)
class Question:
    """Whom to ask, and to choose from what; ``rule`` stands in for the system's own.

    ``turns``: each part's turn is a frame of its own. Otherwise the turn is drawn by standing at
    each choice, as part of what the system does.
    """

    conduct: Conduct
    menu: Menu
    rule: Any = None
    turns: bool = False


@dataclass(frozen=True, eq=False)
class Occasion:
    """A frame, how often it occurs, and what was answered in it."""

    weight: float
    frame: Frame
    said: dict[Question, Answer]

    def dist(self, question: Question) -> Floats | None:
        """Chances of all actions, ties broken by the frame; None without a winner."""
        return self.said[question].dist


@dataclass(frozen=True, eq=False)
class Occasions:
    """All that were asked about, with how the frames were counted in words."""

    each: tuple[Occasion, ...]
    frames: str

    @property
    def weights(self) -> Floats:
        """Share of the frames that each stands for."""
        return np.array([occasion.weight for occasion in self.each])


def occasions(questions: Sequence[Question], seed: int = 0, draws: int | None = None) -> Occasions:
    """Ask everything in every frame that makes a difference.

    The agenda counts if a rule looks at it, ties count where there are some. Up to 720 orders of
    each are taken all, of more a sample that the seed fixes, whatever else is asked: ``draws``, by
    default 240, fewer where that would take more than 30,000 answers, but at least 24; for each of
    many agendas as few orders that break ties as make 720 frames.

    Examples
    --------
    >>> from dissensus.system import Part, System, World
    >>> pair = System([Part("me", [1, 0.5, 0]), Part("you", [0, 0.5, 1])],
    ...               World.of(["sea", "hills", "town"]), "plurality")
    >>> asked = Question(Conduct(pair), (0, 1, 2))
    >>> found = occasions([asked])
    >>> [(occasion.weight, occasion.dist(asked).tolist()) for occasion in found.each]
    [(0.5, [1.0, 0.0, 0.0]), (0.5, [0.0, 0.0, 1.0])]
    >>> found.frames
    'all 2 ways to break the ties'
    """
    names = questions[0].conduct.actions
    k = len(names)
    looks = any("agenda" in q.conduct.reads(q.menu, q.rule) for q in questions)
    if draws is None:
        draws = max(FEWEST_DRAWN, min(DRAWN_ORDERS, MOST_ANSWERS // len(questions)))
    agendas = orders_of(range(k), seed, draws) if looks else np.arange(k)[None]
    each_draws = max(1, min(draws, MOST_FRAMES // len(agendas)))
    turns = _turns(questions)
    found: dict[tuple[Any, ...], tuple[float, Frame, list[Answer]]] = {}
    broken = 0
    for number, agenda in enumerate(agendas):
        order = tuple(names[a] for a in agenda) if looks else None
        for turn, share in turns:
            raw = [
                q.conduct.answer(q.menu, order, turn if q.turns else None, q.rule)
                for q in questions
            ]
            marks = tuple(answer.mark for answer in raw)
            tied = [place for place, answer in enumerate(raw) if answer.tied]
            ties = sorted({raw[place].tied for place in tied})
            among = sorted(set().union(*ties))
            broken = max(broken, factorial(len(among)) if len(ties) > 1 else len(among))
            for breaking, part in _breaking(ties, among, k, seed + number, each_draws):
                first = {tie: min(tie, key=breaking.__getitem__) for tie in ties}
                key = (marks, tuple(first[raw[place].tied] for place in tied))
                weight = share * part / len(agendas)
                if key in found:
                    found[key] = (found[key][0] + weight, *found[key][1:])
                    continue
                said = list(raw)
                for place in tied:
                    said[place] = raw[place].settled(first[raw[place].tied])
                rest = tuple(names[a] for a in np.argsort(breaking, kind="stable"))
                frame = Frame(agenda=order, turn=turn, tie_break=rest if among else None)
                found[key] = (weight, frame, said)
    alike: dict[tuple[bytes, ...], tuple[float, Frame, list[Answer]]] = {}
    for weight, frame, said in found.values():  # a broken tie may equal a clear answer elsewhere
        mark = tuple(answer.mark for answer in said)
        before = alike[mark][0] if mark in alike else 0.0
        alike[mark] = (weight + before, *alike.get(mark, (0.0, frame, said))[1:])
    each = tuple(
        Occasion(weight, frame, dict(zip(questions, said, strict=True)))
        for weight, frame, said in alike.values()
    )
    words = []
    if looks:
        words.append(f"{_counted(factorial(k), seed, draws)} orders of the agenda")
    if len(turns) > 1:
        words.append(f"the turns of {len(turns)} parts")
    if broken:
        words.append(f"{_counted(broken, seed, each_draws)} ways to break the ties")
    return Occasions(each, " and ".join(words) or "one: nothing depends on them")


def _turns(questions: Iterable[Question]) -> list[tuple[str | None, float]]:
    """Parts that can have the turn, by standing; nobody in particular if no rule asks whose it is.

    A part that says nothing has no turn.
    """
    asked = [q for q in questions if q.turns and "turn" in q.conduct.reads(q.menu, q.rule)]
    if not asked:
        return [(None, 1.0)]
    ballots = asked[0].conduct.ballots
    heard = ballots.speaking | ~np.isnan(ballots.utilities).any(axis=1)
    share = np.where(heard, ballots.standing, 0.0)
    share = share / share.sum()
    return [(part, float(w)) for part, w in zip(ballots.parts, share, strict=True) if w > 0]


def orders_of(items: Sequence[int] | range, seed: int, draws: int = DRAWN_ORDERS) -> Codes:
    """All orders of the items up to 720, or a sample; one a row.

    Examples
    --------
    >>> orders_of([3, 7], seed=0).tolist()
    [[3, 7], [7, 3]]
    """
    t = len(items)
    if factorial(t) <= MOST_ORDERS:
        return np.array(list(permutations(items)), dtype=np.int64)
    random = np.random.default_rng(seed)
    return random.permuted(np.tile(np.array(items), (draws, 1)), axis=1)


def _breaking(
    ties: Sequence[Menu], among: Sequence[int], k: int, seed: int, draws: int
) -> Iterable[tuple[list[int], float]]:
    """Ranks by which ties are broken, one for each way that they can come out, with its share."""
    if not among:
        return [(list(range(k)), 1.0)]
    if len(ties) == 1:  # who comes first is all that matters
        orders = np.array([np.roll(among, -first) for first in range(len(among))])
    elif factorial(len(among)) <= MOST_ORDERS:
        orders = orders_of(list(among), seed)
    else:  # of all actions, so that a sample does not hang on what else is tied
        orders = orders_of(range(k), seed, draws)
    place = np.full((len(orders), k), k)
    np.put_along_axis(place, orders, np.arange(orders.shape[1])[None], axis=1)
    first = np.stack([place[:, list(tie)].argmin(axis=1) for tie in ties], axis=1)
    _, at, count = np.unique(first, axis=0, return_index=True, return_counts=True)
    return [(place[i].tolist(), float(n) / len(orders)) for i, n in zip(at, count, strict=True)]


def _counted(total: int, seed: int, draws: int) -> str:
    if total <= MOST_ORDERS:
        return f"all {total:,}"
    return f"{draws} of {total:,}, drawn with seed {seed},"
