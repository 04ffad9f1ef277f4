"""Intervals by test inversion: all values under which what was seen is not too unlikely."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import stats
from scipy.stats import qmc

from dissensus.measure.misalignment import misalignment_of_shares
from dissensus.measure.normalised import attainable_maximum
from dissensus.measure.pairing.rules import conflict_table
from dissensus.measure.uncertainty.variance import (
    UncertaintyError,
    unbiased_misalignment,
    variance_of_misalignment,
)
from dissensus.model.conflict import Conflict, Exclusive, Matrix, conflict_matrix

__all__ = ["Interval", "exceedance_probability", "interval", "shares_with"]

Floats = npt.NDArray[np.float64]

# agents that every goal has at least before any is seen
_SMOOTH = 0.5
# steps of the path of shares, up and down, and their length
_STEPS, _LENGTH = 48, 1.5
# expected holders of every goal from which counts are drawn as normal
_NORMAL = 30
_DRAWS = (600, 4000)
_ROUNDS = 5
# width, in standard errors, to which the ends of an interval are found
_CLOSE = 0.08
# samples that are drawn at a time
_BLOCK = 400_000


@dataclass(frozen=True, eq=False)
class Interval:
    """Interval of each value, (m,); NaN where it cannot be given."""

    low: Floats
    high: Floats


@dataclass(frozen=True, eq=False)
class _Path:
    """Shares along which misalignment rises: nodes of log p and its slope, (m, 2 s + 1, k)."""

    logs: Floats
    slopes: Floats
    table: Floats

    def at(self, time: Floats) -> Floats:
        """Shares at a time of each path, (m, k), by cubic pieces through the nodes."""
        last = self.logs.shape[1] - 1
        place = np.clip(time / _LENGTH + last / 2, 0, last)
        left = np.minimum(place.astype(np.int64), last - 1)
        t = (place - left)[:, None]
        rows = np.arange(len(time))
        a, b = self.logs[rows, left], self.logs[rows, left + 1]
        da, db = self.slopes[rows, left] * _LENGTH, self.slopes[rows, left + 1] * _LENGTH
        log = (
            (1 + 2 * t) * (1 - t) ** 2 * a
            + t * (1 - t) ** 2 * da
            + t**2 * (3 - 2 * t) * b
            + t**2 * (t - 1) * db
        )
        shares = np.exp(log - log.max(axis=1, keepdims=True))
        scaled: Floats = shares / shares.sum(axis=1, keepdims=True)
        return scaled


def interval(
    counts: npt.ArrayLike,
    conflict: Conflict | npt.ArrayLike,
    level: float = 0.95,
    *,
    value: npt.ArrayLike | None = None,
    seed: int = 0,
    draws: int | None = None,
) -> Interval:
    r"""Interval of the misalignment of the population that agents were drawn from.

    .. math::

        \bigl\{\theta_0 : P_{\theta_0}(U \ge u) > \tfrac{\alpha}{2} \text{ and }
        P_{\theta_0}(U \le u) > \tfrac{\alpha}{2}\bigr\}

    ================= ============ ========= ====================================================
    symbol            shape        range     meaning
    ================= ============ ========= ====================================================
    :math:`u`         ``(m,)``     [0, 1]    the value U of ``counts``, (m, k)
    :math:`1-\alpha`               (0, 1)    ``level``
    :math:`\theta_0`  ``(m,)``     [0, 1]    a value that is tried
    ================= ============ ========= ====================================================

    Each value is tried with the shares nearest to those seen that have it: the smoothed shares
    flow along :math:`\dot p_g = p_g [(C p)_g - \theta]`, the steepest way up or down, on which
    misalignment never turns back. Samples of n agents are drawn from these shares; no normal
    form is assumed, since none holds near the maximum.

    Parameters
    ----------
    counts : (m, k) array
        Agents per goal, one population a row; agents without a goal are a column that conflicts
        with none. May be fractions: an effective number of agents.
    conflict : Conflict or (k, k) array
    level : float
        Confidence: how often such an interval holds the population's value.
    value : (m,) array, optional
        The unbiased value that was seen, where it is not the U of ``counts``.
    seed, draws : int
        Seed, and samples drawn for each value that is tried: 800 to 4,000 unless given, the
        fewer the more populations there are.

    Returns
    -------
    Interval
        Within [0, the attainable maximum]. NaN for fewer than two agents or goals.

    Raises
    ------
    UncertaintyError
        A level outside (0, 1).

    References
    ----------
    [neyman1937]_; the flow is the replicator equation, [shahshahani1979]_.

    Examples
    --------
    >>> found = interval([[50, 50]], [[0, 1], [1, 0]])
    >>> bool(0.48 < found.low[0] < 0.495), found.high[0].item()
    (True, 0.5)
    """
    if not 0 < level < 1:
        raise UncertaintyError(f"level {level:g}", "a number between 0 and 1", "write .95 for 95 %")
    values = np.atleast_2d(np.asarray(counts, dtype=np.float64))
    low, high = np.full(len(values), np.nan), np.full(len(values), np.nan)
    table = _table(conflict, values.shape[1])
    n = values.sum(axis=1)
    defined = np.flatnonzero((n >= 2) & (table > 0).any())
    if not len(defined):
        return Interval(low, high)
    # populations with equal counts have equal intervals
    given = unbiased_misalignment(values[defined], Matrix(table))
    if value is not None:
        given = np.atleast_1d(np.asarray(value, dtype=np.float64))[defined]
    keys, back = np.unique(np.c_[values[defined], given], axis=0, return_inverse=True)
    back = back.reshape(-1)
    known, seen = keys[:, :-1], keys[:, -1]
    path, top = _path(known, table), attainable_maximum(Matrix(table), len(table))
    ends = np.full(len(known), _STEPS * _LENGTH)
    tail = (1 - level) / 2
    if draws is None:
        draws = int(np.clip(400_000 // len(known), *_DRAWS))
    finder = _Finder(path, known.sum(axis=1), seen, table, draws, seed)
    bottom = _edge(finder, -ends, ends, tail, above=True)
    ceiling = _edge(finder, -ends, ends, tail, above=False)
    lower, upper = finder.value(bottom), finder.value(ceiling)
    lower = np.where(finder.tail(-ends, above=True) > tail, 0.0, lower)
    summit = finder.value(ends)
    if top is not None:
        summit = np.where(top - summit < 0.02 * top, top, summit)
        upper = np.minimum(upper, top)
    upper = np.where(finder.tail(ends, above=False) > tail, summit, upper)
    low[defined], high[defined] = np.minimum(lower, upper)[back], np.maximum(lower, upper)[back]
    return Interval(low, high)


def exceedance_probability(
    counts: npt.ArrayLike,
    conflict: Conflict | npt.ArrayLike,
    threshold: float,
    *,
    value: npt.ArrayLike | None = None,
    seed: int = 0,
    draws: int | None = None,
) -> Floats:
    r"""Confidence that the misalignment of the population lies above a threshold.

    .. math:: P_{\theta_0 = t}(U < u) + \tfrac{1}{2} P_{\theta_0 = t}(U = u)

    the part of one-sided intervals that lie above t; ``counts``, ``conflict``, ``value``, ``seed``
    and ``draws`` as in :func:`interval`.

    Returns
    -------
    numpy.ndarray
        Shape ``(m,)``: near 0 if values above the threshold are refuted, near 1 if those below it
        are; .5 at about the value that was seen. NaN for fewer than two agents.

    Examples
    --------
    >>> far = exceedance_probability([[60, 40], [97, 3]], [[0, 1], [1, 0]], 0.3)
    >>> (far > 0.9).tolist()
    [True, False]
    """
    values = np.atleast_2d(np.asarray(counts, dtype=np.float64))
    out = np.full(len(values), np.nan)
    table = _table(conflict, values.shape[1])
    n = values.sum(axis=1)
    defined = np.flatnonzero((n >= 2) & (table > 0).any())
    if not len(defined):
        return out
    seen = unbiased_misalignment(values[defined], Matrix(table))
    if value is not None:
        seen = np.atleast_1d(np.asarray(value, dtype=np.float64))[defined]
    path = _path(values[defined], table)
    if draws is None:
        draws = int(np.clip(4_000_000 // len(defined), *_DRAWS))
    finder = _Finder(path, n[defined], seen, table, draws, seed)
    time = _time_of(path, np.full(len(defined), threshold))
    below, above = finder.tail(time, above=False), finder.tail(time, above=True)
    share = (1 + below - above) / 2
    ends = np.full(len(defined), _STEPS * _LENGTH)
    share = np.where(finder.value(ends) < threshold - 1e-9, 0.0, share)
    out[defined] = np.where(finder.value(-ends) > threshold + 1e-9, 1.0, share)
    return out


def shares_with(
    counts: npt.ArrayLike, conflict: Conflict | npt.ArrayLike, misalignment: npt.ArrayLike
) -> Floats:
    """Shares nearest to those of ``counts`` (m, k) that have a given misalignment (m,)."""
    values = np.atleast_2d(np.asarray(counts, dtype=np.float64))
    path = _path(values, _table(conflict, values.shape[1]))
    wanted = np.broadcast_to(np.asarray(misalignment, dtype=np.float64), (len(values),))
    found: Floats = path.at(_time_of(path, wanted))
    return found


def _table(conflict: Conflict | npt.ArrayLike, goals: int) -> Floats:
    if isinstance(conflict, Exclusive):
        return 1.0 - np.eye(goals)
    table = conflict_table(conflict, goals)
    return conflict_matrix((table + table.T) / 2).values


def _path(counts: Floats, table: Floats) -> _Path:
    """Replicator flow through the smoothed shares, both ways, by Runge-Kutta."""
    n, k = counts.sum(axis=1, keepdims=True), counts.shape[1]
    start = np.log((counts + _SMOOTH) / (n + _SMOOTH * k))
    # at full symmetry nothing flows: a nudge far below the sampling error
    start = start + 1e-3 * np.cos(2.4 * np.arange(k)) / np.sqrt(n)

    def slope(log: Floats) -> Floats:
        shares = np.exp(log - log.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        met: Floats = shares @ table
        apart: Floats = met - (shares * met).sum(axis=1, keepdims=True)
        return apart

    logs, slopes = [start], [slope(start)]
    for sign in (1.0, -1.0):
        log, h = start, sign * _LENGTH
        for _ in range(_STEPS):
            a = slope(log)
            b = slope(log + h / 2 * a)
            c = slope(log + h / 2 * b)
            d = slope(log + h * c)
            log = log + h / 6 * (a + 2 * b + 2 * c + d)
            place = len(logs) if sign > 0 else 0
            logs.insert(place, log)
            slopes.insert(place, slope(log))
    return _Path(np.stack(logs, axis=1), np.stack(slopes, axis=1), table)


def _time_of(path: _Path, wanted: Floats) -> Floats:
    """Time at which each path has a value; an end of the path beyond it."""
    low: Floats = np.full(len(wanted), -_STEPS * _LENGTH)
    high: Floats = -low
    for _ in range(26):
        middle = (low + high) / 2
        below = np.asarray(misalignment_of_shares(path.at(middle), Matrix(path.table))) < wanted
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    found: Floats = (low + high) / 2
    return found


class _Finder:
    """Tails of U under the shares at a time of each path."""

    def __init__(
        self, path: _Path, agents: Floats, seen: Floats, table: Floats, draws: int, seed: int
    ) -> None:
        self.path, self.agents, self.seen, self.table = path, agents, seen, table
        self.draws, self.seed = draws, seed
        self.whole = np.maximum(np.rint(agents), 2).astype(np.int64)

    def of(self, rows: npt.NDArray[np.int64]) -> _Finder:
        """The same for some of the populations."""
        path = _Path(self.path.logs[rows], self.path.slopes[rows], self.table)
        return _Finder(path, self.agents[rows], self.seen[rows], self.table, self.draws, self.seed)

    def value(self, time: Floats) -> Floats:
        """Misalignment at a time of each path."""
        value: Floats = np.asarray(misalignment_of_shares(self.path.at(time), Matrix(self.table)))
        return value

    def tail(self, time: Floats, *, above: bool) -> Floats:
        """Chance to see as much as was seen or more (or less)."""
        shares = self.path.at(time)
        out = np.empty(len(time))
        k = shares.shape[1]
        normal = (self.whole[:, None] * shares).min(axis=1) >= _NORMAL
        step = max(_BLOCK // (max(self.draws, 1024) * k), 1)
        for way in (False, True):
            rows = np.flatnonzero(normal == way)
            for start in range(0, len(rows), step):
                some = rows[start : start + step]
                # the same seed for all that is tried, so that tails change with the shares only
                generator = np.random.default_rng(self.seed)
                value = self._drawn(generator, shares[some], some, normal=way)
                seen = self.seen[some, None]
                reached = value >= seen - 1e-9 if above else value <= seen + 1e-9
                # what was seen counts as one of the samples: the test is exact for any number
                out[some] = (reached.sum(axis=1) + 1) / (reached.shape[1] + 1)
        return out

    def _drawn(
        self,
        generator: np.random.Generator,
        shares: Floats,
        some: npt.NDArray[np.int64],
        *,
        normal: bool,
    ) -> Floats:
        n = self.whole[some]
        goals = shares.shape[1]
        if normal:
            counts = _normal_counts(n, shares, _even_noise(goals, self.seed))
        else:
            size = (len(some), self.draws)
            drawn = generator.multinomial(n[:, None], shares[:, None, :], size=size)
            counts = list(np.moveaxis(drawn, 2, 0).astype(np.float64))
        met = np.zeros(counts[0].shape)
        for g in range(goals):
            against = np.zeros(met.shape)
            for h in range(g):
                against += self.table[g, h] * counts[h]
            met += counts[g] * against
        value: Floats = met * (2 / (n * (n - 1.0)))[:, None]
        return value


def _normal_counts(n: npt.NDArray[np.int64], shares: Floats, noise: Floats) -> list[Floats]:
    """Counts of each goal as of a multinomial with many holders, each (m, draws)."""
    root = np.sqrt(shares)
    along = root @ noise.T
    counts: list[Floats] = []
    rest: Floats = np.repeat(n[:, None].astype(np.float64), len(noise), axis=1)
    for g in range(shares.shape[1] - 1):
        scale = np.sqrt(n) * root[:, g]
        drawn = scale[:, None] * (noise[:, g] - root[:, [g]] * along)
        drawn += (n * shares[:, g])[:, None]
        # whole agents: what can be seen is as coarse as it is in truth
        np.rint(drawn, out=drawn)
        rest -= drawn
        counts.append(drawn)
    return [*counts, rest]


@lru_cache(maxsize=8)
def _even_noise(goals: int, seed: int) -> Floats:
    """Normal draws that fill space evenly, so that few of them give a tail to three digits."""
    sobol = qmc.Sobol(goals, rng=np.random.default_rng(seed))
    drawn: Floats = stats.norm.ppf(np.clip(sobol.random_base2(10), 1e-12, 1 - 1e-12))
    return drawn


def _edge(finder: _Finder, low: Floats, high: Floats, tail: float, *, above: bool) -> Floats:
    """Time at which a tail is just as large as asked; the tail rises with time if ``above``."""
    spread, reach = _spread(finder), float(stats.norm.isf(tail))
    outward = -1.0 if above else 1.0
    size = len(spread)
    first, last = finder.value(low), finder.value(high)
    # probits of the tails at both ends, less the one that is asked for; rising with the value
    short, long = np.full(size, np.nan), np.full(size, np.nan)
    wanted = finder.seen + outward * reach * spread
    for push in (0.0, 0.0, 0.02, -0.02):
        time = _time_of(finder.path, wanted)
        value = finder.value(time)
        seen = np.minimum(finder.tail(time, above=above), 1 - 1e-4)
        score = -outward * (reach + stats.norm.ppf(seen))
        beyond = score > 0
        high, last, long = (
            np.where(beyond, new, old) for new, old in ((time, high), (value, last), (score, long))
        )
        low, first, short = (
            np.where(beyond, old, new) for new, old in ((time, low), (value, first), (score, short))
        )
        # along the chord, or, before there is one, as if the tail were that of a normal value;
        # at last a little beyond the end and then before it, so that both sides close in
        chord = np.divide(-short, long - short, out=np.full(size, np.nan), where=long > short)
        step = np.where(np.isnan(chord), value - 1.15 * score * spread - first, 0.0)
        step = np.where(np.isnan(chord), step, chord * (last - first))
        wanted = first + step + outward * push * spread
        margin = 0.03 * (last - first)
        wanted = np.clip(wanted, first + margin, last - margin)
    for _ in range(_ROUNDS):
        rows = np.flatnonzero(last - first > _CLOSE * spread)
        if not len(rows):
            break
        part = finder.of(rows)
        middle = (first[rows] + last[rows]) / 2
        time = _time_of(part.path, middle)
        beyond = -outward * (part.tail(time, above=above) - tail) > 0
        low[rows] = np.where(beyond, low[rows], time)
        high[rows] = np.where(beyond, time, high[rows])
        first[rows] = np.where(beyond, first[rows], middle)
        last[rows] = np.where(beyond, middle, last[rows])
    # the end that is kept is the one outside
    return low if above else high


def _spread(finder: _Finder) -> Floats:
    shares = finder.path.at(np.zeros(len(finder.seen)))
    spread = np.sqrt(variance_of_misalignment(shares, Matrix(finder.table), finder.whole))
    return np.maximum(spread, 1e-12) + 0.5 / finder.whole
