"""R2: one utility, with noise, that explains what H does on every menu."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import numpy.typing as npt

from dissensus.system.relations.catalogue import relation
from dissensus.system.relations.conduct import Menu
from dissensus.system.relations.distance import divergence, total_variation
from dissensus.system.relations.encounter import Encounter
from dissensus.system.relations.luce import LuceFit, fit_luce, luce_nll, menus_as_table
from dissensus.system.relations.occasions import Occasion
from dissensus.system.relations.regret import regret_score
from dissensus.system.relations.score import Score
from dissensus.system.relations.words import in_words, menu_in_words

__all__ = ["irl", "watched"]

Floats = npt.NDArray[np.float64]


@relation(
    name="irl",
    number="R2",
    label="Plain inverse reinforcement learning",
    target="the Luce model with the one utility that best fits H's choices from menus",
    looks_at="outputs",
    reference="ng2000",
    loss=luce_nll,
)
def irl(encounter: Encounter) -> Score:
    r"""How closely H's choices from menus follow one utility with noise.

    .. math:: r = 1 - \frac{1}{M} \sum_m \mathrm{TV}(p_m, \hat p_m), \qquad
        \text{fidelity} = 1 - \frac{\sum_m \mathrm{KL}(p_m \Vert \hat p_m)}
        {\sum_m \mathrm{KL}(p_m \Vert \text{uniform})}

    ================= ======== ==================================================================
    symbol            shape    meaning
    ================= ======== ==================================================================
    :math:`p_m`       ``(k,)`` what H does on menu m
    :math:`\hat p_m`  ``(k,)`` the same by Luce's model with the most likely utilities
    ================= ======== ==================================================================

    For an A: 1 minus the normalised regret of its policy under the utilities so learned.

    Returns
    -------
    Score
        1 if choices follow Luce's axiom, or a strict order on every menu (the limit of no noise).
        ``misfit`` is the mean KL divergence in nats. ``details``: ``fidelity``, 0 if the model
        predicts no better than chance, None if H itself chooses at random; ``nll``.

    References
    ----------
    [ng2000]_, [ziebart2008]_; the model [luce1959]_; when it can be fitted [ford1957]_.
    """
    if not encounter.menus:
        return Score.undefined("missing: actions", "with one action there is nothing to learn from")
    questions = [encounter.of_h(menu) for menu in encounter.menus]
    theirs = [] if encounter.alone else [encounter.of_h(), encounter.of_a()]
    return encounter.over_frames([*questions, *theirs], lambda each: _judged(encounter, each))


def watched(encounter: Encounter, occasion: Occasion) -> tuple[list[Menu], Floats]:
    """Menus on which H makes a choice in a frame, and its chances there."""
    seen = [(menu, occasion.dist(encounter.of_h(menu))) for menu in encounter.menus]
    menus = [menu for menu, dist in seen if dist is not None]
    return menus, np.array([dist for _, dist in seen if dist is not None])


def _judged(encounter: Encounter, occasion: Occasion) -> Score:
    menus, chosen = watched(encounter, occasion)
    if not menus:
        return Score.undefined("EMPTY", "H makes no choice on any menu")
    fit = fit_luce(menus, chosen)
    status = "FITTED" if fit.finite else "FITTED IN THE LIMIT"
    misfit = float(divergence(chosen, fit.predicted).mean())
    size = np.array([len(menu) for menu in menus], dtype=np.float64)
    blind = divergence(
        chosen, np.where(menus_as_table(menus, chosen.shape[1]), 1 / size[:, None], 0.0)
    ).sum()
    details = {
        "fidelity": None if blind < 1e-12 else 1 - misfit * len(menus) / float(blind),
        "nll": misfit + float(_entropy(chosen).mean()),
        "menus": float(len(menus)),
    }
    if not encounter.alone:
        return _two_places(encounter, occasion, fit, misfit=misfit, status=status, details=details)
    apart = total_variation(chosen, fit.predicted)
    worst = int(apart.argmax())
    names = encounter.actions
    witness = {
        "menu": [names[a] for a in menus[worst]],
        "chosen": chosen[worst].tolist(),
        "expected": fit.predicted[worst].tolist(),
        "utilities": fit.utilities.tolist(),
    }
    cycle = _cycle(menus, chosen)
    if apart.mean() < 1e-9:
        sentence = "one utility explains every choice"
    elif cycle:
        witness["cycle"] = [names[a] for a in cycle]
        sentence = "H goes round in a circle: " + ", ".join(
            f"{names[a]!r} over {names[b]!r}" for a, b in pairwise(cycle)
        )
    else:
        sentence = (
            f"from {menu_in_words(names, menus[worst])} H takes "
            f"{in_words(names, chosen[worst])}; the utility that fits best expects "
            f"{in_words(names, fit.predicted[worst])}"
        )
    return Score.of(
        1 - float(apart.mean()),
        witness=witness,
        sentence=sentence,
        misfit=misfit,
        status=status,
        details=details,
    )


def _two_places(encounter: Encounter, occasion: Occasion, fit: LuceFit, **rest: object) -> Score:
    """Judge A under what was learned."""

    def judge(menu: Menu, dist: Floats) -> Score:
        names = [encounter.actions[a] for a in menu]
        return regret_score(fit.on(menu), dist[list(menu)], names, "A", **rest)

    return encounter.over_a_menus(occasion, judge)


def _cycle(menus: list[Menu], chosen: Floats) -> tuple[int, ...]:
    """Three actions, the first again at the end, each taken over the next from their pair."""
    over = {
        (a, b): dist[a] > 0.5 + 1e-9
        for menu, dist in zip(menus, chosen, strict=True)
        if len(menu) == 2
        for a, b in (menu, menu[::-1])
    }
    for a, b, c in permutations(range(chosen.shape[1]), 3):
        if over.get((a, b)) and over.get((b, c)) and over.get((c, a)):
            return a, b, c, a
    return ()


def _entropy(p: Floats) -> Floats:
    return np.asarray(-(p * np.log(np.where(p > 0, p, 1.0))).sum(axis=1))
