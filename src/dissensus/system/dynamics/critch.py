"""Who predicts better gets the say: what is best for parts by beliefs of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dissensus.system.dynamics.catalogue import mechanism
from dissensus.system.dynamics.compatible import (
    Compatible,
    CompatibleError,
    Plan,
    plan,
    pooled_plan,
)
from dissensus.system.dynamics.parameters import parameter
from dissensus.system.dynamics.prediction import (
    ComputeSplit,
    PredictionDrift,
    compute_split,
    prediction_drift,
)
from dissensus.system.dynamics.simulation import Simulation, Table

if TYPE_CHECKING:
    from dissensus.system.audit.case import Case
    from dissensus.system.system import System

__all__ = ["Critch", "critch"]

Floats = npt.NDArray[np.float64]
MOVED = 0.05


@dataclass(frozen=True)
class Critch:
    """Parameters of `critch`."""

    steps: int = parameter("Independent observations over which the say is followed.", 50, least=1)
    truth: npt.NDArray[np.float64] | None = parameter(
        "How often each observation occurs; else what the world says.",
        None,
        shape=("observations",),
        least=0,
        most=1,
    )
    floor: float = parameter(
        "Share of the say that the switch 'floor' hands out by standing.", 0.1, least=0, most=1
    )
    ignorance: float = parameter(
        "Nats that a part loses an observation if it spends nothing on prediction.", 1.0, above=0
    )


@mechanism(
    name="critch",
    label="Critch: the say goes to who predicts better",
    question="Whose values survive, given who predicts better?",
    symbol="w_t",
    reference="critch2017, desai2018",
    parameters=Critch,
    needs=("utilities", "range", "several parts", "models"),
)
def critch(case: Case, parameters: Critch, seed: int) -> Simulation:
    """What Pareto optimality by the parts' own beliefs does to their say, and what avoids it.

    Returns
    -------
    Simulation
        ``SHIFTS`` if some part's typical share of the say moves by more than 0.05 of the whole,
        ``KEEPS`` if none does, ``IMPOSSIBLE`` if what occurs is held impossible by every part.

    References
    ----------
    [critch2017]_, [desai2018]_, [beygelzimer2012]_.
    """
    system = case.system
    names = [part.name for part in system.parts]
    players = _players(system)
    truth = (
        system.world.initial_belief @ system.world.observation_probabilities
        if parameters.truth is None
        else parameters.truth
    )
    predictions = np.array([w.initial_belief @ w.observation_probabilities for w in players.worlds])
    moved = prediction_drift(
        players.weights, predictions, truth, parameters.steps, floor=0.0, seed=seed
    )
    plans = {
        "critch": plan(players),
        "fixed": plan(players, "fixed"),
        "floor": plan(players, "floor", parameters.floor),
    }
    tables = {}
    reasons = {}
    try:
        plans["pooled"] = pooled_plan(players)
    except CompatibleError as error:
        reasons["pooled"] = error.found
    split = compute_split(
        players.weights,
        [part.hardness for part in system.parts],
        [max(part.compute, 1e-9) for part in system.parts],
        parameters.steps,
        parameters.ignorance,
    )
    final = moved.typical[-1]
    rows = Table(
        "The say of each part, before and after",
        {
            "part": names,
            "weight_before": players.weights,
            "loss": np.where(np.isinf(moved.losses), np.nan, moved.losses),
            "rate": np.where(np.isinf(moved.rates), np.nan, moved.rates),
            "weight": final,
            "weight_low": moved.low[-1],
            "weight_high": moved.high[-1],
        },
        dict.fromkeys(("loss", "rate"), "it holds something impossible that does occur"),
    )
    tables["switches"] = _switches(plans, names)
    tables["policy"] = _policy(plans, system.actions, system.world.observations)
    tables["weights"] = _weights(moved, names)
    tables["split"] = _split(split, names)
    optimal = plans["critch"]
    last = int(final.argmin())
    shift = float(np.abs(final - players.weights).max())
    if moved.impossible > 0.5:
        verdict = "IMPOSSIBLE"
        words = "what occurs is held impossible by every part: nothing says who then decides."
    elif shift > MOVED:
        verdict = "SHIFTS"
        words = (
            f"the values of {names[last]} hold {_percent(final[last])} of the say after "
            f"{parameters.steps} observations, because it predicted worse"
            f"{_rate(moved.rates[last])}."
        )
    else:
        verdict = "KEEPS"
        words = f"after {parameters.steps} observations no say has moved by more than {shift:.3g}."
    return Simulation(
        verdict,
        words,
        rows,
        tables,
        {
            "weighted_value": optimal.weighted,
            "impossible_histories": optimal.impossible,
            "contested_histories": optimal.contested,
            "tied_histories": optimal.ties,
            "impossible_share": moved.impossible,
        },
        reasons=reasons,
        trace=tuple(_steps(plans, names, split)),
        conventions={
            "weights": "standing as shares; each part's utilities in its own units",
            "truth": "the system's own world, or the truth that is stated",
            "band": "5th and 95th percentile of 1,000 sequences drawn from the truth",
            "impossible histories": "counted, and left without a prescription",
        },
    )


def _players(system: System) -> Compatible:
    utilities = tuple(np.asarray(part.utilities, dtype=np.float64) for part in system.parts)
    worlds = tuple(part.model or system.world for part in system.parts)
    return Compatible(worlds, utilities, system.standing / system.standing.sum())


def _switches(plans: dict[str, Plan], names: list[str]) -> Table:
    best = plans["critch"].values
    return Table(
        "What each part expects, by its own lights",
        {
            "switch": [name for name in plans for _ in names],
            "part": names * len(plans),
            "expected_value": np.concatenate([one.values for one in plans.values()]),
            "expected_change": np.concatenate([one.values - best for one in plans.values()]),
        },
    )


def _policy(plans: dict[str, Plan], actions: Sequence[str], observations: Sequence[str]) -> Table:
    """What is done after the first observation, and who has which say then."""
    columns: dict[str, list[Any]] = {"switch": [], "observation": [], "outcome": []}
    for name, one in plans.items():
        for place, seen in enumerate(observations):
            done = one.actions[0][place]
            columns["switch"].append(name)
            columns["observation"].append(seen)
            columns["outcome"].append([actions[int(a)] for a in np.flatnonzero(done > 0)])
    return Table("What is done after the first observation", columns)


def _weights(moved: PredictionDrift, names: list[str]) -> Table:
    steps, n = moved.typical.shape
    return Table(
        "The say over time",
        {
            "step": np.repeat(np.arange(steps), n),
            "part": names * steps,
            "weight": moved.typical.ravel(),
            "weight_low": moved.low.ravel(),
            "weight_high": moved.high.ravel(),
        },
    )


def _split(split: ComputeSplit, names: list[str]) -> Table:
    return Table(
        "Compute, split between values and prediction",
        {
            "part": names,
            "on_values": split.on_values,
            "weight": split.weights,
            "fidelity": split.fidelity,
            "delivered": split.delivered,
        },
    )


def _steps(plans: dict[str, Plan], names: list[str], split: ComputeSplit) -> list[str]:
    told = []
    for name, one in plans.items():
        values = ", ".join(f"{n} {v:.6g}" for n, v in zip(names, one.values, strict=True))
        told.append(f"{name}: expected by own lights: {values}")
    told.append(
        "the split of compute is an equilibrium on a grid of twentieths"
        if split.is_equilibrium
        else "the split of compute did not come to rest: best responses go round"
    )
    return told


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%" if share >= 0.001 else "less than 0.1%"


def _rate(rate: float) -> str:
    if np.isinf(rate):
        return ": it held impossible what occurs"
    return f" ({rate:.3g} nats an observation)" if rate > 0 else ""
