"""What a relation answers: a score with its verdict, where the gap lies, and what breaks it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from dissensus.system.choice import Choice

__all__ = ["NEAR", "Row", "Score", "Verdict", "averaged"]

NEAR = 1e-6  # a score this close to 1 holds


class Verdict(StrEnum):
    """Whether a relation holds between two systems, or a system and itself."""

    HOLDS = "HOLDS"
    """The score is 1."""
    FAILS = "FAILS"
    """The score is below 1; the witness says what breaks it."""
    AMBIGUOUS = "AMBIGUOUS"
    """Several targets that disagree are equally good: the score depends on which is meant."""
    UNDEFINED = "UNDEFINED"
    """There is no target, or an input is missing: the status says which."""


@dataclass(frozen=True, eq=False)
class Score:
    r"""How well a relation holds, at most 1, and where the gap to 1 lies.

    .. math:: 1 - f = \underbrace{1 - \max_\pi f(\pi, H)}_{\text{intrinsic}} +
        \underbrace{\max_\pi f(\pi, H) - f}_{\text{procedural}}

    ================== ================= ==========================================================
    attribute          range             meaning
    ================== ================= ==========================================================
    ``value``          at most 1         1: aligned; None where it cannot be given
    ``verdict``        `Verdict`
    ``intrinsic_gap``  at least 0        what no policy would mend
    ``procedural_gap`` at least 0        what another policy would: the fault of the rule
    ``witness``        mapping           names and numbers of what breaks it
    ``sentence``       text              the same in plain words
    ``misfit``         at least 0        how badly the model of H that the relation learns fits H;
                                         None where nothing is learned
    ``status``         text              ``OK``; how the learning ended; or what is missing
    ``interval``       (low, high)       the score over all targets, where they disagree
    ``distance``       at least 0        distance to the target before it is divided by the largest
    ``best``           `Choice`          what a policy in the target does, where there is one
    ``details``        mapping           further numbers; None where one cannot be given
    ================== ================= ==========================================================

    Examples
    --------
    >>> score = Score.of(0.0, ceiling=7 / 11, witness={"part": "life"}, sentence="life gets 0")
    >>> score.verdict.value, round(score.intrinsic_gap, 4), round(score.procedural_gap, 4)
    ('FAILS', 0.3636, 0.6364)
    """

    value: float | None
    verdict: Verdict
    intrinsic_gap: float | None = None
    procedural_gap: float | None = None
    witness: Mapping[str, Any] = field(default_factory=dict)
    sentence: str = ""
    misfit: float | None = None
    status: str = "OK"
    interval: tuple[float, float] | None = None
    distance: float | None = None
    best: Choice | None = None
    details: Mapping[str, float | None] = field(default_factory=dict)

    @classmethod
    def of(cls, value: float, *, ceiling: float = 1.0, **rest: Any) -> Score:
        """Return ``HOLDS`` or ``FAILS`` by the value; ``ceiling`` is the most that a policy gets.

        ``distance`` is 1 - value if it is not given.
        """
        v = _tidy(value)
        top = max(_tidy(ceiling), v)
        rest.setdefault("distance", 1 - v)
        return cls(
            v,
            Verdict.HOLDS if v >= 1 - NEAR else Verdict.FAILS,
            1 - top,
            top - v,
            **rest,
        )

    @classmethod
    def undefined(cls, status: str, sentence: str, **rest: Any) -> Score:
        """Return no score, with the reason.

        Examples
        --------
        >>> Score.undefined("missing: hardness", "no part states how hard its values are").value
        """
        return cls(None, Verdict.UNDEFINED, status=status, sentence=sentence, **rest)

    @classmethod
    def unclear(cls, low: float, high: float, value: float | None = None, **rest: Any) -> Score:
        """Return ``AMBIGUOUS``: the score lies between two ends, over targets that disagree.

        ``value`` is given where one can be said although the target is open.

        Examples
        --------
        >>> Score.unclear(0.0, 1.0).verdict.value
        'AMBIGUOUS'
        """
        v = None if value is None else _tidy(value)
        return cls(
            v,
            Verdict.AMBIGUOUS,
            None if v is None else 0.0,
            None if v is None else 1 - v,
            interval=(_tidy(low), _tidy(high)),
            **rest,
        )


@dataclass(frozen=True, eq=False)
class Row:
    """One line of the answer to "is it aligned with itself?" or "is A aligned with it?".

    ``score``, ``verdict``, the two gaps, ``misfit``, ``status`` and the sentence ``witness`` are
    those of ``result``, the whole `Score`. ``relation`` is the name in files, ``number`` its place
    in the literature of this package (R1 to R9), ``label`` and ``target`` are for people.
    """

    relation: str
    number: str
    label: str
    target: str
    result: Score

    @property
    def score(self) -> float | None:
        """Value of the score."""
        return self.result.value

    @property
    def verdict(self) -> Verdict:
        """``HOLDS``, ``FAILS``, ``AMBIGUOUS`` or ``UNDEFINED``."""
        return self.result.verdict

    @property
    def intrinsic_gap(self) -> float | None:
        """What no policy would mend."""
        return self.result.intrinsic_gap

    @property
    def procedural_gap(self) -> float | None:
        """What another policy would mend."""
        return self.result.procedural_gap

    @property
    def witness(self) -> str:
        """What breaks the relation, in plain words."""
        return self.result.sentence

    @property
    def misfit(self) -> float | None:
        """How badly the learned model of H fits H."""
        return self.result.misfit

    @property
    def status(self) -> str:
        """``OK``, how the learning ended, or what is missing."""
        return self.result.status

    def __repr__(self) -> str:
        value = "no score" if self.score is None else f"{self.score:.6g}"
        return f"{self.number} {self.relation}: {self.verdict} {value}; {self.witness}"


def averaged(scores: Sequence[Score], weights: npt.ArrayLike) -> Score:
    """Mean over frames, with the witness of the worst frame.

    Undefined if it is in some frame; ambiguous if it is in some frame. ``details`` gain the least
    and the largest value (``least``, ``most``) where frames differ.

    Examples
    --------
    >>> mean = averaged([Score.of(1.0), Score.of(0.0, ceiling=0.5, sentence="b")], [1, 3])
    >>> mean.value, mean.intrinsic_gap, mean.procedural_gap, mean.sentence
    (0.25, 0.375, 0.375, 'b')
    """
    if len(scores) == 1:
        return scores[0]
    for score in scores:
        if score.verdict is Verdict.UNDEFINED:
            return score
    w = np.asarray(weights, dtype=np.float64)
    w = w / w.sum()

    def mean(values: Sequence[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return float(w @ np.array(known)) if len(known) == len(scores) else None

    def lowest(score: Score) -> float:
        return score.value if score.value is not None else (score.interval or (0.0, 1.0))[0]

    worst = min(scores, key=lambda score: (lowest(score), score.verdict != Verdict.AMBIGUOUS))
    value = mean([score.value for score in scores])
    ends = [_ends(score) for score in scores]
    unclear = any(score.verdict is Verdict.AMBIGUOUS for score in scores)
    spread = (min(low for low, _ in ends), max(high for _, high in ends))
    details = {key: mean([s.details.get(key) for s in scores]) for key in worst.details}
    if spread[1] - spread[0] > NEAR:
        details |= {"least": spread[0], "most": spread[1]}
    verdict = Verdict.HOLDS if value is not None and value >= 1 - NEAR else Verdict.FAILS
    return Score(
        value if value is None else _tidy(value),
        Verdict.AMBIGUOUS if unclear else verdict,
        mean([score.intrinsic_gap for score in scores]),
        mean([score.procedural_gap for score in scores]),
        worst.witness,
        worst.sentence,
        mean([score.misfit for score in scores]),
        worst.status,
        (
            float(w @ np.array([low for low, _ in ends])),
            float(w @ np.array([high for _, high in ends])),
        )
        if unclear
        else None,
        mean([score.distance for score in scores]),
        _common([score.best for score in scores]),
        details,
    )


def _ends(score: Score) -> tuple[float, float]:
    if score.interval is not None:
        return score.interval
    return (0.0, 1.0) if score.value is None else (score.value, score.value)


def _common(choices: Sequence[Choice | None]) -> Choice | None:
    """One best choice if all frames name the same, else all that some frame names."""
    named = [choice for choice in choices if choice is not None]
    if len(named) < len(choices):
        return None
    first = named[0]
    if all(other.winners == first.winners and _same(other, first) for other in named):
        return first
    winners = frozenset[int]().union(*(choice.winners for choice in named))
    return Choice.among(first.actions, winners, ["the best differs from frame to frame"])


def _same(a: Choice, b: Choice) -> bool:
    return a.dist is not None and b.dist is not None and bool(np.allclose(a.dist, b.dist))


def _tidy(value: float) -> float:
    """Value without the rounding that would put it above 1, or next to 0 or 1."""
    for end in (0.0, 1.0):
        if abs(value - end) < 1e-12:
            return end
    return float(value)
