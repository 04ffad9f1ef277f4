"""Keyword arguments of the questions that know how sure their values are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict

from dissensus.engine.columns import Names
from dissensus.measure.uncertainty.design import LonelyCluster
from dissensus.measure.uncertainty.reasons import SampleDesign
from dissensus.measure.uncertainty.replicates import ReplicateKind
from dissensus.study.arguments import Arguments

__all__ = ["DesignArguments", "SampleArguments", "split_arguments"]


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


class SampleArguments(Arguments, DesignArguments, total=False):
    """Roles of the columns, what single conflict models need, and how agents were sampled."""


def split_arguments(given: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Roles of the data (and what models need) on one hand, the design on the other."""
    known = DesignArguments.__annotations__
    design = {name: value for name, value in given.items() if name in known}
    return {name: value for name, value in given.items() if name not in known}, design
