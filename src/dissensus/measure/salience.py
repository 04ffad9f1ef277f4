"""Salience: conflict weighed by how much the two agents care about their goals."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import numpy as np
import numpy.typing as npt

from dissensus.errors import DissensusError, nearest
from dissensus.measure.friction import as_conflict, friction
from dissensus.measure.misalignment import Sampling
from dissensus.model.conflict import Conflict, Matrix
from dissensus.model.keys import Codes
from dissensus.model.salience import SalienceMean

__all__ = [
    "SalienceError",
    "average",
    "averaged",
    "checked_salience",
    "intensity",
    "met_with_salience",
    "root_masses",
]

Floats = npt.NDArray[np.float64]

# rows whose roots are taken at a time: they stay in the cache
_CHUNK = 16_384
# numbers in a table of saliences and goals
_TABLE = 4_000_000
# distinct saliences of which all pairs are averaged one by one
_DISTINCT = 30_000


class SalienceError(DissensusError, ValueError):
    """Saliences outside [0, 1], or more of them than a mean can take."""


def average(first: npt.ArrayLike, second: npt.ArrayLike, mean: SalienceMean) -> Floats:
    r"""Average of the saliences of two agents.

    .. math::

        \sqrt{s t}, \quad \frac{s + t}{2}, \quad \frac{2 s t}{s + t}, \quad \min(s, t), \quad
        \max(s, t), \quad 1

    for ``geometric``, ``arithmetic``, ``harmonic``, ``min``, ``max``, ``none``.

    Returns
    -------
    numpy.ndarray
        0 if neither cares, 1 if both care fully; if one does not care at all, ``geometric``,
        ``harmonic`` and ``min`` are 0.

    Raises
    ------
    SalienceError
        No such mean.

    Examples
    --------
    >>> [average(0.25, 1.0, mean).item() for mean in ("geometric", "arithmetic", "harmonic")]
    [0.5, 0.625, 0.4]
    """
    s, t = np.broadcast_arrays(np.asarray(first, np.float64), np.asarray(second, np.float64))
    means: dict[str, Callable[[], Floats]] = {
        "geometric": lambda: np.sqrt(s * t),
        "arithmetic": lambda: (s + t) / 2,
        "harmonic": lambda: np.divide(2 * s * t, s + t, out=np.zeros(s.shape), where=s + t > 0),
        "min": lambda: np.minimum(s, t),
        "max": lambda: np.maximum(s, t),
        "none": lambda: np.ones(s.shape),
    }
    if mean not in means:
        raise SalienceError(
            f"salience_mean={mean!r}",
            f"one of {', '.join(get_args(SalienceMean))}",
            nearest(str(mean), means),
        )
    return means[mean]()


def checked_salience(salience: npt.ArrayLike) -> Floats:
    """Saliences as numbers in [0, 1].

    Raises
    ------
    SalienceError
        A salience outside [0, 1], or none at all.
    """
    values = np.asarray(salience, dtype=np.float64)
    inside = (values >= 0) & (values <= 1)
    if not inside.all():
        row = int(np.argmin(inside))
        raise SalienceError(
            f"a salience of {values.flat[row]:g} in row {row}",
            "numbers in [0, 1]: 0 does not care, 1 cares fully",
            "divide by the largest value possible; leave out rows without a salience",
        )
    return values


def averaged(levels: Floats, masses: Floats, mean: SalienceMean) -> Floats:
    r"""Mass at all levels of salience, each weighed by its average with every level.

    .. math:: (A y)_l = \sum_m \operatorname{avg}(s_l, s_m) \, y_m

    ============ =============== ============ ====================================================
    symbol       shape           range        meaning
    ============ =============== ============ ====================================================
    :math:`s`    ``(L,)``        [0, 1]       ``levels``, ascending
    :math:`y`    ``(..., L, k)`` >= 0         ``masses`` at each level, for each of k goals
    ============ =============== ============ ====================================================

    ``min`` and ``max`` are running sums, ``harmonic`` every level with every other,
    :math:`O(L^2)`; nothing is subtracted.

    Returns
    -------
    numpy.ndarray
        The shape of ``masses``.

    Raises
    ------
    SalienceError
        No such mean; more than 30,000 levels under ``harmonic``.

    Examples
    --------
    >>> averaged(np.array([0.5, 1.0]), np.array([[2.0], [4.0]]), "min").tolist()
    [[3.0], [5.0]]
    """
    s = levels[:, None]
    salient = s * masses
    out: Floats = np.empty(masses.shape)
    match mean:
        case "min":
            out = np.cumsum(salient, axis=-2) + s * _after(masses)
        case "max":
            out = s * np.cumsum(masses, axis=-2) + _after(salient)
        case "arithmetic":
            total = masses.sum(axis=-2, keepdims=True)
            out[:] = (s * total + salient.sum(axis=-2, keepdims=True)) / 2
        case "geometric":
            root = np.sqrt(s)
            out[:] = root * (root * masses).sum(axis=-2, keepdims=True)
        case _:
            _check_distinct(len(levels), mean)
            step = max(2_000_000 // max(len(levels), 1), 1)
            for start in range(0, len(levels), step):
                some = slice(start, start + step)
                out[..., some, :] = average(levels[some, None], levels, mean) @ masses
    return out


def _after(values: Floats) -> Floats:
    """Sum of all that stands after each place along the last axis but one."""
    out = np.zeros_like(values)
    out[..., :-1, :] = np.cumsum(values[..., :0:-1, :], axis=-2)[..., ::-1, :]
    return out


def _check_distinct(levels: int, mean: str) -> None:
    if levels > _DISTINCT:
        raise SalienceError(
            f"{levels:,} distinct saliences under salience_mean={mean!r}",
            f"at most {_DISTINCT:,}: each is averaged with each",
            "round the saliences, for example to three digits, or use another mean",
        )


def root_masses(goal: Codes, salience: Floats, goals: int, weights: Floats | None = None) -> Floats:
    r"""Sum of the roots of the saliences of each goal, :math:`v_g = \sum_{a: g} a_i \sqrt{s_i}`.

    ``goal`` is -1 for agents without one.

    Examples
    --------
    >>> root_masses(np.array([0, 1, 0, -1]), np.array([0.25, 1.0, 1.0, 1.0]), 2).tolist()
    [1.5, 1.0]
    """
    # chunk by chunk, so that memory is met once; place 0 gathers those without a goal
    sums = np.zeros(goals)
    for start in range(0, len(goal), _CHUNK):
        some = slice(start, start + _CHUNK)
        roots = np.sqrt(salience[some])
        if weights is not None:
            roots *= weights[some]
        places = goal[some]
        if places.min() < 0:
            sums += np.bincount(places + 1, roots, minlength=goals + 1)[1:]
        else:
            sums += np.bincount(places, roots, minlength=goals)
    return sums


def met_with_salience(
    goal: Codes,
    salience: Floats,
    conflict: Conflict | npt.ArrayLike,
    goals: int,
    mean: SalienceMean,
    weights: Floats | None = None,
) -> float:
    r"""Mass of conflicting ordered pairs of agents, each weighed by the average of two saliences.

    .. math:: \sum_{i \ne j} a_i a_j C_{g_i g_j} \operatorname{avg}(s_i, s_j)

    No array of pairs of agents is ever made. ``geometric``: :math:`v^\top C v` with v the sums of
    the roots; ``arithmetic``: :math:`u^\top C c` with u the sums of the saliences and c the counts;
    ``min`` and ``max``: in the order of salience, each against the sums of those before it,
    :math:`O(n \log n + n k)`, agents who care alike together; ``harmonic``: all pairs of distinct
    saliences.

    Raises
    ------
    SalienceError
        No such mean; ``harmonic`` of more than 30,000 distinct saliences.
    """
    average(0.0, 0.0, mean)
    form = as_conflict(conflict)
    if isinstance(form, Matrix):
        # the averages treat both agents alike, and so both ways of a lopsided table
        form = Matrix((form.values + form.values.T) / 2)
    if mean == "geometric":
        v = root_masses(goal, salience, goals, weights)
        return float(v @ friction(v, form))
    held = goal >= 0
    if not held.all():
        goal, salience = goal[held], salience[held]
        weights = None if weights is None else weights[held]
    mass = np.ones(len(goal)) if weights is None else weights
    if mean in ("arithmetic", "none"):
        c = np.bincount(goal, mass, minlength=goals)
        u = c if mean == "none" else np.bincount(goal, mass * salience, minlength=goals)
        return float(u @ friction(c, form))
    levels, level = np.unique(salience, return_inverse=True)
    if mean != "harmonic" and len(levels) * goals > _TABLE:
        return _swept(goal, salience, mass, form, goals, mean)
    table = np.bincount(level * goals + goal, mass, minlength=len(levels) * goals)
    masses = table.reshape(len(levels), goals).astype(np.float64)
    return float((masses * friction(averaged(levels, masses, mean), form)).sum())


def intensity(
    goal: npt.ArrayLike,
    salience: npt.ArrayLike,
    conflict: Conflict | npt.ArrayLike,
    *,
    goals: int | None = None,
    salience_mean: SalienceMean = "geometric",
    sampling: Sampling = "with-replacement",
    weights: npt.ArrayLike | None = None,
) -> float:
    r"""Expected intensity of conflict between two agents drawn at random.

    .. math:: D'(a, b) = C_{g_a g_b} \operatorname{avg}(s_a, s_b)

    ============ ========= ============ ==========================================================
    symbol       shape     range        meaning
    ============ ========= ============ ==========================================================
    :math:`g`    ``(n,)``  -1 .. k - 1  ``goal`` of each agent; -1 holds none
    :math:`s`    ``(n,)``  [0, 1]       ``salience``: how much each agent cares about its goal
    :math:`C`    ``(k,k)`` [0, 1]       ``conflict``: zero diagonal
    :math:`a`    ``(n,)``  >= 0         ``weights``; everyone counts once unless given
    ============ ========= ============ ==========================================================

    Parameters
    ----------
    goals : int, optional
        Number k of goals; the largest that is held, plus one, unless given.
    salience_mean : {'geometric', 'arithmetic', 'harmonic', 'min', 'max', 'none'}
        Average of the two saliences.
    sampling : {'with-replacement', 'distinct-pairs'}
        Whether an agent may meet itself.

    Returns
    -------
    float
        0 if no two agents conflict, or none of those who do cares; at most the misalignment, which
        it is if everyone cares fully. It is an intensity, not a probability: .1 may be a tenth of
        the pairs in full conflict, or all pairs in conflict that hardly matters to them. NaN where
        nobody holds a goal or no pair can be drawn.

    Raises
    ------
    SalienceError, ConflictError
        A salience or a degree of conflict outside [0, 1]; no such mean.

    References
    ----------
    [kierans2024]_, for the geometric mean.

    Examples
    --------
    A driver cares .5, a pedestrian .98; their goals conflict fully, and so does half of all pairs.

    >>> round(intensity([0, 1], [0.5, 0.98], [[0, 1], [1, 0]]), 4)
    0.35
    """
    places = np.asarray(goal, dtype=np.int64)
    cares = np.where(places >= 0, np.asarray(salience, dtype=np.float64), 0.0)
    cares = checked_salience(cares)
    mass = None if weights is None else np.asarray(weights, dtype=np.float64)
    k = int(places.max(initial=-1)) + 1 if goals is None else goals
    if not (places >= 0).any():
        return float("nan")
    met = met_with_salience(places, cares, conflict, k, salience_mean, mass)
    each = np.ones(1) if mass is None else mass
    total = float(len(places)) if mass is None else float(mass.sum())
    drawn = total**2
    if sampling == "distinct-pairs":
        own = total if mass is None else float(each @ each)
        drawn = 0.0 if drawn - own <= 8 * np.finfo(np.float64).eps * drawn else drawn - own
    return met / drawn if drawn > 0 else float("nan")


def _swept(
    goal: Codes, salience: Floats, mass: Floats, form: Conflict, goals: int, mean: str
) -> float:
    """Agents in the order of salience, each against those before it: the other is min or max."""
    order = np.argsort(salience, kind="stable")
    table = friction(np.eye(goals), form)
    carried = np.zeros(goals)
    total = 0.0
    for start in range(0, len(order), _CHUNK):
        some = order[start : start + _CHUNK]
        places, weight = goal[some], mass[some]
        salient = weight * salience[some]
        earlier, later = (salient, weight) if mean == "min" else (weight, salient)
        for h in np.flatnonzero((carried > 0) | (np.bincount(places, minlength=goals) > 0)):
            # an agent of goal h itself is among those before it: it does not conflict with h
            before = np.cumsum(np.where(places == h, earlier, 0.0)) + carried[h]
            total += float((later * table[h][places] * before).sum())
            carried[h] = before[-1]
    return 2 * total
