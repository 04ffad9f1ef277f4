"""The six pairings by name: what they need, and the degree of conflict of one pair of agents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy import sparse

from dissensus.errors import nearest
from dissensus.measure.friction import as_conflict, friction
from dissensus.model.conflict import Conflict, Exclusive, Line
from dissensus.model.patterns import PairingError, Patterns

__all__ = [
    "PAIRINGS",
    "Pairing",
    "PairingRule",
    "amounts_of",
    "certain_or_not",
    "conflict_table",
    "holding_of",
    "own_conflict",
    "reach",
    "rule_of",
    "shares_of",
    "silent_conflict",
]

Floats = npt.NDArray[np.float64]
Pairing = Literal["any", "independent", "mean", "points", "draws", "probability"]

# a conflict of 1 has the logarithm of infinity; exp(-800) is 0 in floats, and 800 x 0 is 0
_CERTAIN = 800.0
# patterns of a block of dense rows
_BLOCK = 8192


@dataclass(frozen=True)
class PairingRule:
    """One reading of the conflict between two agents that hold several goals.

    Attributes
    ----------
    name : str
    formula : str
        D(a, b) for goal sets S, T, in TeX.
    amounts : bool
        Whether it needs amounts on the goals.
    reading : str
        What it says, in words.
    """

    name: Pairing
    formula: str
    amounts: bool
    reading: str


PAIRINGS: dict[str, PairingRule] = {
    rule.name: rule
    for rule in (
        PairingRule(
            "any",
            r"\max_{g \in S, h \in T} C_{gh}",
            False,
            "a goal of one conflicts with a goal of the other",
        ),
        PairingRule(
            "independent",
            r"1 - \prod_{g \in S, h \in T} (1 - C_{gh})",
            False,
            "each pair of goals may clash on its own",
        ),
        PairingRule(
            "mean",
            r"\frac{1}{|S| |T|} \sum_{g \in S, h \in T} C_{gh}",
            False,
            "one goal of each, drawn at random",
        ),
        PairingRule(
            "points",
            r"\sum_{g, h} x_g y_h C_{gh}",
            True,
            "one goal of each, drawn in proportion to the points that it has",
        ),
        PairingRule(
            "draws",
            r"\sum_{g, h} x_g y_h C_{gh}",
            True,
            "one draw of each: a row is a draw from the agent's own distribution over goals",
        ),
        PairingRule(
            "probability",
            r"\sum_{g, h} P_a(g) P_b(h) C_{gh}",
            True,
            "what is known of each agent's goal is a distribution; the rest of 1 is no goal",
        ),
    )
}


def rule_of(pairing: str, patterns: Patterns) -> PairingRule:
    """Look a pairing up and see that the patterns have what it needs.

    Raises
    ------
    PairingError
        No such pairing; amounts that are missing; draws that are not whole; probabilities of an
        agent above 1.
    """
    if pairing not in PAIRINGS:
        raise PairingError(
            f"pairing={pairing!r}",
            f"one of {', '.join(get_args(Pairing))}",
            nearest(str(pairing), PAIRINGS),
        )
    rule = PAIRINGS[pairing]
    if rule.amounts and patterns.amounts is None:
        raise PairingError(
            f"pairing={pairing!r} of plain sets of goals",
            "an amount on each goal that an agent holds",
            "name the column of the amounts, or use any, independent or mean",
        )
    if patterns.amounts is None:
        return rule
    sums = np.bincount(patterns.of_each, patterns.amounts, minlength=patterns.size)
    if pairing == "probability" and (sums > 1 + 1e-9).any():
        raise PairingError(
            f"probabilities of an agent that sum to {sums.max():g}",
            "at most 1; what is missing to 1 is no goal",
            "divide them by their sum, or use points",
        )
    if pairing == "draws" and (patterns.amounts % 1 != 0).any():
        raise PairingError(
            f"{patterns.amounts[patterns.amounts % 1 != 0][0]:g} draws of a goal",
            "whole numbers of draws",
            "use points or probability",
        )
    return rule


def amounts_of(patterns: Patterns, pairing: str) -> Floats:
    """Chance of each entry of ``held`` to be the goal that is drawn, (h,)."""
    sizes, of_each = patterns.sizes, patterns.of_each
    if pairing == "mean" or patterns.amounts is None:
        equal: Floats = 1.0 / sizes[of_each]
        return equal
    if pairing == "probability":
        return patterns.amounts
    sums: Floats = np.bincount(of_each, patterns.amounts, minlength=patterns.size).astype(float)
    if pairing == "draws" and patterns.totals is not None:
        sums = patterns.totals
    shares: Floats = patterns.amounts / sums[of_each]
    return shares


def shares_of(patterns: Patterns, pairing: str) -> sparse.csr_array[Any]:
    """Chance of each goal to be the one that is drawn, sparse, (m, k)."""
    parts = (amounts_of(patterns, pairing), patterns.held, patterns.offsets)
    return sparse.csr_array(parts, shape=(patterns.size, patterns.goals))


def holding_of(patterns: Patterns, pairing: str) -> Floats:
    """Chance that each pattern yields a goal at all, (m,): 0 or 1 but for draws, probability."""
    if pairing in ("draws", "probability"):
        chances = amounts_of(patterns, pairing)
        return np.minimum(np.bincount(patterns.of_each, chances, minlength=patterns.size), 1.0)
    return (patterns.sizes > 0).astype(np.float64)


def conflict_table(conflict: Conflict | npt.ArrayLike, goals: int) -> Floats:
    """Conflict as a dense table, (k, k).

    Raises
    ------
    PairingError
        The table has not one row a goal.
    """
    form = as_conflict(conflict)
    if isinstance(form, Exclusive):
        return 1.0 - np.eye(goals)
    if isinstance(form, Line):
        places = form.positions.reshape(-1)
        table = np.abs(places[:, None] - places[None, :])
    else:
        table = form.values
    if len(table) != goals:
        raise PairingError(
            f"a conflict table of {len(table)} goals, and {goals} goals",
            "one row and one column a goal",
            "give the table for the goals of the patterns, in their order",
        )
    return table


def certain_or_not(values: Floats) -> Floats:
    """Turn conflicts into what adds up under ``independent``: -log(1 - C), 800 if certain."""
    with np.errstate(divide="ignore"):
        return np.minimum(-np.log1p(-values), _CERTAIN)


def reach(patterns: Patterns, table: Floats, chosen: slice) -> Floats:
    """Worst conflict that each of some patterns has with each goal, (chosen, k)."""
    members = patterns.members(chosen)
    out = np.zeros((len(members), patterns.goals))
    for goal in np.flatnonzero(members.any(axis=0)):
        rows = members[:, goal]
        out[rows] = np.maximum(out[rows], table[goal])
    return out


def own_conflict(patterns: Patterns, conflict: Conflict | npt.ArrayLike, pairing: str) -> Floats:
    r"""Degree of conflict of each pattern with itself, by the same rule, (m,).

    It is what self-pairs would add if they were counted as pairs; they never are.

    Examples
    --------
    >>> from dissensus.model.patterns import patterns_of
    >>> own_conflict(patterns_of([[0, 1], [0]], goals=2), [[0, 0.4], [0.4, 0]], "mean").tolist()
    [0.2, 0.0]
    """
    out = np.zeros(patterns.size)
    if pairing not in ("any", "independent"):
        rows = shares_of(patterns, pairing)
        for start in range(0, patterns.size, _BLOCK):
            dense = rows[start : start + _BLOCK].toarray()
            out[start : start + _BLOCK] = (dense * friction(dense, conflict)).sum(axis=1)
        return out
    table = conflict_table(conflict, patterns.goals)
    for start in range(0, patterns.size, _BLOCK):
        chosen = slice(start, start + _BLOCK)
        members = patterns.members(chosen)
        if pairing == "any":
            values = np.where(members, reach(patterns, table, chosen), 0.0)
            out[chosen] = values.max(axis=1, initial=0.0)
        else:
            dense = members.astype(np.float64)
            out[chosen] = -np.expm1(-((dense @ certain_or_not(table)) * dense).sum(axis=1))
    return out


def silent_conflict(patterns: Patterns, silence: npt.ArrayLike, pairing: str) -> Floats:
    """Degree of conflict of each pattern with an agent that holds no goal, (m,).

    ``silence`` is the conflict of having no goal with each goal, (k,), in [0, 1].
    """
    values = np.asarray(silence, dtype=np.float64)
    of_each, met = patterns.of_each, values[patterns.held]
    if pairing == "any":
        out = np.zeros(patterns.size)
        np.maximum.at(out, of_each, met)
        return out
    if pairing == "independent":
        return -np.expm1(-np.bincount(of_each, certain_or_not(met), minlength=patterns.size))
    weighed = met * amounts_of(patterns, pairing)
    mean: Floats = np.bincount(of_each, weighed, minlength=patterns.size).astype(float)
    return mean
