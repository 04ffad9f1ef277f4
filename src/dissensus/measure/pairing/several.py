"""Misalignment where agents hold several goals, draws, or distributions over goals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dissensus.measure.friction import as_conflict
from dissensus.measure.misalignment import Sampling, Within, ratio
from dissensus.measure.pairing.any_of import WAYS, met_by, met_exclusive, way_of
from dissensus.measure.pairing.internal import internal_conflict
from dissensus.measure.pairing.rules import (
    conflict_table,
    holding_of,
    own_conflict,
    rule_of,
    silent_conflict,
)
from dissensus.measure.pairing.sampled import met_by_sampling
from dissensus.measure.pairing.separable import met_by_shares
from dissensus.model.conflict import Conflict, Exclusive
from dissensus.model.patterns import PairingError, Patterns
from dissensus.model.tally import Mass

__all__ = [
    "BetweenPatterns",
    "Met",
    "WithinPatterns",
    "Work",
    "between_patterns",
    "met_masses",
    "within_patterns",
]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Work:
    """How much work exactness is worth, and what is done beyond it.

    Attributes
    ----------
    budget : float
        Steps, each about a nanosecond on one core, up to which the value is exact.
    draws : int
        Pairs of agents drawn for each population, or pair of them, beyond it.
    most_draws : int
        Draws for all of them: each has fewer if they are many.
    failure : float
        Chance that an error bound of a sampled estimate does not hold.
    seed : int
        Seed of the draws.
    """

    budget: float = 60e9
    draws: int = 1_000_000
    most_draws: int = 20_000_000
    failure: float = 0.001
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Met:
    """Mass of conflicting ordered pairs of different agents.

    Attributes
    ----------
    mass : (c, c)
        One agent of population a, the other of b; a = b is within one population.
    bound : (c, c)
        How far each may be off; 0 where it is exact.
    method : str
        Exact or sampled, and how, in words.
    steps : float
        Steps that were taken to be exact, each about a nanosecond.
    """

    mass: Floats
    bound: Floats
    method: str
    steps: float = 0.0

    @property
    def is_exact(self) -> bool:
        """Whether it is no estimate."""
        return self.method.startswith("exact")


@dataclass(frozen=True, eq=False)
class WithinPatterns(Within):
    """Misalignment of each population; (cells,), NaN where undefined.

    ``internal_conflict`` is the mean over its agents, ``error_bound`` that of the misalignment.
    """

    internal_conflict: Floats
    error_bound: Floats
    method: str


@dataclass(frozen=True, eq=False)
class BetweenPatterns:
    """Misalignment of every two populations, (cells, cells); the diagonal is NaN."""

    misalignment: Floats
    conditional_misalignment: Floats
    participation: Floats
    compatible_share: Floats
    no_goal_share: Floats
    error_bound: Floats
    method: str


def met_masses(
    patterns: Patterns,
    mass: Mass,
    conflict: Conflict | npt.ArrayLike,
    pairing: str,
    work: Work | None = None,
    *,
    pairs: bool = True,
) -> Met:
    r"""Mass of conflicting pairs of different agents, exact where the work allows.

    .. math:: \sum_{S, T} f_A(S) f_B(T) D(S, T) - [A = B] \sum_S q_A(S) D(S, S)

    ============== ========= ======== ===========================================================
    symbol         shape     range    meaning
    ============== ========= ======== ===========================================================
    :math:`f_A(S)` ``(c,m)`` >= 0     ``mass``: agents, or their weights, per pattern
    :math:`q_A(S)` ``(c,m)`` >= 0     sum of the squared weights; for unweighted agents f itself
    :math:`D`      ``(m,m)`` [0, 1]   conflict of two patterns by the rule ``pairing``
    ============== ========= ======== ===========================================================

    Without ``pairs`` an estimate looks at pairs within each population only.

    Raises
    ------
    PairingError
        No such pairing, patterns that lack what it needs, proportions instead of agents, or a
        table of another size.
    ConflictError
        The table is not square, not symmetric, out of range, or its diagonal is not zero.
    """
    limits = work or Work()
    rule_of(pairing, patterns)
    masses, squares = _masses(patterns, mass)
    form = as_conflict(conflict)
    taken = 0.0
    if pairing not in ("any", "independent"):
        if not isinstance(form, Exclusive):
            conflict_table(form, patterns.goals)
        met = met_by_shares(patterns, form, masses, pairing)
        method = "exact: one product of the summed shares"
    elif isinstance(form, Exclusive):
        met = met_exclusive(patterns, masses)
        method = "exact: all pairs but those with one and the same single goal"
    else:
        table = conflict_table(form, patterns.goals)
        way, tree, steps = way_of(patterns, table, masses, pairing)
        if steps > limits.budget:
            populations = len(masses) ** 2 if pairs else len(masses)
            draws = max(min(limits.draws, limits.most_draws // populations), 1)
            met, bound = met_by_sampling(
                patterns,
                table,
                masses,
                squares,
                pairing,
                draws=draws,
                failure=limits.failure,
                seed=limits.seed,
                pairs=pairs,
            )
            words = (
                f"sampled: {draws:,} pairs of agents each; exact would take about "
                f"{steps:.0e} steps, the budget is {limits.budget:.0e}; the error bound holds "
                f"but for a chance of {limits.failure:g}"
            )
            return Met(met, bound, words)
        met, method = met_by(way, tree, patterns, table, masses, pairing), WAYS[way]
        taken = steps
    own = squares @ own_conflict(patterns, form, pairing)
    within = np.maximum(np.diag(met) - own, 0.0)
    # rounding may leave a trace of an agent's pair with itself
    traces = within <= 8 * np.finfo(np.float64).eps * np.diag(met)
    met[np.diag_indices(len(met))] = np.where(traces, 0.0, within)
    return Met(met, np.zeros_like(met), method, taken)


def within_patterns(
    patterns: Patterns,
    mass: Mass,
    conflict: Conflict | npt.ArrayLike,
    pairing: str,
    sampling: Sampling = "with-replacement",
    *,
    silence: npt.ArrayLike | None = None,
    work: Work | None = None,
    met: Met | None = None,
) -> WithinPatterns:
    r"""Chance that two agents of a population conflict, if they may hold several goals.

    .. math::

        V = B - \frac{I}{n}, \qquad U = \frac{n^2 B - n I}{n (n - 1)}, \qquad
        B = \sum_{S, T} f(S) f(T) D(S, T), \quad I = \frac{1}{n} \sum_a D(a, a)

    ============ ========= ======== ==============================================================
    symbol       shape     range    meaning
    ============ ========= ======== ==============================================================
    :math:`f(S)` ``(c,m)`` [0, 1]   part of the agents that hold pattern S, from ``mass``
    :math:`D`    ``(m,m)`` [0, 1]   conflict of two patterns by the rule ``pairing``
    :math:`I`    ``(c,)``  [0, 1]   conflict of an agent with itself, by the same rule: left out
    ============ ========= ======== ==============================================================

    With weights :math:`a_i`, V is :math:`\sum_{i \ne j} a_i a_j D_{ij} / (\sum a_i)^2`, and U the
    same divided by :math:`\sum_{i \ne j} a_i a_j`.

    Parameters
    ----------
    patterns : Patterns
        Distinct goal sets, or amounts on goals.
    mass : Mass of (c, m)
        Agents of each population that hold each pattern.
    conflict : Conflict or (k, k) array
    pairing : {'any', 'independent', 'mean', 'points', 'draws', 'probability'}
    sampling : {'with-replacement', 'distinct-pairs'}
    silence : (k,) array, optional
        Conflict of having no goal with each goal; none unless given.
    work : Work, optional
        Budget of exactness, and the draws beyond it.
    met : Met, optional
        Mass of conflicting pairs, where it is known already.

    Returns
    -------
    WithinPatterns
        ``misalignment`` is 0 if no two agents conflict; 1 with distinct pairs if all do.
        mean <= any <= independent. ``internal_conflict`` is the mean over all agents for which it
        can be said. ``method`` says whether the value is exact or sampled.

    Raises
    ------
    PairingError, ConflictError
        As in :func:`met_masses`.

    References
    ----------
    [kierans2022]_, Eq. 1, which leaves several goals an agent open.

    Examples
    --------
    Three agents want {1, 2}, {1} and {3}; 1 and 2 exclude each other. Two of nine ordered pairs
    conflict, and the first agent conflicts with itself.

    >>> from dissensus.model.patterns import patterns_of
    >>> patterns = patterns_of([[0, 1], [0], [2]], goals=3)
    >>> each = Mass(np.array([[1, 1, 1]]))
    >>> table = [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    >>> result = within_patterns(patterns, each, table, "any")
    >>> round(float(result.misalignment[0]), 4), round(float(result.internal_conflict[0]), 4)
    (0.2222, 0.3333)
    """
    met = met or met_masses(patterns, mass, conflict, pairing, work, pairs=False)
    masses, squares = _masses(patterns, mass)
    holding = holding_of(patterns, pairing)
    population, holders = masses.sum(axis=1), masses @ holding
    drawn, held = population**2, holders**2
    if sampling == "distinct-pairs":
        drawn = _different(drawn, squares.sum(axis=1))
        held = _different(held, squares @ holding**2)
    silent = np.zeros(len(masses))
    if silence is not None:
        against, without = silent_conflict(patterns, silence, pairing), 1 - holding
        silent = 2 * ((masses @ against) * (masses @ without) - squares @ (against * without))
    conflicting = np.diag(met.mass)
    somebody = holders > 0
    own = internal_conflict(patterns, conflict, pairing)
    said = ~np.isnan(own)
    return WithinPatterns(
        misalignment=ratio(conflicting + silent, drawn, somebody),
        conditional_misalignment=ratio(conflicting, held, somebody),
        participation=ratio(holders, population, population > 0),
        compatible_share=ratio(np.maximum(held - conflicting, 0), drawn, somebody),
        no_goal_share=ratio(np.maximum(drawn - held - silent, 0), drawn, somebody),
        internal_conflict=ratio(masses[:, said] @ own[said], masses[:, said].sum(axis=1), somebody),
        error_bound=ratio(np.diag(met.bound), drawn, somebody),
        method=met.method,
    )


def between_patterns(
    patterns: Patterns,
    mass: Mass,
    conflict: Conflict | npt.ArrayLike,
    pairing: str,
    *,
    silence: npt.ArrayLike | None = None,
    work: Work | None = None,
    met: Met | None = None,
) -> BetweenPatterns:
    r"""Chance that an agent of one population and an agent of another conflict.

    .. math:: M(A, B) = \sum_{S, T} f_A(S) f_B(T) D(S, T)

    Symbols and parameters as in :func:`within_patterns`; populations share no agent.

    Returns
    -------
    BetweenPatterns
        Shape ``(c, c)``: 0 if no goal held in A conflicts with one held in B; 1 if each agent of A
        conflicts fully with each of B. NaN on the diagonal, and where a population is empty.

    Raises
    ------
    PairingError, ConflictError
        As in :func:`met_masses`.

    Examples
    --------
    >>> from dissensus.model.patterns import patterns_of
    >>> patterns = patterns_of([[0, 1], [0], [2]], goals=3)
    >>> parties = Mass(np.array([[1, 1, 0], [0, 1, 1]]))
    >>> table = [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    >>> between_patterns(patterns, parties, table, "any").misalignment[0, 1].item()
    0.25
    """
    met = met or met_masses(patterns, mass, conflict, pairing, work)
    masses, _ = _masses(patterns, mass)
    holding = holding_of(patterns, pairing)
    population, holders = masses.sum(axis=1), masses @ holding
    silent = np.zeros_like(met.mass)
    if silence is not None:
        against, without = silent_conflict(patterns, silence, pairing), 1 - holding
        crossed = np.outer(masses @ against, masses @ without)
        silent = crossed + crossed.T
    apart = ~np.eye(len(masses), dtype=bool)
    drawn, held = np.outer(population, population), np.outer(holders, holders)

    def shared(part: Floats, whole: Floats) -> Floats:
        return ratio(part.ravel(), whole.ravel(), apart.ravel()).reshape(part.shape)

    return BetweenPatterns(
        misalignment=shared(met.mass + silent, drawn),
        conditional_misalignment=shared(met.mass, held),
        participation=shared(held, drawn),
        compatible_share=shared(np.maximum(held - met.mass, 0), drawn),
        no_goal_share=shared(np.maximum(drawn - held - silent, 0), drawn),
        error_bound=shared(met.bound, drawn),
        method=met.method,
    )


def _masses(patterns: Patterns, mass: Mass) -> tuple[Floats, Floats]:
    """Masses and sums of squared weights, both (c, m)."""
    if mass.agents is None:
        raise PairingError(
            "several goals an agent, in proportions",
            "agents: what an agent holds together is lost in shares of goals",
            "give one row an agent and goal",
        )
    values = np.atleast_2d(np.asarray(mass.values, dtype=np.float64))
    if values.shape[1] != patterns.size:
        raise PairingError(
            f"masses of {values.shape[1]} patterns, and {patterns.size} patterns",
            "one mass a pattern",
            "give masses in the order of the patterns",
        )
    if mass.weights is None:
        return values, values
    squares = mass.squares
    if squares is None:
        raise TypeError("weights of agents go with their squares")
    return values, np.atleast_2d(np.asarray(squares, dtype=np.float64))


def _different(drawn: Floats, own: Floats) -> Floats:
    """Leave each agent's pair with itself out; rounding may leave a trace of it."""
    left = drawn - own
    return np.where(left > 8 * np.finfo(np.float64).eps * drawn, left, 0.0)
