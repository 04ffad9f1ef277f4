"""Means over problem areas: how sure, if the same agents stand in many areas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from dissensus.measure.uncertainty.design import Design, design_covariance
from dissensus.measure.uncertainty.variance import UncertaintyError

__all__ = ["MeanValue", "SampledAreas", "influence_in_areas", "mean_of_areas"]

Floats = npt.NDArray[np.float64]
SampledAreas = Literal["fixed", "sampled"]


@dataclass(frozen=True)
class MeanValue:
    """A mean over areas: the value, its standard error, and the parts of its variance."""

    mean: float
    standard_error: float
    of_agents: float
    of_areas: float
    of_both: float
    reasons: tuple[str, ...]


def influence_in_areas(goal: npt.ArrayLike, conflicts: list[Floats]) -> tuple[Floats, Floats]:
    r"""U of every area, and the pull of every agent on it.

    Parameters
    ----------
    goal : (n, M) array of int
        Goal of each agent in each area; -1 where the agent is outside of the area.
    conflicts : list of (k, k) arrays
        Conflict in each area; a goal without conflict stands for no goal.

    Returns
    -------
    values : (M,)
        NaN for areas with fewer than two agents.
    influence : (n, M)
        0 where an agent is outside; sums to 0 over the agents.

    Examples
    --------
    >>> values, pull = influence_in_areas([[0], [0], [1], [1]], [[[0, 1], [1, 0]]])
    >>> round(float(values[0]), 4), pull.ravel().tolist()
    (0.6667, [0.0, 0.0, 0.0, 0.0])
    """
    held = np.asarray(goal, dtype=np.int64)
    values, pull = np.full(held.shape[1], np.nan), np.zeros(held.shape)
    for m, table in enumerate(conflicts):
        inside = held[:, m] >= 0
        n = int(inside.sum())
        if n < 2:
            continue
        conflict = np.asarray(table, dtype=np.float64)
        counts = np.bincount(held[inside, m], minlength=len(conflict))
        met = conflict @ counts
        values[m] = counts @ met / (n * (n - 1))
        pull[inside, m] = 2 * (met[held[inside, m]] / (n - 1) - values[m]) / n
    return values, pull


def mean_of_areas(
    values: npt.ArrayLike,
    influence: npt.ArrayLike,
    areas: SampledAreas = "fixed",
    *,
    area_weights: npt.ArrayLike | None = None,
    design: Design | None = None,
    fewest_areas: int = 20,
) -> MeanValue:
    r"""Mean misalignment over areas and its standard error.

    .. math::

        \operatorname{Var} = \underbrace{\operatorname{Var}_{\text{agents}}}_{\text{fixed areas}}
        + \operatorname{Var}_{\text{areas}} - \operatorname{Var}_{\text{both}}

    ============= ========== ========= ===========================================================
    symbol        shape      range     meaning
    ============= ========== ========= ===========================================================
    ``values``    ``(M,)``   [0, 1]    misalignment U of each area
    ``influence`` ``(n, M)``           pull of each agent on each of them
    ============= ========== ========= ===========================================================

    *Fixed* areas are all that the question is about; only the agents could have been others. They
    stand in many areas, so that errors of the areas go together: the pulls of an agent are summed
    first. *Sampled* areas (questions drawn from many that could have been asked) add the spread of
    the values over areas; what agents and areas explain together would be counted twice and is
    taken off.

    Returns
    -------
    MeanValue
        ``standard_error`` is NaN with a reason for fewer than 20 sampled areas.

    References
    ----------
    [cameron2011]_, two-way clustering.

    Examples
    --------
    >>> found = mean_of_areas([0.2, 0.4], np.zeros((30, 2)))
    >>> round(found.mean, 2), found.standard_error
    (0.3, 0.0)
    """
    value = np.asarray(values, dtype=np.float64)
    pull = np.asarray(influence, dtype=np.float64)
    if areas not in ("fixed", "sampled"):
        raise UncertaintyError(f"areas={areas!r}", "fixed or sampled", "say which of the two")
    weight = np.ones(len(value)) if area_weights is None else np.asarray(area_weights, np.float64)
    defined = ~np.isnan(value) & (weight > 0)
    value, pull, weight = value[defined], pull[:, defined], weight[defined]
    if not len(value):
        nothing = float("nan")
        return MeanValue(nothing, nothing, nothing, nothing, nothing, ("no area has a value",))
    share = weight / weight.sum()
    plan = design or Design()
    mean = float(share @ value)
    agents = float(design_covariance(pull @ share, plan)[0, 0])
    if areas == "fixed":
        return MeanValue(mean, agents**0.5, agents, 0.0, 0.0, ())
    count = len(value)
    if count < fewest_areas:
        reason = f"{count} sampled areas: at least {fewest_areas} are needed to see their spread"
        return MeanValue(mean, float("nan"), agents, float("nan"), float("nan"), (reason,))
    spread = float(count / (count - 1) * np.sum(share**2 * (value - mean) ** 2))
    both = float(
        sum(share[m] ** 2 * design_covariance(pull[:, m], plan)[0, 0] for m in range(count))
    )
    whole = max(agents + spread - both, agents, spread)
    return MeanValue(mean, whole**0.5, agents, spread, both, ())
