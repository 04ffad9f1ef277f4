"""Information as a lever: how far a system can be steered by what it is shown, without a lie."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dissensus.errors import DissensusError
from dissensus.system.belief_map import belief_map
from dissensus.system.conventions import EQUAL
from dissensus.system.system import System

__all__ = ["Persuasion", "PersuasionError", "Steering", "persuasion", "steering"]

Floats = npt.NDArray[np.float64]
USED = 1e-9
EDGE = 100  # steps of the grid between two states, beside the exact switches


class PersuasionError(DissensusError, ValueError):
    """Beliefs and utilities between which nothing can be signalled."""


@dataclass(frozen=True, eq=False)
class Persuasion:
    """The best that a sender can do by choosing what is shown.

    Attributes
    ----------
    value : float
        What the sender expects of its best signal.
    no_information, full_information : float
        What it expects if nothing, or the state itself, is shown.
    signals : (r, states) array
        Beliefs that the signals leave behind.
    chances : (r,) array
        Chance of each signal.
    """

    value: float
    no_information: float
    full_information: float
    signals: Floats
    chances: Floats


def persuasion(prior: npt.ArrayLike, receiver: npt.ArrayLike, sender: npt.ArrayLike) -> Persuasion:
    r"""Bayesian persuasion of one receiver, as a linear programme over recommended actions.

    .. math:: \max_{x \ge 0} \sum_{s, a} x_{sa} V_{sa} \quad \text{s.t. }
        \sum_a x_{sa} = b(s), \qquad \sum_s x_{sa} (U_{sa} - U_{sa'}) \ge 0

    ========= =============== ===============================================================
    symbol    shape           meaning
    ========= =============== ===============================================================
    :math:`b` ``(states,)``   ``prior``, which both share
    :math:`U` ``(states, k)`` ``receiver``: what the receiver gains by each action
    :math:`V` ``(states, k)`` ``sender``
    :math:`x` ``(states, k)`` chance of a state and of a recommendation in it
    ========= =============== ===============================================================

    The sender commits to a signal before the state is known, and never lies. Of equally good
    actions the receiver takes the one that the sender prefers.

    Returns
    -------
    Persuasion

    References
    ----------
    [kamenica2011]_, [bergemann2019]_.

    Examples
    --------
    A judge convicts from a chance of guilt of one half on; the prosecutor always wants to:

    >>> judge, prosecutor = [[1, 0], [0, 1]], [[0, 1], [0, 1]]
    >>> found = persuasion([0.7, 0.3], judge, prosecutor)
    >>> round(found.value, 9), found.no_information, round(found.full_information, 9)
    (0.6, 0.0, 0.3)
    >>> found.signals.round(9).tolist(), found.chances.round(9).tolist()
    ([[1.0, 0.0], [0.5, 0.5]], [0.4, 0.6])
    """
    from scipy.optimize import linprog

    b = np.asarray(prior, dtype=np.float64)
    U, V = np.asarray(receiver, dtype=np.float64), np.asarray(sender, dtype=np.float64)
    states, k = U.shape
    if V.shape != U.shape or b.shape != (states,):
        raise PersuasionError(
            f"prior {b.shape}, receiver {U.shape} and sender {V.shape}",
            "one chance a state, and (states, actions) twice",
            "give a row a state",
        )
    rows = []
    for a in range(k):
        for other in range(k):
            if other != a:
                row = np.zeros((states, k))
                row[:, a] = U[:, other] - U[:, a]
                rows.append(row.ravel())
    total = np.kron(np.eye(states), np.ones(k))
    solved: Any = linprog(
        -V.ravel(),
        A_ub=np.array(rows) if rows else None,
        b_ub=np.zeros(len(rows)) if rows else None,
        A_eq=total,
        b_eq=b,
        method="highs",
    )
    if not solved.success:
        raise ArithmeticError(f"linear programme without a solution: {solved.message}")
    x = np.maximum(solved.x.reshape(states, k), 0.0)
    mass = x.sum(axis=0)
    used = mass > USED
    sure = np.array([_for_sender(U[s], V[s]) for s in range(states)])
    return Persuasion(
        value=float((x * V).sum()),
        no_information=_for_sender(b @ U, b @ V),
        full_information=float(b @ sure),
        signals=(x[:, used] / mass[used]).T,
        chances=mass[used] / mass[used].sum(),
    )


@dataclass(frozen=True, eq=False)
class Steering:
    """How far somebody who chooses what the system is shown can make it take one action.

    Attributes
    ----------
    action : str
    found : Persuasion
        With the chance of the action as the sender's value.
    steerability : float
        Chance that the best signal adds to that without information.
    """

    action: str
    found: Persuasion
    steerability: float


def steering(
    system: System, *, steps: int | None = None, seed: int = 0
) -> tuple[tuple[Steering, ...], bool]:
    r"""Steerability of a system towards each of its actions, by what its parts are shown.

    .. math:: \max_{\lambda, \mu} \sum_r \lambda_r P(a \mid \mu_r) - P(a \mid b)
        \quad \text{s.t. } \sum_r \lambda_r \mu_r = b

    ============== =========================================================================
    symbol         meaning
    ============== =========================================================================
    :math:`b`      shared belief before anything is shown
    :math:`\mu_r`  belief after signal r, which occurs with chance :math:`\lambda_r`
    :math:`P(a)`   chance that the rule takes action a at a belief; 1 for each that ties
    ============== =========================================================================

    All parts see the same signal. With two states the beliefs are all those at which the choice
    switches, which is exact for rules that choose one option; with more, a grid of beliefs, which
    gives at least what is told.

    Parameters
    ----------
    system : System
        Of at least two states.
    steps : int, optional
        Of the grid: 100 between two states, else as in `belief_map`.
    seed : int

    Returns
    -------
    tuple of Steering
        For each action: 0 if no signal makes it likelier, 1 if it goes from never to always.
    bool
        Whether the values are exact.

    Raises
    ------
    BeliefError
        A world of one state.

    References
    ----------
    [kamenica2011]_; several receivers [alonso2016]_.

    Examples
    --------
    >>> from dissensus.system import Part, World
    >>> court = System(
    ...     [Part("judge", [1, 0])],
    ...     World(["acquit", "convict"], ["right", "wrong"], ["innocent", "guilty"],
    ...           initial_belief=[0.7, 0.3],
    ...           outcome_probabilities=[[[1, 0], [0, 1]], [[0, 1], [1, 0]]]),
    ...     "plurality")
    >>> towards, exact = steering(court)
    >>> [(one.action, round(one.steerability, 6)) for one in towards], exact
    ([('acquit', 0.0), ('convict', 0.6)], True)
    """
    b = system.world.initial_belief
    states = len(b)
    if steps is None and states == 2:
        steps = EDGE
    known = belief_map(system, steps=steps, seed=seed)
    sides: list[Floats] = []
    for switch in known.switches:
        near = [np.clip(switch + step, 0.0, 1.0) for step in (-1e-7, 0.0, 1e-7)]
        sides.append(np.array([[1 - x, x] for x in near]))
    points = [*known.beliefs, b, *(side[1] for side in sides)]
    values = [_chances(system, point, seed) for point in known.beliefs]
    values.append(_chances(system, b, seed))
    values += [np.max([_chances(system, point, seed) for point in side], axis=0) for side in sides]
    beliefs, table = np.array(points), np.array(values)
    sure = np.array([_chances(system, corner, seed) for corner in np.eye(states)])
    out = []
    for a, action in enumerate(system.actions):
        found = _closure(b, beliefs, table[:, a], float(table[len(known.beliefs), a]), sure[:, a])
        out.append(Steering(action, found, max(0.0, found.value - found.no_information)))
    pure = bool((np.isclose(table, 0) | np.isclose(table, 1)).all())
    return tuple(out), states == 2 and pure


def _closure(b: Floats, beliefs: Floats, value: Floats, now: float, sure: Floats) -> Persuasion:
    """Concave closure of a value at a belief, over points that are known."""
    from scipy.optimize import linprog

    solved: Any = linprog(-value, A_eq=beliefs.T, b_eq=b, method="highs")
    if not solved.success:
        raise ArithmeticError(f"linear programme without a solution: {solved.message}")
    used = solved.x > USED
    chances = solved.x[used] / solved.x[used].sum()
    best = float(value[used] @ chances)
    if best <= now + EQUAL:
        return Persuasion(now, now, float(b @ sure), b[None], np.ones(1))
    return Persuasion(best, now, float(b @ sure), beliefs[used], chances)


def _chances(system: System, belief: Floats, seed: int) -> Floats:
    """Chance of each action at a belief; 1 for each that ties, as a sender would have it."""
    there = replace(system, world=replace(system.world, initial_belief=belief / belief.sum()))
    choice = there.choice(seed=seed)
    out = np.zeros(len(system.actions))
    if str(choice.status) == "TIE":
        out[sorted(choice.winners)] = 1.0
    elif choice.dist is not None:
        out[:] = choice.dist
    return out


def _for_sender(receiver: Floats, sender: Floats) -> float:
    """What the sender gets where the receiver takes its best, the sender's favourite of equals."""
    good = receiver >= receiver.max() - EQUAL * max(1.0, float(np.abs(receiver).max()))
    return float(sender[good].max())
