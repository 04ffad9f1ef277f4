r"""Players with worlds of their own who share one agent: exact policies over all histories.

The players' worlds are *compatible*: same actions, observations and horizon; states, dynamics,
beliefs and utilities may differ. In each step something is observed, then an action is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from dissensus.errors import DissensusError
from dissensus.system.conventions import EQUAL
from dissensus.system.world import World

__all__ = ["LARGEST", "Compatible", "CompatibleError", "Plan", "Switch", "plan", "pooled_plan"]

Floats = npt.NDArray[np.float64]
Switch = Literal["critch", "fixed", "floor"]

LARGEST = 1_000_000
"""Histories of the last step that the exact recursion goes through at most."""


class CompatibleError(DissensusError, ValueError):
    """Worlds that do not fit together, or are too long for the exact recursion."""


@dataclass(frozen=True, eq=False)
class Compatible:
    """Players' worlds, what they want there, and their weights.

    Attributes
    ----------
    worlds : tuple of World
        One a player: same actions, observations, horizon and discount.
    utilities : tuple of array
        One a player: ``(m,)`` over the outcomes of its world, or rewards
        ``(horizon, states, actions)`` there.
    weights : (n,) array
        Above 0, as shares.

    Raises
    ------
    CompatibleError
        Worlds of different actions, observations, horizon or discount; too many histories.
    """

    worlds: tuple[World, ...]
    utilities: tuple[Floats, ...]
    weights: Floats

    def __post_init__(self) -> None:
        first = self.worlds[0]
        for name in ("actions", "observations", "horizon", "discount"):
            apart = [w for w in self.worlds if getattr(w, name) != getattr(first, name)]
            if apart:
                raise CompatibleError(
                    f"worlds with {name} {getattr(first, name)!r} and {getattr(apart[0], name)!r}",
                    f"the same {name} for all: they share one agent, and what it sees",
                    f"give every model the same {name}",
                )
        seen, k = len(first.observations), len(first.actions)
        size = seen * (k * seen) ** (first.horizon - 1)
        if size > LARGEST:
            exact = 1 + int(np.log(LARGEST / seen) / np.log(k * seen))
            raise CompatibleError(
                f"horizon {first.horizon} with {k} actions and {seen} observations: {size:.3g} "
                "histories",
                f"at most {LARGEST:,} histories: here, a horizon of at most {exact}",
                f"take horizon = {exact}, merge observations, or solve the product of states and "
                "players with a POMDP solver",
                exact=exact,
            )

    def rewards(self, player: int, states_of: int | None = None) -> Floats:
        """Expected reward (horizon, states, actions) of a player, in the states of another's world.

        A player's wishes over outcomes hold in any world with these outcomes.
        """
        world = self.worlds[player if states_of is None else states_of]
        u = self.utilities[player]
        if u.ndim == 1:
            table = np.einsum("asx,x->sa", world.outcome_probabilities, u)
            return np.asarray(np.broadcast_to(table, (world.horizon, *table.shape)))
        if u.shape[1] != len(world.states):
            raise CompatibleError(
                "rewards by state, and beliefs over other states",
                "states that the players share, or utilities over outcomes",
                "give utilities over outcomes",
            )
        return u


@dataclass(frozen=True, eq=False)
class Plan:
    """A policy for every history, and what the players make of it.

    Attributes
    ----------
    actions : tuple of array
        For each step t, the lottery after each history, ``(histories, k)``. Histories are numbered
        as digits: first observation, action, observation ...
    values : (n,) array
        What each player expects of it, by its own beliefs.
    weighted : float
        Sum of the values by the players' weights.
    impossible : int
        Histories that every player holds impossible: nothing says what to do there.
    contested : int
        Histories that some player, but not every one, holds impossible.
    ties : int
        Possible histories after which several actions are equally good; all get the same chance.
    shares : tuple of array
        For each step, each player's share of the say after each history, ``(n, histories)``; NaN
        at impossible ones.
    """

    actions: tuple[Floats, ...]
    values: Floats
    weighted: float
    impossible: int
    contested: int
    ties: int
    shares: tuple[Floats, ...]


def plan(players: Compatible, switch: Switch = "critch", floor: float = 0.0) -> Plan:
    r"""Optimal policy over all histories, by exact backward recursion.

    .. math:: \pi(h_t) \in \arg\max_a \sum_j w_t^j(h_t)\, E^j[U^j \mid h_t, a;\, \pi_{>t}],
        \qquad w_t^j \propto w^j P^j(o_{\le t} \mid a_{<t})

    =================== ========================================================================
    symbol              meaning
    =================== ========================================================================
    :math:`w^j`         ``weights``: each player's share of the say before anything is seen
    :math:`P^j`         chance that player j gave what was then seen
    :math:`E^j`         expectation by player j's own beliefs
    =================== ========================================================================

    With ``switch="critch"`` weights are as above: the policy is Pareto optimal by the players' own
    expectations, and every such policy is of this form for some weights. ``"fixed"`` keeps
    :math:`w_t^j = w^j` whatever was seen; ``"floor"`` mixes both:
    :math:`w_t^j = (1 - \lambda)\,\text{critch} + \lambda w^j` with :math:`\lambda` the ``floor``.
    A player that holds a history impossible has no say after it.

    References
    ----------
    [critch2017]_, [desai2018]_; the switches are ours.

    Examples
    --------
    A cake that is green or red. One is sure to nine in ten that it is green, the other that it is
    red; each would have all of it, half, or nothing. They do best by betting:

    >>> def world(green):
    ...     return World(["all for one", "half", "all for two"], states=["green", "red"],
    ...                  observations=["green", "red"], initial_belief=[green, 1 - green],
    ...                  observation_probabilities=[[1, 0], [0, 1]])
    >>> cake = Compatible((world(0.9), world(0.1)),
    ...                   (np.array([30.0, 20, 0]), np.array([0.0, 20, 30])), np.array([0.5, 0.5]))
    >>> best = plan(cake)
    >>> best.values.round(9).tolist(), best.actions[0].tolist()
    ([27.0, 27.0], [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    >>> plan(cake, "fixed").values.round(9).tolist()
    [20.0, 20.0]
    """
    rewards = [players.rewards(j) for j in range(len(players.worlds))]
    return _solved(players, rewards, switch, floor)


def pooled_plan(players: Compatible) -> Plan:
    r"""Policy of players who pool their beliefs first and keep their weights.

    .. math:: \pi \in \arg\max_\pi \sum_j w^j\, \bar E[U^j; \pi], \qquad
        \bar P = \sum_j w^j P^j

    The pool is the prior that each player's world is the true one with its weight; it learns, the
    weights do not. Utilities must be over outcomes, or the states shared.

    Returns
    -------
    Plan
        With what each player expects of it by its *own* beliefs: never better for all than `plan`.

    References
    ----------
    [harsanyi1955]_; pooling as in [genest1984]_.

    Examples
    --------
    >>> def world(green):
    ...     return World(["all for one", "half", "all for two"], states=["green", "red"],
    ...                  observations=["green", "red"], initial_belief=[green, 1 - green],
    ...                  observation_probabilities=[[1, 0], [0, 1]])
    >>> cake = Compatible((world(0.9), world(0.1)),
    ...                   (np.array([30.0, 20, 0]), np.array([0.0, 20, 30])), np.array([0.5, 0.5]))
    >>> pooled_plan(cake).values.round(9).tolist()
    [20.0, 20.0]
    """
    n, w = len(players.worlds), players.weights
    common = [
        np.asarray(sum(w[j] * players.rewards(j, states_of=i) for j in range(n))) for i in range(n)
    ]
    own = [players.rewards(j) for j in range(n)]
    return _solved(players, common, "critch", 0.0, own)


def _solved(
    players: Compatible,
    rewards: Sequence[Floats],
    switch: Switch,
    floor: float,
    own: Sequence[Floats] | None = None,
) -> Plan:
    """Backward recursion over all histories of each step at once.

    ``own``: rewards by which the players judge what ``rewards`` choose; the same by default.
    """
    reach = [_reached(world) for world in players.worlds]
    first, w = players.worlds[0], players.weights / players.weights.sum()
    n, k, seen = len(reach), len(first.actions), len(first.observations)
    lotteries: list[Floats] = []
    shares: list[Floats] = []
    impossible = contested = ties = 0
    # unnormalised worth of the future: for choosing, and by the players' own lights
    ahead: list[Floats] | None = None
    ahead_own: list[Floats] | None = None
    for t in reversed(range(first.horizon)):
        belief = [reach[j][t] for j in range(n)]
        chance = np.array([b.sum(axis=1) for b in belief])
        say = _say(chance, w, switch, floor)
        worth = [belief[j] @ rewards[j][t] for j in range(n)]
        judged = worth if own is None else [belief[j] @ own[j][t] for j in range(n)]
        if ahead is not None and ahead_own is not None:
            worth = [q + _discounted(ahead[j], k, seen, first) for j, q in enumerate(worth)]
            judged = [q + _discounted(ahead_own[j], k, seen, first) for j, q in enumerate(judged)]
        with np.errstate(divide="ignore", invalid="ignore"):
            scale = np.where(chance > 0, say / chance, 0.0)
        total = np.asarray(sum(scale[j][:, None] * worth[j] for j in range(n)))
        size = np.maximum(np.abs(total).max(axis=1, keepdims=True), np.finfo(float).tiny)
        good = total >= total.max(axis=1, keepdims=True) - EQUAL * size
        p = good / good.sum(axis=1, keepdims=True)
        possible = chance > 0
        impossible += int((~possible.any(axis=0)).sum())
        contested += int((possible.any(axis=0) & ~possible.all(axis=0)).sum())
        ties += int((possible.any(axis=0) & (good.sum(axis=1) > 1)).sum())
        ahead = [np.einsum("ha,ha->h", p, q) for q in worth]
        ahead_own = [np.einsum("ha,ha->h", p, q) for q in judged]
        lotteries.insert(0, p)
        shares.insert(0, np.where(possible.any(axis=0), say, np.nan))
    values = np.array([float(v.sum()) for v in ahead_own or []])
    return Plan(
        tuple(lotteries), values, float(w @ values), impossible, contested, ties, tuple(shares)
    )


def _reached(world: World) -> list[Floats]:
    """For each step, the chance of each history together with each state, (histories, states)."""
    seen, moves = world.observation_probabilities, world.transitions
    now = world.initial_belief[None, None, :] * seen.T[None]
    steps = [now.reshape(-1, len(world.states))]
    for _ in range(world.horizon - 1):
        after = np.einsum("hs,ast->hat", steps[-1], moves)
        now = after[:, :, None, :] * seen.T[None, None]
        steps.append(now.reshape(-1, len(world.states)))
    return steps


def _say(chance: Floats, w: Floats, switch: Switch, floor: float) -> Floats:
    """Each player's share of the say after each history, (n, histories); 0 where nobody has any."""
    held = w[:, None] * chance
    total = held.sum(axis=0)
    critch = held / np.where(total > 0, total, 1.0)
    if switch == "critch":
        return np.asarray(critch)
    fixed = np.where(chance > 0, w[:, None], 0.0)
    rest = fixed.sum(axis=0)
    fixed = fixed / np.where(rest > 0, rest, 1.0)
    return np.asarray(fixed if switch == "fixed" else (1 - floor) * critch + floor * fixed)


def _discounted(future: Floats, k: int, seen: int, world: World) -> Floats:
    """Worth of what follows each action, (histories, k), from that of the next histories."""
    return np.asarray(world.discount * future.reshape(-1, k, seen).sum(axis=2))
