"""Any rule of the package pref_voting by its name there, as in ``pref_voting:Split Cycle``."""

from __future__ import annotations

from fractions import Fraction
from importlib import import_module
from math import lcm
from typing import Any

import numpy as np

from dissensus.errors import nearest
from dissensus.system.ballots import Ballots
from dissensus.system.choice import Choice
from dissensus.system.rules.catalogue import RuleError, rule

__all__ = ["pref_voting"]

MOST_COPIES = 1_000_000


@rule(
    name="pref_voting",
    label="A rule of pref_voting",
    needs="ordinal",
    reference="holliday2025",
    argument="the name of a voting method of pref_voting",
)
def pref_voting(ballots: Ballots, method: str) -> Choice:
    """The winners that the package pref_voting names; needs ``pip install 'dissensus[voting]'``.

    Ballots go over as a profile where all orders are strict and complete, with ties and gaps where
    the method reads these, else as margins. Standing goes over as counts if it consists of
    fractions with a common denominator, else in the margins.

    Returns
    -------
    Choice
        ``OK`` with one winner, ``TIE`` with several, ``EMPTY`` with none.

    Raises
    ------
    RuleError
        The extra is not installed, the name is unknown, or the method reads none of these forms.

    References
    ----------
    [holliday2025]_

    Examples
    --------
    >>> cycle = Ballots.from_orders({"a > b > c": 4, "b > c > a": 3, "c > a > b": 2})
    >>> pref_voting(cycle, "Split Cycle")  # doctest: +SKIP
    Choice: OK, 'a'
    """
    chosen = _method(method)
    form, data = _election(ballots, chosen)
    winners = chosen(data)
    if winners is None:
        raise RuleError(
            f"pref_voting's {method!r} gives no answer here", "a method that does", "choose another"
        )
    steps = [f"{method}, read from {form}, by pref_voting"]
    return Choice.among(ballots.actions, [int(winner) for winner in winners], steps)


def _method(name: str) -> Any:
    try:
        methods = import_module("pref_voting.voting_methods")
    except ImportError:
        raise RuleError(
            f"rule 'pref_voting:{name}', and the package pref_voting is not installed",
            "the extra 'voting'",
            "pip install 'dissensus[voting]'",
        ) from None
    known = {m.name: m for m in vars(methods).values() if isinstance(m, methods.VotingMethod)}
    if name not in known:
        raise RuleError(
            f"unknown rule 'pref_voting:{name}'",
            "the name of a voting method of pref_voting",
            nearest(name, known),
        )
    return known[name]


def _election(ballots: Ballots, method: Any) -> tuple[str, Any]:
    """Return the ballots in the first form that the method reads."""
    graphs = import_module("pref_voting.weighted_majority_graphs")
    reads = {kind.value for kind in method.input_types or ()}
    spoken = ballots.speaking
    ranks = ballots.ranks[spoken]
    counts = _counts(ballots.standing[spoken])
    candidates = list(range(len(ballots.actions)))
    strict = not np.isnan(ranks).any() and all(len(set(row)) == len(row) for row in ranks)
    if counts is not None and strict and (not reads or "Profile" in reads):
        return "orders", import_module("pref_voting.profiles").Profile(
            ranks.argsort(axis=1).tolist(), counts
        )
    if counts is not None and (not reads or "ProfileWithTies" in reads):
        rows = [{a: int(r) for a, r in enumerate(row) if not np.isnan(r)} for row in ranks]
        ties = import_module("pref_voting.profiles_with_ties")
        profile = ties.ProfileWithTies(rows, counts, candidates=candidates)
        if ballots.conventions.unranked == "last":
            profile.use_extended_strict_preference()
        return "orders with ties", profile
    edges = [
        (a, b, float(ballots.margins[a, b])) for a, b in np.argwhere(ballots.margins > 0).tolist()
    ]
    if not reads or "MarginGraph" in reads:
        return "margins", graphs.MarginGraph(candidates, edges)
    if "MajorityGraph" in reads:
        return "majorities", graphs.MajorityGraph(candidates, [(a, b) for a, b, _ in edges])
    raise RuleError(
        f"pref_voting's {method.name!r} reads only {', '.join(sorted(reads))}",
        "a method for these ballots"
        + ("" if strict else ", which have ties or gaps")
        + ("" if counts is not None else ", whose standing makes no counts"),
        "choose another method, or give strict orders and whole standing",
    )


def _counts(standing: Any) -> list[int] | None:
    """Standing as whole counts in the same proportions; None if it has no common denominator."""
    parts = [Fraction(float(w)).limit_denominator(10_000) for w in standing]
    if any(abs(float(f) - w) > 1e-12 * w for f, w in zip(parts, standing, strict=True)):
        return None
    scale = lcm(*(f.denominator for f in parts))
    counts = [int(f * scale) for f in parts]
    return counts if max(counts) <= MOST_COPIES else None
