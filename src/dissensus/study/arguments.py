"""Keyword arguments of the questions that say what the data is, and how it was sampled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict

from dissensus.engine.population import Names, RoleArguments
from dissensus.measure.uncertainty.design import LonelyCluster
from dissensus.measure.uncertainty.reasons import SampleDesign
from dissensus.measure.uncertainty.replicates import ReplicateKind

__all__ = ["Arguments", "DesignArguments", "split_arguments"]


class DesignArguments(TypedDict, total=False):
    """How agents were sampled, for questions that know their errors.

    Parameters
    ----------
    design : {'census', 'sample', 'self-selected'}
        How the agents came into the data. Of a census, the default, no value has an interval.
    interval : float
        Confidence of the intervals, .95 unless given.
    threshold : float, optional
        A value in [0, 1]: ``exceedance_probability`` says how sure it is that the value is above.
    strata, cluster : str or list of str
        Columns of the strata, and of the clusters drawn inside them.
    nested_clusters : bool
        Names of clusters begin anew in each stratum.
    lonely : {'fail', 'remove', 'adjust', 'average'}
        What to do with a stratum of one unit: the names of R's package survey.
    population_size : number or mapping, optional
        What the sample was drawn from without replacement: agents, or clusters, of each stratum.
    replicates : str or list of str
        Columns of replicate weights, instead of strata and clusters.
    replicate_type : {'BRR', 'Fay', 'JK1', 'JKn', 'bootstrap'}
    fay : float
        Fay's factor.
    replicate_scales : list of float
        Factor of each replicate.
    sampled_areas : bool
        The problem areas are drawn from many, too.
    differences : {'segments', 'over', 'areas'}
        Compare each with each: a table ``differences``.
    excess_test : bool
        Excess of each pair of segments, and its p-value.
    seed : int
        Seed of all that is drawn at random.
    """

    design: SampleDesign
    interval: float | None
    threshold: float | None
    strata: Names
    cluster: Names
    nested_clusters: bool
    lonely: LonelyCluster
    population_size: Any
    replicates: Names
    replicate_type: ReplicateKind | None
    fay: float | None
    replicate_scales: Sequence[float]
    sampled_areas: bool
    differences: Literal["segments", "over", "areas"] | None
    excess_test: bool
    seed: int


class Arguments(RoleArguments, DesignArguments, total=False):
    """Roles of the columns, and how agents were sampled."""


def split_arguments(given: Mapping[str, Any]) -> tuple[RoleArguments, dict[str, Any]]:
    """Roles on one hand, the design on the other."""
    design = {name: given[name] for name in given if name in DesignArguments.__annotations__}
    roles: Any = {name: value for name, value in given.items() if name not in design}
    return roles, design
