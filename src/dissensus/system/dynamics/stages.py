"""Bargaining in stages: each agreement is where the next starts, and rules that choose rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from dissensus.errors import DissensusError
from dissensus.system.ballots import Ballots
from dissensus.system.conventions import EQUAL
from dissensus.system.lotteries import solve
from dissensus.system.relations.self_endorsement import endorsed
from dissensus.system.rules import choose
from dissensus.system.system import System, expected_utilities
from dissensus.system.world import World

__all__ = [
    "SOLUTIONS",
    "Ratchet",
    "RuleSequence",
    "StagesError",
    "equal_gains",
    "ratchet",
    "rule_sequence",
    "with_actions",
]

Floats = npt.NDArray[np.float64]

SOLUTIONS = ("nash", "kalai-smorodinsky", "egalitarian")
"""Solutions by which stages are bargained; the last compares levels between parts."""


class StagesError(DissensusError, ValueError):
    """Stages that cannot be bargained one after another."""


@dataclass(frozen=True, eq=False)
class Ratchet:
    """Where bargaining in stages ends, and where it would have ended at once.

    Attributes
    ----------
    solution : str
    path : (stages + 1, n) array
        Utilities: of disagreement at first, then of each stage's agreement.
    direct : (n,) array
        Utilities if only the last stage had been bargained.
    difference : (n,) array
        What each part gains (or loses) by the stages: 0 for all if the path does not matter.
    """

    solution: str
    path: Floats
    direct: Floats
    difference: Floats

    @property
    def distance(self) -> float:
        """Length of the difference, in utils: for parts whose utilities compare."""
        return float(np.linalg.norm(self.difference))


def equal_gains(utilities: npt.ArrayLike, disagreement: npt.ArrayLike) -> Floats:
    r"""Egalitarian solution: the largest gain that all can have alike.

    .. math:: v = d + t \mathbf{1}, \qquad t = \max \{ t : \exists p \in \Delta,\;
        u_i \cdot p \ge d_i + t \text{ for all } i \}

    With free disposal: what one could have on top is not given out, which is what makes the
    solution independent of the path.

    References
    ----------
    [kalai1977]_

    Examples
    --------
    >>> equal_gains([[9, 0, 6, 0], [0, 5, 4, 0]], [0, 0]).round(6).tolist()
    [4.285714, 4.285714]
    """
    u, d = np.asarray(utilities, dtype=np.float64), np.asarray(disagreement, dtype=np.float64)
    n, k = u.shape
    solved = solve(
        np.append(np.zeros(k), -1.0),
        np.hstack([-u, np.ones((n, 1))]),
        -d,
        equal=np.append(np.ones(k), 0.0)[None],
        bounds=[(0, None)] * k + [(None, None)],
    )
    return np.asarray(d + float(solved.x[k]))


def ratchet(
    stages: Sequence[npt.ArrayLike],
    disagreement: npt.ArrayLike,
    solution: str = "nash",
    standing: npt.ArrayLike | None = None,
) -> Ratchet:
    r"""Bargain stage after stage; nobody goes below what was agreed before.

    .. math:: d_{t+1} = \varphi(F_t, d_t), \qquad
        \delta = \varphi(F_T, d_0) - \varphi(F_T, d_T)

    (with the opposite sign in ``difference``: what the stages give).

    ================= ============ ==============================================================
    symbol            shape        meaning
    ================= ============ ==============================================================
    :math:`F_t`       ``(n, k_t)`` ``stages``: utilities of the options thinkable at stage t, and
                                   their lotteries; each stage contains the one before
    :math:`d_0`       ``(n,)``     ``disagreement`` before the first stage
    :math:`\varphi`                ``solution``: ``nash``, ``kalai-smorodinsky``, ``egalitarian``
    ================= ============ ==============================================================

    Raises
    ------
    StagesError
        No stage, an unknown solution, or a stage in which nothing reaches what was agreed before.

    References
    ----------
    [kalai1977]_: with weak efficiency, homogeneity and strong individual rationality, exactly the
    proportional solutions do not depend on the path; of these the egalitarian one is symmetric.

    Examples
    --------
    >>> first, second = [[0, 4, 0, 3], [0, 0, 1, 1]], [[0, 9, 0], [0, 0, 9]]
    >>> found = ratchet([first, second], [0, 0])
    >>> found.path.round(6).tolist(), found.difference.round(6).tolist()
    ([[0.0, 0.0], [3.0, 1.0], [5.5, 3.5]], [1.0, -1.0])
    """
    if not stages or solution not in SOLUTIONS:
        raise StagesError(
            f"{len(stages)} stages, solution {solution!r}",
            f"at least one stage, and one of {', '.join(SOLUTIONS)}",
            "correct it",
        )
    sets = [np.asarray(stage, dtype=np.float64) for stage in stages]
    path = [np.asarray(disagreement, dtype=np.float64)]
    for number, one in enumerate(sets):
        path.append(_solved(one, path[-1], solution, standing, number))
    direct = _solved(sets[-1], path[0], solution, standing, len(sets) - 1)
    return Ratchet(solution, np.array(path), direct, path[-1] - direct)


@dataclass(frozen=True, eq=False)
class RuleSequence:
    """Rules that choose the rule that comes after them.

    Attributes
    ----------
    rules : tuple of str
        From the rule of today on; the last one is where it stays, repeats or stops.
    status : {'FIXED', 'CYCLE', 'TIE', 'EMPTY'}
        The last rule chooses itself; it was there before; several rules are chosen with the same
        chance; or the rule makes no choice.
    chances : tuple of mapping
        For each step, the chance with which each rule of the menu was chosen.
    """

    rules: tuple[str, ...]
    status: str
    chances: tuple[dict[str, float], ...]


def rule_sequence(
    system: System,
    menu: Sequence[str],
    stages: Sequence[Sequence[int]] = (),
    *,
    most: int = 20,
    seed: int = 0,
) -> RuleSequence:
    """Ask each rule which rule of a menu should come next, until that changes nothing.

    The parts vote on rules by what each would choose. Rules with the same outcome are the same
    to them: a rule stays if no other outcome beats its own.

    Parameters
    ----------
    system : System
        Its own rule starts.
    menu : sequence of str
        Rules that may come next; the rule of today is added.
    stages : sequence of sequences of int, optional
        Actions thinkable at each step; after the last, its actions stay.
    most : int
        Steps at most.
    seed : int

    Returns
    -------
    RuleSequence

    References
    ----------
    [koray2000]_, [barbera2004]_.

    Examples
    --------
    >>> from dissensus.system import Part
    >>> town = System(
    ...     [Part("x", order="a > b > c", standing=3), Part("y", order="b > c > a", standing=2)],
    ...     World.of(["a", "b", "c"]), "borda")
    >>> found = rule_sequence(town, ["borda", "plurality"])
    >>> found.rules, found.status
    (('borda', 'plurality'), 'FIXED')
    """
    now = str(system.rule)
    names = tuple(dict.fromkeys([now, *menu]))
    passed: list[str] = [now]
    chances: list[dict[str, float]] = []
    for step in range(most):
        here = with_actions(system, stages[min(step, len(stages) - 1)]) if stages else system
        told = endorsed(replace(here, rule=now), names, seed=seed)
        chances.append(told)
        best = max(told.values())
        if best <= EQUAL:
            return RuleSequence(tuple(passed), "EMPTY", tuple(chances))
        last_stage = step >= len(stages) - 1
        if told[now] >= best - EQUAL:
            if last_stage:
                return RuleSequence(tuple(passed), "FIXED", tuple(chances))
            continue
        chosen = [name for name in names if told[name] >= best - EQUAL]
        outcomes = {_outcome(here, name, seed) for name in chosen}
        if len(outcomes) > 1:
            return RuleSequence(tuple(passed), "TIE", tuple(chances))
        now = chosen[0]
        again = now in passed and last_stage
        passed.append(now)
        if again:
            return RuleSequence(tuple(passed), "CYCLE", tuple(chances))
    return RuleSequence(tuple(passed), "CYCLE", tuple(chances))


def with_actions(system: System, actions: Sequence[int]) -> System:
    """Return the system with fewer actions, each part expecting of them what it does now.

    Examples
    --------
    >>> from dissensus.system import Part
    >>> pair = System([Part("x", [1, 0, 2])], World.of(["a", "b", "c"]), "plurality")
    >>> with_actions(pair, [0, 1]).choice().winner_names
    ('a',)
    """
    expected = expected_utilities(system)
    kept = list(actions)
    parts = [
        replace(part, utilities=expected[i, kept], model=None)
        for i, part in enumerate(system.parts)
    ]
    world = World.of([system.actions[a] for a in kept])
    return replace(system, parts=tuple(parts), world=world)


def _outcome(system: System, rule: str, seed: int) -> bytes:
    dist = system.choice(rule=rule, seed=seed).dist
    return b"" if dist is None else (np.round(dist, 9) + 0.0).tobytes()


def _solved(
    u: Floats, d: Floats, solution: str, standing: npt.ArrayLike | None, number: int
) -> Floats:
    """Utilities that a solution gives on one stage."""
    if solution == "egalitarian":
        found = equal_gains(u, d)
        reached = bool((found >= d - 1e-9 * np.maximum(1.0, np.abs(d))).all())
    else:
        ballots = Ballots.from_utilities(
            [str(a) for a in range(u.shape[1])], u, standing, disagreement=d - 1e-12
        )
        dist = choose(f"{solution}-lottery", ballots).dist
        reached = dist is not None
        found = d if dist is None else u @ dist
    if not reached:
        raise StagesError(
            f"stage {number + 1} has nothing that gives all what was agreed before",
            "stages that contain the ones before",
            "list every option again in later stages",
            stage=number + 1,
        )
    return np.asarray(found)
