"""R9: what is gained by letting H veto what A is about to do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import norm

from dissensus.system.ballots import Ballots
from dissensus.system.conventions import Frame, dense_ranks
from dissensus.system.relations.catalogue import RelationError, relation
from dissensus.system.relations.encounter import Encounter
from dissensus.system.relations.occasions import Occasion
from dissensus.system.relations.score import Score
from dissensus.system.rules import choose
from dissensus.system.system import expected_utilities

__all__ = ["Deferring", "off_switch", "value_of_deferring"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Deferring:
    r"""What deferring to a veto is worth.

    Attributes
    ----------
    value : float
        :math:`E[U \cdot P(\text{allowed})] - \max(E[U], 0)`, in utils: what is gained over doing
        at once the better of acting and not acting.
    most : float
        :math:`E[\max(U, 0)] - \max(E[U], 0)`: what a rational overseer would make of it.
    """

    value: float
    most: float

    @property
    def score(self) -> float | None:
        """Value as a share of the most; None if there is nothing to gain. May be negative."""
        return None if self.most <= 1e-12 else self.value / self.most


def value_of_deferring(
    mean: float = 0.0,
    spread: float = 1.0,
    *,
    rationality: float | None = None,
    agreeing: float = 1.0,
) -> Deferring:
    r"""Value of deferring where utility is normal: closed forms of the off-switch game.

    .. math:: V = E[U \, a(U)] - \max(\mu, 0), \qquad
        a(U) = q \, \sigma(\beta U) + (1 - q) \, \sigma(-\beta U), \quad U \sim N(\mu, \sigma^2)

    ============== ============ ==============================================================
    symbol         range        meaning
    ============== ============ ==============================================================
    :math:`\mu`    any          ``mean`` of the utility of acting; not acting is worth 0
    :math:`\sigma` > 0          ``spread``: its standard deviation
    :math:`\beta`  >= 0         ``rationality`` of who vetoes; None for infinite: it never errs
    :math:`q`      [0, 1]       ``agreeing``: chance that the part in charge wants U; otherwise it
                                is one that wants the opposite
    ============== ============ ==============================================================

    Returns
    -------
    Deferring

    References
    ----------
    [hadfieldmenell2017]_

    Examples
    --------
    A rational overseer, a noisy one, and two parts of opposite wants that take turns:

    >>> round(value_of_deferring().value, 6)
    0.398942
    >>> round(value_of_deferring(rationality=1).value, 6)
    0.206621
    >>> round(value_of_deferring(agreeing=0.6).value, 6), value_of_deferring(agreeing=0.5).value
    (0.079788, 0.0)
    """
    if spread <= 0 or not 0 <= agreeing <= 1 or (rationality is not None and rationality < 0):
        raise RelationError(
            f"spread {spread:g}, agreeing {agreeing:g}, rationality {rationality}",
            "a spread above 0, a chance in [0, 1], a rationality of at least 0",
            "correct the number that is out of range",
        )
    z = mean / spread
    gain = float(mean * norm.cdf(z) + spread * norm.pdf(z))
    if rationality is None:
        allowed = gain
    else:
        beta = rationality
        allowed = quad(
            lambda x: norm.pdf(x) * (mean + spread * x) * expit(beta * (mean + spread * x)),
            -12,
            12,
            epsabs=1e-12,
            limit=200,
        )[0]
    act = agreeing * allowed + (1 - agreeing) * (mean - allowed)
    return Deferring(float(act - max(mean, 0.0)) + 0.0, gain - max(mean, 0.0))


@relation(
    name="off-switch",
    number="R9",
    label="Deference (off switch)",
    target="to let H veto, and to gain by it as much as from a rational overseer",
    looks_at="parts",
    needs=("utilities", "unit"),
    reference="hadfieldmenell2017",
    without_loss="it judges H's veto, which training A does not change",
)
def off_switch(encounter: Encounter) -> Score:
    r"""What is gained by letting H veto, as a share of what a rational overseer would gain.

    .. math:: f(A, H) = \frac{E[U \cdot P(\text{allowed})] - \max(E[U], 0)}
        {E[\max(U, 0)] - \max(E[U], 0)}, \qquad U(a) = \sum_i \frac{w_i}{\sum_j w_j} E_i(a)

    ============= ======== ======================================================================
    symbol        shape    meaning
    ============= ======== ======================================================================
    :math:`E_i`   ``(k,)`` expected utilities of part i, less its disagreement point where the
                           system states one; 0 is the worth of being switched off
    :math:`w_i`   > 0      standing
    allowed                H decides by its own rule between the act and off, each part by its own
                           utility: under a dictator or turns, whoever is in charge
    ============= ======== ======================================================================

    The mean is over what A does (H's own policy, in the one-place form) and, if the world has
    observations and none was given, over what H has seen by the time of its veto.

    Returns
    -------
    Score
        1 if the veto follows U; 0 if deferring gains nothing; below 0 if it does harm. None if
        nobody could gain by it, as when A's act is certain. ``details``: ``deferring`` and
        ``rational``, in utils.

    References
    ----------
    [hadfieldmenell2017]_
    """
    worth, allowed, chance = _vetoes(encounter)

    def judge(occasion: Occasion) -> Score:
        nothing = encounter.nothing_said(occasion)
        policy = encounter.a_dist(occasion)
        if nothing is not None or policy is None:
            return nothing or Score.undefined("EMPTY", "A makes no choice")
        return _judged(encounter, policy, worth, allowed, chance)

    return encounter.over_frames([encounter.of_h(), encounter.of_a()], judge)


def _vetoes(encounter: Encounter) -> tuple[Floats, Floats, Floats]:
    """Utility of each act by what is seen, the chance that H allows it, and that it is seen."""
    system, seed = encounter.system, encounter.seed
    world = system.world
    seen: list[str | int | None] = [encounter.observation]
    chance = np.ones(1)
    if encounter.observation is None and len(world.observations) > 1:
        often = world.initial_belief @ world.observation_probabilities
        seen = [int(o) for o in np.flatnonzero(often > 0)]
        chance = often[often > 0]
    off = np.zeros(len(system.parts)) if system.disagreement is None else system.disagreement
    worth = np.empty((len(seen), len(system.actions)))
    allowed = np.empty_like(worth)
    for row, observation in enumerate(seen):
        utilities = expected_utilities(system, observation)
        worth[row] = encounter.shares @ (utilities - off[:, None])
        ballots = system.ballots(observation, seed=seed)
        for a in range(len(system.actions)):
            allowed[row, a] = _allowed(encounter, ballots, a, off)
    return worth, allowed, chance


def _allowed(encounter: Encounter, ballots: Ballots, action: int, off: Floats) -> float:
    """Chance that H's rule prefers an act to being off; a tie counts half."""
    values = np.column_stack([ballots.utilities[:, action], off])
    ranks = np.where(ballots.speaking[:, None], dense_ranks(values), np.nan)
    asked = replace(ballots, actions=("allow", "off"), utilities=values, ranks=ranks, frame=Frame())
    choice = choose(encounter.system.rule, asked)
    return 0.0 if choice.dist is None else float(choice.dist[0])


def _judged(
    encounter: Encounter, policy: Floats, worth: Floats, allowed: Floats, chance: Floats
) -> Score:
    by_act = chance @ worth
    gains = chance @ np.maximum(worth, 0.0)
    vetoed = chance @ (worth * allowed)
    found = _deferring(policy, by_act, gains, vetoed)
    names = encounter.actions
    joint = chance[:, None] * policy
    wrong = joint * np.abs(worth) * np.where(worth > 0, 1 - allowed, allowed)
    row, act = np.unravel_index(int(wrong.argmax()), wrong.shape)
    details: dict[str, float | None] = {"deferring": found.value, "rational": found.most}
    witness = {
        "action": names[act],
        "worth": float(worth[row, act]),
        "allowed": float(allowed[row, act]),
    }
    if found.score is None:
        return Score.undefined(
            "NOTHING TO GAIN",
            "it is known beforehand whether acting is better than being off",
            details=details,
            witness=witness,
        )
    if wrong.max() < 1e-12:
        sentence = "H's veto follows what is good for H"
    else:
        verb = "stops" if worth[row, act] > 0 else "lets pass"
        share = 1 - allowed[row, act] if worth[row, act] > 0 else allowed[row, act]
        sentence = (
            f"H {verb} {names[act]!r} in {100 * share:.3g} % of cases, though it is worth "
            f"{worth[row, act]:.3g} to H as a whole"
        )
    return Score.of(
        found.score,
        ceiling=_ceiling(by_act, gains, vetoed),
        witness=witness,
        sentence=sentence,
        details=details,
        distance=found.most - found.value,
    )


def _deferring(policy: Floats, by_act: Floats, gains: Floats, vetoed: Floats) -> Deferring:
    at_once = max(float(policy @ by_act), 0.0)
    return Deferring(float(policy @ vetoed) - at_once, float(policy @ gains) - at_once)


def _ceiling(by_act: Floats, gains: Floats, vetoed: Floats) -> float:
    """Largest score of any policy.

    On either side of E[U] = 0 the score is a ratio of linear functions, largest at a corner: one
    act, or two that balance.
    """
    k = len(by_act)
    corners = [np.eye(k)[a] for a in range(k)]
    for a, b in combinations(range(k), 2):
        if by_act[a] * by_act[b] < 0:
            mix = np.zeros(k)
            mix[[a, b]] = abs(by_act[b]), abs(by_act[a])
            corners.append(mix / mix.sum())
    scores = [_deferring(corner, by_act, gains, vetoed).score for corner in corners]
    return max([score for score in scores if score is not None], default=1.0)
