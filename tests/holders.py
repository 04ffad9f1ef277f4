"""Answers for agents that may hold several goals: all ordered pairs of agents, in fractions.

Nothing here is shared with the package.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations, product
from math import prod
from typing import Any

Conflict = Callable[[str, str], Fraction]
Silence = Callable[[str], Fraction]
Value = Fraction | None

SETS = ("any", "independent", "mean")
AMOUNTS = ("points", "draws", "probability")


@dataclass
class Holder:
    """One agent: amounts on goals, rows without a goal that count, and its weight."""

    amounts: dict[str, Fraction] = field(default_factory=dict)
    silent: int = 0
    weight: Fraction = Fraction(1)

    def chances(self, pairing: str) -> dict[str, Fraction]:
        """Chance of each goal to be the one that is drawn."""
        if pairing in SETS:
            return {goal: Fraction(1, len(self.amounts)) for goal in self.amounts}
        if pairing == "probability":
            return self.amounts
        total = sum(self.amounts.values()) + (self.silent if pairing == "draws" else 0)
        return {goal: amount / total for goal, amount in self.amounts.items()}

    def holding(self, pairing: str) -> Fraction:
        """Chance to hold a goal at all."""
        return sum(self.chances(pairing).values(), Fraction(0))


def degree(a: Holder, b: Holder, pairing: str, conflict: Conflict) -> Fraction:
    """D(a, b) of the goals of both."""
    pairs = list(product(a.amounts, b.amounts))
    if pairing == "any":
        return max((conflict(g, h) for g, h in pairs), default=Fraction(0))
    if pairing == "independent":
        return 1 - prod((1 - conflict(g, h) for g, h in pairs), start=Fraction(1))
    x, y = a.chances(pairing), b.chances(pairing)
    return sum((x[g] * y[h] * conflict(g, h) for g, h in pairs), Fraction(0))


def against(a: Holder, pairing: str, silence: Silence) -> Fraction:
    """Conflict of an agent with one that holds no goal."""
    if pairing == "any":
        return max((silence(g) for g in a.amounts), default=Fraction(0))
    if pairing == "independent":
        return 1 - prod((1 - silence(g) for g in a.amounts), start=Fraction(1))
    return sum((x * silence(g) for g, x in a.chances(pairing).items()), Fraction(0))


def shares(
    pairs: Iterable[tuple[Holder, Holder, bool]],
    pairing: str,
    conflict: Conflict,
    silence: Silence,
    *,
    somebody: bool = True,
) -> dict[str, Value]:
    """Values over ordered pairs; the flag tells an agent's pair with itself."""
    drawn = both = met = quiet = Fraction(0)
    for a, b, same in pairs:
        weight = a.weight * b.weight
        held = a.holding(pairing) * b.holding(pairing)
        drawn += weight
        both += weight * held
        if same:
            continue
        met += weight * degree(a, b, pairing, conflict)
        quiet += weight * (1 - b.holding(pairing)) * against(a, pairing, silence)
        quiet += weight * (1 - a.holding(pairing)) * against(b, pairing, silence)
    if not (somebody and drawn):
        return dict.fromkeys(NAMES) | {"conditional_misalignment": None}
    return {
        "misalignment": (met + quiet) / drawn,
        "conditional_misalignment": met / both if both else None,
        "alignment": 1 - (met + quiet) / drawn,
        "compatible_share": (both - met) / drawn,
        "no_goal_share": (drawn - both - quiet) / drawn,
    }


NAMES = ("misalignment", "alignment", "compatible_share", "no_goal_share")


def internal(a: Holder, pairing: str, conflict: Conflict) -> Value:
    """Conflict of an agent with itself, over unordered pairs of its goals."""
    listed = list(combinations(a.amounts, 2))
    table = {(g, h): (conflict(g, h) + conflict(h, g)) / 2 for g, h in listed}
    if pairing == "probability":
        return None
    if pairing == "draws":
        total = int(sum(a.amounts.values()) + a.silent)
        if total < 2:
            return None
        met = sum((a.amounts[g] * a.amounts[h] * table[g, h] for g, h in listed), Fraction(0))
        return 2 * met / (total * (total - 1))
    if not listed:
        return Fraction(0)
    if pairing == "any":
        return max(table.values())
    if pairing == "independent":
        return 1 - prod(1 - value for value in table.values())
    weigh = {
        (g, h): a.amounts[g] * a.amounts[h] if pairing == "points" else Fraction(1)
        for g, h in listed
    }
    met = sum((weigh[pair] * table[pair] for pair in listed), Fraction(0))
    return met / sum(weigh.values())


def within(
    agents: Sequence[Holder],
    pairing: str,
    conflict: Conflict,
    silence: Silence,
    *,
    distinct: bool,
) -> dict[str, Value]:
    """All values of one population."""
    pairs = [
        (a, b, i == j)
        for i, a in enumerate(agents)
        for j, b in enumerate(agents)
        if not (distinct and i == j)
    ]
    total = sum((a.weight for a in agents), Fraction(0))
    held = sum((a.weight * a.holding(pairing) for a in agents), Fraction(0))
    own = [(internal(a, pairing, conflict), a.weight) for a in agents]
    said = [(value, weight) for value, weight in own if value is not None]
    mass = sum((weight for _, weight in said), Fraction(0))
    mean = sum((v * w for v, w in said), Fraction(0)) / mass if mass and held else None
    return {
        "participation": held / total if total else None,
        "internal_conflict": mean,
        **shares(pairs, pairing, conflict, silence, somebody=held > 0),
    }


def between(
    first: Sequence[Holder],
    second: Sequence[Holder],
    pairing: str,
    conflict: Conflict,
    silence: Silence,
) -> dict[str, Value]:
    """All values of a pair of populations."""
    parts = []
    for part in (first, second):
        total = sum((a.weight for a in part), Fraction(0))
        held = sum((a.weight * a.holding(pairing) for a in part), Fraction(0))
        parts.append(held / total if total else None)
    pairs = ((a, b, False) for a in first for b in second)
    return {
        "participation": None if None in parts else parts[0] * parts[1],
        "participation_a": parts[0],
        "participation_b": parts[1],
        **shares(pairs, pairing, conflict, silence),
    }


Cells = dict[tuple[Any, ...], dict[tuple[Any, ...], list[Holder]]]


def cells(
    rows: Iterable[Mapping[str, Any]],
    *,
    holds: str,
    by: Sequence[str] = (),
    amount: str | None = None,
    weight: str | None = None,
    no_goal: Sequence[str] = (),
    null_goal: str = "outside",
) -> Cells:
    """Populations per problem area and segment, from rows of holdings."""
    found: dict[tuple[Any, ...], tuple[tuple[Any, ...], Holder, list[bool]]] = {}
    for row in rows:
        key = (row["area"], row["agent"])
        segment = tuple(row[name] for name in by)
        mass = Fraction(row[weight]) if weight else Fraction(1)
        _, holder, there = found.setdefault(key, (segment, Holder(weight=mass), []))
        goal = row["goal"]
        if goal is None or goal in no_goal:
            counts = goal is not None or null_goal == "no-goal"
            holder.silent += counts
            there.append(counts)
            continue
        there.append(True)
        value = Fraction(1) if amount is None else Fraction(row[amount])
        if value:
            holder.amounts[goal] = holder.amounts.get(goal, Fraction(0)) + value
    out: Cells = {}
    for (area, _), (segment, holder, there) in found.items():
        segments = out.setdefault((area,), {})
        if any(there):
            segments.setdefault(segment, []).append(holder)
    return out
