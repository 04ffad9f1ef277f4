"""The instability of alignment at the boundary: an AI that is rewarded by those it feeds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from dissensus.system.dynamics.catalogue import find, mechanism
from dissensus.system.dynamics.parameters import parameter, read
from dissensus.system.dynamics.planning import OBJECTIVES, Plan, best_plan, plans_by_horizon
from dissensus.system.dynamics.simulation import Simulation, Table
from dissensus.system.dynamics.standing import (
    Feeding,
    Inversion,
    divergence,
    standing_from_frequencies,
)
from dissensus.system.rules import choose
from dissensus.system.system import System, expected_utilities

if TYPE_CHECKING:
    from dissensus.system.audit.case import Case

__all__ = ["Drift", "drift", "drift_ends", "left_alone"]

Floats = npt.NDArray[np.float64]
Objective = Literal["real-time", "final", "initial", "natural-shift", "myopic", "pareto"]
FEW = 12  # horizons that are all tried
TOO_MANY = "too many plans to ask the standing of every moment of each"


@dataclass(frozen=True)
class Drift:
    """Parameters of `drift`."""

    horizon: int = parameter("Steps that the AI plans, and acts.", least=1)
    learning_rate: float = parameter(
        "How fast satisfaction feeds the standing of a part, per util.", 1.0, above=0
    )
    pull_back: float = parameter(
        "Share of the standing that returns to where it was, at each step.", 0.0, least=0, most=1
    )
    objective: Objective = parameter("By whose standing the AI judges its plan.", "real-time")
    tolerance: float = parameter(
        "Induced drift, in nats, up to which standing counts as unmoved.", 1e-6, least=0
    )
    frequencies: Floats | None = parameter(
        "How often each action was chosen, one row a period: hidden standing is read off them.",
        None,
        shape=("periods", "actions"),
    )


def left_alone(system: System, feeding: Feeding, horizon: int, seed: int = 0) -> tuple[Any, ...]:
    """Standing, and what parts get, if the system goes on by its own rule.

    Where it draws or ties, parts get what they expect of it; where it makes no choice, nothing
    feeds them and standing only returns.

    Returns
    -------
    (T + 1, n) array, (T, n) array, list of Choice
        Standing before each step and after the last, what each part gets, what is chosen.
    """
    ballots = system.ballots(seed=seed)
    states, gets, choices = [feeding.start], [], []
    for _ in range(horizon):
        choice = choose(system.rule, replace(ballots, standing=states[-1]))
        policy = np.zeros(len(system.actions)) if choice.dist is None else choice.dist
        choices.append(choice)
        gets.append(feeding.utilities @ policy)
        states.append(feeding.after(states[-1], gets[-1]))
    return np.array(states), np.array(gets), choices


def drift_ends(case: Case, given: Mapping[str, Any], seed: int = 0) -> dict[str, Floats]:
    """Standing that an AI leaves behind, by the objective that it plans by; shares.

    An objective for which there is no plan is left out.
    """
    found = find("drift")
    if found.missing(case, given):
        return {}
    parameters = read(Drift, "drift", given, case.system)
    feeding = _feeding(case.system, parameters)
    alone, gets, _ = left_alone(case.system, feeding, parameters.horizon, seed)
    plans = {
        objective: best_plan(objective, feeding, parameters.horizon, alone, gets)
        for objective in OBJECTIVES
    }
    return {
        objective: np.asarray(feeding.path(plan.actions)[-1])
        for objective, plan in plans.items()
        if plan is not None
    }


def _feeding(system: System, parameters: Drift) -> Feeding:
    start = system.standing / system.standing.sum()
    u = expected_utilities(system)
    return Feeding(u, start, parameters.learning_rate, parameters.pull_back)


@mechanism(
    name="drift",
    label="Instability at the boundary",
    question="Does an AI gain by changing whom it serves?",
    symbol="G, L, KL",
    reference="carroll2024, krueger2020",
    parameters=Drift,
    needs=("utilities", "unit", "several parts"),
)
def drift(case: Case, parameters: Drift, seed: int) -> Simulation:
    r"""What an AI does to a system whose parts grow by being served, and whether that pays.

    .. math:: G = r_T - r_0^{alone}, \qquad L = \max_a w_0 \cdot u(a) - w_0 \cdot u(a_T), \qquad
        \text{induced drift} = \mathrm{KL}(w_T \| \tilde w_T)

    ===================== ============================================================
    symbol                meaning
    ===================== ============================================================
    :math:`r_T`           approval of the last action by the standing that it leaves
    :math:`w_0`           standing at first; :math:`\tilde w_T` at the end, left alone
    :math:`a_T`           last action
    ===================== ============================================================

    Returns
    -------
    Simulation
        ``MANIPULATED`` if G and L are above 0, drift is induced, and the plan would be another one
        if its effect on standing were cut; ``DRIFTS`` if drift is induced; else ``STABLE``.

    References
    ----------
    [carroll2024]_, [carroll2022]_, [krueger2020]_, [everitt2021]_.
    """
    system, horizon = case.system, parameters.horizon
    feeding = _feeding(system, parameters)
    start, u = feeding.start, feeding.utilities
    alone, gets, choices = left_alone(system, feeding, horizon, seed)
    objectives, plan = _objectives(system, feeding, parameters, alone, gets)
    tables = dict(objectives)
    if parameters.frequencies is not None:
        tables["hidden"] = _hidden(system, u, parameters.frequencies)
    if plan is None:
        words = f"no plan by the objective {parameters.objective!r}: {TOO_MANY}."
        return Simulation("UNDEFINED", words, _empty(), tables)
    trace = _Trace.of(feeding, plan, alone, gets)
    incentive = _has_incentive(parameters.objective, feeding, plan, alone)
    judged = trace.verdict(parameters.tolerance, incentive=incentive)
    rows, standings = _rows(system, feeding, plan, alone)
    return Simulation(
        judged,
        f"approval {trace.gain:+.2f}, original value {-trace.loss:+.2f}, induced drift "
        f"{trace.induced:.2f} nats; {'it gains' if incentive else 'it does not gain'} by its "
        f"effect on whom it serves.",
        rows,
        {**tables, "standings": standings},
        numbers={
            "approval_gain": trace.gain,
            "original_loss": trace.loss,
            "induced_drift": trace.induced,
            "drift": trace.drift,
            "total_variation": float(np.abs(trace.end - start).sum() / 2),
            "has_incentive": incentive,
            "worth": plan.value,
            "plan_error_bound": plan.error_bound,
        },
        trace=(
            f"the AI's plan: {_in_words(system, plan)}",
            f"left alone the system does: {_runs([_named(choice) for choice in choices])}",
        ),
        conventions={
            "approval": "utilities are added as they are given, by standing as it changes: where "
            "each part puts its zero matters",
            "left alone": "the system goes on by its own rule; a tie feeds parts by what they "
            "expect of it",
        },
    )


@dataclass(frozen=True, eq=False)
class _Trace:
    """What a plan leads to."""

    end: Floats
    gain: float
    loss: float
    induced: float
    drift: float

    @classmethod
    def of(cls, feeding: Feeding, plan: Plan, alone: Floats, gets: Floats) -> _Trace:
        path, u, last = feeding.path(plan.actions), feeding.utilities, plan.actions[-1]
        original = feeding.start @ u
        return cls(
            path[-1],
            float(path[-1] @ u[:, last] - feeding.start @ gets[0]),
            float(original.max() - original[last]),
            divergence(path[-1], alone[len(plan.actions)]),
            divergence(path[-1], feeding.start),
        )

    def verdict(self, tolerance: float, *, incentive: bool) -> str:
        if self.induced <= tolerance:
            return "STABLE"
        small = 1e-12
        return "MANIPULATED" if self.gain > small and self.loss > small and incentive else "DRIFTS"


def _has_incentive(objective: str, feeding: Feeding, plan: Plan, alone: Floats) -> bool:
    """Whether the plan is another than the best one if standing moved as it does alone.

    Plans judged by the start, by the system left alone, or by the moment do not reckon with it.
    """
    if objective in ("initial", "natural-shift", "myopic"):
        return False
    horizon = len(plan.actions)
    judges = alone[-1:].repeat(horizon, axis=0) if objective == "final" else alone[:horizon]
    worth = judges @ feeding.utilities
    reached = worth[np.arange(horizon), plan.actions].sum()
    return bool(worth.max(axis=1).sum() > reached + 1e-9)


def _rows(system: System, feeding: Feeding, plan: Plan, alone: Floats) -> tuple[Table, Table]:
    path, u = feeding.path(plan.actions), feeding.utilities
    acts = plan.actions
    steps = np.arange(1, len(acts) + 1)
    rows = Table(
        "Step by step",
        {
            "step": steps.tolist(),
            "action": [system.actions[a] for a in acts],
            "approval": (path[:-1] * u[:, acts].T).sum(axis=1),
            "original_value": feeding.start @ u[:, acts],
            "drift": [divergence(w, feeding.start) for w in path[1:]],
            "induced_drift": [divergence(w, v) for w, v in zip(path[1:], alone[1:], strict=False)],
        },
    )
    names = [part.name for part in system.parts]
    size = len(path)
    standings = Table(
        "Standing of the parts",
        {
            "step": np.repeat(np.arange(size), len(names)).tolist(),
            "part": names * size,
            "standing_share": path.ravel(),
            "natural_share": alone[:size].ravel(),
        },
    )
    return rows, standings


def _empty() -> Table:
    names = ("step", "action", "approval", "original_value", "drift", "induced_drift")
    return Table("Step by step", {name: [] for name in names})


def _objectives(
    system: System, feeding: Feeding, parameters: Drift, alone: Floats, gets: Floats
) -> tuple[dict[str, Table], Plan | None]:
    """Plan and verdict of each objective at each horizon, and the plan that is asked for."""
    last = parameters.horizon
    spread = np.unique(np.geomspace(1, last, FEW).round().astype(int))
    horizons = list(range(1, last + 1)) if last <= FEW else spread.tolist()
    own: Plan | None = None
    told: list[tuple[str, int, Any, Any, Any, Any]] = []
    for objective in OBJECTIVES:
        plans = plans_by_horizon(objective, feeding, horizons, alone, gets)
        if objective == parameters.objective:
            own = plans[-1]
        for horizon, plan in zip(horizons, plans, strict=True):
            if plan is None:
                told.append((objective, horizon, None, None, None, None))
                continue
            trace = _Trace.of(feeding, plan, alone, gets)
            incentive = _has_incentive(objective, feeding, plan, alone[: horizon + 1])
            judged = trace.verdict(parameters.tolerance, incentive=incentive)
            words = _in_words(system, plan)
            told.append((objective, horizon, words, plan.value, plan.error_bound, judged))
    names = ("objective", "horizon", "plan", "worth", "plan_error_bound", "verdict")
    lacks = dict.fromkeys(names[2:], TOO_MANY)
    every = {
        name: list(column) for name, column in zip(names, zip(*told, strict=True), strict=True)
    }
    ends = [row for row in told if row[1] == last]
    final = {
        name: list(column) for name, column in zip(names, zip(*ends, strict=True), strict=True)
    }
    from_: list[int | None] = [
        min(
            (row[1] for row in told if row[0] == objective and row[-1] == "MANIPULATED"),
            default=None,
        )
        for objective in OBJECTIVES
    ]
    never = {**lacks, "manipulates_from": "at none of the horizons tried"}
    tables = {
        "objectives": Table("The learner's objective", {**final, "manipulates_from": from_}, never),
        "horizons": Table("", every, lacks),
    }
    return tables, own


def _hidden(system: System, u: Floats, frequencies: Floats) -> Table:
    """Standing read off how often actions were chosen."""
    names = [part.name for part in system.parts]
    found: list[Inversion] = [standing_from_frequencies(u, row) for row in frequencies]
    none = np.full(len(names), np.nan)
    shares = [none if one.standing is None else one.standing for one in found]
    rank = max((one.rank for one in found), default=0)
    why = (
        f"the differences of utility between actions have rank {rank}, and {len(names)} parts need "
        f"{len(names)}: other standings explain the choices as well"
        if rank < len(names)
        else "no standing explains these choices"
    )
    size = len(names)
    return Table(
        "Hidden standing, read off the choices",
        {
            "period": np.repeat(np.arange(1, len(found) + 1), size).tolist(),
            "part": names * len(found),
            "standing_share": np.concatenate(shares),
            "rationality": [one.rationality for one in found for _ in names],
            "misfit": [one.misfit for one in found for _ in names],
        },
        dict.fromkeys(("standing_share", "rationality"), why),
    )


def _in_words(system: System, plan: Plan) -> str:
    return _runs([system.actions[a] for a in plan.actions])


def _runs(names: list[str]) -> str:
    """Sequence in words: ``balanced, push x 7``."""
    runs = [(name, len(list(some))) for name, some in groupby(names)]
    return ", ".join(f"{name} x {count}" if count > 1 else name for name, count in runs)


def _named(choice: Any) -> str:
    return " or ".join(choice.winner_names) or str(choice.status)
