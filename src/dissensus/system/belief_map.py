"""The choice as a function of beliefs: where on the simplex it changes, and how near that is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dissensus.system.beliefs import BeliefError, divergence, values_by_state
from dissensus.system.choice import Choice
from dissensus.system.rules import choose

if TYPE_CHECKING:
    from dissensus.system.system import System

__all__ = ["BeliefChange", "BeliefMap", "belief_map", "least_belief_change"]

Floats = npt.NDArray[np.float64]
Answer = tuple[str, tuple[str, ...]]  # status and winners
Answering = Callable[[Floats], Answer]

POINTS = 1000  # of a grid, at most
SAME_PLACE = 1e-7  # beliefs that are closer are one place: a tie between two winners has a width
NEAREST = 40  # places of another answer from which the search goes on


@dataclass(frozen=True, eq=False)
class BeliefMap:
    """What a system does at each belief.

    Attributes
    ----------
    states : tuple of str
    beliefs : (r, states) array
        A regular grid on the simplex.
    answers : tuple of (status, winners)
        What the system does at each.
    shares : mapping of (status, winners) to float
        Part of the grid.
    switches : tuple of float
        With two states: every chance of the second state at which the choice changes.
    """

    states: tuple[str, ...]
    beliefs: Floats
    answers: tuple[Answer, ...]
    shares: dict[Answer, float]
    switches: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class BeliefChange:
    """The least change of beliefs that changes what a system does.

    Attributes
    ----------
    belief, changed : (states,) array
        The belief held, and one at which the choice is another, just past the change.
    divergence : float
        KL divergence of the second from the first, in nats: 0 if the choice is on the edge.
    before, after : Choice
    exact : bool
        Whether it is the least (two states); else the least that a search found.
    """

    belief: Floats
    changed: Floats
    divergence: float
    before: Choice
    after: Choice
    exact: bool


def belief_map(system: System, *, steps: int | None = None, seed: int = 0) -> BeliefMap:
    """What the system does at each shared belief: the simplex of beliefs, parted by winners.

    Parts with a model of their own keep their beliefs.

    Parameters
    ----------
    system : System
    steps : int, optional
        Steps of the grid along an edge of the simplex; by default as many as keep it below 1,000
        points.
    seed : int
        For random steps of the system.

    Returns
    -------
    BeliefMap
        With two states also the beliefs at which the choice switches, to 1e-7.

    Raises
    ------
    BeliefError
        A world of one state: there is nothing to believe otherwise.

    Examples
    --------
    An umbrella is worth it from a chance of rain of 0.4 on:

    >>> from dissensus.system import Part, System, World
    >>> world = World(["umbrella", "none"], ["dry and free", "dry", "wet"], ["sun", "rain"],
    ...               initial_belief=[0.8, 0.2],
    ...               outcome_probabilities=[[[0, 1, 0], [0, 1, 0]], [[1, 0, 0], [0, 0, 1]]])
    >>> h = System([Part("me", [1, 0.6, 0])], world, "plurality")
    >>> [round(switch, 6) for switch in belief_map(h).switches]
    [0.4]
    """
    answer = _answering(system, seed)
    grid = _grid(len(system.world.states), steps)
    answers = tuple(answer(belief) for belief in grid)
    shares: dict[Answer, float] = {}
    for one in answers:
        shares[one] = shares.get(one, 0.0) + 1 / len(answers)
    switches: list[float] = []
    if grid.shape[1] == 2:
        for i in range(len(grid) - 1):
            if answers[i] != answers[i + 1]:
                place = float(_last_before(answer, grid[i], grid[i + 1])[1])
                if not switches or place - switches[-1] > SAME_PLACE:
                    switches.append(place)
    return BeliefMap(system.world.states, grid, answers, shares, tuple(switches))


def least_belief_change(
    system: System, *, steps: int | None = None, seed: int = 0
) -> BeliefChange | None:
    r"""The least change of the shared belief that changes what the system does.

    .. math:: \min_{b'} \sum_s b'(s) \log \frac{b'(s)}{b(s)}
        \quad \text{s.t. the choice at } b' \text{ is not the one at } b

    With two states every switch is known. With more, the search starts from the nearest places of
    a grid with another choice, and from the exact projections on which a part, or the sum of all,
    becomes indifferent between two actions (:math:`b' \propto b \, e^{\lambda c}`); the best is
    refined.

    Parameters
    ----------
    system : System
    steps : int, optional
        Of the grid, as in `belief_map`.
    seed : int
        For random steps of the system.

    Returns
    -------
    BeliefChange or None
        None if no belief that was looked at changes the choice.

    References
    ----------
    Exponential tilting: [csiszar1975]_.

    Examples
    --------
    >>> from dissensus.system import Part, System, World
    >>> world = World(["umbrella", "none"], ["dry and free", "dry", "wet"], ["sun", "rain"],
    ...               initial_belief=[0.8, 0.2],
    ...               outcome_probabilities=[[[0, 1, 0], [0, 1, 0]], [[1, 0, 0], [0, 0, 1]]])
    >>> found = least_belief_change(System([Part("me", [1, 0.6, 0])], world, "plurality"))
    >>> found.before.winner_names, found.changed.round(6).tolist(), round(found.divergence, 6)
    (('none',), [0.6, 0.4], 0.10465)
    """
    answer = _answering(system, seed)
    belief = system.world.initial_belief
    now = answer(belief)
    grid = _grid(len(belief), steps)
    others = [place for place in grid if answer(place) != now]
    others.sort(key=lambda place: divergence(place, belief))
    exact = len(belief) == 2
    if exact:  # the nearest on either side
        sides = ([o for o in others if (o[1] > belief[1]) == up] for up in (True, False))
        others = [side[0] for side in sides if side]
    else:
        others = others[:NEAREST] + list(_indifferences(system))
    best: Floats | None = None
    for other in others:
        near = np.inf if best is None else divergence(best, belief)
        found = _first_change(answer, belief, other, now, near)
        if found is not None and divergence(found, belief) < near:
            best = found
    if best is None:
        return None
    if not exact:
        best = _refined(answer, belief, best, now)
    return BeliefChange(
        belief=belief,
        changed=best,
        divergence=divergence(best, belief),
        before=_at(system, belief).choice(seed=seed),
        after=_at(system, best).choice(seed=seed),
        exact=exact,
    )


def _at(system: System, belief: Floats) -> System:
    return replace(system, world=replace(system.world, initial_belief=belief / belief.sum()))


def _answering(system: System, seed: int) -> Answering:
    count = len(system.world.states)
    if count < 2:
        raise BeliefError(
            "a world of one state", "at least two states", "name what is uncertain as states"
        )

    by_state = np.array(
        [
            values_by_state(part, system.world)
            if part.model is None
            else np.tile(values_by_state(part, part.model).T @ part.model.belief(), (count, 1))
            for part in system.parts
        ]
    )

    def answer(belief: Floats) -> Answer:
        utilities = np.tensordot(belief, by_state, axes=(0, 1))
        choice = choose(system.rule, system.ballots(seed=seed, utilities=utilities))
        return str(choice.status), choice.winner_names

    return answer


def _grid(states: int, steps: int | None) -> Floats:
    """Points of the simplex whose coordinates are whole parts of the number of steps."""
    if steps is None:
        steps = 1
        while comb(steps + states, states - 1) <= POINTS:
            steps += 1
    cuts = np.array(list(combinations(range(steps + states - 1), states - 1)))
    edges = np.concatenate(
        [np.full((len(cuts), 1), -1), cuts, np.full((len(cuts), 1), steps + states - 1)], axis=1
    )
    return np.asarray((np.diff(edges, axis=1) - 1)[::-1] / steps)


def _last_before(answer: Answering, start: Floats, end: Floats) -> Floats:
    """Place just past a change of the answer between two places that differ in it."""
    now = answer(start)
    low, high = 0.0, 1.0
    while high - low > 1e-10:
        middle = (low + high) / 2
        if answer(start + middle * (end - start)) == now:
            low = middle
        else:
            high = middle
    return np.asarray(start + high * (end - start))


def _first_change(
    answer: Answering, start: Floats, end: Floats, now: Answer, near: float
) -> Floats | None:
    """First place towards another at which the answer changes; None if none is near enough."""
    if (end[start <= 0] > 0).any():  # what is held impossible stays impossible
        return None
    before = start
    for share in np.linspace(0.125, 1, 8):
        place = start + share * (end - start)
        if divergence(before, start) >= near:
            return None
        if answer(place) != now:
            return _last_before(answer, before, place)
        before = place
    return None


def _indifferences(system: System) -> Iterator[Floats]:
    """Beliefs just past those nearest to the present at which a comparison of two actions turns."""
    belief = system.world.initial_belief
    shared = [part for part in system.parts if part.model is None and part.utilities is not None]
    if not shared:
        return
    values = [values_by_state(part, system.world) for part in shared]
    weights = np.array([part.standing for part in shared])
    for table in (*values, np.tensordot(weights, np.array(values), 1)):
        for a, b in combinations(range(table.shape[1]), 2):
            apart = table[:, a] - table[:, b]
            held = apart[belief > 0]
            if held.min() < 0 < held.max():
                tilt = _tilt(belief, apart / np.abs(apart).max())
                yield belief + 1.001 * (tilt - belief) if _inside(belief, tilt) else tilt


def _inside(belief: Floats, tilt: Floats) -> bool:
    return bool((belief + 1.001 * (tilt - belief) >= 0).all())


def _tilt(belief: Floats, apart: Floats) -> Floats:
    """Nearest belief, in divergence, under which a difference has the expectation 0."""
    from scipy.optimize import brentq

    def tilted(strength: float) -> Floats:
        heat = strength * apart
        weight = belief * np.exp(heat - heat[belief > 0].max())
        return np.asarray(weight / weight.sum())

    low, high = -1.0, 1.0
    while float(tilted(low) @ apart) > 0 and low > -1e6:
        low *= 2
    while float(tilted(high) @ apart) < 0 and high < 1e6:
        high *= 2
    return tilted(float(brentq(lambda x: float(tilted(x) @ apart), low, high, xtol=1e-13)))


def _refined(answer: Answering, belief: Floats, place: Floats, now: Answer) -> Floats:
    """Turn the direction of a change as long as that brings it nearer."""
    from scipy.optimize import minimize

    held = belief > 0
    best = [place]

    def away(direction: Floats) -> float:
        step = np.zeros(len(belief))
        step[held] = direction - direction.mean()
        near = divergence(best[0], belief)
        falling = step < -1e-12
        if not falling.any():
            return np.inf
        # at most twice as far as the best so far, and not off the simplex
        edge = float((belief[falling] / -step[falling]).min())
        reach = min(edge, 2 * float(np.linalg.norm(best[0] - belief) / np.linalg.norm(step)))
        found = _first_change(answer, belief, np.maximum(belief + reach * step, 0.0), now, near)
        if found is None:
            return np.inf
        if divergence(found, belief) < near:
            best[0] = found
        return divergence(found, belief)

    start = (place - belief)[held]
    if np.linalg.norm(start) > SAME_PLACE:
        minimize(away, start, method="Nelder-Mead", options={"maxfev": 120})
    return best[0]
