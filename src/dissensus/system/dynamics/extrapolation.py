"""Extrapolation in small steps: more knowledge, faster thought, wished-for selves, growing up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import numpy.typing as npt
from scipy.special import rel_entr, softmax, xlogy

from dissensus.errors import DissensusError
from dissensus.system.conventions import range_normalised
from dissensus.system.scale import reliability

__all__ = [
    "STEPS",
    "Ends",
    "Extrapolation",
    "ExtrapolationError",
    "Person",
    "endorsement_of",
    "extrapolate",
    "starts_around",
]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

STEPS = ("knew more", "thought faster", "wished to be", "grown together")
"""The steps of an extrapolation, in the order in which they are named in the source."""

SAME = 1e-3  # end points that are closer in every coordinate are one
STILL = 1e-10  # a pass that moves nothing by more has come to rest


class ExtrapolationError(DissensusError, ValueError):
    """An extrapolation without steps, starts or a weight to begin with."""


@dataclass(frozen=True, eq=False)
class Person:
    """What is extrapolated, and how strongly each step pulls.

    Attributes
    ----------
    utilities : (n, k) array
        What the parts want, in units in which they can be mixed.
    compute, hardness : (n,) array
        For *thought faster*: each pass multiplies compute by ``faster``.
    faster : float
        At least 1; 1 leaves the step out.
    learned : (n, k) array, optional
        What they would want if they knew more; None leaves the step out.
    endorsement : (n, n) array, optional
        M: how much holding part j's preferences (column) endorses weight on part i (row). None:
        each endorses the others by what their favourite action gives it, see `endorsement_of`.
    sharpness : float
        β, at least 0: weights become softmax(β M x); 0 leaves the step out.
    influence : (n, n) array, optional
        W, rows that sum to 1: how much each takes over of what it hears the others want; None
        leaves the step out.
    """

    utilities: Floats
    compute: Floats
    hardness: Floats
    faster: float = 1.0
    learned: Floats | None = None
    endorsement: Floats | None = None
    sharpness: float = 0.0
    influence: Floats | None = None

    @property
    def steps(self) -> tuple[str, ...]:
        """Steps that do something."""
        on = (
            self.learned is not None,
            self.faster > 1 and bool((self.hardness > 0).any()),
            self.sharpness > 0,
            self.influence is not None,
        )
        return tuple(step for step, used in zip(STEPS, on, strict=True) if used)


@dataclass(frozen=True, eq=False)
class Ends:
    """Distinct end points, the most frequent first.

    Attributes
    ----------
    weights : (r, n) array
    utilities : (r, n, k) array
        As the parts perceive them in the end.
    shares : (r,) array
        Of the runs that came to rest.
    of_run : (runs,) array
        Which end point each run reached; -1 if it did not come to rest.
    """

    weights: Floats
    utilities: Floats
    shares: Floats
    of_run: Codes


@dataclass(frozen=True, eq=False)
class Extrapolation:
    """What many runs of an extrapolation end at.

    Attributes
    ----------
    ends : Ends
    orders : tuple of tuple of str
        Orders of the steps that were run; each with all the starts.
    converged : float
        Share of the runs that came to rest.
    spread : float or None
        Entropy of the end points, in nats; None if no run came to rest.
    distance, divergence : float or None
        Mean total variation, and KL divergence in nats, of the weights in the end from those at
        the start.
    order_gap : float or None
        Largest difference of a weight, or of what a part wants, between two orders of the steps
        from the same start; None with one order, or if they do not come to rest.
    """

    ends: Ends
    orders: tuple[tuple[str, ...], ...]
    converged: float
    spread: float | None
    distance: float | None
    divergence: float | None
    order_gap: float | None


def endorsement_of(utilities: npt.ArrayLike) -> Floats:
    r"""How much each part endorses a say of each other: what it gets where the other decides.

    .. math:: M_{ij} = s_j(\arg\max u_i)

    how much holder j (column) endorses a say of i (row), with :math:`s_j` on part j's own range, 0
    its worst and 1 its best; the mean where part i has several favourites. Every part endorses
    itself fully. The definition is ours.

    Examples
    --------
    The first gets 0.5 where the second decides, the second nothing where the first does:

    >>> endorsement_of([[1, 0, 0.5], [0, 0.5, 1]]).tolist()
    [[1.0, 0.0], [0.5, 1.0]]
    """
    s = range_normalised(utilities)
    tops = s >= s.max(axis=1, keepdims=True) - 1e-9
    M: Floats = (tops / tops.sum(axis=1, keepdims=True)) @ s.T
    return M


def starts_around(weights: npt.ArrayLike, runs: int, noise: float, seed: int = 0) -> Floats:
    """Weights today, and runs that start near them: each weight moved by up to ``noise``.

    Examples
    --------
    >>> starts_around([0.5, 0.5], runs=3, noise=0.05).round(2).shape
    (3, 2)
    """
    w = np.asarray(weights, dtype=np.float64)
    if runs < 1 or not noise >= 0 or not (w > 0).all():
        raise ExtrapolationError(
            f"{runs} runs with noise {noise:g} from weights {w.tolist()}",
            "at least one run, noise of at least 0, weights above 0",
            "correct it",
        )
    random = np.random.default_rng(seed)
    moved = np.maximum(w / w.sum() + random.uniform(-noise, noise, (runs, len(w))), 1e-6)
    return np.asarray(moved / moved.sum(axis=1, keepdims=True))


def extrapolate(
    person: Person,
    starts: npt.ArrayLike,
    *,
    orders: Sequence[Sequence[str]] | None = None,
    sizes: Sequence[float] = (1.0,),
    passes: int = 500,
) -> Extrapolation:
    r"""Run the steps over and over until nothing moves, from every start and in every order.

    .. math:: \begin{aligned}
        \text{knew more: } & u \leftarrow u + s\,(1 - e)(u^+ - u_0), \quad
            e \leftarrow e + s\,(1 - e) \\
        \text{thought faster: } & c \leftarrow \kappa^s c \\
        \text{wished to be: } & x \leftarrow (1 - s)\,x + s \operatorname{softmax}(\beta M x) \\
        \text{grown together: } & u \leftarrow (1 - s)\,u + s\,W \hat u
        \end{aligned}

    ============== ============ ================================================================
    symbol         shape        meaning
    ============== ============ ================================================================
    :math:`x`      ``(n,)``     weights of the parts; each row of ``starts`` begins a run
    :math:`u`      ``(n, k)``   utilities; :math:`\hat u` as perceived with compute :math:`c`
    :math:`s`      (0, 1]       size of a step; every one of ``sizes`` is run
    :math:`e`                   how much is known, from 0
    ============== ============ ================================================================

    Parameters
    ----------
    person : Person
    starts : (runs, n) array
        Weights to begin with, as shares.
    orders : sequence, optional
        Orders of the steps; by default all orders of those that do something.
    sizes : sequence of float
    passes : int
        Passes through all steps after which a run that still moves has not come to rest.

    Returns
    -------
    Extrapolation
        A run that goes round in a cycle has no end point, and counts against ``converged``.

    Raises
    ------
    ExtrapolationError
        No steps, no starts, a matrix whose rows do not sum to 1.

    References
    ----------
    [yudkowsky2004]_ in words; every formula is ours.

    Examples
    --------
    Two preferences, each of which endorses only itself, at a sharpness at which the stronger wins:

    >>> two = Person(np.eye(2), np.ones(2), np.zeros(2), endorsement=np.eye(2), sharpness=4.0)
    >>> found = extrapolate(two, [[0.8, 0.2]])
    >>> found.ends.weights.round(6).tolist(), round(found.distance, 6)
    ([[0.978752, 0.021248]], 0.178752)
    """
    x0 = np.atleast_2d(np.asarray(starts, dtype=np.float64))
    _check(person, x0, sizes)
    tried = tuple(tuple(o) for o in (permutations(person.steps) if orders is None else orders))
    weights, wants, rested = [], [], []
    for order in tried:
        for size in sizes:
            x, u, still = _run(person, x0, order, float(size), passes)
            weights.append(x)
            wants.append(u)
            rested.append(still)
    groups, runs = len(weights), len(x0)
    x, u, still = np.concatenate(weights), np.array(wants), np.concatenate(rested)
    ends = _clustered(x, u, still, runs)
    converged = float(still.mean())
    if not still.any():
        return Extrapolation(ends, tried, converged, None, None, None, None)
    before = np.tile(x0, (groups, 1))[still]
    shift = np.abs(x[still] - before).sum(axis=1) / 2
    apart = rel_entr(x[still], before).sum(axis=1)
    return Extrapolation(
        ends=ends,
        orders=tried,
        converged=converged,
        spread=abs(float(-xlogy(ends.shares, ends.shares).sum())),
        distance=float(shift.mean()),
        divergence=float(apart.mean()),
        order_gap=_order_gap(weights, wants, rested, len(sizes)),
    )


def _run(
    person: Person, x0: Floats, order: Sequence[str], size: float, passes: int
) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Weights (runs, n), perceived utilities (n, k), and which runs came to rest."""
    x, u, c, known = x0, person.utilities, person.compute, 0.0
    still = np.zeros(len(x0), dtype=bool)
    for _ in range(passes):
        was, wanted, blur = x, u, reliability(c, person.hardness)
        for step in order:
            if step == "knew more" and person.learned is not None:
                u = u + size * (1 - known) * (person.learned - person.utilities)
                known += size * (1 - known)
            elif step == "thought faster":
                c = c * person.faster**size
            elif step == "wished to be":
                seen = _perceived(u, c, person.hardness)
                M = endorsement_of(seen) if person.endorsement is None else person.endorsement
                x = (1 - size) * x + size * softmax(person.sharpness * (x @ M.T), axis=1)
            elif step == "grown together" and person.influence is not None:
                u = (1 - size) * u + size * person.influence @ _perceived(u, c, person.hardness)
        moved = max(
            float(np.abs(u - wanted).max()),
            float(np.abs(reliability(c, person.hardness) - blur).max()),
        )
        still = (np.abs(x - was).max(axis=1) < STILL) & (moved < STILL)
        if still.all():
            break
    return x, _perceived(u, c, person.hardness), still


def _perceived(u: Floats, c: Floats, h: Floats) -> Floats:
    mean = u.mean(axis=1, keepdims=True)
    return np.asarray(mean + reliability(c, h)[:, None] * (u - mean))


def _clustered(x: Floats, u: Floats, still: npt.NDArray[np.bool_], runs: int) -> Ends:
    """Distinct end points: each run goes to the first that is near enough."""
    of_run = np.full(len(x), -1)
    group = np.arange(len(x)) // runs
    centres: list[int] = []
    left = still.copy()
    while left.any():
        first = int(np.flatnonzero(left)[0])
        alike = np.abs(u - u[group[first]]).max(axis=(1, 2)) < SAME
        near = left & alike[group] & (np.abs(x - x[first]).max(axis=1) < SAME)
        of_run[near] = len(centres)
        centres.append(first)
        left &= ~near
    sizes = np.bincount(of_run[still], minlength=len(centres)).astype(float)
    order = np.argsort(-sizes, kind="stable")
    place = np.full(len(centres) + 1, -1)
    place[order] = np.arange(len(centres))
    total = sizes.sum() if len(sizes) else 1.0
    chosen = np.array(centres, dtype=np.int64)[order]
    return Ends(x[chosen], u[group[chosen]], sizes[order] / max(total, 1.0), place[of_run])


def _order_gap(
    weights: Sequence[Floats],
    wants: Sequence[Floats],
    rested: Sequence[npt.NDArray[np.bool_]],
    sizes: int,
) -> float | None:
    """Largest difference between two orders, from the same start and with the same size."""
    if len(weights) == sizes:
        return None
    gap = None
    for size in range(sizes):
        x = np.array(weights[size::sizes])
        u = np.array(wants[size::sizes])
        both = np.array(rested[size::sizes]).all(axis=0)
        if both.any():
            here = max(float(np.ptp(x[:, both], axis=0).max()), float(np.ptp(u, axis=0).max()))
            gap = here if gap is None else max(gap, here)
    return gap


def _check(person: Person, x0: Floats, sizes: Sequence[float]) -> None:
    if not person.steps:
        raise ExtrapolationError(
            "an extrapolation in which no step does anything",
            "more knowledge, hardness and faster thought, a sharpness above 0, or an influence",
            "write sharpness = 4, say",
        )
    if not len(x0) or x0.shape[1] != len(person.utilities) or not len(sizes):
        raise ExtrapolationError(
            f"starts of shape {x0.shape} for {len(person.utilities)} parts, {len(sizes)} sizes",
            "at least one start with a weight a part, and one size of step",
            "correct it",
        )
    W = person.influence
    if W is not None and ((W < 0).any() or (np.abs(W.sum(axis=1) - 1) > 1e-9).any()):
        worst = int(np.abs(W.sum(axis=1) - 1).argmax())
        raise ExtrapolationError(
            f"influence: row {worst + 1} sums to {W[worst].sum():.10g}",
            "rows of at least 0 that sum to 1",
            "correct the row",
        )
