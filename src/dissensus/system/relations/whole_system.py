"""R7: whether copies of H at another scale do what H does."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dissensus.system.choice import Choice
from dissensus.system.conventions import best
from dissensus.system.lotteries import solve
from dissensus.system.relations.catalogue import relation
from dissensus.system.relations.conduct import Conduct
from dissensus.system.relations.distance import total_variation
from dissensus.system.relations.encounter import Encounter
from dissensus.system.relations.luce import log_chances
from dissensus.system.relations.occasions import Occasion, Question
from dissensus.system.relations.score import Score
from dissensus.system.relations.words import in_words
from dissensus.system.scale import FACTORS, at_scale

__all__ = ["copy_divergence", "nearest_to_all", "whole_system"]

Floats = npt.NDArray[np.float64]


def copy_divergence(logits: npt.ArrayLike, copies: npt.ArrayLike) -> tuple[float, Floats]:
    r"""Mean divergence from copies of H to a policy, and its gradient: the training loss of R7.

    .. math:: L = \frac1K \sum_\kappa \mathrm{KL}(p_\kappa \Vert \pi), \qquad
        \nabla L = \pi - \frac1K \sum_\kappa p_\kappa

    ================== ========== ==============================================================
    symbol             shape      meaning
    ================== ========== ==============================================================
    logits             ``(k,)``   of A's policy :math:`\pi`
    :math:`p_\kappa`   ``(K, k)`` ``copies``: what H does at each scale
    ================== ========== ==============================================================

    Examples
    --------
    >>> value, gradient = copy_divergence([0.0, 0.0], [[1.0, 0.0]])
    >>> round(value, 6), gradient.tolist()
    (0.693147, [-0.5, 0.5])
    """
    p, logs = np.atleast_2d(np.asarray(copies, dtype=np.float64)), log_chances(logits)
    held = p > 0
    cost = np.where(held, p * (np.log(np.where(held, p, 1.0)) - logs), 0.0)
    return float(cost.sum(axis=1).mean()), np.asarray(np.exp(logs) - p.mean(axis=0))


def nearest_to_all(copies: npt.ArrayLike) -> tuple[float, Floats]:
    r"""The policy closest to several on average, and how close it is.

    .. math:: \max_\pi \frac1K \sum_\kappa (1 - \mathrm{TV}(\pi, p_\kappa))
        = \max_\pi \frac1K \sum_\kappa \sum_a \min(\pi_a, p_{\kappa a})

    Examples
    --------
    >>> value, policy = nearest_to_all([[1, 0], [1, 0], [0, 1]])
    >>> round(value, 6), policy.tolist()
    (0.666667, [1.0, 0.0])
    """
    p = np.asarray(copies, dtype=np.float64)
    count, k = p.shape
    if (p.max(axis=1) == 1).all():
        share = p.mean(axis=0)
        policy = np.zeros(k)
        top = best(share)
        policy[top] = 1 / len(top)
        return float(share.max()), policy
    upper = np.hstack([-np.tile(np.eye(k), (count, 1)), np.eye(count * k)])
    solved = solve(
        np.concatenate([np.zeros(k), -np.full(count * k, 1 / count)]),
        upper,
        np.zeros(count * k),
        equal=np.concatenate([np.ones(k), np.zeros(count * k)])[None],
        bounds=[(0, None)] * k + [(0, float(chance)) for chance in p.ravel()],
    )
    policy = np.maximum(solved.x[:k], 0.0)
    return float(-solved.fun), np.asarray(policy / policy.sum())


@relation(
    name="whole-system",
    number="R7",
    label="Representing the whole system, then scaling it",
    target="what copies of H would do with more compute",
    looks_at="outputs",
    needs=("hardness",),
    reference="ortega2013",
    loss=copy_divergence,
)
def whole_system(encounter: Encounter) -> Score:
    r"""How much of what H does is left when H itself is scaled up.

    .. math:: f(A, H) = \frac1K \sum_\kappa (1 - \mathrm{TV}(\pi_A, \pi_{H^\kappa}))

    ======================= ======== ============================================================
    symbol                  shape    meaning
    ======================= ======== ============================================================
    :math:`\kappa`          K scales 1, 3, 10, 30, 100: every part's compute times that
                                     (`at_scale`)
    :math:`\pi_{H^\kappa}`  ``(k,)`` what H does then, by its own rule and compute model
    ======================= ======== ============================================================

    Returns
    -------
    Score
        1 if H's choice does not depend on its scale; 1/5 if every larger copy does something else.
        The intrinsic gap is what the best compromise between the scales leaves.

    References
    ----------
    Bounded rationality as in [ortega2013]_, [lieder2020]_; the relation is ours.
    """
    system, whole = encounter.system, encounter.everything
    copies = {
        scale: encounter.of_h()
        if scale == 1
        else Question(
            Conduct(at_scale(system, scale), encounter.observation, encounter.seed), whole
        )
        for scale in FACTORS
    }

    def judge(occasion: Occasion) -> Score:
        nothing = encounter.nothing_said(occasion)
        policy = encounter.a_dist(occasion)
        if nothing is not None or policy is None:
            return nothing or Score.undefined("EMPTY", "A makes no choice")
        dists = []
        for scale, question in copies.items():
            dist = occasion.dist(question)
            if dist is None:
                status = str(occasion.said[question].status)
                said = f"with {scale:g} times its compute H makes no choice"
                return Score.undefined(status, said, witness={"scale": scale})
            dists.append(dist)
        p = np.array(dists)
        ceiling, compromise = nearest_to_all(p)
        apart = total_variation(p, policy)
        names = encounter.actions
        done = {f"{scale:g}": in_words(names, dist) for scale, dist in zip(copies, p, strict=True)}
        return Score.of(
            1 - float(apart.mean()),
            ceiling=ceiling,
            witness={"choices": done},
            sentence=_in_words(
                "H" if encounter.alone else "A", done, apart, in_words(names, policy)
            ),
            best=_compromise(names, p, compromise),
        )

    return encounter.over_frames([encounter.of_h(), encounter.of_a(), *copies.values()], judge)


def _compromise(names: tuple[str, ...], copies: Floats, policy: Floats) -> Choice:
    why = ["closest to H at all scales"]
    if (copies.max(axis=1) == 1).all():
        return Choice.among(names, np.flatnonzero(policy), why)
    return Choice.lottery(names, policy, why)


def _in_words(who: str, done: dict[str, str], apart: Floats, policy: str) -> str:
    differ = [
        (scale, what) for (scale, what), d in zip(done.items(), apart, strict=True) if d > 1e-9
    ]
    if not differ:
        return f"at every scale H takes {policy}" + ("" if who == "H" else ", and so does A")
    told = "; ".join(f"with {scale} times its compute H takes {what}" for scale, what in differ)
    return f"{who} takes {policy}, but {told}"
