"""Long deliberation: what the parts want once they have listened to each other, and who won."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from dissensus.errors import nearest
from dissensus.system.choice import Choice
from dissensus.system.conventions import range_normalised
from dissensus.system.dynamics.catalogue import mechanism
from dissensus.system.dynamics.opinions import (
    Opinions,
    argument_exchange,
    bounded_confidence,
    clusters_of,
    settled_influence,
    with_keeper,
)
from dissensus.system.dynamics.parameters import MechanismError, parameter
from dissensus.system.dynamics.simulation import Simulation, Table
from dissensus.system.part import Part
from dissensus.system.system import System

if TYPE_CHECKING:
    from dissensus.system.audit.case import Case

__all__ = ["Deliberated", "Deliberation", "deliberate", "deliberation"]

Floats = npt.NDArray[np.float64]
Model = Literal["given", "degroot", "friedkin-johnsen", "bounded-confidence", "argument-exchange"]
ROUNDS = 1000
SHOWN = 20  # rounds of the trajectory
KEEPER = "(keeper of the box)"


@dataclass(frozen=True)
class Deliberation:
    """Parameters of `deliberation`."""

    model: Model = parameter("How it goes; given: what parts want afterwards is stated in after.")
    after: Mapping[str, Any] | None = parameter(
        "From the name of a part to its utilities, or order, afterwards.", None
    )
    influence: Floats | None = parameter(
        "How much each part (row) heeds each; rows sum to 1. Left out: all alike.",
        None,
        shape=("parts", "parts"),
        least=0,
        most=1,
    )
    openness: Mapping[str, float] | None = parameter(
        "How far a part moves from what it thought at first: 1, or left out, only listens.",
        None,
        least=0,
        most=1,
    )
    confidence: float | None = parameter(
        "Distance of opinions, on every outcome, up to which parts listen.", None, least=0
    )
    arguments: Floats | None = parameter(
        "What each argument (row) says for each outcome, or against it.",
        None,
        shape=("arguments", "outcomes"),
    )
    held: Floats | None = parameter(
        "Which arguments each part (row) holds at first: 1 or 0.",
        None,
        shape=("parts", "arguments"),
        least=0,
        most=1,
    )
    homophily: float | None = parameter(
        "How much more parts exchange arguments with those who think alike; 1 if left out.",
        None,
        least=0,
    )
    rounds: int | None = parameter(
        "Rounds at most, where opinions need not settle; 1000 if left out.", None, least=1
    )
    keeper: float | None = parameter(
        "Weight in every mind of one who keeps the box and heeds nobody.", None, above=0, most=1
    )
    keeper_wants: Floats | None = parameter(
        "The keeper's utility of each outcome.", None, shape=("outcomes",)
    )


@dataclass(frozen=True, eq=False)
class Deliberated:
    """What deliberation led to.

    Attributes
    ----------
    before : (n, m) array, or None
        Opinions at first; None where the end is stated.
    opinions : Opinions, or None
    parts : mapping of str to Part
        Those that changed, by name.
    say : (n or n + 1,) array, or None
        Share that each, and a keeper last, has in what all end up with.
    converged : bool
    """

    before: Floats | None
    opinions: Opinions | None
    parts: Mapping[str, Part]
    say: Floats | None
    converged: bool


def deliberate(system: System, parameters: Deliberation, seed: int = 0) -> Deliberated:
    """Let the parts of a system deliberate.

    Opinions are utilities of outcomes: as given if their differences compare between parts, else
    on each part's own range.

    Raises
    ------
    MechanismError
        What the model needs and lacks: all of it.
    """
    if parameters.model == "given":
        return _stated(system, parameters.after)
    _check(parameters)
    opinions = _opinions(system)
    rounds = ROUNDS if parameters.rounds is None else parameters.rounds
    say = None
    if parameters.model in ("degroot", "friedkin-johnsen"):
        found, say = _averaged(system, parameters, opinions)
    elif parameters.model == "bounded-confidence":
        found = bounded_confidence(opinions, float(parameters.confidence or 0), rounds)
    else:
        held, arguments = parameters.held, parameters.arguments
        homophily = 1.0 if parameters.homophily is None else parameters.homophily
        if held is None or arguments is None:  # `_check` has told the user
            raise TypeError("argument exchange without arguments")
        found = argument_exchange(held, arguments, rounds, homophily, seed)
    parts = {
        part.name: replace_utilities(part, row)
        for part, row in zip(system.parts, found.end, strict=True)
    }
    before = opinions if parameters.model != "argument-exchange" else np.asarray(found.path[0])
    return Deliberated(before, found, parts if found.converged else {}, say, found.converged)


def replace_utilities(part: Part, utilities: npt.ArrayLike) -> Part:
    """Return the part with other utilities of the outcomes, whatever it said before.

    Examples
    --------
    >>> replace_utilities(Part("me", order="a > b"), [0, 1]).utilities.tolist()
    [0.0, 1.0]
    """
    told: dict[str, Any] = {"utilities": utilities, "order": None, "inner": None}
    return replace(part, **told)


def _stated(system: System, after: Mapping[str, Any] | None) -> Deliberated:
    if not after:
        raise MechanismError(
            "deliberation by the model 'given' lacks after",
            "after: what parts want afterwards",
            "write after = { NAME = [...] } under [deliberation], or name another model",
        )
    parts = {part.name: part for part in system.parts}
    changed = {}
    for name, wish in after.items():
        if name not in parts:
            raise MechanismError(
                f"part {name!r} after deliberation", "the name of a part", nearest(name, parts)
            )
        order = isinstance(wish, str) or (len(wish) > 0 and not np.isscalar(wish[0]))
        is_order = order or isinstance(wish[0], str)
        told: dict[str, Any] = {"utilities": None, "order": None, "inner": None}
        told["order" if is_order else "utilities"] = wish
        changed[name] = replace(parts[name], **told)
        System([changed[name]], system.world, "plurality")  # does it fit into this world?
    return Deliberated(None, None, changed, None, converged=True)


def _check(parameters: Deliberation) -> None:
    needed = {
        "friedkin-johnsen": ("openness",),
        "bounded-confidence": ("confidence",),
        "argument-exchange": ("arguments", "held"),
    }.get(parameters.model, ())
    lacks = [name for name in needed if getattr(parameters, name) is None]
    if parameters.keeper is not None and parameters.keeper_wants is None:
        lacks.append("keeper_wants")
    if lacks:
        raise MechanismError(
            f"deliberation by the model {parameters.model!r} lacks {', '.join(lacks)}",
            f"{' and '.join(lacks)} beside the model",
            "write them under [deliberation] in the scenario file",
            missing=lacks,
        )
    if parameters.keeper is not None and parameters.model not in ("degroot", "friedkin-johnsen"):
        raise MechanismError(
            f"a keeper with the model {parameters.model!r}",
            "a model in which all are heeded: degroot or friedkin-johnsen",
            "choose one of the two, or leave the keeper out",
        )
    if parameters.influence is not None:
        sums = parameters.influence.sum(axis=1)
        bad = np.flatnonzero(np.abs(sums - 1) > 1e-9)
        if len(bad):
            raise MechanismError(
                f"influence: row {bad[0] + 1} sums to {sums[bad[0]]:g}",
                "rows that sum to 1: how much a part heeds each, itself among them",
                f"divide the row by {sums[bad[0]]:g}" if sums[bad[0]] > 0 else "fill the row",
            )
    if parameters.model == "argument-exchange" and parameters.held is not None:
        counts = (
            parameters.held.shape[1],
            len(parameters.arguments if parameters.arguments is not None else ()),
        )
        if counts[0] != counts[1]:
            raise MechanismError(
                f"held tells of {counts[0]} arguments, and there are {counts[1]}",
                "one column of held for each row of arguments",
                "correct one of the two",
            )


def _opinions(system: System) -> Floats:
    rows = [part.utilities for part in system.parts]
    silent = [p.name for p in system.parts if p.utilities is None or p.utilities.ndim != 1]
    models = {tuple((part.model or system.world).outcomes) for part in system.parts}
    if silent or len(models) > 1:
        raise MechanismError(
            f"deliberation of part {silent[0]!r}" if silent else "parts with other outcomes",
            "utilities of every part, of the same outcomes",
            "give one number an outcome, or state the end: model = 'given'",
        )
    utilities = np.array(rows, dtype=np.float64)
    raw = system.comparability in ("unit", "full")
    return utilities if raw else range_normalised(utilities)


def _averaged(
    system: System, parameters: Deliberation, opinions: Floats
) -> tuple[Opinions, Floats | None]:
    n = len(opinions)
    w = parameters.influence
    w = np.full((n, n), 1 / n) if w is None else w
    openness = np.ones(n)
    if parameters.model == "friedkin-johnsen":
        told = parameters.openness or {}
        openness = np.array([told.get(part.name, 1.0) for part in system.parts])
    first = opinions
    if parameters.keeper is not None and parameters.keeper_wants is not None:
        w = with_keeper(w, parameters.keeper)
        first = np.vstack([opinions, parameters.keeper_wants])
        openness = np.append(openness, 1.0)
    path = [first]
    for _ in range(SHOWN):
        path.append(openness[:, None] * (w @ path[-1]) + (1 - openness[:, None]) * first)
    limit = settled_influence(w, openness)
    if limit is None:
        return Opinions(np.array(path)[:, :n], converged=False), None
    path.append(limit @ first)
    return Opinions(np.array(path)[:, :n], converged=True), np.asarray(limit[:n].mean(axis=0))


@mechanism(
    name="deliberation",
    label="Long deliberation",
    question="What do the parts want once they have listened to each other, and who won?",
    symbol="x*",
    reference="degroot1974, friedkin1990, hegselmann2002, mas2013",
    parameters=Deliberation,
)
def deliberation(case: Case, parameters: Deliberation, seed: int) -> Simulation:
    """What the system does after its parts have deliberated, and who carried it.

    Returns
    -------
    Simulation
        ``CAPTURED`` if one voice has more than half the say in the end; else ``CONSENSUS`` or
        ``DIVIDED``; ``STATED`` where the end is given; ``UNDEFINED`` if opinions never settle.

    References
    ----------
    [degroot1974]_, [friedkin1990]_, [hegselmann2002]_, [mas2013]_.
    """
    system = case.system
    found = deliberate(system, parameters, seed)
    today = system.choice(seed=seed)
    rows = _rows(system, found)
    tables: dict[str, Table] = {}
    if found.opinions is not None:
        tables["trajectory"] = _trajectory(system, found.opinions)
    if not found.converged and found.opinions is not None:
        steps = len(found.opinions.path) - 1
        return Simulation(
            "UNDEFINED",
            f"opinions have not settled after {steps:,} rounds.",
            rows,
            tables,
            conventions=_conventions(system, parameters),
        )
    parts = [found.parts.get(part.name, part) for part in system.parts]
    after = replace(system, parts=tuple(parts)).choice(seed=seed)
    verdict, words, captor, capture = _verdict(system, found)
    changed = _named(after) != _named(today)
    sentence = f"{words}; the system then does {_named(after)}, " + (
        f"not {_named(today)} as today." if changed else "as today."
    )
    clusters = None if found.opinions is None else int(clusters_of(found.opinions.end).max()) + 1
    none = (
        "the end is stated, not derived" if found.opinions is None else "no one's weight is fixed"
    )
    return Simulation(
        verdict,
        sentence,
        rows,
        {"choices": _choices(today, after), **tables},
        numbers={
            "clusters": clusters,
            "rounds_needed": None if found.opinions is None else _rounds(found),
            "capture": capture,
            "captor": captor,
            "changes_action": changed,
        },
        reasons={
            **dict.fromkeys(("clusters", "capture", "captor"), none),
            "rounds_needed": none if found.opinions is None else f"more than {SHOWN}",
        },
        trace=(
            *(f"today: {s}" for s in today.trace.steps),
            *(f"after: {s}" for s in after.trace.steps),
        ),
        conventions=_conventions(system, parameters),
    )


def _rounds(found: Deliberated) -> int | None:
    """Rounds until no opinion is farther from its end than a hundredth of the widest gap."""
    path = found.opinions.path if found.opinions is not None else np.zeros((1, 1, 1))
    width = float(np.ptp(path[0], axis=0).max())
    close = np.abs(path - path[-1]).max(axis=(1, 2)) <= width / 100
    first = int(len(close) - np.argmin(close[::-1])) if not close.all() else 0
    # where a limit is shown as the last round, the rounds before it were not all walked
    return None if found.say is not None and first > SHOWN else first


def _verdict(system: System, found: Deliberated) -> tuple[str, str, str | None, float | None]:
    if found.opinions is None:
        names = ", ".join(found.parts)
        return "STATED", f"after deliberation {names} wants something else", None, None
    count = int(clusters_of(found.opinions.end).max()) + 1
    told = "all end with one opinion" if count == 1 else f"{count} camps are left"
    if found.say is None:
        return ("CONSENSUS" if count == 1 else "DIVIDED"), told, None, None
    names_of = [*(part.name for part in system.parts), KEEPER]
    first = int(np.argmax(found.say))
    share = float(found.say[first])
    captor = names_of[first]
    if share > 0.5 + 1e-9:
        return "CAPTURED", f"{told}, and {captor} has {share:.0%} of the say in it", captor, share
    return (
        "CONSENSUS" if count == 1 else "DIVIDED",
        f"{told}; {captor} has most say in it, {share:.0%}",
        captor,
        share,
    )


def _rows(system: System, found: Deliberated) -> Table:
    names = [part.name for part in system.parts]
    columns: dict[str, Any] = {"part": names}
    size = len(names)
    why = "the end is stated, not derived"
    if found.opinions is None or found.before is None:
        nothing = [None] * size
        columns |= {"influence_share": nothing, "opinion_change": nothing, "cluster": nothing}
        reasons = dict.fromkeys(("influence_share", "opinion_change", "cluster"), why)
    else:
        say = np.full(size, np.nan) if found.say is None else found.say[:size]
        columns["influence_share"] = say
        columns["opinion_change"] = np.abs(found.opinions.end - found.before).max(axis=1)
        columns["cluster"] = (clusters_of(found.opinions.end) + 1).tolist()
        reasons = {"influence_share": "who heeds whom changes on the way, or opinions never settle"}
    columns["wants_before"] = [_best(system, part) for part in system.parts]
    columns["wants_after"] = [
        _best(system, found.parts.get(part.name, part)) for part in system.parts
    ]
    reasons = {**reasons, **dict.fromkeys(("wants_before", "wants_after"), "it puts nothing first")}
    return Table("What each part wants", columns, reasons)


def _best(system: System, part: Part) -> str | None:
    alone = System([replace(part, hardness=0.0)], system.world, "plurality").choice()
    return " or ".join(alone.winner_names) or None


def _choices(today: Choice, after: Choice) -> Table:
    return Table(
        "What the system does",
        {
            "moment": ["today", "after deliberation"],
            "outcome": [list(one.winner_names) or None for one in (today, after)],
            "status": [str(one.status) for one in (today, after)],
        },
        {"outcome": "the system makes no choice"},
    )


def _trajectory(system: System, opinions: Opinions) -> Table:
    outcomes = system.world.outcomes
    steps = np.unique(
        np.append(np.arange(min(len(opinions.path), SHOWN + 1)), len(opinions.path) - 1)
    )
    some = opinions.path[steps]
    _, n, m = some.shape
    return Table(
        "Opinions, round by round",
        {
            "round": np.repeat(steps, n * m).tolist(),
            "part": np.tile(
                np.repeat([part.name for part in system.parts], m), len(steps)
            ).tolist(),
            "result": np.tile(outcomes, n * len(steps)).tolist(),
            "opinion": some.ravel(),
        },
    )


def _conventions(system: System, parameters: Deliberation) -> dict[str, str]:
    told = {"wants": "utilities change, beliefs do not"}
    if parameters.model != "given":
        raw = system.comparability in ("unit", "full")
        told["opinions"] = "utilities as given" if raw else "utilities on each part's own range"
    if parameters.model in ("degroot", "friedkin-johnsen"):
        told["last round"] = f"after round {SHOWN} the limit is shown as the last"
    return told


def _named(choice: Choice) -> str:
    return " or ".join(choice.winner_names) or f"nothing ({choice.status})"
