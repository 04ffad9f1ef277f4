"""How opinions move when those who hold them listen to each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = [
    "Opinions",
    "argument_exchange",
    "bounded_confidence",
    "clusters_of",
    "friedkin_johnsen",
    "limit_of",
    "settled_influence",
    "with_keeper",
]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
ALIKE = 1e-6  # opinions that differ by less are one
SETTLED = 1e-10
DOUBLINGS = 64


@dataclass(frozen=True, eq=False)
class Opinions:
    """Opinions after each round.

    Attributes
    ----------
    path : (rounds + 1, n, m) array
    converged : bool
    """

    path: Floats
    converged: bool

    @property
    def end(self) -> Floats:
        """Opinions at the end, (n, m)."""
        return np.asarray(self.path[-1])


def limit_of(influence: npt.ArrayLike) -> Floats | None:
    r"""Say that each part has in what each ends up with, if all keep averaging (DeGroot).

    .. math:: \lim_{t \to \infty} W^t

    Parameters
    ----------
    influence : (n, n) array
        W: how much each (row) heeds each; rows sum to 1.

    Returns
    -------
    (n, n) array, or None
        Equal rows if all end alike; None if opinions go round for ever (a periodic class).

    References
    ----------
    [degroot1974]_.

    Examples
    --------
    >>> limit_of([[0.5, 0.5, 0], [0.25, 0.5, 0.25], [0, 0.5, 0.5]])[0].round(6).tolist()
    [0.25, 0.5, 0.25]
    >>> limit_of([[0, 1], [1, 0]]) is None
    True
    """
    w = np.asarray(influence, dtype=np.float64)
    power = w
    for _ in range(DOUBLINGS):
        power = power @ power
        power = power / power.sum(axis=1, keepdims=True)
        if (
            np.abs(power @ w - power).max() < SETTLED
            and np.abs(power @ power - power).max() < SETTLED
        ):
            return np.asarray(power)
    return None


def friedkin_johnsen(influence: npt.ArrayLike, openness: npt.ArrayLike) -> Floats | None:
    r"""Say of each in what each ends up with, if some stay partly with what they thought at first.

    .. math:: x^* = (I - \Lambda W)^{-1} (I - \Lambda)\, x_0

    Parameters
    ----------
    influence : (n, n) array
        W, rows sum to 1.
    openness : (n,) array
        Diagonal of :math:`\Lambda`: 1 listens only, 0 never moves.

    Returns
    -------
    (n, n) array, or None
        None if somebody heeds nobody stubborn, not even at second hand: then `limit_of` says it.

    References
    ----------
    [friedkin1990]_.

    Examples
    --------
    One stubborn part wins; two divide the others:

    >>> w = [[0.5, 0.5, 0], [0.25, 0.5, 0.25], [0, 0.5, 0.5]]
    >>> (friedkin_johnsen(w, [0.5, 1, 1]) @ [1, 0, 0]).round(6).tolist()
    [1.0, 1.0, 1.0]
    >>> (friedkin_johnsen(w, [0.5, 1, 0.5]) @ [1, 0, 0]).round(6).tolist()
    [0.833333, 0.5, 0.166667]
    """
    w, lam = np.asarray(influence, dtype=np.float64), np.asarray(openness, dtype=np.float64)
    held = np.eye(len(w)) - lam[:, None] * w
    if np.linalg.cond(held) > 1 / SETTLED:
        return None
    return np.asarray(np.linalg.solve(held, np.diag(1 - lam)))


def settled_influence(influence: Floats, openness: Floats) -> Floats | None:
    """Say of each in what each ends up with, (n, n); None if opinions never settle.

    Examples
    --------
    >>> settled_influence(np.eye(2), np.ones(2)).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    if (openness < 1).any():
        found = friedkin_johnsen(influence, openness)
        if found is not None:
            return found
        return _mixed_limit(influence, openness)
    return limit_of(influence)


def _mixed_limit(influence: Floats, openness: Floats) -> Floats | None:
    """Some heed nobody stubborn: first opinions join as voices that never move."""
    n = len(influence)
    whole = np.zeros((2 * n, 2 * n))
    whole[:n, :n] = openness[:, None] * influence
    whole[:n, n:] = np.diag(1 - openness)
    whole[n:, n:] = np.eye(n)
    found = limit_of(whole)
    return None if found is None else np.asarray(found[:n, :n] + found[:n, n:])


def with_keeper(influence: npt.ArrayLike, weight: float) -> Floats:
    """Influence with one more voice, last, that all heed and that heeds nobody.

    Examples
    --------
    However little it is heeded, all end at the keeper's opinion:

    >>> limit_of(with_keeper([[0.5, 0.5], [0.5, 0.5]], 0.001))[0].round(6).tolist()
    [0.0, 0.0, 1.0]
    """
    w = np.asarray(influence, dtype=np.float64)
    n = len(w)
    whole = np.zeros((n + 1, n + 1))
    whole[:n, :n] = (1 - weight) * w
    whole[:, n] = weight
    whole[n] = np.eye(n + 1)[n]
    return whole


def bounded_confidence(opinions: npt.ArrayLike, confidence: float, rounds: int = 1000) -> Opinions:
    r"""Each moves to the mean of all whose opinion is near its own (Hegselmann-Krause).

    .. math:: x_i' = \frac{1}{|N_i|} \sum_{j \in N_i} x_j, \qquad
        N_i = \{j : \max_a |x_i(a) - x_j(a)| \le \varepsilon\}

    Parameters
    ----------
    opinions : (n, m) array
    confidence : float
        :math:`\varepsilon`; beyond it nobody listens.
    rounds : int
        At most so many.

    References
    ----------
    [hegselmann2002]_.

    Examples
    --------
    >>> spaced = np.linspace(0, 1, 21)[:, None]
    >>> [len(set(clusters_of(bounded_confidence(spaced, e).end))) for e in (0.04, 0.27)]
    [21, 1]
    """
    x = np.asarray(opinions, dtype=np.float64)
    path = [x]
    for _ in range(rounds):
        near = np.abs(x[:, None] - x[None]).max(axis=2) <= confidence + 1e-12
        moved = near @ x / near.sum(axis=1, keepdims=True)
        path.append(moved)
        if np.abs(moved - x).max() < SETTLED:
            return Opinions(np.array(path), converged=True)
        x = moved
    return Opinions(np.array(path), converged=False)


def argument_exchange(
    held: npt.ArrayLike, arguments: npt.ArrayLike, rounds: int, homophily: float, seed: int
) -> Opinions:
    r"""Parts pass arguments on, to those who think alike; who takes one drops its oldest.

    .. math:: u_i = \sum_{r \in H_i} v_r, \qquad
        P(i \text{ hears } j) \propto \left(1 - \frac{d(u_i, u_j)}{\max d}\right)^h

    Parameters
    ----------
    held : (n, r) array
        Which arguments each holds at first: not 0.
    arguments : (r, m) array
        v: what each argument says for each option, or against it.
    rounds : int
        Talks at most; one part hears one other in each.
    homophily : float
        h: 0 hears anybody, large ones only those who think alike.
    seed : int

    Returns
    -------
    Opinions
        Converged once no talk can change anything.

    References
    ----------
    [mas2013]_.

    Examples
    --------
    >>> found = argument_exchange([[1, 0], [1, 0]], [[1, 0], [0, 1]], 10, 1, 0)
    >>> found.end.tolist(), found.converged
    ([[1.0, 0.0], [1.0, 0.0]], True)
    """
    holds = np.asarray(held, dtype=np.float64) != 0
    says = np.asarray(arguments, dtype=np.float64)
    random = np.random.default_rng(seed)
    age = np.where(holds, random.random(holds.shape), np.inf)  # the smallest is the oldest
    n = len(holds)
    path = [holds @ says]
    for talk in range(rounds):
        x = path[-1]
        apart = np.abs(x[:, None] - x[None]).sum(axis=2)
        widest = apart.max()
        alike = 1 - apart / widest if widest > 0 else np.ones((n, n))
        hears = np.where(np.eye(n, dtype=bool), 0.0, alike**homophily)
        news = holds.astype(np.int64) @ (~holds).T.astype(np.int64) > 0  # j tells i: [j, i]
        open_ = (hears > 0) & news.T
        if not open_.any():
            return Opinions(np.array(path), converged=True)
        i = int(random.integers(n))
        if hears[i].sum() > 0:
            j = int(random.choice(n, p=hears[i] / hears[i].sum()))
            told = np.flatnonzero(holds[j] & ~holds[i])
            if len(told):
                new = int(random.choice(told))
                oldest = int(np.argmin(age[i]))
                if holds[i].any():
                    holds[i, oldest], age[i, oldest] = False, np.inf
                holds[i, new], age[i, new] = True, float(talk + 1)
        path.append(holds @ says)
    return Opinions(np.array(path), converged=False)


def clusters_of(opinions: npt.ArrayLike) -> Codes:
    """Number of the cluster of each part: those with one opinion.

    Examples
    --------
    >>> clusters_of([[0.5, 1], [0, 0], [0.5, 1]]).tolist()
    [0, 1, 0]
    """
    x = np.asarray(opinions, dtype=np.float64)
    scale = max(1.0, float(np.abs(x).max(initial=0.0)))
    near = np.abs(x[:, None] - x[None]).max(axis=2) <= ALIKE * scale
    first = near.argmax(axis=1)
    return np.asarray(np.unique(first, return_inverse=True)[1])
