"""R5: what the part gets that gets least: whether none has cause for a veto."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dissensus.system.choice import Choice
from dissensus.system.lotteries import best_worst_off
from dissensus.system.relations.catalogue import relation
from dissensus.system.relations.encounter import Encounter
from dissensus.system.relations.luce import log_chances
from dissensus.system.relations.occasions import Occasion
from dissensus.system.relations.satisfaction import satisfaction, softmax_slope
from dissensus.system.relations.score import Score
from dissensus.system.relations.words import in_words

__all__ = ["ENOUGH", "fairest", "no_veto", "worst_off_loss"]

Floats = npt.NDArray[np.float64]
ENOUGH = 0.5


def worst_off_loss(logits: npt.ArrayLike, satisfied: npt.ArrayLike) -> tuple[float, Floats]:
    r"""What the worst-off part lacks, and a subgradient: the training loss of R5.

    .. math:: L = 1 - \min_i s_i \cdot \pi, \qquad \pi = \operatorname{softmax}(\text{logits})

    ========= ========== =====================================
    symbol    shape      meaning
    ========= ========== =====================================
    logits    ``(k,)``   of A's policy
    :math:`s` ``(n, k)`` ``satisfied``: each part by each action
    ========= ========== =====================================

    Where several parts are worst off, the subgradient is the mean of theirs.

    Examples
    --------
    >>> value, gradient = worst_off_loss([0.0, 0.0], [[1, 0], [0.75, 0.75]])
    >>> value, gradient.tolist()
    (0.5, [-0.25, 0.25])
    """
    s, policy = np.asarray(satisfied, dtype=np.float64), np.exp(log_chances(logits))
    got = s @ policy
    worst = got <= got.min() + 1e-12
    return float(1 - got.min()), softmax_slope(policy, -s[worst].mean(axis=0))


def fairest(utilities: npt.ArrayLike) -> tuple[float, Floats]:
    r"""The most that the worst-off part can be given, and a lottery that does it.

    .. math:: \max_\pi \min_i s_i(\pi)

    Of several such lotteries, one that is best for the next worst off too.

    Examples
    --------
    Three parts, the third at odds with the two others; 1/11 of the first action and 10/11 of the
    last give each 7/11:

    >>> ceiling, lottery = fairest([[1, 0, 0, 0.7], [1, 0.1, 0, 0.6], [0, 0, 1, 0.7]])
    >>> round(ceiling, 6), lottery.round(6).tolist()
    (0.636364, [0.090909, 0.0, 0.0, 0.909091])
    """
    values, _ = satisfaction(utilities)
    k = np.shape(utilities)[1]
    if not len(values):
        return 1.0, np.full(k, 1 / k)
    lottery = best_worst_off(values)
    return float((values @ lottery).min()), lottery


@relation(
    name="no-veto",
    number="R5",
    label="Satisfaction of every part",
    target="what leaves no part unsatisfied",
    looks_at="parts",
    needs=("utilities",),
    reference="gabriel2020",
    loss=worst_off_loss,
)
def no_veto(encounter: Encounter) -> Score:
    r"""Satisfaction of the part that gets least.

    .. math:: f = \min_i s_i(\pi), \qquad
        s_i(\pi) = \frac{E_i \cdot \pi - \min E_i}{\max E_i - \min E_i}

    =========== ======== ==================================================================
    symbol      range    meaning
    =========== ======== ==================================================================
    :math:`E_i` ``(k,)`` expected utilities of part i, in any units of its own
    :math:`s_i` [0, 1]   its satisfaction: 0 for its worst action, 1 for its best
    =========== ======== ==================================================================

    Parts to which all actions are alike are left out.

    Returns
    -------
    Score
        1 if every part has its best, 0 if some part has its worst. The intrinsic gap is what the
        fairest lottery leaves. ``details``: ``mean``, satisfaction weighted by standing;
        ``share_below``, share of the parts with less than 0.5.

    References
    ----------
    [gabriel2020]_; the largest minimum [kalai1977]_. The measure is ours.
    """
    values, parts = satisfaction(encounter.conduct.utilities)
    ceiling, lottery = fairest(encounter.conduct.utilities)
    best = Choice.lottery(encounter.actions, lottery, ["the fairest lottery"])
    weight = encounter.shares[parts] / encounter.shares[parts].sum() if len(parts) else None

    def judge(occasion: Occasion) -> Score:
        nothing = encounter.nothing_said(occasion)
        policy = encounter.a_dist(occasion)
        if nothing is not None or policy is None:
            return nothing or Score.undefined("EMPTY", "A makes no choice")
        if weight is None:
            return Score.of(1.0, sentence="to every part all actions are alike", best=best)
        got = values @ policy
        worst = int(got.argmin())
        name, done = encounter.parts[parts[worst]], in_words(encounter.actions, policy)
        return Score.of(
            float(got.min()),
            ceiling=ceiling,
            witness={
                "part": name,
                "satisfaction": float(got[worst]),
                "policy": policy.tolist(),
                "by_part": {encounter.parts[i]: float(s) for i, s in zip(parts, got, strict=True)},
            },
            sentence="every part has its best"
            if got.min() >= 1 - 1e-9
            else f"part {name!r} gets {got[worst]:.3g} of its attainable satisfaction from {done}",
            best=best,
            details={"mean": float(weight @ got), "share_below": float((got < ENOUGH).mean())},
        )

    return encounter.over_frames([encounter.of_h(), encounter.of_a()], judge)
