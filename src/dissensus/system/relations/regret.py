"""Normalised regret of a policy under utilities that a learner inferred, known or bounded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from dissensus.system.choice import Choice
from dissensus.system.relations.luce import LuceFit
from dissensus.system.relations.score import Score
from dissensus.system.relations.words import all_of

__all__ = ["kept_share", "regret_score"]

Floats = npt.NDArray[np.float64]


def kept_share(policy: npt.ArrayLike, utilities: npt.ArrayLike) -> float | None:
    r"""What a policy keeps of the best there is: 1 minus its normalised regret.

    .. math:: 1 - \frac{\max u - u \cdot \pi}{\max u - \min u}

    Returns
    -------
    float, or None
        1 if only best actions are taken, 0 if only worst; None if all are equal.

    Examples
    --------
    >>> kept_share([0, 1, 0], [0, 0.3051, -1.2407])
    1.0
    >>> round(kept_share([1, 0, 0], [0, 0.3051, -1.2407]), 4)
    0.8026
    """
    u, p = np.asarray(utilities, dtype=np.float64), np.asarray(policy, dtype=np.float64)
    span = float(np.ptp(u))
    if span <= 1e-9 * max(1.0, float(np.abs(u).max())):
        return None
    return 1 - float(u.max() - u @ p) / span


def regret_score(
    fit: LuceFit, policy: Floats, actions: Sequence[str], who: str, **rest: Any
) -> Score:
    """Score of a policy under fitted utilities.

    Ambiguous if several actions are best: then each is a target, and the interval is over the
    chances that the policy takes one. Ambiguous too if utilities diverge and the policy takes an
    action that is neither best nor worst: how bad that is, choices without noise do not say.
    """
    top = fit.top
    first = (top if len(top) else np.flatnonzero(fit.levels == 0)).tolist()
    why = ["the learned utilities are highest"]
    choice = Choice.among(actions, first, why) if len(top) else None
    meant = all_of([actions[a] for a in first])
    rest["best"] = choice
    rest["witness"] = {
        "best": [actions[a] for a in first],
        "taken": [actions[a] for a in np.flatnonzero(policy > 1e-9).tolist()],
        "utilities": fit.utilities.tolist(),
        "levels": fit.levels.tolist(),
    }
    if len(top) != 1:
        value = kept_share(policy, fit.utilities) if fit.finite else None
        said = f"what was learned cannot tell {meant} apart"
        return Score.unclear(
            float(policy[first].min()), float(policy[first].max()), value, sentence=said, **rest
        )
    low, high = (float(bound @ policy) for bound in fit.bounds)
    taken = all_of(rest["witness"]["taken"])
    said = f"{meant} is best by what was learned, and {who} takes it"
    if low < 1 - 1e-9:
        said = f"{meant} is best by what was learned, {who} takes {taken}"
    if high - low > 1e-9:
        said += "; how much worse that is, choices without noise do not say"
        return Score.unclear(low, high, sentence=said, **rest)
    regret = float(fit.utilities.max() - fit.utilities @ policy) if fit.finite else None
    return Score.of(low, sentence=said, distance=regret, **rest)
