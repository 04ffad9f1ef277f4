"""Markets: what parts buy, whose say compute buys, caricatures, rings and rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dissensus.system.conventions import range_normalised
from dissensus.system.dynamics.auction import AuctionTerms, capped_shares, regulation, screens
from dissensus.system.dynamics.catalogue import mechanism
from dissensus.system.dynamics.exchange import (
    Equilibrium,
    MarketError,
    fisher_market,
    kelly_wealth,
    share_of_say,
    simplification_threshold,
)
from dissensus.system.dynamics.parameters import parameter
from dissensus.system.dynamics.simulation import Simulation, Table
from dissensus.system.scale import reliability
from dissensus.system.system import expected_utilities

if TYPE_CHECKING:
    from dissensus.system.audit.case import Case
    from dissensus.system.system import System

__all__ = ["Market", "market"]

Floats = npt.NDArray[np.float64]
MARKETS = 1500
MOVED = 0.05


@dataclass(frozen=True)
class Market:
    """Parameters of `market`."""

    goods: tuple[str, ...] | None = parameter(
        "Names of the goods; else the options, as shares of the time.", None
    )
    worth: npt.NDArray[np.float64] | None = parameter(
        "What one unit of each good gives each part; with goods.",
        None,
        shape=("parts", "goods"),
        least=0,
    )
    budgets: Mapping[str, float] | None = parameter(
        "Money of each part; its standing for those left out.", None, above=0
    )
    proxy_fidelity: float = parameter(
        "How much of its values a part keeps as a caricature of itself.", 0.6, above=0, most=1
    )
    proxy_hardness: float = parameter("How hard the caricature is to compute.", 1.0, least=0)
    cap: float | None = parameter("Largest share of the say that the rules allow.", None, most=1)
    bidders: int = parameter("Bidders for a block of compute.", 3, least=2)
    ring: int = parameter("How many of them collude.", 2, least=2)
    reserve: float = parameter("Lowest price that a regulator sets.", 0.5, least=0, most=0.999)
    auctions: int = parameter("Auctions that a screen for rings sees.", 50, least=3)
    level: float = parameter("False alarms that a screen may raise.", 0.05, above=0, most=0.5)


@mechanism(
    name="market",
    label="Markets",
    question="What do the parts buy, what does it do to them, and who watches?",
    symbol="p, x",
    reference="eisenberg1959, vickrey1961, bajari2003",
    parameters=Market,
    needs=("utilities", "range", "several parts"),
)
def market(case: Case, parameters: Market, seed: int) -> Simulation:
    """A market for what the parts want, the say that compute buys, caricatures and rings.

    Returns
    -------
    Simulation
        ``SIMPLIFIES`` if some part does better as a caricature of itself, ``TILTS`` if compute
        moves a share of the say by more than 0.05, else ``EVEN``.

    Raises
    ------
    MarketError
        Goods without a worth, or a worth that does not fit them.

    References
    ----------
    [eisenberg1959]_, [jain2010]_, [bajari2003]_, [marshall2012]_, [christiano2019]_.
    """
    system = case.system
    names = [part.name for part in system.parts]
    goods, worth = _goods(system, parameters)
    at_stake = worth.max(axis=1) > 0
    budgets = np.array([(parameters.budgets or {}).get(p.name, p.standing) for p in system.parts])
    sold = fisher_market(worth[at_stake][:, (worth > 0).any(axis=0)], budgets[at_stake])
    bought = np.full(len(names), np.nan)
    bought[at_stake] = sold.utilities / worth[at_stake].sum(axis=1)
    compute = np.array([part.compute for part in system.parts])
    hardness = np.array([part.hardness for part in system.parts])
    before = budgets / budgets.sum()
    say = share_of_say(budgets, compute, hardness)
    capped = say if parameters.cap is None else capped_shares(say, parameters.cap)
    fidelity = reliability(compute, hardness)
    thresholds = [
        simplification_threshold(1.0, h, parameters.proxy_fidelity, parameters.proxy_hardness)
        for h in hardness
    ]
    proxy = parameters.proxy_fidelity * reliability(compute, parameters.proxy_hardness)
    simple = (proxy > fidelity) & (hardness > 0)
    lost = float(before @ np.where(simple, 1 - parameters.proxy_fidelity, 0.0))
    rows = Table(
        "The say before and after the market",
        {
            "part": names,
            "budget": budgets,
            "bought": bought,
            "weight_before": before,
            "weight": capped,
            "fidelity": fidelity,
            "simplification_threshold": [None if t is None else max(0.0, t) for t in thresholds],
            "is_simplified": simple,
        },
        {
            "bought": "no good is of use to the part",
            "simplification_threshold": "the caricature loses nothing: it pays at any compute",
        },
    )
    tables = {
        "prices": _prices(
            sold,
            [g for g, w in zip(goods, worth.T, strict=True) if w.max() > 0],
            [n for n, s in zip(names, at_stake, strict=True) if s],
        ),
        "regulation": _regulation(parameters),
        "screens": _screens(parameters, seed),
    }
    if any(part.model is not None for part in system.parts):
        tables["bets"] = _bets(system, before)
    moved = float(np.abs(say - before).sum() / 2)
    told = [
        f"below {t:.3g} units of compute, part {name} does better as a caricature of itself"
        for name, t, yes in zip(names, thresholds, simple, strict=True)
        if yes and t is not None
    ]
    gain = int((say - before).argmax())
    shift = (
        f"compute moves {100 * moved:.3g}% of the say, most of it to {names[gain]}"
        if moved > MOVED
        else "compute leaves the say as the budgets have it"
    )
    return Simulation(
        "SIMPLIFIES" if told else "TILTS" if moved > MOVED else "EVEN",
        f"{'; '.join([*told[:2], shift])}.",
        rows,
        tables,
        {"say_moved": moved, "complexity_lost": lost, "market_gap": sold.gap},
        trace=(f"duality gap of the market: {sold.gap:.1e}",),
        conventions={
            "goods": "as stated"
            if parameters.goods
            else "shares of the time of each option, with utilities on each part's own range",
            "auctions": "second price, values uniform on [0, 1] and independent",
        },
    )


def _goods(system: System, parameters: Market) -> tuple[list[str], Floats]:
    if parameters.goods is None and parameters.worth is None:
        return list(system.actions), range_normalised(expected_utilities(system))
    goods, worth = list(parameters.goods or ()), parameters.worth
    if not goods or worth is None or worth.shape[1] != len(goods):
        raise MarketError(
            f"{len(goods)} goods, and a worth of "
            f"{'none' if worth is None else worth.shape[1]} of them",
            "the name of each good, and what it gives each part",
            "write goods = [...] and worth = [[...], ...] with one number a good in each row",
        )
    return goods, worth


def _prices(sold: Equilibrium, goods: list[str], names: list[str]) -> Table:
    return Table(
        "What is bought, at which prices",
        {
            "good": [good for good in goods for _ in names],
            "price": np.repeat(sold.prices, len(names)),
            "part": names * len(goods),
            "allocation": sold.allocation.T.ravel(),
        },
    )


def _bets(system: System, wealth: Floats) -> Table:
    """Price of each observation if the parts bet on it, and who has how much once it occurs."""
    models = [part.model or system.world for part in system.parts]
    columns: dict[str, list[Any]] = {
        name: [] for name in ("observation", "bet_price", "part", "weight_before", "weight")
    }
    if len({model.observations for model in models}) > 1:
        raise MarketError(
            "parts whose models have different observations",
            "the same observations to bet on",
            "name the observations alike in every model",
        )
    beliefs = np.array([m.initial_belief @ m.observation_probabilities for m in models])
    for place, seen in enumerate(models[0].observations):
        possible = bool((wealth @ beliefs)[place] > 0)
        price, after = kelly_wealth(wealth, beliefs, place) if possible else (np.zeros(0), None)
        for i, part in enumerate(system.parts):
            columns["observation"].append(seen)
            columns["bet_price"].append(float(price[place]) if possible else 0.0)
            columns["part"].append(part.name)
            columns["weight_before"].append(float(wealth[i]))
            columns["weight"].append(None if after is None else float(after[i]))
    return Table(
        "Bets on what will be seen: its price, and the say after it",
        columns,
        {"weight": "nobody holds it possible"},
    )


def _regulation(parameters: Market) -> Table:
    terms = AuctionTerms(parameters.bidders, min(parameters.ring, parameters.bidders))
    found = regulation(terms, parameters.reserve)
    return Table(
        "What a ring takes from an auction of compute, by the rules",
        {
            "regulation": [one.name for one in found],
            "honest_revenue": [one.honest for one in found],
            "ring_revenue": [one.collusive for one in found],
            "revenue_loss": [one.loss for one in found],
        },
    )


def _screens(parameters: Market, seed: int) -> Table:
    columns: dict[str, list[Any]] = {
        name: []
        for name in (
            "screen",
            "ring_kind",
            "honest_statistic",
            "ring_statistic",
            "power",
            "false_alarm",
        )
    }
    ring = min(parameters.ring, parameters.bidders)
    for paid, kind in ((True, "side payments"), (False, "turns")):
        terms = AuctionTerms(parameters.bidders, ring, side_payments=paid)
        for one in screens(
            terms, parameters.auctions, level=parameters.level, markets=MARKETS, seed=seed
        ):
            for name, value in (
                ("screen", one.name),
                ("ring_kind", kind),
                ("honest_statistic", one.honest),
                ("ring_statistic", one.ring),
                ("power", one.power),
                ("false_alarm", one.false_alarm),
            ):
                columns[name].append(value)
    return Table("Screens that look for a ring", columns)
