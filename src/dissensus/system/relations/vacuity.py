"""The shell game: a target that A sets itself is met by every A."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dissensus.system.relations.asking import alignment
from dissensus.system.relations.distance import total_variation
from dissensus.system.relations.score import NEAR
from dissensus.system.system import System

__all__ = ["Vacuity", "vacuous"]

Floats = npt.NDArray[np.float64]
Target = Callable[[Floats, System], npt.ArrayLike]


@dataclass(frozen=True)
class Vacuity:
    """Whether a target says anything.

    Attributes
    ----------
    vacuous : bool
        The target follows A, and every A meets it.
    target_moves : bool
        Whether the target changed when A did.
    scores : tuple of float or None
        Score of each random A.
    sentence : str
        The finding in plain words.
    """

    vacuous: bool
    target_moves: bool
    scores: tuple[float | None, ...]
    sentence: str

    def __bool__(self) -> bool:
        return self.vacuous


def vacuous(target: str | Target, system: System, *, draws: int = 5, seed: int = 0) -> Vacuity:
    r"""Replace A by random policies, and see whether the target moves with it.

    A design that says "the AI will sort it out" leaves the target :math:`t_f(H)` to A: then
    :math:`f = 1` for every A, and the relation says nothing.

    Parameters
    ----------
    target : function or str
        The function takes A's policy, (k,), and H, and returns the policy that counts as aligned,
        (k,), or several, (r, k): A scores 1 - TV to the nearest. Or the name of a relation.
    system : System
        H.
    draws : int
        Random policies, uniform over the simplex.
    seed : int
        Of the draws.

    Returns
    -------
    Vacuity
        True if the target changes with A and the score stays 1. A target that stays where it is
        and yet is met by all (H does not care) is trivial, but not vacuous.

    Examples
    --------
    >>> from dissensus.system import Part, System, World
    >>> h = System([Part("me", [1, 0]), Part("you", [0, 1])], World.of(["a", "b"]), "plurality")
    >>> found = vacuous(lambda policy, system: policy, h)
    >>> found.vacuous, found.scores
    (True, (1.0, 1.0, 1.0, 1.0, 1.0))
    >>> vacuous(lambda policy, system: [0.5, 0.5], h).vacuous, vacuous("no-veto", h).vacuous
    (False, False)
    """
    policies = np.random.default_rng(seed).dirichlet(np.ones(len(system.actions)), draws)
    targets: list[Floats | None] = []
    scores: list[float | None] = []
    for policy in policies:
        if isinstance(target, str):
            result = alignment(policy, system, target, seed=seed)[0].result
            targets.append(None if result.best is None else result.best.dist)
            scores.append(result.value)
        else:
            wanted = np.atleast_2d(np.asarray(target(policy.copy(), system), dtype=np.float64))
            targets.append(wanted)
            scores.append(1 - float(total_variation(wanted, policy).min()))
    moves = any(not _same(targets[0], other) for other in targets[1:])
    met = all(score is not None and score >= 1 - NEAR for score in scores)
    if met and moves:
        sentence = f"the target follows A: each of {draws} random policies scores 1"
    elif met:
        sentence = "every policy meets the target, though it does not follow A: H does not care"
    elif moves:
        sentence = "the target follows A, but not every A meets it"
    else:
        sentence = "the target stays where it is, and A may miss it"
    return Vacuity(moves and met, moves, tuple(scores), sentence)


def _same(a: Floats | None, b: Floats | None) -> bool:
    if a is None or b is None:
        return a is b
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=0, atol=1e-9))
