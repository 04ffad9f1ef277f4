"""Several AIs at one table: alternating offers, concession over time, insisting on a concept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dissensus.errors import DissensusError
from dissensus.system.ballots import Ballots
from dissensus.system.conventions import EQUAL, Comparability, gains
from dissensus.system.lotteries import best_worst_off, solve
from dissensus.system.rules import choose

__all__ = [
    "CONCEPTS",
    "Agreement",
    "NegotiationError",
    "alternating_offers",
    "concession",
    "favourite_concepts",
    "insisting",
    "proposer_share",
]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

CONCEPTS = {
    "nash": "nash-lottery",
    "kalai-smorodinsky": "kalai-smorodinsky-lottery",
    "egalitarian": "egalitarian-lottery",
    "utilitarian": "utilitarian",
}
"""Solution concepts that an AI may insist on, and the rule that each is."""

SETTLED = 1e-9
NEAR = 1e-6  # the same where each offer is a linear programme
WASTE = 1e-5  # worth of what others gain, where it costs the proposer nothing
ROOM = 1e-7  # demands that miss each other by less, in shares of a part's largest gain, meet


class NegotiationError(DissensusError, ValueError):
    """A negotiation whose terms make no sense."""


@dataclass(frozen=True, eq=False)
class Agreement:
    """What negotiators end at.

    Attributes
    ----------
    dist : (k,) array, or None
        The lottery that they agree on; None if they do not agree.
    utilities : (n,) array
        What each expects: of the lottery, or of disagreement.
    time : float, or None
        When they agree, as a share of the time allowed; None without an agreement, or where
        time plays no part.
    settled : bool
        Whether more rounds would change nothing: by more than 1e-9 of a part's largest gain, with
        three and more parts by more than 1e-6.
    demands : (n, n) array, or None
        What each (row) asks for all (columns), where they insist.
    """

    dist: Floats | None
    utilities: Floats
    time: float | None = None
    settled: bool = True
    demands: Floats | None = None


def proposer_share(patience: float, other: float) -> float:
    r"""Share of a pie that the first of two to make an offer gets.

    .. math:: x = \frac{1 - \delta_2}{1 - \delta_1 \delta_2}

    ================== ====== =================================================================
    symbol             range  meaning
    ================== ====== =================================================================
    :math:`\delta_1`   [0, 1) ``patience``: worth of a unit one round later, for the proposer
    :math:`\delta_2`   [0, 1) ``other``: for the one who answers
    ================== ====== =================================================================

    Returns
    -------
    float
        1 if the other cannot wait at all, 0 in the limit of an endlessly patient other.

    References
    ----------
    [rubinstein1982]_

    Examples
    --------
    >>> round(proposer_share(0.9, 0.9), 6), round(proposer_share(0.9, 0.8), 6)
    (0.526316, 0.714286)
    """
    _check_patience([patience, other])
    return (1 - other) / (1 - patience * other)


def alternating_offers(
    utilities: npt.ArrayLike,
    patience: npt.ArrayLike,
    disagreement: npt.ArrayLike | None = None,
    rounds: int = 500,
) -> Agreement:
    r"""Where alternating offers over lotteries end, by backward induction.

    .. math:: x^{(t)} = \arg\max_{p \in \Delta} g_{i_t} \cdot p \quad \text{s.t. }
        g_j \cdot p \ge \delta_j\, g_j \cdot x^{(t+1)} \text{ for all } j

    ================== ========== ===========================================================
    symbol             shape      meaning
    ================== ========== ===========================================================
    :math:`g`          ``(n, k)`` gains: ``utilities`` above ``disagreement``
    :math:`\delta_j`   ``(n,)``   ``patience``: worth of a unit one round later, in [0, 1)
    :math:`i_t`                   who makes the offer: all take turns, the first part first
    ================== ========== ===========================================================

    An offer needs everybody's consent; after the last of the ``rounds`` there is disagreement.
    Each round is one linear programme (with two parts, a step on the efficient edge), and the
    rounds stop when a turn of all changes nothing.

    Returns
    -------
    Agreement
        The first offer, which all accept. With equal patience near 1 it is close to the Nash
        lottery; with unequal patience, to the weighted one, weights
        :math:`(1/r_i) / \sum_j (1/r_j)` with :math:`\delta_j = e^{-r_j \Delta}`.

    Raises
    ------
    NegotiationError
        Patience outside [0, 1), or not one a part; fewer than one round.

    References
    ----------
    [rubinstein1982]_, [binmore1986]_.

    Examples
    --------
    A pie, cut by lot between all for one and all for the other:

    >>> found = alternating_offers([[1, 0], [0, 1]], [0.9, 0.9])
    >>> found.dist.round(6).tolist(), found.settled
    ([0.526316, 0.473684], True)
    """
    g = _scaled(utilities, disagreement)
    n, k = g.shape
    delta = np.asarray(patience, dtype=np.float64)
    _check_patience(delta)
    if len(delta) != n:
        raise NegotiationError(
            f"patience of {len(delta)}, and {n} negotiate", "one number each", "give one a part"
        )
    if rounds < 1:
        raise NegotiationError(f"{rounds} rounds", "at least 1", "write rounds = 500")
    edge = _edge(g) if n == 2 else None
    turns = max(1, -(-rounds // n)) * n  # the first part makes the first offer
    after, before = np.zeros(n), np.full(n, np.inf)
    p = np.full(k, 1 / k)
    settled = False
    for back in range(turns):
        proposer = (n - 1 - back) % n
        floor = delta * after
        p = (
            _best_offer(g, proposer, floor)
            if edge is None
            else _offer_on_edge(g, edge, proposer, floor)
        )
        after = np.maximum(g @ p, 0.0)
        if proposer == 0:
            settled = bool(np.abs(after - before).max() <= (NEAR if edge is None else SETTLED))
            if settled:
                break
            before = after
    return Agreement(p, np.asarray(utilities, dtype=np.float64) @ p, settled=settled)


def concession(
    utilities: npt.ArrayLike,
    exponents: npt.ArrayLike,
    disagreement: npt.ArrayLike | None = None,
) -> Agreement:
    r"""Where negotiators meet who ask for less and less as time runs out.

    .. math:: t^* = \min \{ t : \exists p \in \Delta,\; g_i \cdot p \ge (1 - t^{e_i})\, \max g_i
        \text{ for all } i \}

    ============= ========== ====================================================================
    symbol        shape      meaning
    ============= ========== ====================================================================
    :math:`g`     ``(n, k)`` gains: ``utilities`` above ``disagreement``
    :math:`e`     ``(n,)``   ``exponents``, above 0: 1 concedes evenly, more holds out until late,
                             less gives in early
    :math:`t`                time as a share of what is allowed, in [0, 1]
    ============= ========== ====================================================================

    Returns
    -------
    Agreement
        Time 0 if all can have their best, 1 if they meet only when nobody asks for anything.

    Raises
    ------
    NegotiationError
        Exponents not above 0, or not one a part.

    References
    ----------
    [faratin1998]_

    Examples
    --------
    Who holds out gets more: the root of t^5 + t = 1.

    >>> tough = concession([[1, 0], [0, 1]], [5, 1])
    >>> round(tough.time, 6), tough.dist.round(6).tolist()
    (0.754878, [0.754878, 0.245122])
    """
    g = _scaled(utilities, disagreement)
    e = np.asarray(exponents, dtype=np.float64)
    if len(e) != len(g) or not (e > 0).all():
        raise NegotiationError(
            f"exponents {e.tolist()} for {len(g)} parts",
            "one number above 0 a part",
            "write 1 for a part that concedes evenly",
        )
    early, late, p = 0.0, 1.0, np.full(g.shape[1], 1 / g.shape[1])
    first, room = _closest(g, np.ones(len(g)))
    if room >= -ROOM:
        p, late = first, 0.0
    while late - early > 1e-12:
        middle = (early + late) / 2
        offer, room = _closest(g, 1 - middle**e)
        early, late, p = (early, middle, offer) if room >= 0 else (middle, late, p)
    return Agreement(p, np.asarray(utilities, dtype=np.float64) @ p, time=late)


def insisting(
    utilities: npt.ArrayLike,
    concepts: Sequence[str],
    disagreement: npt.ArrayLike | None = None,
    standing: npt.ArrayLike | None = None,
    comparability: Comparability = "full",
) -> Agreement:
    """What becomes of AIs each of which insists on what its own solution concept gives its human.

    Each works out the solution that it holds to be fair, and accepts nothing below its human's
    share of that. If some lottery gives every human as much, what is left above the demands goes
    to the least favoured first, in shares of largest gains; if none does, all get disagreement,
    although each concept alone would have been better for all.

    Parameters
    ----------
    utilities : (n, k) array
    concepts : sequence of str
        One a part: ``nash``, ``kalai-smorodinsky``, ``egalitarian`` or ``utilitarian``.
    disagreement : (n,) array, optional
        Each part's own minimum by default.
    standing : (n,) array, optional
    comparability : str
        What may be said of utilities of different parts: below ``full`` the egalitarian concept
        goes by each part's own range, and the utilitarian one needs ``unit``.

    Returns
    -------
    Agreement
        With ``dist`` None if they fail, and ``demands`` either way.

    Raises
    ------
    NegotiationError
        A concept that is none, or not one a part.

    References
    ----------
    [stastny2021]_

    Examples
    --------
    >>> u = [[9, 0, 6, 0], [0, 5, 4, 0]]
    >>> insisting(u, ["nash", "egalitarian"], [0, 0]).dist is None
    True
    >>> insisting(u, ["nash", "nash"], [0, 0]).utilities.round(6).tolist()
    [6.0, 4.0]
    """
    u = np.asarray(utilities, dtype=np.float64)
    n = len(u)
    unknown = [name for name in concepts if name not in CONCEPTS]
    if len(concepts) != n or unknown:
        raise NegotiationError(
            f"concepts {list(concepts)} for {n} parts",
            f"one a part, of {', '.join(CONCEPTS)}",
            "name a concept for each part",
        )
    low = _disagreement(u, disagreement)
    points = _solutions(u, concepts, low, standing, comparability)
    demands = np.array([low if (p := points[name]) is None else u @ p for name in concepts])
    g = _scaled(u, low)
    most = gains(u, low).max(axis=1)
    floor = (np.diag(demands) - low) / np.where(most > EQUAL, most, 1.0)
    _, room = _closest(g, floor)
    if room < -ROOM:
        return Agreement(None, np.asarray(low, dtype=np.float64), demands=demands)
    offer = best_worst_off(g - floor[:, None])
    return Agreement(offer, u @ offer, demands=demands)


def favourite_concepts(
    utilities: npt.ArrayLike,
    concepts: Sequence[str],
    disagreement: npt.ArrayLike | None = None,
    standing: npt.ArrayLike | None = None,
    comparability: Comparability = "full",
) -> tuple[str, ...]:
    """For each part, the solution concept by which it fares best; the first of equals.

    Examples
    --------
    >>> favourite_concepts([[9, 0, 6, 0], [0, 5, 4, 0]], ["nash", "egalitarian"], [0, 0])
    ('nash', 'egalitarian')
    """
    u = np.asarray(utilities, dtype=np.float64)
    low = _disagreement(u, disagreement)
    points = _solutions(u, concepts, low, standing, comparability)
    table = np.array([low if p is None else u @ p for p in points.values()])
    size = np.maximum(np.abs(u).max(axis=1), np.finfo(float).tiny)
    first = (table >= table.max(axis=0) - 1e-7 * size).argmax(axis=0)
    return tuple(list(points)[place] for place in first)


def _disagreement(u: Floats, disagreement: npt.ArrayLike | None) -> Floats:
    return u.min(axis=1) if disagreement is None else np.asarray(disagreement, dtype=np.float64)


def _solutions(
    u: Floats,
    concepts: Sequence[str],
    low: Floats,
    standing: npt.ArrayLike | None,
    comparability: Comparability,
) -> dict[str, Floats | None]:
    """Lottery of each concept; None if it has none."""
    ballots = Ballots.from_utilities(
        [str(a) for a in range(u.shape[1])], u, standing, comparability, disagreement=low
    )
    return {name: choose(CONCEPTS[name], ballots).dist for name in dict.fromkeys(concepts)}


def _scaled(utilities: npt.ArrayLike, disagreement: npt.ArrayLike | None) -> Floats:
    """Gains as shares of each part's largest, so that no unit enters a programme."""
    u = np.asarray(utilities, dtype=np.float64)
    g = gains(u, _disagreement(u, disagreement))
    most = g.max(axis=1, keepdims=True)
    return np.asarray(g / np.where(most > EQUAL, most, 1.0))


def _edge(g: Floats) -> Codes:
    """Options on the efficient edge of two parts' gains, from the best of the second on."""
    by_first = np.lexsort((g[1], g[0]))[::-1]
    edge: list[int] = []
    for a in by_first:
        if edge and g[1, a] <= g[1, edge[-1]] + EQUAL:
            continue
        while len(edge) > 1:
            (x, y), (p, q) = g[:, edge[-1]] - g[:, edge[-2]], g[:, a] - g[:, edge[-2]]
            if x * q - y * p > 0:  # the last one lies above the line to the new one
                break
            edge.pop()
        edge.append(int(a))
    return np.array(edge[::-1])


def _offer_on_edge(g: Floats, edge: Codes, proposer: int, floor: Floats) -> Floats:
    """Lottery on the edge that is best for one of two and leaves the other its floor."""
    other = 1 - proposer
    order = edge if other == 0 else edge[::-1]  # by rising gain of the other
    place = int(np.searchsorted(g[other, order], floor[other] - 1e-12))
    p = np.zeros(g.shape[1])
    if place == 0:
        p[order[0]] = 1.0
        return p
    low, high = order[place - 1], order[min(place, len(order) - 1)]
    span = g[other, high] - g[other, low]
    share = (floor[other] - g[other, low]) / span if span > 0 else 1.0
    p[low], p[high] = 1 - share, share
    return p


def _best_offer(g: Floats, proposer: int, floor: Floats) -> Floats:
    """Lottery that is best for one and leaves the others their floor."""
    others = [i for i in range(len(g)) if i != proposer]
    one = np.ones((1, g.shape[1]))
    # of offers that are as good for the proposer, one that wastes nothing
    wish = g[proposer] + WASTE * g[others].sum(axis=0)
    solved = solve(-wish, -g[others], -floor[others] + 1e-12, equal=one)
    p = np.maximum(solved.x, 0.0)
    return np.asarray(p / p.sum())


def _closest(g: Floats, targets: Floats) -> tuple[Floats, float]:
    """Lottery whose smallest room above the targets is largest, and that room."""
    n, k = g.shape
    rows = np.hstack([-g, np.ones((n, 1))])
    solved = solve(
        np.append(np.zeros(k), -1.0),
        rows,
        -targets,
        equal=np.append(np.ones(k), 0.0)[None],
        bounds=[(0, None)] * k + [(None, None)],
    )
    p = np.maximum(solved.x[:k], 0.0)
    p = p / p.sum()
    return p, float((g @ p - targets).min())


def _check_patience(patience: Sequence[float] | Floats) -> None:
    wrong = [float(d) for d in patience if not 0 <= d < 1]
    if wrong:
        raise NegotiationError(
            f"patience {wrong[0]:g}",
            "a number in [0, 1): worth of a unit one round later",
            "write 0.99 for a patient part; at 1 nobody has a reason to agree",
        )
