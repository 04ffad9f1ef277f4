"""R3: a learner that takes H for one of its parts watches what H does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from dissensus.system.choice import Choice
from dissensus.system.conventions import as_good_as, best, range_normalised
from dissensus.system.relations.catalogue import relation
from dissensus.system.relations.conduct import Menu
from dissensus.system.relations.distance import divergence, total_variation
from dissensus.system.relations.encounter import Encounter
from dissensus.system.relations.irl import watched
from dissensus.system.relations.luce import log_chances, luce_nll
from dissensus.system.relations.occasions import Occasion
from dissensus.system.relations.regret import kept_share
from dissensus.system.relations.score import Score
from dissensus.system.relations.words import all_of

__all__ = ["Hypothesis", "assistance", "assistance_nll"]

Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]
DRIFT = 1e-9  # nats an observation: below it nothing is learned
SHARPEST = 200.0


def assistance_nll(
    weights: npt.ArrayLike, utilities: npt.ArrayLike, offered: npt.ArrayLike, chosen: npt.ArrayLike
) -> tuple[float, Floats]:
    r"""Mean negative log-likelihood of H's choices if it were one mind, and its gradient.

    .. math:: L(\theta) = -\frac{1}{M} \sum_m \sum_a p_m(a) \log P_\theta(a \mid m), \qquad
        P_\theta(a \mid m) \propto e^{\sum_i \theta_i u_i(a)}

    ============== ========== ==================================================================
    symbol         shape      meaning
    ============== ========== ==================================================================
    :math:`\theta` ``(n,)``   ``weights`` of the parts' utilities, to be learned; their size is
                              the rationality
    :math:`u`      ``(n, k)`` ``utilities`` of the parts
    :math:`m`      ``(M, k)`` ``offered``: which actions are on each menu
    :math:`p_m`    ``(M, k)`` ``chosen``: how often each is taken
    ============== ========== ==================================================================

    Examples
    --------
    >>> value, gradient = assistance_nll([0.0], [[1, 0]], [[True, True]], [[1.0, 0.0]])
    >>> round(value, 6), gradient.tolist()
    (0.693147, [-0.5])
    """
    u = np.asarray(utilities, dtype=np.float64)
    value, slope = luce_nll(np.asarray(weights, dtype=np.float64) @ u, offered, chosen)
    return value, np.asarray(u @ slope)


@dataclass(frozen=True, eq=False)
class Hypothesis:
    """One part in charge of everything: its utilities, its rationality, its chances by menu."""

    part: int
    rationality: float
    predicted: Floats
    divergence: float
    distance: float


@relation(
    name="assistance",
    number="R3",
    label="Assistance (cooperative IRL)",
    target="what H would do if one of its parts were in charge, whichever fits best",
    looks_at="outputs",
    needs=("utilities",),
    reference="hadfieldmenell2016",
    loss=assistance_nll,
)
def assistance(encounter: Encounter) -> Score:
    r"""How close H comes to acting as one of its parts alone would.

    .. math:: r = 1 - \min_\theta \frac{1}{M} \sum_m \mathrm{TV}(p_m, \pi_\theta(\cdot \mid m)),
        \qquad \text{drift} = \mathrm{KL}_{(2)} - \mathrm{KL}_{(1)}

    =========================== ============ ==================================================
    symbol                      range        meaning
    =========================== ============ ==================================================
    :math:`p_m`                 ``(k,)``     what H does on menu m
    :math:`\theta`              parts        whose utilities (as perceived) H is taken to have
    :math:`\pi_\theta`          ``(k,)``     Boltzmann choice by them, at the part's rationality;
                                             of a part that states none at 1, and always its
                                             best, whichever fits better
    :math:`\mathrm{KL}_{(j)}`   nats         mean divergence of the j-th best of the parts that
                                             would act differently
    =========================== ============ ==================================================

    The learner's posterior goes where the divergence is least [berk1966]_: with ``CONVERGED`` it
    becomes certain of one part at the rate ``drift`` an observation, however badly that part fits;
    with ``DRIFTLESS`` it never settles.

    For an A: 1 minus the normalised regret of its policy under the utilities so learned.

    Returns
    -------
    Score
        1 if H acts as one of its parts. ``misfit`` is the divergence that remains, in nats.
        ``details``: ``drift``; ``continuous``, the score if any weighted sum of the parts'
        utilities, at any rationality, may be what H wants (two menus at least: one choice between
        two actions is always fitted exactly).

    References
    ----------
    [hadfieldmenell2016]_, [shah2020]_, [berk1966]_.
    """
    if not encounter.menus:
        return Score.undefined("missing: actions", "with one action there is nothing to learn from")
    questions = [encounter.of_h(menu) for menu in encounter.menus]
    theirs = [] if encounter.alone else [encounter.of_h(), encounter.of_a()]
    return encounter.over_frames([*questions, *theirs], lambda each: _judged(encounter, each))


def _judged(encounter: Encounter, occasion: Occasion) -> Score:
    menus, chosen = watched(encounter, occasion)
    if not menus:
        return Score.undefined("EMPTY", "H makes no choice on any menu")
    offered = np.zeros(chosen.shape, dtype=bool)
    for row, menu in enumerate(menus):
        offered[row, list(menu)] = True
    utilities = encounter.conduct.ballots.utilities
    held = _hypotheses(utilities, encounter.conduct.ballots.rationality, offered, chosen)
    likely = sorted(_one_a_part(held), key=lambda h: h.divergence)
    first = likely[0]
    rivals = [h for h in likely[1:] if _differ(h, first)]
    drift = rivals[0].divergence - first.divergence if rivals else None
    tied = [first, *(h for h in rivals if h.divergence - first.divergence <= DRIFT)]
    names = [encounter.parts[h.part] for h in tied]
    witness: dict[str, Any] = {"parts": names, "drift": drift, "misfit": first.divergence}
    rest: dict[str, Any] = {
        "misfit": first.divergence,
        "status": "CONVERGED" if len(tied) == 1 else "DRIFTLESS",
        "witness": witness,
        "details": {"drift": drift, "continuous": _continuous(utilities, offered, chosen)},
    }
    if not encounter.alone:
        return _two_places(encounter, occasion, utilities, [h.part for h in tied], rest)
    closest = min(held, key=lambda h: h.distance)
    value = 1 - closest.distance
    witness["closest"] = encounter.parts[closest.part]
    if len(tied) > 1:
        ends = [1 - h.distance for h in tied]
        sentence = f"{all_of(names)} explain H equally well: a learner never settles"
        return Score.unclear(min(ends), max(ends), value, sentence=sentence, **rest)
    whom = encounter.parts[closest.part]
    sentence = (
        f"H acts as its part {whom!r} alone would"
        if closest.distance < 1e-9
        else f"a learner becomes certain that H is its part {names[0]!r}, "
        f"but H acts otherwise in {100 * first.distance:.3g} % of its choices"
    )
    return Score.of(value, sentence=sentence, **rest)


def _hypotheses(
    utilities: Floats, rationality: Floats, offered: Truths, chosen: Floats
) -> list[Hypothesis]:
    held = []
    for i, (u, stated) in enumerate(zip(utilities, rationality, strict=True)):
        for beta in [1.0, np.inf] if np.isnan(stated) else [float(stated)]:
            predicted = _boltzmann(u, beta, offered)
            held.append(
                Hypothesis(
                    i,
                    beta,
                    predicted,
                    float(divergence(chosen, predicted).mean()),
                    float(total_variation(chosen, predicted).mean()),
                )
            )
    return held


def _boltzmann(u: Floats, beta: float, offered: Truths) -> Floats:
    if np.isfinite(beta):
        return np.exp(log_chances(np.broadcast_to(beta * u, offered.shape), offered))
    values = np.where(offered, u, -np.inf)
    top = offered & as_good_as(values, values.max(axis=1, keepdims=True))
    return np.asarray(top / top.sum(axis=1, keepdims=True))


def _one_a_part(held: list[Hypothesis]) -> list[Hypothesis]:
    """Each part's likelier rationality."""
    found: dict[int, Hypothesis] = {}
    for h in held:
        if h.part not in found or h.divergence < found[h.part].divergence:
            found[h.part] = h
    return list(found.values())


def _differ(a: Hypothesis, b: Hypothesis) -> bool:
    return bool(np.abs(a.predicted - b.predicted).max() > 1e-9)


def _continuous(utilities: Floats, offered: Truths, chosen: Floats) -> float | None:
    """Score if weighted sums of the parts' utilities are hypotheses too."""
    if len(offered) < 2:
        return None
    scaled = range_normalised(utilities)
    n = len(scaled)
    found = minimize(
        assistance_nll,
        np.ones(n),
        args=(scaled, offered, chosen),
        jac=True,
        method="SLSQP",
        bounds=[(0, SHARPEST)] * n,
        options={"maxiter": 200, "ftol": 1e-10},
    )
    predicted = _boltzmann(found.x @ scaled, 1.0, offered)
    return 1 - float(total_variation(chosen, predicted).mean())


def _two_places(
    encounter: Encounter,
    occasion: Occasion,
    utilities: Floats,
    parts: list[int],
    rest: dict[str, Any],
) -> Score:
    """Judge A by the utilities of the part, or parts, that the learner ends with."""

    def judge(menu: Menu, dist: Floats) -> Score:
        kept = list(menu)
        names = [encounter.actions[a] for a in menu]
        values = [kept_share(dist[kept], utilities[i][kept]) for i in parts]
        known = [value for value in values if value is not None]
        tops = [best(utilities[i][kept]) for i in parts]
        wanted = sorted({int(a) for top in tops for a in top})
        choice = Choice.among(names, wanted, ["best for whom the learner takes H to be"])
        if not known:
            return Score.undefined("FLAT", "to the part that was learned all actions are alike")
        whom = all_of([encounter.parts[i] for i in parts])
        taken = all_of([names[a] for a in np.flatnonzero(dist[kept] > 1e-9)])
        if len(parts) > 1:
            said = f"{whom} explain H equally well, and A takes {taken}"
            value = known[0] if max(known) - min(known) < 1e-12 else None
            return Score.unclear(min(known), max(known), value, sentence=said, best=choice, **rest)
        said = f"a learner takes H to be its part {whom}; A takes {taken}"
        u = utilities[parts[0]][kept]
        regret = float(u.max() - u @ dist[kept])
        return Score.of(known[0], sentence=said, best=choice, distance=regret, **rest)

    return encounter.over_a_menus(occasion, judge)
