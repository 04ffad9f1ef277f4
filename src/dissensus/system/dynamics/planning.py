"""Plans of a learner that serves a system whose standing its actions move: the best of each kind.

Without pull-back a plan matters only through how often it takes each action, and the counts are
searched exactly. With it the order matters: standings within one cell of log-odds are merged, and
what that can cost is bounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import comb

import numpy as np
import numpy.typing as npt

from dissensus.system.dynamics.parameters import MechanismError
from dissensus.system.dynamics.standing import Feeding, log_odds_distance

__all__ = ["CELLS", "OBJECTIVES", "Plan", "best_plan", "counts_of", "plans_by_horizon"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

OBJECTIVES = ("real-time", "final", "initial", "natural-shift", "myopic", "pareto")
"""By whose standing what happens is judged: that of the moment, of the end, of the start, of the
system left alone; of the moment without looking ahead; of every moment at once."""

STATES = 2_000_000  # next steps that are looked at together
CELLS = 20_000  # standings that are kept at a step with pull-back
WIDEST = 64.0  # log-odds that one cell may span
FINALS = 3_000  # totals that are tried one by one for plans that no moment objects to
TREES = 1 << 16  # plans that are listed one by one
SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Plan:
    """A plan, and how far it may fall short of the best.

    Attributes
    ----------
    actions : (T,) array of int
    value : float
        By its own objective.
    error_bound : float
        The best plan is worth at most this much more; 0 where the search is exact.
    """

    actions: Codes
    value: float
    error_bound: float = 0.0


def best_plan(
    objective: str, feeding: Feeding, horizon: int, alone: Floats, alone_gets: Floats
) -> Plan | None:
    r"""Best plan by an objective.

    .. math::
        \text{real-time} \sum_t w_t \cdot u(a_t), \quad \text{final} \sum_t w_T \cdot u(a_t), \quad
        \text{initial} \sum_t w_0 \cdot u(a_t), \quad
        \text{natural-shift} \sum_t \tilde w_t \cdot u(a_t)

    ``myopic`` takes what is best at each moment. ``pareto`` is the best real-time plan among those
    worth no less than the system left alone by the standing of every moment of the plan.

    Parameters
    ----------
    objective : str
        One of `OBJECTIVES`.
    feeding : Feeding
    horizon : int
        T, steps.
    alone : (T + 1, n) array
        :math:`\tilde w`, standing if the system is left alone.
    alone_gets : (T, n) array
        What each part gets then, at each step.

    Returns
    -------
    Plan, or None
        None if ``pareto`` has too many plans to try.

    Raises
    ------
    MechanismError
        A horizon beyond the exact search.

    Examples
    --------
    One push pays at once only if the work that it feeds is weighed in later:

    >>> u = np.array([[0.5, 1], [0.8, 0.2]])
    >>> feeding = Feeding(u, np.array([0.5, 0.5]), 1.0, 0.0)
    >>> rest = feeding.path([0, 0])
    >>> best_plan("real-time", feeding, 2, rest, u[:, [0, 0]].T).actions.tolist()
    [1, 1]
    >>> best_plan("initial", feeding, 2, rest, u[:, [0, 0]].T).actions.tolist()
    [0, 0]
    """
    u = feeding.utilities
    if objective == "initial":
        return _each(np.tile(feeding.start @ u, (horizon, 1)))
    if objective == "natural-shift":
        return _each(alone[:horizon] @ u)
    if objective == "myopic":
        return _myopic(feeding, horizon)
    if objective == "pareto":
        return _pareto(feeding, horizon, alone_gets[:horizon])
    return _searched(objective, feeding, horizon)[-1]


def plans_by_horizon(
    objective: str, feeding: Feeding, horizons: Sequence[int], alone: Floats, alone_gets: Floats
) -> list[Plan | None]:
    """Best plan of each horizon, as of `best_plan`; one search where one serves all.

    Examples
    --------
    >>> u = np.array([[0.5, 1], [0.8, 0.2]])
    >>> feeding = Feeding(u, np.array([0.5, 0.5]), 1.0, 0.0)
    >>> found = plans_by_horizon("real-time", feeding, [1, 2], feeding.path([0, 0]), u[:, [0, 0]].T)
    >>> [plan.actions.tolist() for plan in found]
    [[0], [1, 1]]
    """
    if objective in ("real-time", "final"):
        found = _searched(objective, feeding, max(horizons))
        return [found[steps - 1] for steps in horizons]
    return [best_plan(objective, feeding, steps, alone, alone_gets) for steps in horizons]


def _each(worth: Floats) -> Plan:
    """Best action of each step, where steps do not bear on each other, (T, k)."""
    actions = np.array([_first_best(row) for row in worth])
    return Plan(actions, float(worth[np.arange(len(worth)), actions].sum()))


def _first_best(worth: Floats) -> int:
    return int(np.flatnonzero(worth >= worth.max() - SAME * max(1.0, abs(worth.max())))[0])


def _myopic(feeding: Feeding, horizon: int) -> Plan:
    standing, actions, value = feeding.start, [], 0.0
    for _ in range(horizon):
        worth = standing @ feeding.utilities
        actions.append(_first_best(worth))
        value += float(worth[actions[-1]])
        standing = feeding.after(standing, feeding.utilities[:, actions[-1]])
    return Plan(np.array(actions), value)


def _searched(objective: str, feeding: Feeding, horizon: int) -> list[Plan]:
    """Search step by step; plans that lead to the same place are merged, the better one stays.

    The search for a horizon passes the best plan of each shorter one.
    """
    k = feeding.utilities.shape[1]
    exact = feeding.pull_back == 0
    _check_size(horizon, k, exact=exact)
    widest = float(np.ptp(feeding.utilities, axis=0).max())
    standing, counts, value = feeding.start[None, :], np.zeros((1, k), np.int64), np.zeros(1)
    taken: list[Codes] = []
    before: list[Codes] = []
    cell, apart = SAME, np.zeros(horizon + 1)
    found = []
    for t in range(1, horizon + 1):
        parent = np.repeat(np.arange(len(standing)), k)
        action = np.tile(np.arange(k), len(standing))
        taken_so_far = counts[parent] + np.eye(k, dtype=np.int64)[action]
        worth = value[parent] + (standing @ feeding.utilities).ravel()
        if exact:
            kept = _best_of_each(_groups(taken_so_far), worth)
            standing = feeding.after(standing[parent[kept]], feeding.utilities.T[action[kept]])
        else:
            reached = feeding.after(standing[parent], feeding.utilities.T[action])
            also = taken_so_far if objective == "final" else taken_so_far[:, :0]
            keys, cell = _cells(reached, also, max(cell / 16, SAME))
            group = _groups(keys)
            kept = _best_of_each(group, worth)
            apart[t] = np.tanh(log_odds_distance(reached, reached[kept[group]]).max() / 4)
            standing = reached[kept]
        counts, value = taken_so_far[kept], worth[kept]
        taken.append(action[kept])
        before.append(parent[kept])
        ends = value
        left = t - np.arange(t + 1)
        if objective == "final":
            ends = (standing * (counts @ feeding.utilities.T)).sum(axis=1)
            left = np.full(t + 1, t)
        best = int(np.argmax(ends))
        bound = widest * float(left @ apart[: t + 1])
        found.append(Plan(_traced(best, taken, before), float(ends[best]), bound))
    return found


def _check_size(horizon: int, actions: int, *, exact: bool) -> None:
    """Refuse what would take too many counts of actions."""
    states = comb(horizon + actions - 1, actions - 1)
    if exact and states * actions > STATES:
        longest = max(
            (t for t in range(horizon) if comb(t + actions - 1, actions - 1) * actions <= STATES),
            default=0,
        )
        raise MechanismError(
            f"a horizon of {horizon} with {actions} actions: {states:,} totals at the last step",
            f"a horizon of at most {longest} for the exact search",
            "shorten the horizon, or leave out actions that no part would choose",
        )


def _cells(standing: Floats, also: Codes, cell: float) -> tuple[Codes, float]:
    """Cells of log-odds as small as their number allows, beside what must be equal."""
    odds = np.log(standing)
    odds = odds - odds.mean(axis=1, keepdims=True)
    while True:
        keys = np.hstack([also, np.round(odds / cell).astype(np.int64)])
        small = len(keys) <= CELLS or int(_groups(keys).max()) < CELLS
        if small or cell > WIDEST:  # counts alone may be more: those are never merged
            return keys, cell
        cell *= 4


def _groups(keys: Codes) -> Codes:
    """Number of the group of equal rows; rows are packed into one number where they fit."""
    low = keys.min(axis=0, initial=0)
    sizes = (keys.max(axis=0, initial=0) - low + 1).astype(np.float64)
    if sizes.prod() < 2.0**62:
        strides = np.append(1, np.cumprod(sizes[:-1])).astype(np.int64)
        _, group = np.unique((keys - low) @ strides, return_inverse=True)
    else:
        _, group = np.unique(keys, axis=0, return_inverse=True)
    return np.asarray(group.ravel())


def _best_of_each(group: Codes, worth: Floats) -> Codes:
    """Position of the best of each group; the first of those that are as good."""
    order = np.lexsort((np.arange(len(worth)), -np.round(worth, 12), group))
    first = np.flatnonzero(np.diff(group[order], prepend=-1))
    return np.asarray(order[first])


def _traced(end: int, taken: list[Codes], before: list[Codes]) -> Codes:
    actions = []
    for action, parent in zip(reversed(taken), reversed(before), strict=True):
        actions.append(int(action[end]))
        end = int(parent[end])
    return np.array(actions[::-1], dtype=np.int64)


def counts_of(total: int, kinds: int) -> Codes:
    """All ways to take ``total`` actions of so many kinds, as counts, (ways, kinds).

    Examples
    --------
    >>> counts_of(2, 2).tolist()
    [[2, 0], [1, 1], [0, 2]]
    """
    bars = np.array(list(combinations(range(total + kinds - 1), kinds - 1)), dtype=np.int64)
    bars = bars.reshape(-1, kinds - 1)
    ends = np.full((len(bars), 1), total + kinds - 1)
    edges = np.hstack([np.full((len(bars), 1), -1), bars, ends])
    return np.asarray(np.diff(edges, axis=1)[::-1] - 1)


def _pareto(feeding: Feeding, horizon: int, alone_gets: Floats) -> Plan | None:
    """Best real-time plan to which the standing of no moment prefers the system left alone."""
    if feeding.pull_back == 0:
        return _pareto_by_totals(feeding, horizon, alone_gets.sum(axis=0))
    k = feeding.utilities.shape[1]
    if k**horizon > TREES:
        return None
    plans = np.array(list(product(range(k), repeat=horizon)))
    standing = np.tile(feeding.start, (len(plans), 1))
    surplus = feeding.utilities.T[plans].sum(axis=1) - alone_gets.sum(axis=0)
    value, allowed = np.zeros(len(plans)), _no_worse(standing, surplus)
    for t in range(horizon):
        gets = feeding.utilities.T[plans[:, t]]
        value += (standing * gets).sum(axis=1)
        standing = feeding.after(standing, gets)
        allowed &= _no_worse(standing, surplus)
    best = int(np.argmax(np.where(allowed, value, -np.inf)))
    return Plan(plans[best], float(value[best])) if allowed[best] else None


def _no_worse(standing: Floats, surplus: Floats) -> npt.NDArray[np.bool_]:
    return np.asarray((standing * surplus).sum(axis=-1) >= -SAME)


def _pareto_by_totals(feeding: Feeding, horizon: int, alone_gets: Floats) -> Plan | None:
    """Try each total of actions: it fixes what every standing has to say of the whole plan."""
    u = feeding.utilities
    _check_size(horizon, u.shape[1], exact=True)
    totals = counts_of(horizon, u.shape[1])
    surplus = totals @ u.T - alone_gets
    ends = feeding.counted(totals.astype(np.float64))
    open_ = _no_worse(np.tile(feeding.start, (len(totals), 1)), surplus) & _no_worse(ends, surplus)
    if open_.sum() > FINALS:
        return None
    found: Plan | None = None
    for place in np.flatnonzero(open_):
        plan = _through_box(feeding, totals[place], surplus[place])
        if plan is not None and (found is None or plan.value > found.value + SAME):
            found = plan
    return found


def _through_box(feeding: Feeding, total: Codes, surplus: Floats) -> Plan | None:
    """Best order of a total of actions such that no standing on the way prefers less."""
    used = np.flatnonzero(total)
    sizes = total[used] + 1
    nodes = np.stack(np.unravel_index(np.arange(int(sizes.prod())), sizes), axis=1)
    counts = np.zeros((len(nodes), len(total)))
    counts[:, used] = nodes
    standing = feeding.counted(counts)
    passable = _no_worse(standing, surplus)
    strides = np.append(np.cumprod(sizes[::-1])[::-1][1:], 1)
    gain = standing @ feeding.utilities[:, used]
    level = nodes.sum(axis=1)
    value = np.where(level == 0, 0.0, -np.inf)
    action = np.zeros(len(nodes), dtype=np.int64)
    for t in range(1, int(total.sum()) + 1):
        here = np.flatnonzero((level == t) & passable)
        for place, stride in enumerate(strides):
            some = here[nodes[here, place] > 0]
            reached = value[some - stride] + gain[some - stride, place]
            better = reached > value[some] + SAME
            value[some[better]], action[some[better]] = reached[better], place
    if not np.isfinite(value[-1]):
        return None
    plan, node = [], len(nodes) - 1
    while node:
        plan.append(int(used[action[node]]))
        node -= int(strides[action[node]])
    return Plan(np.array(plan[::-1], dtype=np.int64), float(value[-1]))
