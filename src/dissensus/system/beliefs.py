"""Beliefs: pooling them, and agreement that rests on contradictory ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from dissensus.errors import DissensusError
from dissensus.system.checks import Finding
from dissensus.system.conventions import EQUAL
from dissensus.system.lotteries import best_worst_off

if TYPE_CHECKING:
    from dissensus.system.part import Part
    from dissensus.system.system import System
    from dissensus.system.world import World

__all__ = [
    "BeliefError",
    "divergence",
    "pooled_belief",
    "spurious_unanimity",
    "values_by_state",
]

Floats = npt.NDArray[np.float64]
Pooling = Literal["linear", "log"]


class BeliefError(DissensusError, ValueError):
    """Beliefs that cannot be pooled, compared or changed."""


def pooled_belief(
    beliefs: npt.ArrayLike, weights: npt.ArrayLike, pooling: Pooling = "linear"
) -> Floats:
    r"""One belief out of several.

    .. math:: \text{linear: } \sum_i w_i b_i(s), \qquad
        \text{log: } \propto \prod_i b_i(s)^{w_i}

    with weights as shares. The linear pool treats every event alike, but does not commute with
    learning; the log pool does (it is externally Bayesian).

    Parameters
    ----------
    beliefs : (n, states) array
    weights : (n,) array
    pooling : {'linear', 'log'}

    Returns
    -------
    (states,) array

    Raises
    ------
    BeliefError
        The log pool, if for each state somebody holds it impossible.

    References
    ----------
    [genest1984]_

    Examples
    --------
    >>> pooled_belief([[0.2, 0.8], [0.6, 0.4]], [1, 1]).round(6).tolist()
    [0.4, 0.6]
    >>> pooled_belief([[0.2, 0.8], [0.6, 0.4]], [1, 1], "log").round(6).tolist()
    [0.379796, 0.620204]
    """
    b, w = np.asarray(beliefs, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    w = w / w.sum()
    if pooling == "linear":
        return np.asarray(w @ b)
    with np.errstate(divide="ignore"):
        logs = w @ np.log(b)
    if not np.isfinite(logs).any():
        raise BeliefError(
            "no state that all hold possible",
            "a state with a chance in every belief",
            "pool linearly, or let beliefs overlap",
        )
    weight = np.exp(logs - logs.max())
    return np.asarray(weight / weight.sum())


def spurious_unanimity(
    system: System, observation: str | int | None = None, pooling: Pooling = "linear"
) -> Finding:
    r"""Whether parts agree on an action for reasons that contradict each other.

    .. math:: E_i(a; b_i) > E_i(b; b_i) \text{ for all } i, \quad\text{but}\quad
        E_j(a; \bar b) < E_j(b; \bar b) \text{ for some } j

    with :math:`b_i` each part's own belief and :math:`\bar b` the pooled one.

    Returns
    -------
    Finding
        Fails with each such pair of actions, what each part expects of it under its own and the
        pooled belief, the parts for which it is reversed, and whether any shared belief would
        leave all of them in favour. None if a part gives no utilities, or the parts' models have
        different states.

    References
    ----------
    [mongin1995]_, [gilboa2004]_.

    Examples
    --------
    A duel: each is sure enough to win, and both cannot be.

    >>> from dissensus.system import Part, System, World
    >>> def world(chance):
    ...     return World(["duel", "talk"], states=["one wins", "two wins"],
    ...                  initial_belief=[chance, 1 - chance],
    ...                  outcome_probabilities=[[[1, 0, 0], [0, 1, 0]], [[0, 0, 1], [0, 0, 1]]])
    >>> parts = [Part("one", [1, -5, 0], model=world(0.85)),
    ...          Part("two", [-5, 1, 0], model=world(0.15))]
    >>> found = spurious_unanimity(System(parts, world(0.5), "plurality"))
    >>> found.words
    'all prefer duel to talk, each by its own belief; by the pooled belief one, two would not'
    >>> found.witness["pairs"][0]["shared_belief_exists"]
    False
    """
    name = "spurious_unanimity"
    models = [part.model or system.world for part in system.parts]
    if any(part.utilities is None for part in system.parts):
        return Finding(name, None, "some part gives no utilities")
    if len({model.states for model in models}) > 1:
        return Finding(name, None, "the parts' models have different states")
    values = [
        values_by_state(part, model) for part, model in zip(system.parts, models, strict=True)
    ]
    beliefs = np.array([model.belief(observation) for model in models])
    pool = pooled_belief(beliefs, system.standing, pooling)
    own = np.array([b @ v for b, v in zip(beliefs, values, strict=True)])
    together = np.array([pool @ v for v in values])
    names = system.actions
    pairs = []
    for a, b in ((a, b) for a in range(len(names)) for b in range(len(names)) if a != b):
        size = EQUAL * np.maximum(1.0, np.abs(own).max(axis=1))
        apart, shared = own[:, a] - own[:, b], together[:, a] - together[:, b]
        if (apart > size).all() and (shared < -size).any():
            reasons = np.array([v[:, a] - v[:, b] for v in values])
            pairs.append(
                {
                    "preferred": names[a],
                    "to": names[b],
                    "own": apart,
                    "pooled": shared,
                    "reversed": tuple(
                        part.name
                        for part, gone in zip(system.parts, shared < -size, strict=True)
                        if gone
                    ),
                    "shared_belief_exists": bool((reasons @ best_worst_off(reasons)).min() > EQUAL),
                }
            )
    witness = {"pool": pool, "pairs": tuple(pairs)}
    if not pairs:
        return Finding(name, True, "no agreement of all rests on contradictory beliefs", witness)
    first = pairs[0]
    words = (
        f"all prefer {first['preferred']} to {first['to']}, each by its own belief; "
        f"by the pooled belief {', '.join(first['reversed'])} would not"
    )
    return Finding(name, False, words, witness)


def divergence(changed: npt.ArrayLike, belief: npt.ArrayLike) -> float:
    r"""KL divergence, in nats: :math:`\sum_s b'(s) \log (b'(s) / b(s))`.

    Returns
    -------
    float
        0 if nothing changed; infinite if something held impossible becomes possible.

    Examples
    --------
    >>> round(divergence([0.5, 0.5], [0.25, 0.75]), 6)
    0.143841
    """
    new, old = np.asarray(changed, dtype=np.float64), np.asarray(belief, dtype=np.float64)
    held = new > 0
    with np.errstate(divide="ignore"):
        return float(new[held] @ np.log(new[held] / old[held]))


def values_by_state(part: Part, model: World) -> Floats:
    """Utility that a part expects of each action in each state, (states, k)."""
    if part.utilities is None:
        return np.full((len(model.states), len(model.actions)), np.nan)
    if part.utilities.ndim == 3:
        return np.asarray(part.utilities[0])
    return np.asarray(np.einsum("asx,x->sa", model.outcome_probabilities, part.utilities))
