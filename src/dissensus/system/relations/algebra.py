"""What kind of relation it is, on a set of systems: reflexive, symmetric, transitive, sensitive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import Any

import numpy as np
import numpy.typing as npt

from dissensus.system.relations.asking import alignment, reflexivity
from dissensus.system.relations.catalogue import RelationError, find
from dissensus.system.relations.encounter import Encounter
from dissensus.system.relations.score import NEAR, Score, Verdict
from dissensus.system.system import System

__all__ = ["Properties", "properties"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Properties:
    """Properties of a relation on a set of systems; None where no case can tell.

    Attributes
    ----------
    relation : str
    reflexive : bool or None
        f(H, H) = 1 for every H.
    symmetric : bool or None
        f(A, B) = f(B, A).
    transitive : bool or None
        d(A, C) <= d(A, B) + d(B, C), with the distance before it is divided by the largest.
    target_sensitive : bool or None
        Two systems that do the same, but differ inside, make different demands on some A.
    witnesses : mapping
        For each property that fails (or for ``target_sensitive``, that holds): the systems by
        position, and the numbers.
    """

    relation: str
    reflexive: bool | None
    symmetric: bool | None
    transitive: bool | None
    target_sensitive: bool | None
    witnesses: Mapping[str, Mapping[str, Any]]


def properties(
    systems: Sequence[System], relation: str, *, seed: int = 0, tolerance: float = NEAR
) -> Properties:
    r"""Find out on given systems what kind of relation "aligned with" is.

    Transitivity is meant in Łukasiewicz's sense, on :math:`1 - d`: along a chain of developer,
    model and user at most the sum of the gaps is lost. It is tested on the distance before it is
    normalised, since the divisor depends on H.

    Parameters
    ----------
    systems : sequence of System
        With the same actions.
    relation : str
        Name or number.
    seed, tolerance
        Of the scores; by how much two scores may differ and be equal.

    Raises
    ------
    RelationError
        Fewer than two systems, or other actions.

    Examples
    --------
    A couple that votes, and one person who does what the couple does:

    >>> from dissensus.system import Part, System, World
    >>> world = World.of(["sea", "hills", "town"])
    >>> couple = System(
    ...     [Part("me", [1, 0.8, 0], standing=2), Part("you", [0, 0.8, 1])], world, "plurality")
    >>> single = System([Part("me", [1, 0.8, 0])], world, "plurality")
    >>> found = properties([couple, single], "no-veto")
    >>> found.reflexive, found.symmetric, found.target_sensitive
    (False, False, True)
    >>> properties([couple, single], "obey").target_sensitive
    False
    """
    name = find(relation).name
    if len(systems) < 2 or any(s.actions != systems[0].actions for s in systems):
        raise RelationError(
            f"{len(systems)} system{'s' * (len(systems) != 1)}"
            + (" with different actions" if len(systems) > 1 else ""),
            "at least two systems with the same actions",
            "describe them over one list of actions",
        )
    own = [reflexivity(s, name, seed=seed)[0].result for s in systems]
    n = len(systems)
    across = {
        (i, j): alignment(systems[i], systems[j], name, seed=seed)[0].result
        for i, j in permutations(range(n), 2)
    }
    witnesses: dict[str, Mapping[str, Any]] = {}
    return Properties(
        name,
        _reflexive(own, witnesses),
        _symmetric(across, tolerance, witnesses),
        _transitive(across, n, tolerance, witnesses),
        _sensitive(systems, name, seed, tolerance, witnesses),
        witnesses,
    )


def _reflexive(own: Sequence[Score], witnesses: dict[str, Mapping[str, Any]]) -> bool | None:
    known = [(i, score) for i, score in enumerate(own) if score.verdict is not Verdict.UNDEFINED]
    for i, score in known:
        if score.verdict is not Verdict.HOLDS:
            witnesses["reflexive"] = {"system": i, "score": score.value, "why": score.sentence}
            return False
    return True if known else None


def _symmetric(
    across: Mapping[tuple[int, int], Score],
    tolerance: float,
    witnesses: dict[str, Mapping[str, Any]],
) -> bool | None:
    seen = None
    for (i, j), score in across.items():
        there, back = score.value, across[j, i].value
        if i < j and there is not None and back is not None:
            seen = True
            if abs(there - back) > tolerance:
                witnesses["symmetric"] = {"systems": (i, j), "scores": (there, back)}
                return False
    return seen


def _transitive(
    across: Mapping[tuple[int, int], Score],
    n: int,
    tolerance: float,
    witnesses: dict[str, Mapping[str, Any]],
) -> bool | None:
    seen, worst = None, tolerance
    for i, j, k in permutations(range(n), 3):
        direct, first, second = (across[pair].distance for pair in ((i, k), (i, j), (j, k)))
        if direct is None or first is None or second is None:
            continue
        seen = True if seen is None else seen
        if direct - first - second > worst:
            worst, seen = direct - first - second, False
            witnesses["transitive"] = {"systems": (i, j, k), "excess": worst}
    return seen


def _sensitive(
    systems: Sequence[System],
    name: str,
    seed: int,
    tolerance: float,
    witnesses: dict[str, Mapping[str, Any]],
) -> bool | None:
    """Compare systems that do the same in every frame, on every pure policy and each other's."""
    done = [_done(system, seed) for system in systems]
    alike = [
        (i, j)
        for i, j in combinations(range(len(systems)), 2)
        if done[i] is not None and done[j] is not None and _equal(done[i], done[j])
    ]
    if not alike:
        return None
    k = len(systems[0].actions)
    seen = None
    for i, j in alike:
        for policy in [*np.eye(k), np.full(k, 1 / k)]:
            scores = [alignment(policy, systems[at], name, seed=seed)[0].score for at in (i, j)]
            if scores[0] is None and scores[1] is None:
                continue
            seen = False
            if None in scores or abs(scores[0] - scores[1]) > tolerance:  # type: ignore[operator]
                witnesses["target_sensitive"] = {
                    "systems": (i, j),
                    "policy": policy.tolist(),
                    "scores": tuple(scores),
                }
                return True
    return seen


def _done(system: System, seed: int) -> Floats | None:
    encounter = Encounter(system, seed=seed)
    asked = encounter.of_h(turns=True)
    found = encounter.ask([asked])
    dists = [occasion.dist(asked) for occasion in found.each]
    if any(dist is None for dist in dists):
        return None
    return np.asarray(found.weights @ np.array(dists))


def _equal(a: Floats | None, b: Floats | None) -> bool:
    return a is not None and b is not None and bool(np.allclose(a, b, rtol=0, atol=1e-9))
