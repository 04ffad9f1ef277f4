r"""What a part of limited compute perceives: the same system at another scale.

A part that makes :math:`c` evaluations of values that are hard to compute (:math:`h`: the variance
of one evaluation's error over the variance of what is evaluated) sees the truth with reliability
:math:`\rho = c / (c + h)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import erfc, sqrt
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dissensus.errors import DissensusError
from dissensus.system.choice import Choice

if TYPE_CHECKING:
    from dissensus.system.system import System

__all__ = [
    "Flip",
    "ScaleError",
    "ScaleProfile",
    "at_scale",
    "chance_of_picking_the_better",
    "effective_weights",
    "flips",
    "perceived_utilities",
    "reliability",
    "scale_profile",
]

Floats = npt.NDArray[np.float64]
ASIDE = 1e-6  # in the logarithm of a factor
FACTORS = (1.0, 3.0, 10.0, 30.0, 100.0)


class ScaleError(DissensusError, ValueError):
    """A factor by which compute cannot be multiplied."""


def reliability(compute: npt.ArrayLike, hardness: npt.ArrayLike) -> Floats:
    r"""Share of signal in what a part perceives.

    .. math:: \rho = \frac{c}{c + h}

    Parameters
    ----------
    compute : array
        c, evaluations made, at least 0.
    hardness : array
        h, evaluations at which signal and guess weigh the same, at least 0.

    Returns
    -------
    array
        1 if nothing is hard (whatever the compute), 0 if something is and nothing is computed.

    Examples
    --------
    >>> reliability([1, 1, 100, 0], [1, 9, 9, 0]).round(4).tolist()
    [0.5, 0.1, 0.9174, 1.0]
    """
    c, h = np.asarray(compute, dtype=np.float64), np.asarray(hardness, dtype=np.float64)
    total = c + h
    return np.where(h > 0, c / np.where(total > 0, total, 1.0), 1.0)


def perceived_utilities(
    utilities: npt.ArrayLike,
    compute: Sequence[float] | Floats,
    hardness: Sequence[float] | Floats,
    model: str = "shrinkage",
    seed: int = 0,
) -> Floats:
    r"""Expected utilities as parts of limited compute perceive them.

    ============= ================================================================================
    model         what a part perceives
    ============= ================================================================================
    ``shrinkage`` :math:`\bar u + \rho\,(u - \bar u)`, the posterior mean: what is hard to compute
                  pales, and loses weight by construction
    ``noisy``     :math:`u + \varepsilon`, :math:`\varepsilon \sim N(0, (h / c) \operatorname{Var}
                  u)`: nothing pales, but the best is picked by mistake more often
    ``search``    the values of :math:`\lfloor c / h \rfloor` options drawn at random, and its mean
                  :math:`\bar u` for all the others
    ============= ================================================================================

    with :math:`\bar u` and Var over the part's own options.

    Returns
    -------
    (n, k) array
        The utilities themselves where hardness is 0.

    References
    ----------
    [ortega2013]_, [lieder2020]_; the three models are ours.

    Examples
    --------
    >>> perceived_utilities([[1, 0, 0.5]], compute=[1], hardness=[1]).tolist()
    [[0.75, 0.25, 0.5]]
    """
    u = np.asarray(utilities, dtype=np.float64)
    c, h = np.asarray(compute, dtype=np.float64), np.asarray(hardness, dtype=np.float64)
    mean = u.mean(axis=1, keepdims=True)
    hard = h > 0
    if model == "shrinkage":
        blurred = mean + reliability(c, h)[:, None] * (u - mean)
        return np.where(hard[:, None], blurred, u)
    random = np.random.default_rng(seed)
    if model == "noisy":
        blind = hard & (c == 0)
        ratio = np.where(hard & ~blind, h, 0.0) / np.where(c > 0, c, 1.0)
        guess = random.standard_normal(u.shape) * u.std(axis=1, keepdims=True)
        seen = u + np.sqrt(ratio)[:, None] * guess
        return np.asarray(np.where(blind[:, None], mean + guess, seen))
    looked = np.floor(np.where(hard, c / np.where(hard, h, 1.0), u.shape[1]))[:, None]
    place = random.random(u.shape).argsort(axis=1).argsort(axis=1)
    return np.where(place < looked, u, mean)


def effective_weights(
    standing: npt.ArrayLike, compute: npt.ArrayLike, hardness: npt.ArrayLike
) -> Floats:
    r"""Share of the say that parts have once shrinkage has paled what is hard for them.

    .. math:: \frac{w_i \rho_i}{\sum_j w_j \rho_j}

    Returns
    -------
    (n,) array
        Standing as shares if nothing is hard, or with endless compute.

    Examples
    --------
    >>> effective_weights([0.5, 0.5], 1, [1, 9]).round(6).tolist()
    [0.833333, 0.166667]
    >>> effective_weights([0.5, 0.5], 100, [1, 9]).round(6).tolist()
    [0.519048, 0.480952]
    """
    weight = np.asarray(standing, dtype=np.float64) * reliability(compute, hardness)
    return np.asarray(weight / weight.sum())


def chance_of_picking_the_better(gap: float, compute: float, deviation: float = 1.0) -> float:
    r"""Chance that the better of two options looks better, under noisy evaluation.

    .. math:: \Phi\left(\frac{\Delta \sqrt{c}}{\sigma \sqrt 2}\right)

    Parameters
    ----------
    gap : float
        :math:`\Delta`, how much better it is.
    compute : float
        c, evaluations of each option.
    deviation : float
        :math:`\sigma`, standard deviation of one evaluation's error.

    Returns
    -------
    float
        0.5 without compute; 1 with no end of it.

    Examples
    --------
    >>> round(chance_of_picking_the_better(gap=1, compute=4), 6)
    0.92135
    """
    return erfc(-gap * sqrt(compute) / (2 * deviation)) / 2


@dataclass(frozen=True, eq=False)
class ScaleProfile:
    """What a system does at each scale.

    Attributes
    ----------
    factors : tuple of float
        By which the compute of the parts is multiplied.
    choices : tuple of Choice
    reach : float
        Share of the actions that win at some scale; 1 / k if scale does not matter.
    mean_distance : float, or None
        Mean total variation between two scales; 0 if scale does not matter. None if the system
        makes no choice at some scale.
    """

    factors: tuple[float, ...]
    choices: tuple[Choice, ...]
    reach: float
    mean_distance: float | None


@dataclass(frozen=True, eq=False)
class Flip:
    """A scale at which the choice changes: what it is just below and just above."""

    factor: float
    below: Choice
    above: Choice


def at_scale(system: System, factor: float, exponents: Sequence[float] | None = None) -> System:
    r"""Return the same system with more compute for its parts.

    .. math:: c_i \to \kappa^{\gamma_i} c_i

    Parameters
    ----------
    system : System
    factor : float
        :math:`\kappa`, above 0.
    exponents : sequence of float, optional
        :math:`\gamma`, one a part: how it takes part in scaling. 1 for all by default.

    Raises
    ------
    ScaleError
        A factor of 0 or less, or not one exponent a part.

    Examples
    --------
    >>> from dissensus.system import Part, System, World
    >>> h = System([Part("one", [1, 0], compute=2)], World.of(["a", "b"]), "plurality")
    >>> at_scale(h, 10).parts[0].compute
    20.0
    """
    if not (np.isfinite(factor) and factor > 0):
        raise ScaleError(f"a factor of {factor:g}", "a number above 0", "write 1 for no change")
    powers = [1.0] * len(system.parts) if exponents is None else list(exponents)
    if len(powers) != len(system.parts):
        raise ScaleError(
            f"{len(powers)} exponents for {len(system.parts)} parts",
            "one exponent a part",
            "write 1 for a part that scales with the factor, 0 for one that stays",
        )
    parts = tuple(
        replace(part, compute=part.compute * factor**power)
        for part, power in zip(system.parts, powers, strict=True)
    )
    return replace(system, parts=parts)


def scale_profile(
    system: System,
    factors: Sequence[float] = FACTORS,
    observation: str | int | None = None,
    *,
    exponents: Sequence[float] | None = None,
    seed: int = 0,
) -> ScaleProfile:
    """What the system does as the compute of its parts grows.

    Examples
    --------
    Three different actions by scale alone:

    >>> from dissensus.system import Part, System, World
    >>> parts = [Part("easy", [1, 0, 0.55], hardness=1), Part("hard", [0, 1.2, 0.6], hardness=9)]
    >>> h = System(parts, World.of(["a0", "a1", "a2"]), "utilitarian", comparability="unit")
    >>> [choice.winner_names[0] for choice in scale_profile(h).choices]
    ['a0', 'a0', 'a0', 'a2', 'a1']
    """
    choices = tuple(
        at_scale(system, factor, exponents).choice(observation, seed=seed) for factor in factors
    )
    reached = frozenset[int]().union(*(choice.winners for choice in choices))
    dists = [choice.dist for choice in choices if choice.dist is not None]
    mean = None
    if len(dists) == len(choices) and len(dists) > 1:
        table = np.array(dists)
        apart = np.abs(table[:, None] - table[None]).sum(axis=2) / 2
        mean = float(apart.sum() / (len(dists) * (len(dists) - 1)))
    return ScaleProfile(tuple(factors), choices, len(reached) / len(system.actions), mean)


def flips(
    system: System,
    low: float = 1.0,
    high: float = 1000.0,
    observation: str | int | None = None,
    *,
    steps: int = 200,
    exponents: Sequence[float] | None = None,
    seed: int = 0,
) -> tuple[Flip, ...]:
    """Scales between two factors at which the choice changes.

    A grid of ``steps`` factors, even in their logarithms; each change between two of them is then
    found by bisection. A choice that comes and goes between two neighbours is missed.

    Examples
    --------
    >>> from dissensus.system import Part, System, World
    >>> parts = [Part("easy", [1, 0], hardness=1), Part("hard", [0, 1.2], hardness=9)]
    >>> h = System(parts, World.of(["a0", "a1"]), "utilitarian", comparability="unit")
    >>> [round(flip.factor, 6) for flip in flips(h)]
    [39.0]
    """

    def choice(power: float) -> Choice:
        return at_scale(system, float(np.exp(power)), exponents).choice(observation, seed=seed)

    if not 0 < low < high:
        raise ScaleError(
            f"factors from {low:g} to {high:g}",
            "two factors above 0, the smaller first",
            "swap them",
        )
    powers = np.linspace(np.log(low), np.log(high), steps)
    found: list[Flip] = []
    here, before = float(powers[0]), choice(float(powers[0]))
    for right in powers[1:].tolist():
        after = choice(right)
        while not _alike(before, after) and here < right:
            start, end = here, right
            while end - start > 1e-12 * max(1.0, abs(end)):
                middle = (start + end) / 2
                start, end = (middle, end) if _alike(choice(middle), before) else (start, middle)
            # a step aside, over the tie that stands at the very place
            here = min(end + ASIDE, right)
            above = choice(here)
            if not _alike(before, above):
                found.append(Flip(float(np.exp(end)), before, above))
            before = above
        here, before = right, after
    return tuple(found)


def _alike(a: Choice, b: Choice) -> bool:
    return (a.status, a.winners) == (b.status, b.winners)
