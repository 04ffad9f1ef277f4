"""Pairs from a network: tables of what conflicts along its edges, beside random pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dissensus.engine.networks import count_edges
from dissensus.engine.rows import DataError
from dissensus.errors import quoted
from dissensus.measure.between import Between
from dissensus.measure.mean_over_areas import mean_over_areas
from dissensus.measure.network import AlongEdges, along_edges
from dissensus.model.keys import Codes
from dissensus.model.network import Network
from dissensus.model.tally import Tally
from dissensus.study.several import single_goals
from dissensus.study.tables import (
    Columns,
    area_columns,
    groups_of,
    over_keys,
    pair_columns,
    reals,
    reasons_column,
    segment_columns,
    stacked,
)

if TYPE_CHECKING:
    from dissensus.study.asking import Asked

__all__ = ["Met", "network_tables"]

Floats = npt.NDArray[np.float64]

NO_EDGE = "no edge joins two such agents here"
NO_HOLDERS = "no edge joins two such agents who both hold a goal"
RANDOM = "misalignment of random pairs is null here"


@dataclass(frozen=True)
class Met:
    """Tables about the edges of a network, and words about those that were left out."""

    tables: Mapping[str, pa.Table]
    notes: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Pairs of cells, what holds along the edges between them, and of random pairs."""

    tally: Tally
    cell_a: Codes
    cell_b: Codes
    met: AlongEdges
    random: Floats


def network_tables(asked: Asked, pairs: Between | None = None) -> Met:
    """Misalignment along the edges that were given: of everyone and each segment, and of pairs.

    Parameters
    ----------
    asked : Asked
        The question, its count and its options.
    pairs : Between, optional
        Pairs of segments, where these are asked about.

    Returns
    -------
    Met
        ``network``: means over the problem areas that have edges; ``area_network``: each area;
        ``network_within``, where pairs are asked about: everyone and each segment. Nothing where
        no network was given.

    Raises
    ------
    DataError
        A table that is none of edges, or edges of which none joins two agents of the data.
    """
    measure = asked.measure
    if measure.pairs is None:
        return Met({})
    single_goals(asked.population, "pairs from a network")
    tally = asked.counted.tally
    network = count_edges(
        asked.population,
        measure.pairs,
        tally,
        by=measure.by,
        over=measure.over,
        where=measure.where,
    )
    if not len(network.edges):
        unknown = f": the data lacks {quoted(network.unknown)}" if network.unknown else ""
        raise DataError(
            f"{network.listed:,} edges, of which none joins two agents of one problem area",
            "edges between agents of the data",
            f"check the ids in pairs{unknown}",
        )
    everyone = asked.everyone
    whole = _alone(everyone, network.everyone(), asked)
    parts = _alone(tally, network, asked) if measure.by else whole
    own = [_means(whole, asked, "everyone")]
    if measure.by:
        own.append(_means(parts, asked, "segment"))
    within = stacked(own)
    if pairs is None:
        tables = {"network": within, "area_network": _rows(parts, asked)}
    else:
        met = along_edges(network, tally, asked.model.of(tally), pairs.cell_a, pairs.cell_b)
        across = _Pairs(tally, pairs.cell_a, pairs.cell_b, met, pairs.misalignment)
        tables = {
            "network": _means(across, asked),
            "network_within": within,
            "area_network": _rows(across, asked),
        }
    if not network.is_weighted:  # their number says it all
        tables = {name: one.drop_columns(["edge_weight"]) for name, one in tables.items()}
    return Met(tables, _notes(network, asked))


def _alone(tally: Tally, network: Network, asked: Asked) -> _Pairs:
    """Each cell by itself."""
    cells = np.arange(len(tally.cell_area))
    met = along_edges(network, tally, asked.model.of(tally), cells, cells)
    return _Pairs(tally, cells, cells, met, asked.within(tally).misalignment)


def _rows(pairs: _Pairs, asked: Asked) -> pa.Table:
    """One row per problem area and population, or pair of populations."""
    tally, labels = pairs.tally, asked.population.labels
    columns = area_columns(tally, tally.cell_area[pairs.cell_a], labels)
    first, second = tally.cell_segment[pairs.cell_a], tally.cell_segment[pairs.cell_b]
    if pairs.cell_a is pairs.cell_b:
        columns |= segment_columns(tally.segments, first, "", labels)
    else:
        columns |= pair_columns(tally.segments, first, second, labels)
    met = pairs.met
    columns |= _counts(met.edges, met.weights)
    return _finished(columns, _values(met, pairs.random))


def _means(pairs: _Pairs, asked: Asked, scope: str = "") -> pa.Table:
    """Means over the problem areas in which edges join such agents, random pairs in the same."""
    tally, labels, met = pairs.tally, asked.population.labels, pairs.met
    over, over_of_area = over_keys(tally)
    width = tally.segments.size
    area = tally.cell_area[pairs.cell_a]
    first, second = tally.cell_segment[pairs.cell_a], tally.cell_segment[pairs.cell_b]
    codes, group = groups_of((over_of_area[area] * width + first) * width + second)
    columns: Columns = dict(over.take(codes // width**2))
    if scope:
        columns["scope"] = pa.array([scope] * len(codes), pa.string())
    there = met.weights > 0
    columns["areas"] = pa.array(np.bincount(group[there], minlength=len(codes)).astype(np.int64))
    if scope:
        columns |= segment_columns(tally.segments, codes % width, "", labels)
    else:
        columns |= pair_columns(tally.segments, codes // width % width, codes % width, labels)

    def total(values: npt.NDArray[np.float64]) -> Floats:
        sums: Floats = np.bincount(group, values, len(codes)).astype(np.float64)
        return sums

    columns |= _counts(np.rint(total(met.edges.astype(np.float64))), total(met.weights))
    weights = asked.area_weights(tally)
    weight = None if weights is None else weights[area]
    values = {
        name: mean_over_areas(np.where(there, value, np.nan), group, len(codes), weight)
        for name, value in _values(met, pairs.random).items()
    }
    return _finished(columns, values)


def _values(met: AlongEdges, random: Floats) -> dict[str, Floats]:
    return {
        "network_misalignment": met.misalignment,
        "network_conditional_misalignment": met.conditional_misalignment,
        "network_participation": met.participation,
        "misalignment": random,
    }


def _counts(edges: npt.NDArray[np.float64] | Codes, weights: Floats) -> Columns:
    return {"edges": pa.array(edges.astype(np.int64)), "edge_weight": reals(weights)}


def _finished(columns: Columns, values: Mapping[str, Floats]) -> pa.Table:
    """Columns, the values, and why one is null."""
    size = len(columns["edges"])
    none = np.isnan(values["network_misalignment"])
    causes = [(name, none, NO_EDGE) for name in ("network_misalignment", "network_participation")]
    conditional = np.isnan(values["network_conditional_misalignment"])
    causes += [("network_conditional_misalignment", none, NO_EDGE)]
    causes += [("network_conditional_misalignment", conditional, NO_HOLDERS)]
    random = np.isnan(values["misalignment"])
    causes += [("misalignment", none & random, NO_EDGE), ("misalignment", random, RANDOM)]
    columns = columns | {name: reals(value) for name, value in values.items()}
    columns["reasons"] = reasons_column(size, causes)
    return pa.table(columns)


def _notes(network: Network, asked: Asked) -> list[str]:
    notes = []
    if network.loops:
        notes.append(
            f"{network.loops:,} of {network.listed:,} edges join an agent with itself: left out"
        )
    if network.strangers:
        notes.append(
            f"{network.strangers:,} of {network.listed:,} edges name agents that the data lacks, "
            f"such as {quoted(network.unknown)}: left out"
        )
    if asked.population.roles.weight:
        notes.append("along edges the weights of the edges count, not those of the agents")
    if asked.measure.sampling == "with-replacement":
        notes.append(
            "an edge joins two different agents; random pairs drawn with replacement may be one "
            "agent twice: sampling='distinct-pairs' compares like with like"
        )
    return notes
