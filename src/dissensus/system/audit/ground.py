"""What the parts want of the actions, given beliefs, what is seen and deliberation; and shaken."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from dissensus.system.audit.axes import NOTHING, Setting
from dissensus.system.audit.case import Case
from dissensus.system.ballots import ranks_of_order
from dissensus.system.choice import Choice
from dissensus.system.part import Part
from dissensus.system.world import World

__all__ = ["Ground", "Shaken", "ground_of"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ground:
    r"""What the parts want of the actions, given beliefs, what is seen, and deliberation.

    Expected utilities are linear in utilities, :math:`E_i = L_i u_i`, so that a stack of perturbed
    utilities costs one product.

    Attributes
    ----------
    parts : tuple of Part
        All n parts, deliberated where they are.
    responses : tuple of (k, m) array, or None
        :math:`L_i`; None for a part that gives no utilities.
    spoken : (n, k) array
        Ranks of the parts that give none; NaN elsewhere.
    """

    parts: tuple[Part, ...]
    responses: tuple[Floats | None, ...]
    spoken: Floats

    @cached_property
    def expected(self) -> Floats:
        """Expected utilities, (n, k); a row of NaN for a part that gives none."""
        return np.asarray(self.shaken(None)[0])

    @cached_property
    def stretched(self) -> Floats:
        """Expected utilities on each part's own range, (n, k); NaN if it is indifferent."""
        e = self.expected
        low = e.min(axis=1, keepdims=True)
        span = e.max(axis=1, keepdims=True) - low
        return np.asarray((e - low) / np.where(span > 0, span, np.nan))

    def shaken(self, noise: Shaken | None) -> Floats:
        """Expected utilities under each draw of a noise, (draws, n, k); one without noise."""
        draws = 1 if noise is None else noise.draws
        out = np.full((draws, *self.spoken.shape), np.nan)
        for i, (part, response) in enumerate(zip(self.parts, self.responses, strict=True)):
            if response is not None:
                moved = _flat(part)
                if noise is not None:
                    moved = moved + noise.of(part)
                out[:, i] = moved @ response.T
        return out


class Shaken:
    """Seeded noise on every utility that a case states.

    Parameters
    ----------
    case : Case
        Its ``perturbation`` is the half width; by default a tenth of each part's own range.
    draws, seed : int
        Number of draws, and the seed.
    """

    def __init__(self, case: Case, draws: int, seed: int) -> None:
        self.draws = draws
        random = np.random.default_rng(seed)
        self._noise: dict[int, Floats] = {}
        for part in (*case.system.parts, *case.deliberated.values()):
            if part.utilities is not None:
                u = _flat(part)
                width = np.ptp(u) / 10 if case.perturbation is None else case.perturbation
                self._noise[id(part)] = random.uniform(-width, width, (draws, len(u)))

    def of(self, part: Part) -> Floats:
        """Noise of one part, (draws, m)."""
        return self._noise[id(part)]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to shake: orders only."""
        return not self._noise


def ground_of(case: Case, setting: Setting) -> Ground:
    """Return what all parts of a case want in a setting."""
    system = case.system
    seen = None if setting.observation in (None, NOTHING) else setting.observation
    parts = system.parts
    if setting.deliberation not in (None, "none"):
        parts = tuple(case.deliberated.get(part.name, part) for part in parts)
    worlds = [part.model or system.world for part in parts]
    if setting.beliefs == "shared":
        worlds = [system.world] * len(parts)
    if setting.beliefs == "pooled":
        tables = np.stack([_outcome_chances(world, seen) for world in worlds])
        pooled = np.tensordot(system.standing / system.standing.sum(), tables, axes=1)
        responses = [None if part.utilities is None else pooled for part in parts]
    else:
        responses = [
            None if part.utilities is None else _response(part, world, seen)
            for part, world in zip(parts, worlds, strict=True)
        ]
    spoken = np.full((len(parts), len(system.actions)), np.nan)
    for i, part in enumerate(parts):
        if part.order is not None:
            spoken[i] = ranks_of_order(part.order, system.actions, part.name)
        elif part.inner is not None:
            spoken[i] = _from_inside(part.inner.choice(seen))
    return Ground(parts, tuple(responses), spoken)


def _from_inside(choice: Choice) -> Floats:
    """Ranks by which a system speaks as a part: its winners first, or nothing."""
    if not choice.winners:
        return np.full(len(choice.actions), np.nan)
    return np.where(np.isin(np.arange(len(choice.actions)), list(choice.winners)), 1.0, 2.0)


def _response(part: Part, world: World, seen: str | None) -> Floats:
    """L of :math:`E = L u`: chances of outcomes, or of states where utilities are rewards."""
    if part.utilities is not None and part.utilities.ndim == 3:
        # row a holds the chance of each state at the place of its reward for a
        chances = np.kron(world.belief(seen)[None, :], np.eye(len(world.actions)))
        return np.asarray(chances, dtype=np.float64)
    return _outcome_chances(world, seen)


def _outcome_chances(world: World, seen: str | None) -> Floats:
    """Chance of each outcome under each action, (k, m)."""
    chances = np.einsum("s,asx->ax", world.belief(seen), world.outcome_probabilities)
    return np.asarray(chances, dtype=np.float64)


def _flat(part: Part) -> Floats:
    u = part.utilities
    if u is None:
        return np.empty(0)
    return np.asarray(u[0].ravel() if u.ndim == 3 else u)
