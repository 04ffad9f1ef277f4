"""One part in charge of everything: what a learner that takes H for one mind can believe."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from dissensus.system.conventions import as_good_as
from dissensus.system.relations.luce import log_chances

__all__ = ["Hypotheses", "boltzmann"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]
NEVER = -1e300  # stands for the logarithm of 0: finite, so that it can be multiplied by 0


@dataclass(frozen=True, eq=False)
class Hypotheses:
    """What each part would do on each menu if it were in charge.

    Attributes
    ----------
    parts : (h,) array of int
        Whose utilities each hypothesis has; two a part that states no rationality.
    predicted : (h, M, k) array
        Chances on each menu.
    """

    parts: Codes
    predicted: Floats

    @classmethod
    def of(cls, utilities: Floats, rationality: Floats, offered: Truths) -> Hypotheses:
        """Boltzmann choice at each part's rationality; without one at 1, and always the best.

        Examples
        --------
        >>> one = Hypotheses.of(np.array([[1.0, 0.0]]), np.array([2.0]), np.ones((1, 2), bool))
        >>> one.predicted.round(4).tolist()
        [[[0.8808, 0.1192]]]
        """
        parts, predicted = [], []
        for i, (u, stated) in enumerate(zip(utilities, rationality, strict=True)):
            for beta in [1.0, np.inf] if np.isnan(stated) else [float(stated)]:
                parts.append(i)
                predicted.append(boltzmann(u, beta, offered))
        return cls(np.array(parts), np.array(predicted))

    @cached_property
    def _logs(self) -> Floats:
        held = self.predicted > 0
        return np.where(held, np.log(np.where(held, self.predicted, 1.0)), NEVER)

    def divergences(self, chosen: Floats) -> Floats:
        """Mean KL divergence from choices, (M, k), to each hypothesis, (h,), in nats.

        Examples
        --------
        >>> two = Hypotheses.of(np.array([[1.0, 0.0]]), np.array([np.nan]), np.ones((1, 2), bool))
        >>> two.divergences(np.array([[0.5, 0.5]])).round(4).tolist()
        [0.1201, inf]
        """
        own = np.where(chosen > 0, chosen * np.log(np.where(chosen > 0, chosen, 1.0)), 0.0).sum()
        count = len(self.parts)
        crossed = self._logs.reshape(count, -1) @ chosen.ravel()
        mean = (own - crossed) / len(chosen)
        return np.where(mean > 1e200, np.inf, np.maximum(mean, 0.0))

    def distances(self, chosen: Floats) -> Floats:
        """Mean total variation between choices, (M, k), and each hypothesis, (h,)."""
        return np.array([np.abs(p - chosen).sum() / (2 * len(chosen)) for p in self.predicted])

    def differ(self, one: int, other: int) -> bool:
        """Whether two hypotheses would act differently on some menu."""
        return bool(np.abs(self.predicted[one] - self.predicted[other]).max() > 1e-9)

    def likeliest(self, divergences: Floats) -> list[int]:
        """Likelier hypothesis of each part, the likeliest part first."""
        found: dict[int, int] = {}
        for h in np.argsort(divergences, kind="stable").tolist():
            found.setdefault(int(self.parts[h]), h)
        return list(found.values())


def boltzmann(u: Floats, beta: float, offered: Truths) -> Floats:
    """Chances on each menu by utilities; endless rationality takes the best, equals alike.

    Examples
    --------
    >>> boltzmann(np.array([1.0, 1.0, 0.0]), np.inf, np.ones((1, 3), bool)).tolist()
    [[0.5, 0.5, 0.0]]
    """
    if np.isfinite(beta):
        return np.exp(log_chances(np.broadcast_to(beta * u, offered.shape), offered))
    values = np.where(offered, u, -np.inf)
    top = offered & as_good_as(values, values.max(axis=1, keepdims=True))
    return np.asarray(top / top.sum(axis=1, keepdims=True))
