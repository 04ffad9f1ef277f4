"""Fixed points of endorsement: which mixtures of preferences would keep themselves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Equilibria", "closed_classes", "fixed_points", "reflect", "softmax"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
SEARCHES = 600
ROUNDS = 3000
SAME = 1e-6


def softmax(logits: Floats) -> Floats:
    """Shares from logits, along the last axis.

    Examples
    --------
    >>> softmax(np.array([0.0, 0.0])).tolist()
    [0.5, 0.5]
    """
    grown = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(grown / grown.sum(axis=-1, keepdims=True))


@dataclass(frozen=True, eq=False)
class Equilibria:
    """Mixtures of preferences that keep themselves.

    Attributes
    ----------
    points : (e, n) array
    radius : (e,) array
        Spectral radius of the map there; below 1 what is near comes nearer.
    basin : (e,) array
        Share of random starts that end there; 0 where it is not stable.
    cycling : float
        Share of the starts that end nowhere.
    """

    points: Floats
    radius: Floats
    basin: Floats
    cycling: float

    @property
    def is_stable(self) -> npt.NDArray[np.bool_]:
        """Whether what is near comes nearer."""
        return np.asarray(self.radius < 1)


def fixed_points(
    endorsement: npt.ArrayLike, sharpness: float, starts: int = 2000, seed: int = 0
) -> Equilibria:
    r"""All mixtures that reflection leaves as they are, their stability and their basins.

    .. math:: x' = \operatorname{softmax}(\beta M x), \qquad
        J = \beta\, (\operatorname{diag} x - x x^\top)\, M

    ============== ============ ==================================================================
    symbol         shape        meaning
    ============== ============ ==================================================================
    :math:`x`      ``(n,)``     weight of each preference, shares
    :math:`M`      ``(n, n)``   how much holding a preference (column) speaks for each (row)
    :math:`\beta`  >= 0         ``sharpness``: how far reflection follows what is endorsed
    ============== ============ ==================================================================

    Newton's method from many starts finds them; a fixed point that none of them leads to is
    missed. Basins are shares of ``starts`` mixtures drawn evenly from the simplex.

    References
    ----------
    [frankfurt1971]_, [sen1977]_.

    Examples
    --------
    Two preferences that endorse themselves: one mixture at first, then a fork at β = 2:

    >>> [len(fixed_points(np.eye(2), b).points) for b in (1.5, 2.5)]
    [1, 3]
    """
    m = np.asarray(endorsement, dtype=np.float64)
    random = np.random.default_rng(seed)
    points = _roots(m, sharpness, random)
    jacobian = (
        sharpness
        * ((points[:, :, None] * np.eye(len(m))) - points[:, :, None] * points[:, None, :])
        @ m
    )
    radius = np.abs(np.linalg.eigvals(jacobian)).max(axis=1)
    ends, settled = reflect(m, sharpness, random.dirichlet(np.ones(len(m)), size=starts))
    apart = np.abs(ends[:, None] - points[None]).max(axis=2)
    home = np.where(settled & (apart.min(axis=1) < 1e-3), apart.argmin(axis=1), -1)
    basin = np.array([(home == e).mean() for e in range(len(points))])
    order = np.lexsort((*points.T[::-1], -basin))
    return Equilibria(points[order], radius[order], basin[order], float((home < 0).mean()))


def _roots(m: Floats, sharpness: float, random: np.random.Generator) -> Floats:
    """Newton on logits z = β M softmax(z), from starts inside, near faces and near corners."""
    n = len(m)
    x = np.vstack(
        [random.dirichlet(np.full(n, a), size=SEARCHES // 3) for a in (0.1, 0.5, 3.0)]
        + [np.full((1, n), 1 / n), 0.98 * np.eye(n) + 0.02 / n]
    )
    z = sharpness * x @ m.T
    for _ in range(60):
        x = softmax(z)
        inner = x[:, :, None] * np.eye(n) - x[:, :, None] * x[:, None, :]
        slope = np.eye(n) - sharpness * m @ inner
        gap = z - sharpness * x @ m.T
        step = np.linalg.solve(slope + 1e-12 * np.eye(n), gap[:, :, None])[:, :, 0]
        z = z - step * np.minimum(1.0, 2.0 / np.maximum(np.abs(step).max(axis=1), 1e-300))[:, None]
    x = softmax(z)
    kept = x[np.abs(softmax(sharpness * x @ m.T) - x).max(axis=1) < 1e-9]
    return _distinct(kept)


def _distinct(points: Floats) -> Floats:
    found: list[Floats] = []
    for point in points:
        if all(np.abs(point - other).max() > SAME for other in found):
            found.append(point)
    return np.array(found).reshape(-1, points.shape[1])


def reflect(
    endorsement: Floats, sharpness: float, starts: Floats
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Where reflection leads from each start, and whether it settles there.

    Examples
    --------
    >>> end, settled = reflect(np.eye(2), 4.0, np.array([[0.6, 0.4]]))
    >>> end.round(6).tolist(), settled.tolist()
    ([[0.978752, 0.021248]], [True])
    """
    x = np.array(starts, dtype=np.float64)
    moving = np.arange(len(x))
    for _ in range(ROUNDS):
        after = softmax(sharpness * x[moving] @ endorsement.T)
        moved = np.abs(after - x[moving]).max(axis=1)
        x[moving] = after
        moving = moving[moved > 1e-12]
        if not len(moving):
            break
    settled = np.ones(len(x), dtype=bool)
    settled[moving] = False
    return x, settled


def closed_classes(endorsement: npt.ArrayLike) -> int:
    """Dimension of the fixed mixtures of linear endorsement: its closed classes.

    Parameters
    ----------
    endorsement : (n, n) array
        Rows sum to 1.

    Examples
    --------
    >>> closed_classes(np.eye(3)), closed_classes([[0.5, 0.5], [0.2, 0.8]])
    (3, 1)
    """
    reach = np.asarray(endorsement, dtype=np.float64) > 0
    n = len(reach)
    reach = reach | np.eye(n, dtype=bool)
    for _ in range(max(1, int(np.ceil(np.log2(n))))):
        reach = reach.astype(np.int64) @ reach.astype(np.int64) > 0
    mutual = reach & reach.T
    closed = np.asarray(~(reach & ~mutual).any(axis=1))
    return len({tuple(row) for row, ends in zip(mutual, closed, strict=True) if ends})
