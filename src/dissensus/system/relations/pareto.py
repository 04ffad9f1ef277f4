"""R6: what parts could still gain at nobody's cost."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dissensus.system.choice import Choice
from dissensus.system.conventions import range_normalised
from dissensus.system.pareto import improvement
from dissensus.system.relations.catalogue import relation
from dissensus.system.relations.encounter import Encounter
from dissensus.system.relations.luce import log_chances
from dissensus.system.relations.occasions import Occasion
from dissensus.system.relations.satisfaction import softmax_slope
from dissensus.system.relations.score import Score
from dissensus.system.relations.words import in_words

__all__ = ["improvement_loss", "pareto"]

Floats = npt.NDArray[np.float64]


def improvement_loss(
    logits: npt.ArrayLike,
    satisfied: npt.ArrayLike,
    status_quo: npt.ArrayLike,
    penalty: float = 10.0,
) -> tuple[float, Floats]:
    r"""Minus the mean gain over today, with a price on every loss; and a subgradient: R6's loss.

    .. math:: L = \frac{1}{n} \sum_i [-(s_i \cdot \pi - s_i^0) +
        \lambda \max(0,\; s_i^0 - s_i \cdot \pi)]

    =============== ========== =================================================================
    symbol          shape      meaning
    =============== ========== =================================================================
    logits          ``(k,)``   of A's policy :math:`\pi`
    :math:`s`       ``(n, k)`` ``satisfied``: each part by each action
    :math:`s^0`     ``(n,)``   ``status_quo``: what each part has today
    :math:`\lambda` number     ``penalty``: price of a loss; large enough, no part loses
    =============== ========== =================================================================

    Examples
    --------
    >>> value, gradient = improvement_loss([0.0, 0.0], [[1, 0], [0, 1]], [0.5, 0.5])
    >>> value, gradient.tolist()
    (0.0, [0.0, 0.0])
    """
    s, policy = np.asarray(satisfied, dtype=np.float64), np.exp(log_chances(logits))
    gain = s @ policy - np.asarray(status_quo, dtype=np.float64)
    lost = gain < 0
    value = float((-gain - penalty * np.where(lost, gain, 0.0)).mean())
    slope = -((1 + penalty * lost)[:, None] * s).mean(axis=0)
    return value + 0.0, softmax_slope(policy, slope) + 0.0


@relation(
    name="pareto",
    number="R6",
    label="Pareto improvement over the status quo",
    target="what is efficient and gives no part less than it has today",
    looks_at="parts",
    needs=("utilities",),
    reference="thomson1994",
    loss=improvement_loss,
)
def pareto(encounter: Encounter) -> Score:
    r"""One minus what could still be had for nothing; for an A, also minus what parts lose by it.

    .. math:: r = 1 - \text{gap}(\pi_H), \qquad f(A, H) = 1 - \max(\text{gap}(\pi_A),\;
        \frac{1}{n} \sum_i \max(0,\; s_i(\pi_H) - s_i(\pi_A)))

    ============ ========== ====================================================================
    symbol       range      meaning
    ============ ========== ====================================================================
    gap          [0, 1]     mean gain, in units of each part's range, that harms nobody
                            (`improvement`)
    :math:`s_i`  [0, 1]     satisfaction of part i: 0 for its worst action, 1 for its best
    ============ ========== ====================================================================

    Returns
    -------
    Score
        1 if the policy is efficient and no part has less than under H's own. Some policy always
        is, so that the whole gap is the rule's fault. ``details``: ``gap``, ``shortfall``.

    References
    ----------
    [thomson1994]_. That an A must not fall short of today is ours: it is what the target says.
    """
    utilities = encounter.conduct.utilities
    values, names = range_normalised(utilities), list(encounter.parts)

    def judge(occasion: Occasion) -> Score:
        nothing = encounter.nothing_said(occasion)
        today, policy = occasion.dist(encounter.of_h()), encounter.a_dist(occasion)
        if nothing is not None or today is None or policy is None:
            return nothing or Score.undefined("EMPTY", "A makes no choice")
        found = improvement(utilities, policy)
        target = found if encounter.alone else improvement(utilities, today)
        gap, better, rise = found.gap, found.dist, found.gains
        lost = np.maximum(values @ today - values @ policy, 0.0)
        shortfall = float(lost.mean())
        done = in_words(encounter.actions, policy)
        if max(gap, shortfall) < 1e-9:
            sentence = f"no part can gain on {done} unless another loses"
        elif gap >= shortfall:
            gained = _by_part(names, rise)
            sentence = (
                f"instead of {done}, {in_words(encounter.actions, better)} would give "
                f"{gained} of the range of its utilities, and nobody less"
            )
        else:
            sentence = f"by {done} {_by_part(names, -lost)} of the range of its utilities"
        return Score.of(
            1 - max(gap, shortfall),
            witness={
                "policy": policy.tolist(),
                "better": better.tolist(),
                "gains": dict(zip(names, rise.tolist(), strict=True)),
                "losses": dict(zip(names, lost.tolist(), strict=True)),
            },
            sentence=sentence,
            best=Choice.lottery(encounter.actions, target.dist, ["efficient, and no part loses"]),
            details={"gap": gap, "shortfall": shortfall},
        )

    return encounter.over_frames([encounter.of_h(), encounter.of_a()], judge)


def _by_part(names: list[str], change: Floats) -> str:
    """Changes of the parts in words, the largest first."""
    order = [i for i in np.argsort(-np.abs(change), kind="stable") if abs(change[i]) > 1e-9]
    return ", ".join(f"part {names[i]!r} {change[i]:+.3g}" for i in order)
