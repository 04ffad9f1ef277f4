"""R4: the reward learned from the parts' comparisons, and whether H does what it ranks first."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from dissensus.system.ballots import Ballots
from dissensus.system.relations.catalogue import relation
from dissensus.system.relations.conduct import Menu
from dissensus.system.relations.encounter import Encounter
from dissensus.system.relations.luce import LuceFit, fit_luce
from dissensus.system.relations.occasions import Occasion
from dissensus.system.relations.regret import regret_score
from dissensus.system.relations.score import Score

__all__ = ["bradley_terry", "bradley_terry_nll", "comparisons", "rlhf"]

Floats = npt.NDArray[np.float64]


def bradley_terry_nll(rewards: npt.ArrayLike, wins: npt.ArrayLike) -> tuple[float, Floats]:
    r"""Mean negative log-likelihood of comparisons, and its gradient: the loss of a reward model.

    .. math:: L(r) = -\frac{1}{N} \sum_{a, b} n_{ab} \log \sigma(r_a - r_b)

    ============== ========== ==================================================================
    symbol         shape      meaning
    ============== ========== ==================================================================
    :math:`r`      ``(k,)``   ``rewards`` to be learned; only differences count
    :math:`n_{ab}` ``(k, k)`` ``wins``: how often a was preferred to b; :math:`N` is their sum
    ============== ========== ==================================================================

    Examples
    --------
    >>> value, gradient = bradley_terry_nll([0.0, 0.0], [[0, 3], [1, 0]])
    >>> round(value, 6), gradient.tolist()
    (0.693147, [-0.25, 0.25])
    """
    r, n = np.asarray(rewards, dtype=np.float64), np.asarray(wins, dtype=np.float64)
    ahead = r[:, None] - r[None, :]
    total = n.sum()
    value = float((n * np.logaddexp(0.0, -ahead)).sum() / total)
    pull = n * expit(-ahead) / total
    return value, np.asarray(pull.sum(axis=0) - pull.sum(axis=1))


def comparisons(ballots: Ballots) -> Floats:
    r"""Comparisons that the parts make, pooled: standing for a over b, (k, k).

    Each part compares each pair once; equals count half each way. A part with a ``rationality``
    :math:`\beta` prefers a with chance :math:`\sigma(\beta (u_a - u_b))`.

    Examples
    --------
    >>> comparisons(Ballots.from_orders({"a > b > c": 3, "b > c > a": 2})).tolist()
    [[0.0, 3.0, 3.0], [2.0, 0.0, 5.0], [2.0, 0.0, 0.0]]
    """
    rank = ballots.voices
    k = rank.shape[1]
    wins = np.zeros((k, k))
    soft = ~np.isnan(ballots.rationality) & ~np.isnan(ballots.utilities).any(axis=1)
    for i, w in enumerate(ballots.standing):
        both = ~np.isnan(rank[i])[:, None] & ~np.isnan(rank[i])[None, :]
        if soft[i]:
            u = ballots.rationality[i] * ballots.utilities[i]
            wins += w * np.where(both, expit(u[:, None] - u[None, :]), 0.0)
        else:
            above = rank[i][:, None] < rank[i][None, :]
            equal = rank[i][:, None] == rank[i][None, :]
            wins += w * np.where(both, above + 0.5 * equal, 0.0)
    np.fill_diagonal(wins, 0.0)
    return wins


def bradley_terry(wins: npt.ArrayLike) -> LuceFit:
    r"""Rewards that make the comparisons most likely, mean 0.

    .. math:: P(a \succ b) = \sigma(r_a - r_b)

    Where all pairs are compared equally often, the most likely rewards satisfy
    :math:`\sum_b \sigma(r_a - r_b) \propto \text{Borda}(a)`: the order is that of Borda's count,
    whatever the size of the rewards [siththaranjan2024]_.

    Examples
    --------
    Three voters a > b > c, two b > c > a; Borda's points are 6, 7 and 2:

    >>> fit = bradley_terry([[0, 3, 3], [2, 0, 5], [2, 0, 0]])
    >>> (fit.utilities - fit.utilities[0]).round(4).tolist()
    [0.0, 0.3051, -1.2407]
    """
    n = np.asarray(wins, dtype=np.float64)
    k = len(n)
    pairs: list[Menu] = [(a, b) for a, b in combinations(range(k), 2) if n[a, b] + n[b, a] > 0]
    often = np.array([n[a, b] + n[b, a] for a, b in pairs])
    chosen = np.zeros((len(pairs), k))
    for row, (a, b) in enumerate(pairs):
        chosen[row, [a, b]] = n[a, b] / often[row], n[b, a] / often[row]
    return fit_luce(pairs, chosen, often)


@relation(
    name="rlhf",
    number="R4",
    label="Reward model from comparisons (RLHF)",
    target="what the reward learned from the parts' pooled comparisons ranks first",
    looks_at="parts",
    reference="christiano2017",
    loss=bradley_terry_nll,
)
def rlhf(encounter: Encounter) -> Score:
    r"""How little of the learned reward a policy gives away.

    .. math:: f = 1 - \frac{\max \hat r - \hat r \cdot \pi}{\max \hat r - \min \hat r}

    =============== ======== ====================================================================
    symbol          shape    meaning
    =============== ======== ====================================================================
    :math:`\hat r`  ``(k,)`` Bradley-Terry rewards, fitted to the comparisons that the parts make
                             of all pairs, pooled by standing
    :math:`\pi`     ``(k,)`` what H, or A, does
    =============== ======== ====================================================================

    Returns
    -------
    Score
        1 if the policy takes what the learned reward ranks first, which is Borda's winner; 0 if it
        takes what that ranks last. Ambiguous if several are first. ``details``: ``shared_share``,
        the part of the variance of utilities (on own ranges) that is common to all parts; a low
        one says that the reward averages over minds that want different things.

    References
    ----------
    [christiano2017]_, [bradley1952]_; that it counts as Borda does [siththaranjan2024]_.
    """
    ballots = encounter.conduct.ballots
    wins = comparisons(ballots)
    if not wins.any():
        return Score.undefined("missing: comparisons", "no part compares two actions")
    fit = bradley_terry(wins)
    status = "FITTED" if fit.finite else "FITTED IN THE LIMIT"
    details = {"shared_share": _shared(ballots)}

    def judge(occasion: Occasion) -> Score:
        if encounter.alone:
            nothing = encounter.nothing_said(occasion)
            mine = occasion.dist(encounter.of_h())
            if nothing is not None or mine is None:
                return nothing or Score.undefined("EMPTY", "H makes no choice")
            return regret_score(fit, mine, encounter.actions, "H", status=status, details=details)

        def of_menu(menu: Menu, dist: Floats) -> Score:
            names = [encounter.actions[a] for a in menu]
            return regret_score(
                fit.on(menu), dist[list(menu)], names, "A", status=status, details=details
            )

        return encounter.over_a_menus(occasion, of_menu)

    return encounter.over_frames([encounter.of_h(), encounter.of_a()], judge)


def _shared(ballots: Ballots) -> float | None:
    """Variance of the mean utility over all variance between actions and parts."""
    if np.isnan(ballots.utilities).any():
        return None
    u, w = ballots.stretched, ballots.shares
    mean = w @ u
    common = float(np.var(mean))
    hidden = float((w @ (u - mean) ** 2).mean())
    return common / (common + hidden) if common + hidden > 1e-15 else None
