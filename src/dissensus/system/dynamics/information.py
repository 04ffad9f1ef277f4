"""Beliefs and information: pooling them, agreeing for contradictory reasons, being steered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dissensus.errors import DissensusError
from dissensus.system.beliefs import Pooling, pooled_belief, spurious_unanimity
from dissensus.system.dynamics.catalogue import mechanism
from dissensus.system.dynamics.parameters import parameter
from dissensus.system.dynamics.persuasion import Steering, steering
from dissensus.system.dynamics.simulation import Simulation, Table

if TYPE_CHECKING:
    from dissensus.system.audit.case import Case
    from dissensus.system.system import System
    from dissensus.system.world import World

__all__ = ["Information", "information", "pooling_gap"]

Floats = npt.NDArray[np.float64]
POOLINGS: tuple[Pooling, ...] = ("linear", "log")


@dataclass(frozen=True)
class Information:
    """Parameters of `information`."""

    threshold: float = parameter(
        "Steerability from which on the system counts as steerable.", 0.05, above=0, most=1
    )


@mechanism(
    name="information",
    label="Beliefs and information",
    question="Whose beliefs decide, and how far can what is shown decide instead?",
    symbol="S",
    reference="genest1984, mongin1995, kamenica2011",
    parameters=Information,
    needs=("utilities", "range", "states"),
)
def information(case: Case, parameters: Information, seed: int) -> Simulation:
    """Pooling of beliefs, agreement for contradictory reasons, and steerability by what is shown.

    Returns
    -------
    Simulation
        ``SPURIOUS`` if all agree on something that the pooled belief speaks against for some,
        ``STEERABLE`` if a signal makes some action likelier by the threshold or more, else
        ``FIRM``.

    References
    ----------
    [genest1984]_, [mongin1995]_, [gilboa2004]_, [kamenica2011]_.
    """
    system = case.system
    shared = _sharing(system)
    towards, exact = steering(shared, seed=seed)
    most = max(towards, key=lambda one: one.steerability)
    rows = Table(
        "How likely each option is, by what is shown",
        {
            "action": [one.action for one in towards],
            "no_information": [one.found.no_information for one in towards],
            "full_information": [one.found.full_information for one in towards],
            "best_signal": [one.found.value for one in towards],
            "steerability": [one.steerability for one in towards],
        },
    )
    tables = {"signals": _signals(most, system)}
    numbers: dict[str, Any] = {"steerability": most.steerability, "is_exact": exact}
    reasons: dict[str, str] = {}
    beliefs = [part.model for part in system.parts if part.model is not None]
    words = ""
    spurious = None
    if beliefs and _same_states(system):
        tables["pools"] = _pools(system, seed)
        for pooling in POOLINGS:
            gap = pooling_gap(_models(system), system.standing, pooling)
            numbers[f"{pooling}_gap"] = gap
            if gap is None:
                reasons[f"{pooling}_gap"] = "nothing is observed that all parts hold possible"
        spurious = spurious_unanimity(system)
        if spurious.holds is False:
            words = f"{spurious.words}: unanimous, but for contradictory reasons. "
    if most.steerability >= parameters.threshold:
        found = most.found
        words += (
            f"who chooses what is shown, without a lie, takes {most.action} from "
            f"{100 * found.no_information:.3g}% to {100 * found.value:.3g}%."
        )
    else:
        words += f"no signal makes any option likelier by {parameters.threshold:g} or more."
    steerable = most.steerability >= parameters.threshold
    return Simulation(
        "SPURIOUS"
        if spurious is not None and spurious.holds is False
        else "STEERABLE"
        if steerable
        else "FIRM",
        words,
        rows,
        tables,
        numbers,
        reasons,
        trace=tuple(
            f"{one.action}: {one.found.no_information:.4g} without information, "
            f"{one.found.full_information:.4g} with all of it, {one.found.value:.4g} at best"
            for one in towards
        ),
        conventions={
            "signal": "everybody sees the same; it is committed to before the state is known",
            "beliefs": "all start from the belief of the system's world where signals are sent",
            "ties": "of tied options the one that the sender wants",
            "values": "exact" if exact else "on a grid of beliefs: at least what is told",
        },
    )


def pooling_gap(models: Sequence[World], weights: npt.ArrayLike, pooling: Pooling) -> float | None:
    r"""By how much pooling and learning do not commute: 0 for a pool that is externally Bayesian.

    .. math:: \max_o \mathrm{TV}\bigl(\text{pool}(b_1(\cdot \mid o), \dots),\;
        \text{pool}(b_1, \dots)(\cdot \mid o)\bigr)

    What is observed has the chances of the first model for all, as in the theorem.

    Returns
    -------
    float or None
        None if nothing is observed that all hold possible, or no state is.

    References
    ----------
    [genest1984]_

    Examples
    --------
    >>> from dissensus.system import World
    >>> def model(chance):
    ...     return World(["go"], initial_belief=[chance, 1 - chance],
    ...                  observation_probabilities=[[0.9, 0.1], [0.3, 0.7]])
    >>> pooling_gap([model(0.8), model(0.4)], [1, 1], "log") < 1e-12
    True
    """
    chances = models[0].observation_probabilities
    prior = np.array([model.initial_belief for model in models])
    worst = None
    for seen in range(chances.shape[1]):
        likely = chances[:, seen]
        after = prior * likely
        if not (after.sum(axis=1) > 0).all():
            continue
        try:
            late = pooled_belief(after / after.sum(axis=1, keepdims=True), weights, pooling)
            early = pooled_belief(prior, weights, pooling) * likely
        except DissensusError:
            continue
        if early.sum() > 0:
            gap = float(np.abs(late - early / early.sum()).sum() / 2)
            worst = gap if worst is None else max(worst, gap)
    return worst


def _models(system: System) -> list[World]:
    return [part.model or system.world for part in system.parts]


def _same_states(system: System) -> bool:
    return len({model.states for model in _models(system)}) == 1


def _sharing(system: System) -> System:
    """Return the system whose parts start from the shared belief, each with its own outcomes."""
    parts = [part if part.model is None else replace(part, model=None) for part in system.parts]
    return replace(system, parts=tuple(parts))


def _signals(most: Steering, system: System) -> Table:
    found, states = most.found, system.world.states
    count = len(found.chances)
    return Table(
        f"The best signals for {most.action}",
        {
            "signal": np.repeat(np.arange(1, count + 1), len(states)),
            "signal_chance": np.repeat(found.chances, len(states)),
            "world_state": list(states) * count,
            "belief": found.signals.ravel(),
        },
    )


def _pools(system: System, seed: int) -> Table:
    """What the system does by own beliefs, by each part's, and by pools of all."""
    models = _models(system)
    beliefs = np.array([model.initial_belief for model in models])
    settings: list[tuple[str, Floats | None]] = [("own", None)]
    settings += [(part.name, b) for part, b in zip(system.parts, beliefs, strict=True)]
    for pooling in POOLINGS:
        try:
            settings.append((f"{pooling} pool", pooled_belief(beliefs, system.standing, pooling)))
        except DissensusError:
            continue
    outcomes, statuses = [], []
    for _, belief in settings:
        there = system
        if belief is not None:
            parts = [
                replace(part, model=replace(model, initial_belief=belief))
                for part, model in zip(system.parts, models, strict=True)
            ]
            there = replace(system, parts=tuple(parts))
        choice = there.choice(seed=seed)
        outcomes.append(list(choice.winner_names))
        statuses.append(str(choice.status))
    return Table(
        "What the system does by whose beliefs",
        {"beliefs": [name for name, _ in settings], "outcome": outcomes, "status": statuses},
    )
