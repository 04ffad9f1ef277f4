"""Prices: a Fisher market for what parts want, a market maker for what they believe."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dissensus.errors import DissensusError
from dissensus.system.scale import reliability

__all__ = [
    "Equilibrium",
    "MarketError",
    "fisher_market",
    "kelly_wealth",
    "lmsr_cost",
    "lmsr_price",
    "share_of_say",
    "simplification_threshold",
]

Floats = npt.NDArray[np.float64]
GAP = 1e-9
ROUNDS = 200


class MarketError(DissensusError, ValueError):
    """A market without goods, buyers or money."""


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """Prices at which everything is sold and everybody has the best that their budget buys.

    Attributes
    ----------
    prices : (m,) array
        Sum to the sum of the budgets.
    allocation : (n, m) array
        Share of each good that each buyer has.
    utilities : (n,) array
    gap : float
        Bound on how far the weighted log utilities are below their maximum, as a share of the
        budgets.
    """

    prices: Floats
    allocation: Floats
    utilities: Floats
    gap: float


def fisher_market(utilities: npt.ArrayLike, budgets: npt.ArrayLike) -> Equilibrium:
    r"""Equilibrium of a Fisher market with linear utilities, by the Eisenberg-Gale programme.

    .. math:: \max_{x \ge 0} \sum_i B_i \log (u_i \cdot x_i) \quad \text{s.t. }
        \sum_i x_{ij} = 1 \text{ for all } j

    The multipliers of the goods are the prices. A primal-dual interior-point method; each step
    solves one system with as many unknowns as there are goods.

    ========= ========== ======================================================================
    symbol    shape      meaning
    ========= ========== ======================================================================
    :math:`u` ``(n, m)`` ``utilities``: what one unit of each good gives each buyer, at least 0
    :math:`B` ``(n,)``   ``budgets``, above 0
    :math:`x` ``(n, m)`` who has how much of which good
    ========= ========== ======================================================================

    Returns
    -------
    Equilibrium
        With equal budgets nobody would rather have what another has.

    Raises
    ------
    MarketError
        No goods or buyers, a negative utility, a budget not above 0, or a buyer or good without
        any use.

    References
    ----------
    [eisenberg1959]_, [jain2010]_.

    Examples
    --------
    >>> found = fisher_market([[2, 1], [1, 2]], [1, 3])
    >>> found.prices.round(6).tolist(), found.allocation.round(6).tolist()
    ([1.333333, 2.666667], [[0.75, 0.0], [0.25, 1.0]])
    """
    u, B = np.asarray(utilities, dtype=np.float64), np.asarray(budgets, dtype=np.float64)
    _check(u, B)
    scaled = u / u.max(axis=1, keepdims=True)
    money = B / B.sum()
    n, m = u.shape
    x = np.full((n, m), 1 / n)
    p = np.full(m, 1 / m)
    z = np.full((n, m), 1 / (n * m))
    best: tuple[float, Floats, Floats] = (np.inf, x, p)
    for _ in range(ROUNDS):
        v = (scaled * x).sum(axis=1)
        mu = 0.1 * float((x * z).sum()) / (n * m)
        slope = (money / v)[:, None] * scaled
        # H_i = (B/v^2) u u' + diag(z/x), inverted by Sherman and Morrison, per buyer
        d = x / z
        du = d * scaled
        bend = money / v**2
        factor = bend / (1 + bend * (du * scaled).sum(axis=1))
        right = slope - p + mu / x

        def turned(y: Floats, d: Floats = d, du: Floats = du, factor: Floats = factor) -> Floats:
            return np.asarray(d * y - (factor * (du * y).sum(axis=1))[:, None] * du)

        table = np.diag(d.sum(axis=0)) - (du * factor[:, None]).T @ du
        dp = np.linalg.solve(table, turned(right).sum(axis=0) - 1 + x.sum(axis=0))
        dx = turned(right - dp)
        dz = (mu - z * dx) / x - z
        forward = min(1.0, _room(x, dx), _room(v, (scaled * dx).sum(axis=1), 0.9))
        x = x + forward * dx
        back = min(1.0, _room(z, dz))
        z, p = z + back * dz, p + back * dp
        sold = x / x.sum(axis=0)
        prices = p / p.sum()  # what is spent is all the money
        gap = _gap(scaled, money, sold, prices)
        if gap < best[0]:
            best = (gap, sold, prices)
        if float((x * z).sum()) < 1e-15 or (best[0] < GAP / 1000 and gap >= best[0]):
            break
    gap, sold, p = best
    tidy = np.where(sold > 1e-9, sold, 0.0)
    tidy /= tidy.sum(axis=0)
    return Equilibrium(p * B.sum(), tidy, (u * tidy).sum(axis=1), gap)


def lmsr_cost(shares: npt.ArrayLike, liquidity: float, held: npt.ArrayLike | None = None) -> float:
    r"""Cost of shares from Hanson's market maker.

    .. math:: C(q + s) - C(q), \qquad C(q) = b \log \sum_x e^{q_x / b}

    ========= ======== ====================================================================
    symbol    shape    meaning
    ========= ======== ====================================================================
    :math:`s` ``(m,)`` ``shares`` bought of each outcome
    :math:`q` ``(m,)`` ``held``: shares sold before; none by default
    :math:`b` > 0      ``liquidity``: the maker loses at most :math:`b \log m`
    ========= ======== ====================================================================

    References
    ----------
    [hanson2003]_

    Examples
    --------
    >>> round(lmsr_cost([100, 0], 100), 6)
    62.011451
    """
    if not liquidity > 0:
        raise MarketError(f"liquidity {liquidity:g}", "a number above 0", "write liquidity = 100")
    s = np.asarray(shares, dtype=np.float64)
    q = np.zeros_like(s) if held is None else np.asarray(held, dtype=np.float64)
    after, before = (np.logaddexp.reduce(v / liquidity) for v in (q + s, q))
    return float(liquidity * (after - before))


def lmsr_price(held: npt.ArrayLike, liquidity: float) -> Floats:
    r"""Prices of the outcomes: :math:`e^{q_x / b} / \sum_y e^{q_y / b}`.

    Examples
    --------
    >>> lmsr_price([100, 0], 100).round(6).tolist()
    [0.731059, 0.268941]
    """
    if not liquidity > 0:
        raise MarketError(f"liquidity {liquidity:g}", "a number above 0", "write liquidity = 100")
    q = np.asarray(held, dtype=np.float64) / liquidity
    weight = np.exp(q - q.max())
    return np.asarray(weight / weight.sum())


def kelly_wealth(
    wealth: npt.ArrayLike, beliefs: npt.ArrayLike, outcome: int
) -> tuple[Floats, Floats]:
    r"""Price that bettors make who stake all they have by their beliefs, and who then has what.

    .. math:: \pi_x = \sum_i w_i b_i(x), \qquad w_i' = w_i \frac{b_i(x)}{\pi_x}

    Parameters
    ----------
    wealth : (n,) array
        Above 0; as shares.
    beliefs : (n, m) array
    outcome : int
        What occurs.

    Returns
    -------
    (m,) array
        The prices: beliefs, pooled linearly by wealth.
    (n,) array
        Wealth afterwards, as shares.

    Raises
    ------
    MarketError
        Nobody held the outcome possible.

    References
    ----------
    [kelly1956]_, [beygelzimer2012]_.

    Examples
    --------
    >>> price, after = kelly_wealth([0.35, 0.65], [[0.7, 0.3], [0.5, 0.5]], outcome=0)
    >>> round(float(price[0]), 6), after.round(6).tolist()
    (0.57, [0.429825, 0.570175])
    """
    w, b = np.asarray(wealth, dtype=np.float64), np.asarray(beliefs, dtype=np.float64)
    w = w / w.sum()
    price = w @ b
    if not price[outcome] > 0:
        raise MarketError(
            f"outcome {outcome}, which nobody held possible",
            "an outcome with a chance in somebody's belief",
            "give it a chance",
        )
    return np.asarray(price), np.asarray(w * b[:, outcome] / price[outcome])


def share_of_say(budgets: npt.ArrayLike, compute: npt.ArrayLike, hardness: npt.ArrayLike) -> Floats:
    r"""Share of the say where parts bid with what they have worked out of their values.

    .. math:: \frac{B_i \rho_i}{\sum_j B_j \rho_j}, \qquad \rho_i = \frac{c_i}{c_i + h_i}

    Examples
    --------
    >>> share_of_say([1, 1], 1, [1, 9]).round(6).tolist()
    [0.833333, 0.166667]
    """
    weight = np.asarray(budgets, dtype=np.float64) * reliability(compute, hardness)
    total = float(weight.sum())
    if not total > 0:
        raise MarketError(
            "nobody has a budget, or has worked anything out",
            "some part with a budget and compute above 0",
            "raise compute",
        )
    return np.asarray(weight / total)


def simplification_threshold(
    fidelity: float, hardness: float, proxy_fidelity: float, proxy_hardness: float
) -> float | None:
    r"""Compute below which a part does better as a caricature of itself.

    .. math:: c^* = \frac{\varphi' h - \varphi h'}{\varphi - \varphi'}, \qquad
        \frac{\varphi' c}{c + h'} > \frac{\varphi c}{c + h} \iff c < c^*

    ================ ========== ================================================================
    symbol           range      meaning
    ================ ========== ================================================================
    :math:`\varphi`  (0, 1]     ``fidelity`` of the full values
    :math:`h`        >= 0       ``hardness`` of the full values
    :math:`\varphi'` (0, 1]     ``proxy_fidelity``: what of them the simple version keeps
    :math:`h'`       >= 0       ``proxy_hardness``
    ================ ========== ================================================================

    Returns
    -------
    float or None
        0 or less never pays; None if it pays at any compute (the proxy loses nothing).

    References
    ----------
    The model is ours; the worry is [christiano2019]_'s.

    Examples
    --------
    >>> round(simplification_threshold(1, 9, 0.6, 1), 9)
    11.0
    """
    for name, value in (("fidelity", fidelity), ("proxy_fidelity", proxy_fidelity)):
        if not 0 < value <= 1:
            raise MarketError(f"{name} {value:g}", "a number in (0, 1]", "correct it")
    if min(hardness, proxy_hardness) < 0:
        raise MarketError("a negative hardness", "numbers of at least 0", "correct it")
    if proxy_fidelity >= fidelity:
        return None if proxy_hardness < hardness or proxy_fidelity > fidelity else 0.0
    return (proxy_fidelity * hardness - fidelity * proxy_hardness) / (fidelity - proxy_fidelity)


def _gap(u: Floats, B: Floats, x: Floats, p: Floats) -> float:
    """Duality gap of an allocation and prices, for budgets that sum to 1."""
    v = (u * x).sum(axis=1)
    if (v <= 0).any() or (p <= 0).any():
        return np.inf
    bang = (u / p).max(axis=1)
    return float(p.sum() - 1 + B @ np.log(bang * B / v))


def _room(point: Floats, step: Floats, share: float = 0.995) -> float:
    falling = step < 0
    return float(share * (point[falling] / -step[falling]).min()) if falling.any() else 1.0


def _check(u: Floats, B: Floats) -> None:
    if u.ndim != 2 or not u.size:
        raise MarketError(
            "a market without goods or without buyers",
            "a row of utilities a buyer, one number a good",
            "name the goods, and what each gives each buyer",
        )
    if B.shape != (len(u),) or not (B > 0).all():
        raise MarketError(
            f"budgets {B.tolist()} of {len(u)} buyers",
            "one number above 0 a buyer",
            "leave out who has no money",
        )
    if (u < 0).any():
        raise MarketError(
            f"utility {u.min():g} of a good", "numbers of at least 0", "goods are goods: shift them"
        )
    if not (u.max(axis=1) > 0).all() or not (u.max(axis=0) > 0).all():
        who = "buyer" if not (u.max(axis=1) > 0).all() else "good"
        raise MarketError(
            f"a {who} without any use",
            "every buyer wants some good, every good is wanted",
            "leave it out",
        )
