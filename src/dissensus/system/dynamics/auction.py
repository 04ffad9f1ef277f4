"""Second-price auctions of compute: what a ring of bidders takes, and how it is found out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from dissensus.errors import DissensusError

__all__ = [
    "SCREENS",
    "AuctionError",
    "AuctionTerms",
    "Regulation",
    "Screen",
    "capped_shares",
    "regulation",
    "revenue",
    "screens",
]

Floats = npt.NDArray[np.float64]
Screening = Literal["correlation", "variance", "rotation"]
SCREENS: tuple[Screening, ...] = ("correlation", "variance", "rotation")


class AuctionError(DissensusError, ValueError):
    """An auction that nobody can hold."""


@dataclass(frozen=True)
class AuctionTerms:
    """An auction of one block, values uniform on [0, 1], and the ring inside it.

    Attributes
    ----------
    bidders : int
        At least 2.
    ring : int
        Members of the ring: 0 or 1 for none.
    reserve : float
        Lowest price, in [0, 1).
    side_payments : bool
        With them, the ring sends the member that values the block most; without, the members take
        turns.
    """

    bidders: int
    ring: int = 0
    reserve: float = 0.0
    side_payments: bool = True

    def __post_init__(self) -> None:
        if self.bidders < 2 or not 0 <= self.ring <= self.bidders:
            raise AuctionError(
                f"{self.bidders} bidders with a ring of {self.ring}",
                "at least 2 bidders, and a ring of at most all of them",
                "correct it",
            )
        if not 0 <= self.reserve < 1:
            raise AuctionError(
                f"reserve {self.reserve:g}", "a price in [0, 1)", "values are between 0 and 1"
            )


def revenue(terms: AuctionTerms) -> float:
    r"""Expected revenue of a second-price auction.

    .. math:: R = r\,P(v_{(1)} \ge r) + \int_r^1 P(v_{(2)} > x)\, dx

    ================ ====================================================================
    symbol           meaning
    ================ ====================================================================
    :math:`r`        ``reserve``
    :math:`v_{(1)}`  largest value among those who bid: outsiders, and the one that the
                     ring sends
    :math:`v_{(2)}`  second largest among them
    ================ ====================================================================

    Exact: the chances are polynomials.

    References
    ----------
    [vickrey1961]_, [marshall2012]_.

    Examples
    --------
    >>> honest, ring = AuctionTerms(3), AuctionTerms(3, ring=2)
    >>> revenue(honest), round(revenue(ring), 6)
    (0.5, 0.416667)
    >>> round(revenue(AuctionTerms(3, reserve=0.5)), 6)
    0.53125
    >>> round(revenue(AuctionTerms(3, ring=2, reserve=0.5)), 6)
    0.505208
    """
    r = terms.reserve
    # values of those who bid are x^power: the largest of a ring's, or one
    powers = [1] * (terms.bidders - max(terms.ring, 1))
    powers.append(max(terms.ring, 1) if terms.side_payments else 1)
    below = np.polynomial.Polynomial([1.0])
    x = np.polynomial.Polynomial([0.0, 1.0])
    for power in powers:
        below *= x**power
    just_one = np.polynomial.Polynomial([0.0])
    for i, power in enumerate(powers):
        rest = np.polynomial.Polynomial([1.0])
        for j, other in enumerate(powers):
            if j != i:
                rest *= x**other
        just_one += (1 - x**power) * rest
    second = (1 - below - just_one).integ()
    return round(float(r * (1 - below(r)) + second(1.0) - second(r)), 15)


@dataclass(frozen=True)
class Screen:
    """A test for rings on the bids of two bidders.

    Attributes
    ----------
    name : str
    honest, ring : float
        Mean of its statistic over rounds of honest bidders, and of a ring.
    threshold : float
        Values beyond it are called a ring.
    false_alarm : float
        Share of honest markets that it calls rings, on draws that did not set the threshold.
    power : float
        Share of rings that it finds.
    """

    name: str
    honest: float
    ring: float
    threshold: float
    false_alarm: float
    power: float


def screens(
    terms: AuctionTerms,
    rounds: int = 50,
    *,
    level: float = 0.05,
    markets: int = 2000,
    seed: int = 0,
) -> tuple[Screen, ...]:
    r"""Power and false alarms of screens for rings, by simulation.

    ============= ===========================================================================
    screen        statistic on the bids of two members, over ``rounds`` auctions
    ============= ===========================================================================
    correlation   of the two bids: 0 if honest; :math:`-\tfrac{4}{5}` in a ring of two whose
                  loser bids nothing
    variance      of the bids: a loser that bids nothing spreads them
    rotation      share of rounds after which the higher of the two changes:
                  :math:`\tfrac{1}{2}` if honest, 1 if they take turns
    ============= ===========================================================================

    Thresholds are the quantiles of half of the honest markets at the ``level`` asked for; the false
    alarms are counted on the other half.

    Returns
    -------
    tuple of Screen
        Power near ``level`` is no better than a coin that is thrown at that rate.

    Raises
    ------
    AuctionError
        A ring of fewer than two: there is nothing to find.

    References
    ----------
    [bajari2003]_: conditional independence and exchangeability; the simulation is ours.

    Examples
    --------
    >>> found = screens(AuctionTerms(3, ring=2), rounds=50, markets=400)
    >>> [(one.name, one.power > 0.9) for one in found]
    [('correlation', True), ('variance', True), ('rotation', False)]
    """
    if terms.ring < 2:
        raise AuctionError(
            f"a ring of {terms.ring}", "a ring of at least 2", "write ring = 2, or look for none"
        )
    if rounds < 3 or not 0 < level < 1:
        raise AuctionError(
            f"{rounds} rounds at level {level:g}", "at least 3 rounds, a level in (0, 1)", "correct"
        )
    random = np.random.default_rng(seed)
    honest = _statistics(random.random((2 * markets, rounds, 2)))
    ring = _statistics(_ring_bids(terms, (markets, rounds), random))
    out = []
    for name, low in (("correlation", True), ("variance", False), ("rotation", False)):
        sign = -1.0 if low else 1.0
        known, fresh, caught = (
            sign * honest[name][:markets],
            sign * honest[name][markets:],
            sign * ring[name],
        )
        threshold = float(np.quantile(known, 1 - level))
        out.append(
            Screen(
                name,
                float(honest[name].mean()),
                float(ring[name].mean()),
                sign * threshold,
                float((fresh > threshold).mean()),
                float((caught > threshold).mean()),
            )
        )
    return tuple(out)


@dataclass(frozen=True)
class Regulation:
    """A rule of the market, and what it costs a ring.

    Attributes
    ----------
    name : str
    honest, collusive : float
        Expected revenue without and with the ring.
    loss : float
        The difference.
    """

    name: str
    honest: float
    collusive: float
    loss: float


def regulation(terms: AuctionTerms, reserve: float = 0.5) -> tuple[Regulation, ...]:
    """What a ring takes under different rules of the market.

    Examples
    --------
    >>> for one in regulation(AuctionTerms(3, ring=2)):
    ...     print(f"{one.name}: {one.loss:.4f}")
    no rule: 0.0833
    reserve price 0.5: 0.0260
    no side payments: 0.1667
    reserve price 0.5, no side payments: 0.1146
    """
    cases = (
        ("no rule", 0.0, True),
        (f"reserve price {reserve:g}", reserve, True),
        ("no side payments", 0.0, False),
        (f"reserve price {reserve:g}, no side payments", reserve, False),
    )
    out = []
    for name, price, paid in cases:
        honest = revenue(AuctionTerms(terms.bidders, 0, price))
        collusive = revenue(AuctionTerms(terms.bidders, terms.ring, price, paid))
        out.append(Regulation(name, honest, collusive, honest - collusive))
    return tuple(out)


def capped_shares(shares: npt.ArrayLike, cap: float) -> Floats:
    """Shares of the say under a cap: what is above it goes to the others, in proportion.

    Raises
    ------
    AuctionError
        A cap at which the shares cannot sum to 1.

    Examples
    --------
    >>> capped_shares([0.7, 0.2, 0.1], 0.5).round(6).tolist()
    [0.5, 0.333333, 0.166667]
    """
    s = np.asarray(shares, dtype=np.float64)
    s = s / s.sum()
    if cap * int((s > 0).sum()) < 1 - 1e-12:
        raise AuctionError(
            f"a cap of {cap:g} on {int((s > 0).sum())} shares",
            "a cap at which they can sum to 1",
            f"write cap = {1 / max((s > 0).sum(), 1):g} or more",
        )
    held = np.zeros(len(s), dtype=bool)
    while True:
        free = ~held & (s > 0)
        rest = s[free].sum()
        scale = (1 - cap * held.sum()) / rest if rest > 0 else 0.0
        now = np.where(held, cap, s * scale)
        over = ~held & (now > cap + 1e-12)
        if not over.any():
            return np.asarray(now)
        held |= over


def _ring_bids(terms: AuctionTerms, size: tuple[int, int], random: np.random.Generator) -> Floats:
    """Bids of two members of a ring; who is not sent bids nothing."""
    values = random.random((*size, terms.ring))
    if terms.side_payments:
        sent = values.argmax(axis=-1)
    else:
        sent = np.broadcast_to(np.arange(size[1]) % terms.ring, size)
    bids = np.where(np.arange(terms.ring) == sent[..., None], values, 0.0)
    return np.asarray(bids[..., :2])


def _statistics(bids: Floats) -> dict[str, Floats]:
    """Statistics of each market, from bids (markets, rounds, 2)."""
    apart = bids - bids.mean(axis=1, keepdims=True)
    spread = (apart**2).sum(axis=1)
    both = np.sqrt(spread.prod(axis=1))
    shared = (apart[..., 0] * apart[..., 1]).sum(axis=1)
    ahead = bids[..., 0] > bids[..., 1]
    known = bids[..., 0] != bids[..., 1]
    turned = (ahead[:, 1:] != ahead[:, :-1]) & known[:, 1:] & known[:, :-1]
    return {
        "correlation": np.where(both > 0, shared / np.where(both > 0, both, 1.0), 0.0),
        "variance": bids.reshape(len(bids), -1).var(axis=1),
        "rotation": turned.mean(axis=1),
    }
