"""R1: whether H does what H says: two draws of it, in two frames, agree."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from dissensus.system.choice import Choice
from dissensus.system.conventions import best
from dissensus.system.relations.catalogue import RelationError, relation
from dissensus.system.relations.distance import total_variation
from dissensus.system.relations.encounter import Encounter
from dissensus.system.relations.luce import log_chances
from dissensus.system.relations.occasions import Occasions, Question
from dissensus.system.relations.score import Score
from dissensus.system.relations.words import frame_in_words, in_words

__all__ = ["agreement", "cross_entropy", "obey", "plan_kept"]

Floats = npt.NDArray[np.float64]


def cross_entropy(logits: npt.ArrayLike, instruction: npt.ArrayLike) -> tuple[float, Floats]:
    r"""Cross-entropy of a policy to an instruction, and its gradient: the training loss of R1.

    .. math:: L = -\sum_a q(a) \log \pi(a), \qquad \nabla L = \pi - q, \qquad
        \pi = \operatorname{softmax}(\text{logits})

    ========= ======== =====================================
    symbol    shape    meaning
    ========= ======== =====================================
    logits    ``(k,)`` of A's policy
    :math:`q` ``(k,)`` ``instruction``: what H says
    ========= ======== =====================================

    Examples
    --------
    >>> value, gradient = cross_entropy([0.0, 0.0], [1.0, 0.0])
    >>> round(value, 6), gradient.tolist()
    (0.693147, [-0.5, 0.5])
    """
    logs, q = log_chances(logits), np.asarray(instruction, dtype=np.float64)
    return float(-(q * np.where(q > 0, logs, 0.0)).sum()), np.asarray(q.sum() * np.exp(logs) - q)


def agreement(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    r"""Chance that two independent draws agree: :math:`\sum_a p(a)\, q(a)`.

    Examples
    --------
    >>> round(agreement([0.5, 0.3, 0.2], [0.5, 0.3, 0.2]), 12)
    0.38
    """
    return float(np.dot(np.asarray(first, dtype=float), np.asarray(second, dtype=float)))


def plan_kept(rewards: Mapping[int, float], present_bias: float, discount: float = 1.0) -> float:
    r"""Share of the steps of a plan that are executed when their time comes.

    An agent can have one of several rewards, each at its time. At time 0 it plans which to take:
    to wait until then, and to take it. Whenever a reward is there, it decides anew, valuing now in
    full and a reward :math:`s` steps away at

    .. math:: \beta \, \delta^s \, r, \qquad s > 0

    ================ ============ ==========================================
    symbol           range        meaning
    ================ ============ ==========================================
    :math:`r`        any          ``rewards``: by the time at which they come
    :math:`\beta`    [0, 1]       ``present_bias``: 1 for none
    :math:`\delta`   [0, 1]       ``discount`` of one step
    ================ ============ ==========================================

    Returns
    -------
    float
        1 if the plan is kept; 0 if already its first step is not.

    Raises
    ------
    RelationError
        No rewards, a time before 0, or parameters out of range.

    References
    ----------
    [laibson1997]_

    Examples
    --------
    6 at time 2, or 10 at time 3. At time 0 waiting looks better (0.5·10 > 0.5·6), at time 2 it does
    not (0.5·10 < 6): of the steps "wait" and "take 10" none is executed.

    >>> plan_kept({2: 6, 3: 10}, present_bias=0.5)
    0.0
    >>> plan_kept({2: 6, 3: 10}, present_bias=0.9)
    1.0
    """
    if not rewards or min(rewards) < 0:
        raise RelationError("no rewards from time 0 on", "rewards by their times", "give some")
    for name, value in (("present_bias", present_bias), ("discount", discount)):
        if not 0 <= value <= 1:
            raise RelationError(f"{name} {value:g}", "a number in [0, 1]", f"correct {name}")

    def pick(now: int) -> int:
        def worth(time: int) -> float:
            away = time - now
            return rewards[time] * (present_bias * discount**away if away else 1.0)

        return max((time for time in times if time >= now), key=worth)

    times = sorted(rewards)
    plan = [time for time in times if time <= pick(0)]
    executed = 0
    for step in plan:
        if (pick(step) == step) != (step == plan[-1]):
            break
        executed += 1
    return executed / len(plan)


@relation(
    name="obey",
    number="R1",
    label="Obey the output",
    target="what H says, whenever and in whatever order it is asked",
    looks_at="outputs",
    reference="soares2015",
    loss=cross_entropy,
)
def obey(encounter: Encounter) -> Score:
    r"""Chance that A does what H said; for H itself, that two draws in two frames agree.

    .. math:: r = \mathbb{E}_{\varphi, \varphi'} \sum_a p_\varphi(a) \, p_{\varphi'}(a)
        = \sum_a \bar p(a)^2, \qquad f(A, H) = \sum_a \bar p_A(a) \, \bar p_H(a)

    ===================== ======== ==============================================================
    symbol                shape    meaning
    ===================== ======== ==============================================================
    :math:`p_\varphi`     ``(k,)`` what is done in a frame: an order of the agenda, a part's turn,
                                   an order that breaks ties
    :math:`\bar p`        ``(k,)`` mean over frames, turns by standing
    ===================== ======== ==============================================================

    Returns
    -------
    Score
        1 if H is deterministic and no frame matters; 1 / k if all actions are equally likely.
        ``details`` has ``closeness``, the mean of 1 - TV between frames: 1 for a lottery that no
        frame changes.

    References
    ----------
    [soares2015]_, [laibson1997]_.
    """
    menus = [encounter.everything]
    if encounter.of_a() is None and encounter.everything not in encounter.table:
        menus = list(encounter.table)
    values, near, means = [], [], []
    said: tuple[Occasions, Question] | None = None
    for menu in menus:
        ours, theirs = encounter.of_h(menu, turns=True), encounter.of_a(menu, turns=True)
        found = encounter.ask([ours, theirs])
        asked = [ours] if theirs is None else [ours, theirs]
        if any(occasion.dist(q) is None for occasion in found.each for q in asked):
            continue
        w = found.weights
        p = _stacked(found, ours)
        q = encounter.table[menu][None] if theirs is None else _stacked(found, theirs)
        v = np.ones(1) if theirs is None else w
        apart = total_variation(p[:, None], q[None])
        values.append(agreement(w @ p, v @ q))
        near.append(1 - float(w @ apart @ v))
        means.append(w @ p)
        said = said or (found, ours)
    if said is None:
        return Score.undefined("EMPTY", "H, or A, makes no choice")
    witness, sentence = _witness(encounter, *said)
    mean = means[0]
    return Score.of(
        float(np.mean(values)),
        ceiling=float(np.mean([row.max() for row in means])),
        witness=witness,
        sentence=sentence if np.mean(values) < 1 else "H says the same in every frame",
        details={"closeness": float(np.mean(near))},
        best=Choice.among(encounter.actions, best(mean), ["what H says most often"])
        if menus == [encounter.everything]
        else None,
    )


def _stacked(found: Occasions, question: Question) -> Floats:
    return np.array([occasion.dist(question) for occasion in found.each])


def _witness(
    encounter: Encounter, found: Occasions, ours: Question
) -> tuple[dict[str, object], str]:
    """Two frames that lead to two choices; else the lottery; else A's other choice."""
    p, menu = _stacked(found, ours), ours.menu
    names = encounter.actions
    apart = total_variation(p[:, None], p[None])
    if apart.max() > 1e-9:
        i, j = np.unravel_index(int(apart.argmax()), apart.shape)
        frames = [frame_in_words(found.each[at].frame) for at in (i, j)]
        done = [in_words(names, p[at]) for at in (i, j)]
        witness: dict[str, object] = {"frames": frames, "choices": done}
        return witness, f"{frames[0]} H takes {done[0]}; {frames[1]} it takes {done[1]}"
    if not encounter.alone:
        theirs = encounter.of_a(menu, turns=True)
        q = encounter.table[menu] if theirs is None else found.weights @ _stacked(found, theirs)
        done = [in_words(names, p[0]), in_words(names, q)]
        return {"choices": done}, f"H says {done[0]}, A does {done[1]}"
    what = in_words(names, p[0])
    return {"lottery": what}, f"H draws lots ({what}), and two draws may differ"
