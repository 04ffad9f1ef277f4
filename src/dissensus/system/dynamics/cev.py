"""Coherent extrapolated volition, made measurable: spread, muddle, distance, and whether it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dissensus.system.ballots import top_votes
from dissensus.system.choice import Choice
from dissensus.system.conventions import COMPARABILITY, dense_ranks, range_normalised
from dissensus.system.dynamics.catalogue import find, mechanism
from dissensus.system.dynamics.extrapolation import (
    Extrapolation,
    Person,
    extrapolate,
    starts_around,
)
from dissensus.system.dynamics.parameters import parameter, read
from dissensus.system.dynamics.simulation import Simulation, Table
from dissensus.system.rules import choose
from dissensus.system.system import expected_utilities

if TYPE_CHECKING:
    from dissensus.system.audit.case import Case
    from dissensus.system.ballots import Ballots
    from dissensus.system.system import System

__all__ = ["Cev", "cev", "extrapolated_standing", "muddle_of"]

Floats = npt.NDArray[np.float64]
MOST_ENDS = 50  # end points of which the choice is worked out
ORDERS_AGREE = 1e-3


@dataclass(frozen=True)
class Cev:
    """Parameters of `cev`."""

    runs: int = parameter("Starts near today's weights, in every order of the steps.", 200, least=1)
    noise: float = parameter("By how much each weight is moved at the start.", 0.05, least=0)
    sharpness: float = parameter(
        "Wished to be: how sharply weights follow endorsement; 0 leaves it out.", 4.0, least=0
    )
    endorsement: npt.NDArray[np.float64] | None = parameter(
        "How much holding each part (column) endorses a say of each (row); else what it gets where "
        "the other decides.",
        None,
        shape=("parts", "parts"),
    )
    influence: npt.NDArray[np.float64] | None = parameter(
        "Grown together: how much each part takes over from each, in rows that sum to 1.",
        None,
        shape=("parts", "parts"),
        least=0,
    )
    faster: float = parameter(
        "Thought faster: what compute is multiplied by in each pass; 1 leaves it out.",
        10.0,
        least=1,
    )
    observation: str | None = parameter("Knew more: what will have been observed.", None)
    sizes: npt.NDArray[np.float64] | None = parameter(
        "Sizes of a step that are run, in (0, 1]; else 1 and 0.5.",
        None,
        shape=("sizes",),
        above=0,
        most=1,
    )
    passes: int = parameter("Passes after which a run has not come to rest.", 500, least=1)
    enough: float = parameter(
        "Share of runs that must come to rest, else it is undefined.", 0.99, above=0, most=1
    )
    spread: float = parameter(
        "Entropy of the end points from which on it is ambiguous.", 0.05, above=0
    )
    muddle: float = parameter(
        "Conflict inside the end points from which on it is incoherent.", 0.5, above=0, most=1
    )


@mechanism(
    name="cev",
    label="Coherent extrapolated volition",
    question="If the parts knew more, thought faster and grew up together: is there one answer?",
    symbol="spread, muddle, distance",
    reference="yudkowsky2004",
    parameters=Cev,
    needs=("utilities", "range", "several parts"),
)
def cev(case: Case, parameters: Cev, seed: int) -> Simulation:
    """Extrapolation from many starts, in all orders of its steps.

    Returns
    -------
    Simulation
        ``UNDEFINED`` if too few runs come to rest; ``AMBIGUOUS`` if they end apart, or the order
        of the steps matters; ``INCOHERENT`` if the parts conflict where they end; else
        ``COHERENT``.

    References
    ----------
    [yudkowsky2004]_ in words; every formula is ours.
    """
    system = case.system
    person = _person(system, parameters)
    starts = starts_around(system.standing, parameters.runs, parameters.noise, seed)
    sizes = (1.0, 0.5) if parameters.sizes is None else tuple(parameters.sizes.tolist())
    found = extrapolate(person, starts, sizes=sizes, passes=parameters.passes)
    ballots = system.ballots(seed=seed)
    shown = min(len(found.ends.shares), MOST_ENDS)
    extrapolated = [
        _at(ballots, found.ends.weights[e], found.ends.utilities[e]) for e in range(shown)
    ]
    choices = [choose(system.rule, there) for there in extrapolated]
    muddles = [muddle_of(found.ends.weights[e], found.ends.utilities[e]) for e in range(shown)]
    shares = found.ends.shares[:shown]
    muddle = float(shares @ np.array(muddles) / shares.sum()) if shown else None
    decisions = _decisions(system, ballots, extrapolated, shares)
    decided = [c for c in decisions.columns["coheres"] if c is not None]
    coherence = sum(decided) / len(decided) if decided else None
    today = system.choice(seed=seed)
    changed = bool(choices) and choices[0].winner_names != today.winner_names
    verdict = _verdict(found, muddle, parameters)
    words = _words(verdict, found, muddle, coherence, choices, today)
    rows = Table(
        "Where extrapolation ends",
        {
            "point": list(range(1, shown + 1)),
            "runs_share": shares,
            "outcome": [list(choice.winner_names) for choice in choices],
            "status": [str(choice.status) for choice in choices],
            "muddle": muddles,
        },
    )
    tables = {
        "weights": _weights(found, system, shown),
        "decisions": decisions,
        "operators": _operators(system, parameters, ballots, starts, sizes, seed),
    }
    unknown = "no run comes to rest"
    numbers = {
        "runs_count": len(found.ends.of_run),
        "orders": len(found.orders),
        "converged_share": found.converged,
        "spread": found.spread,
        "mean_muddle": muddle,
        "distance": found.distance,
        "divergence": found.divergence,
        "order_gap": found.order_gap,
        "coherence_share": coherence,
        "action_changes": changed,
    }
    reasons = {name: unknown for name, value in numbers.items() if value is None}
    if found.order_gap is None and len(found.orders) == 1:
        reasons["order_gap"] = "one order of the steps is all there is"
    return Simulation(
        verdict,
        words,
        rows,
        tables,
        numbers,
        reasons,
        trace=(
            f"steps that do something: {', '.join(person.steps)}",
            f"orders: {len(found.orders)}, sizes of a step: {', '.join(map(str, sizes))}",
        ),
        conventions={
            "distance": "of weights, a proxy: how hard the end is to explain is not measured",
            "muddle": "chance that two parts drawn by weight have different favourites",
            "mixing": "utilities as given where they compare, else on own ranges",
            "decisions": "all pairs of options; each run has the same weight",
        },
    )


def muddle_of(weights: npt.ArrayLike, utilities: npt.ArrayLike) -> float:
    r"""Conflict inside an end point: chance that two parts drawn by weight want different things.

    .. math:: 1 - \sum_a \Bigl(\sum_i x_i t_{ia}\Bigr)^2

    with :math:`t_{ia}` part i's vote for its favourite, split among equals: the misalignment of the
    parts, each counted by its weight, if different favourites conflict.

    Examples
    --------
    >>> muddle_of([0.5, 0.5], [[1, 0], [0, 1]])
    0.5
    """
    votes = top_votes(dense_ranks(utilities))
    held: Floats = np.asarray(weights, dtype=np.float64) @ votes
    return max(0.0, 1 - float(held @ held))


def extrapolated_standing(case: Case, given: Mapping[str, Any]) -> dict[str, Floats]:
    """Shares of the say where extrapolation from today ends, if it ends at one point.

    Parameters
    ----------
    case : Case
    given : mapping
        Parameters of `cev`, as a file states them.

    Returns
    -------
    dict of str to (n,) array
        By ``"extrapolation"``; empty if runs do not come to rest, or end apart by their order.
    """
    if find("cev").missing(case, given):
        return {}
    system = case.system
    parameters = read(Cev, "cev", given, system)
    today = system.standing / system.standing.sum()
    found = extrapolate(_person(system, parameters), today, passes=parameters.passes)
    if found.converged < 1 or len(found.ends.shares) != 1:
        return {}
    return {"extrapolation": found.ends.weights[0]}


def _person(system: System, parameters: Cev) -> Person:
    raw = expected_utilities(system)
    learned = None
    if parameters.observation is not None:
        learned = expected_utilities(system, parameters.observation)
    if COMPARABILITY.index(system.comparability) < COMPARABILITY.index("unit"):
        low = raw.min(axis=1, keepdims=True)
        span = np.ptp(raw, axis=1, keepdims=True)
        size = np.where(span > 0, span, 1.0)
        learned = None if learned is None else (learned - low) / size
        raw = range_normalised(raw)
    return Person(
        utilities=raw,
        compute=np.array([part.compute for part in system.parts]),
        hardness=np.array([part.hardness for part in system.parts]),
        faster=parameters.faster,
        learned=learned,
        endorsement=parameters.endorsement,
        sharpness=parameters.sharpness,
        influence=parameters.influence,
    )


def _at(ballots: Ballots, weights: Floats, utilities: Floats) -> Ballots:
    """What the parts say at an end point."""
    return replace(
        ballots,
        standing=np.maximum(weights, 1e-12),
        utilities=utilities,
        ranks=dense_ranks(utilities),
        disagreement=None,
    )


def _verdict(found: Extrapolation, muddle: float | None, parameters: Cev) -> str:
    if found.converged < parameters.enough or found.spread is None:
        return "UNDEFINED"
    if found.spread >= parameters.spread or (found.order_gap or 0.0) > ORDERS_AGREE:
        return "AMBIGUOUS"
    if muddle is not None and muddle >= parameters.muddle:
        return "INCOHERENT"
    return "COHERENT"


def _words(
    verdict: str,
    found: Extrapolation,
    muddle: float | None,
    coherence: float | None,
    choices: Sequence[Choice],
    today: Choice,
) -> str:
    if verdict == "UNDEFINED":
        return f"{100 * found.converged:.3g}% of the runs come to rest; the others go on moving."
    ends = found.ends.shares
    most = "/".join(f"{100 * share:.0f}" for share in ends[:3]) + ("/..." if len(ends) > 3 else "")
    points = f"{len(ends)} end points ({most})" if len(ends) > 1 else "one end point"
    done = " or ".join(choices[0].winner_names) or str(choices[0].status)
    was = " or ".join(today.winner_names) or str(today.status)
    words = f"{points}, distance {found.distance:.3g}, muddle {muddle:.3g}"
    if (found.order_gap or 0.0) > ORDERS_AGREE:
        words += f", and the order of the steps matters (by {found.order_gap:.3g})"
    words += f"; most end at {done}" + (f" instead of {was}" if done != was else ", as today")
    if coherence is not None:
        words += f"; it coheres on {100 * coherence:.3g}% of the decisions"
    return f"{words}."


def _weights(found: Extrapolation, system: System, shown: int) -> Table:
    names = [part.name for part in system.parts]
    return Table(
        "Weights of the parts where it ends",
        {
            "point": [e + 1 for e in range(shown) for _ in names],
            "part": names * shown,
            "weight_before": np.tile(system.standing / system.standing.sum(), shown),
            "weight": found.ends.weights[:shown].ravel(),
        },
    )


def _decisions(system: System, ballots: Ballots, ends: Sequence[Ballots], shares: Floats) -> Table:
    """For each pair of options, whether nearly all runs would decide alike."""
    columns: dict[str, list[Any]] = {"option_a": [], "option_b": [], "outcome": [], "coheres": []}
    for a, b in combinations(range(len(ballots.actions)), 2):
        said: dict[tuple[str, ...], float] = {}
        for there, share in zip(ends, shares, strict=True):
            winners = choose(system.rule, there.on([a, b])).winner_names
            said[winners] = said.get(winners, 0.0) + float(share)
        columns["option_a"].append(ballots.actions[a])
        columns["option_b"].append(ballots.actions[b])
        best = max(said, key=lambda one: said[one]) if said else None
        sure = best is not None and len(best) == 1 and said[best] >= 0.99 * sum(said.values())
        columns["coheres"].append(None if best is None else sure)
        columns["outcome"].append(list(best) if sure and best else [])
    return Table(
        "Decisions between two options: where it coheres",
        columns,
        {"coheres": "no run comes to rest"},
    )


def _operators(
    system: System,
    parameters: Cev,
    ballots: Ballots,
    starts: Floats,
    sizes: Sequence[float],
    seed: int,
) -> Table:
    """What fewer of the steps come to, and which of these the system itself would choose."""
    person = _person(system, parameters)
    few = starts[: min(len(starts), 40)]
    named: list[tuple[str, Choice]] = [("none", system.choice(seed=seed))]
    sets: list[tuple[str, ...]] = [(step,) for step in person.steps]
    sets += [person.steps] if len(person.steps) > 1 else []
    for steps in sets:
        found = extrapolate(person, few, orders=[steps], sizes=sizes[:1], passes=parameters.passes)
        if len(found.ends.shares):
            end = _at(ballots, found.ends.weights[0], found.ends.utilities[0])
            label = steps[0] if len(steps) == 1 else "all of them"
            named.append((label, choose(system.rule, end)))
    pure = sorted({next(iter(c.winners)) for _, c in named if len(c.winners) == 1})
    picked: frozenset[int] = frozenset()
    if pure:
        asked = choose(system.rule, ballots.on(pure))
        picked = frozenset(pure[w] for w in asked.winners)
    return Table(
        "Which extrapolation the system would choose itself, by what each comes to",
        {
            "operator": [name for name, _ in named],
            "outcome": [list(choice.winner_names) for _, choice in named],
            "is_endorsed": [
                bool(choice.winners & picked) if len(choice.winners) == 1 else None
                for _, choice in named
            ],
        },
        {"is_endorsed": "it comes to no single option"},
    )
