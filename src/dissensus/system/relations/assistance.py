"""R3: a learner that takes H for one of its parts watches what H does."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from dissensus.system.choice import Choice
from dissensus.system.conventions import best, range_normalised
from dissensus.system.relations.catalogue import relation
from dissensus.system.relations.conduct import Menu
from dissensus.system.relations.distance import total_variation
from dissensus.system.relations.encounter import Encounter
from dissensus.system.relations.hypotheses import Hypotheses, boltzmann
from dissensus.system.relations.irl import watched
from dissensus.system.relations.luce import luce_nll, menus_as_table
from dissensus.system.relations.occasions import Occasion
from dissensus.system.relations.regret import kept_share
from dissensus.system.relations.score import Score, averaged
from dissensus.system.relations.words import all_of

__all__ = ["assistance", "assistance_nll"]

Floats = npt.NDArray[np.float64]
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
        utilities, at any rationality, may be what H wants, by what H does on average over frames
        (two menus at least: one choice between two actions is always fitted exactly).

    References
    ----------
    [hadfieldmenell2016]_, [shah2020]_, [berk1966]_.
    """
    if not encounter.menus:
        return Score.undefined("missing: actions", "with one action there is nothing to learn from")
    questions = [encounter.of_h(menu) for menu in encounter.menus]
    theirs = [] if encounter.alone else [encounter.of_h(), encounter.of_a()]
    found = encounter.ask([*questions, *theirs])
    seen = [watched(encounter, occasion) for occasion in found.each]
    minds: dict[tuple[Menu, ...], Hypotheses] = {}
    ballots = encounter.conduct.ballots
    for menus, _ in seen:
        if menus and tuple(menus) not in minds:
            offered = menus_as_table(menus, len(encounter.actions))
            minds[tuple(menus)] = Hypotheses.of(ballots.utilities, ballots.rationality, offered)
    details = {"continuous": _continuous(ballots.utilities, seen, found.weights)}
    scores = [
        _judged(encounter, occasion, minds[tuple(menus)], chosen, details)
        if menus
        else Score.undefined("EMPTY", "H makes no choice on any menu")
        for occasion, (menus, chosen) in zip(found.each, seen, strict=True)
    ]
    return averaged(scores, found.weights)


def _judged(
    encounter: Encounter,
    occasion: Occasion,
    minds: Hypotheses,
    chosen: Floats,
    details: dict[str, float | None],
) -> Score:
    divergence, distance = minds.divergences(chosen), minds.distances(chosen)
    likely = minds.likeliest(divergence)
    first = likely[0]
    rivals = [h for h in likely[1:] if minds.differ(h, first)]
    drift = float(divergence[rivals[0]] - divergence[first]) if rivals else None
    tied = [first, *(h for h in rivals if divergence[h] - divergence[first] <= DRIFT)]
    names = [encounter.parts[minds.parts[h]] for h in tied]
    misfit = float(divergence[first])
    witness: dict[str, Any] = {"parts": names, "drift": drift, "misfit": misfit}
    rest: dict[str, Any] = {
        "misfit": misfit,
        "status": "CONVERGED" if len(tied) == 1 else "DRIFTLESS",
        "witness": witness,
        "details": {"drift": drift, **details},
    }
    if not encounter.alone:
        parts = [int(minds.parts[h]) for h in tied]
        return _two_places(encounter, occasion, parts, rest)
    closest = int(distance.argmin())
    value = 1 - float(distance[closest])
    witness["closest"] = whom = encounter.parts[minds.parts[closest]]
    if len(tied) > 1:
        ends = 1 - distance[tied]
        sentence = f"{all_of(names)} explain H equally well: a learner never settles"
        low, high = float(ends.min()), float(ends.max())
        return Score.unclear(low, high, value, sentence=sentence, **rest)
    sentence = (
        f"H acts as its part {whom!r} alone would"
        if distance[closest] < 1e-9
        else f"a learner becomes certain that H is its part {names[0]!r}, "
        f"but H acts otherwise in {100 * distance[first]:.3g} % of its choices"
    )
    return Score.of(value, sentence=sentence, **rest)


def _continuous(
    utilities: Floats, seen: list[tuple[list[Menu], Floats]], weights: Floats
) -> float | None:
    """Score if weighted sums of the parts' utilities are hypotheses too, over all frames."""
    menus = seen[0][0]
    if len(menus) < 2 or any(other != menus for other, _ in seen):
        return None
    chosen = np.einsum("f,fma->ma", weights, np.array([chances for _, chances in seen]))
    offered = menus_as_table(menus, chosen.shape[1])
    scaled = range_normalised(utilities)
    found = minimize(
        assistance_nll,
        np.ones(len(scaled)),
        args=(scaled, offered, chosen),
        jac=True,
        method="SLSQP",
        bounds=[(0, SHARPEST)] * len(scaled),
        options={"maxiter": 200, "ftol": 1e-10},
    )
    predicted = boltzmann(found.x @ scaled, 1.0, offered)
    return 1 - float(total_variation(chosen, predicted).mean())


def _two_places(
    encounter: Encounter,
    occasion: Occasion,
    parts: list[int],
    rest: dict[str, Any],
) -> Score:
    """Judge A by the utilities of the part, or parts, that the learner ends with."""
    utilities = encounter.conduct.ballots.utilities

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
