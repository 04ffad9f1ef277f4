"""How far the cells of an audit differ, what they reach, and which axis decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog

from dissensus.measure.misalignment import misalignment_of_shares
from dissensus.model.conflict import Exclusive
from dissensus.system.audit.crossing import Crossed
from dissensus.system.audit.ground import Ground
from dissensus.system.conventions import EQUAL, dense_ranks

__all__ = ["Importance", "Spread", "eligible_actions", "entropy", "importances", "reach", "spread"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Spread:
    r"""How far outcomes differ.

    Attributes
    ----------
    outcomes : int
        Distinct outcomes.
    entropy : float
        :math:`H = -\sum_o p_o \ln p_o` in nats.
    normalised_entropy : float
        H over the logarithm of the number of distinct outcomes; 0 if there is one.
    p_diff : float
        Chance that two readings drawn at random differ.
    """

    outcomes: int
    entropy: float
    normalised_entropy: float
    p_diff: float


@dataclass(frozen=True)
class Importance:
    r"""How much an axis decides.

    Attributes
    ----------
    main : float
        :math:`I(\text{outcome}; \text{axis}) / H(\text{outcome})`: what knowing the value of this
        axis alone tells.
    total : float
        :math:`H(\text{outcome} \mid \text{all other axes}) / H(\text{outcome})`: what is still
        open when all else is known. Axes that decide together may have main 0 and total 1.
    """

    main: float
    total: float


def spread(outcomes: Codes) -> Spread:
    r"""Spread of the outcomes of readings; negative codes, where nothing is chosen, do not count.

    The chance to differ is the misalignment of a population whose agents are the readings and
    whose goals are the outcomes: the same function computes it.

    Examples
    --------
    >>> spread(np.array([0, 0, 1, 1, -1]))
    Spread(outcomes=2, entropy=0.6931471805599453, normalised_entropy=1.0, p_diff=0.5)
    """
    _, counts = np.unique(outcomes[outcomes >= 0], return_counts=True)
    if not len(counts):
        return Spread(0, 0.0, 0.0, 0.0)
    shares = counts / counts.sum()
    h = entropy(outcomes)
    top = np.log(len(counts))
    return Spread(
        len(counts),
        h,
        min(float(h / top), 1.0) if top > 0 else 0.0,
        float(misalignment_of_shares(shares, Exclusive())),
    )


def entropy(codes: Codes) -> float:
    """Entropy in nats of codes drawn uniformly; negative ones do not count."""
    _, counts = np.unique(codes[codes >= 0], return_counts=True)
    shares = counts / counts.sum() if len(counts) else np.ones(1)
    return float(max(-(shares * np.log(shares)).sum(), 0.0))


def importances(crossed: Crossed) -> Mapping[str, Importance] | None:
    """Importance of each crossed axis; None if all readings agree.

    Every combination of values that chooses something counts once, also where an axis makes no
    difference: so that axes are drawn independently of each other, and none seems to decide what
    another one does. Where every combination chooses something, main is at most total.

    Examples
    --------
    >>> from dissensus.system import Part, System, World
    >>> from dissensus.system.audit import Case, cross
    >>> two = System([Part("a", [1, 0], hardness=1), Part("b", [0, 2], hardness=1)],
    ...              World.of(["sea", "hills"]), "utilitarian", comparability="unit")
    >>> crossed = cross(Case(two, axes={"rule": ["utilitarian", "dictator:a"], "compute": [1, 9]}))
    >>> {axis: (one.main, one.total) for axis, one in importances(crossed).items()}
    {'compute': (0.0, 0.0), 'rule': (1.0, 1.0)}
    """
    of_all = crossed.outcome_of[crossed.cell_of]
    outcome, codes = of_all[of_all >= 0], crossed.combinations[of_all >= 0]
    h = entropy(outcome)
    if h == 0:
        return None
    out = {}
    for i, name in enumerate(crossed.axes):
        alone = entropy(outcome) - _given(outcome, codes[:, [i]])
        left = _given(outcome, np.delete(codes, i, axis=1))
        out[name] = Importance(_share(alone / h), _share(left / h))
    return out


def _share(value: float) -> float:
    """Rounding must not make a share negative, or more than all."""
    return 0.0 if abs(value) < 1e-12 else min(float(value), 1.0)


def _given(outcome: Codes, known: Codes) -> float:
    """Entropy of the outcome that is left when these codes are known."""
    group = np.unique(known, axis=0, return_inverse=True)[1].reshape(-1)
    both = group * (outcome.max() + 1) + outcome
    return entropy(both) - entropy(group)


def reach(crossed: Crossed) -> tuple[list[int], list[int], float]:
    """Options that parts would choose, those of them that some cell reaches, and their share."""
    grounds = {
        (one.beliefs, one.observation, one.deliberation): one for one in crossed.settings
    }.values()
    options = sorted(
        {
            a
            for one in grounds
            for a in eligible_actions(crossed.cells.ground(one), crossed.case.system.standing)
        }
    )
    chosen = {a for winners in crossed.outcomes for a in winners}
    reached = [a for a in options if a in chosen]
    return options, reached, len(reached) / len(options) if options else 0.0


def eligible_actions(ground: Ground, standing: Floats) -> list[int]:
    r"""Actions that some part, or some weighting of the parts, would choose.

    With utilities: action a is one if there are weights :math:`w \ge 0`, not all 0, under which no
    action has a larger :math:`\sum_i w_i E_i`. Where a part gives only an order: if no other
    action is at least as good for every part and better for one, since then some utilities behind
    the orders, and some weights, would choose it.

    Examples
    --------
    >>> from dissensus.system import Part
    >>> parts = (Part("a", [1, 0, 0.4, 0.6]), Part("b", [0, 1, 0.4, 0.6]))
    >>> ground = Ground(parts, (np.eye(4), np.eye(4)), np.full((2, 4), np.nan))
    >>> eligible_actions(ground, np.ones(2))
    [0, 1, 3]
    """
    e = ground.expected
    if np.isnan(e).any():
        return _undominated(np.where(np.isnan(ground.spoken), dense_ranks(e), ground.spoken))
    values = np.nan_to_num(ground.stretched, nan=0.0)
    sure = {*np.flatnonzero((values >= values.max(axis=1, keepdims=True) - EQUAL).any(axis=0))}
    sums = standing @ values
    sure |= {*np.flatnonzero(sums >= sums.max() - EQUAL)}
    return [a for a in range(values.shape[1]) if a in sure or _is_supported(values, a)]


def _undominated(ranks: Floats) -> list[int]:
    """Options that none beats for one part without losing for another; the unranked stand last."""
    ranks = ranks[~np.isnan(ranks).all(axis=1)]
    ranks = np.where(np.isnan(ranks), np.inf, ranks)
    return [
        a
        for a in range(ranks.shape[1])
        if not any(
            (ranks[:, b] <= ranks[:, a]).all() and (ranks[:, b] < ranks[:, a]).any()
            for b in range(ranks.shape[1])
        )
    ]


def _is_supported(values: Floats, action: int) -> bool:
    n = len(values)
    ahead = values - values[:, [action]]
    found = linprog(
        np.append(np.zeros(n), 1.0),
        A_ub=np.column_stack([ahead.T, -np.ones(values.shape[1])]),
        b_ub=np.zeros(values.shape[1]),
        A_eq=np.append(np.ones(n), 0.0)[None, :],
        b_eq=[1.0],
        bounds=[*[(0, None)] * n, (None, None)],
        method="highs",
    )
    return bool(found.success) and float(found.fun or 0.0) <= EQUAL
