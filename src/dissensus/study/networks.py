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
from dissensus.study.cell_pairs import CellPairs
from dissensus.study.several import single_goals
from dissensus.study.tables import Columns, reals, reasons_column, stacked

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
class _Found:
    """Pairs of populations, what holds along the edges between them, and of random pairs."""

    pairs: CellPairs
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
    whole = _alone(asked.everyone, network.everyone(), asked, "everyone")
    parts = _alone(tally, network, asked, "segment") if measure.by else whole
    own = [_means(whole, asked)] + ([_means(parts, asked)] if measure.by else [])
    tables = {"network": stacked(own), "area_network": _rows(parts)}
    if pairs is not None:
        met = along_edges(network, tally, asked.model.of(tally), pairs.cell_a, pairs.cell_b)
        two = CellPairs(tally, pairs.cell_a, pairs.cell_b, asked.population.labels)
        found = _Found(two, met, pairs.misalignment)
        tables = {
            "network": _means(found, asked),
            "network_within": tables["network"],
            "area_network": _rows(found),
        }
    if not network.is_weighted:  # their number says it all
        tables = {name: one.drop_columns(["edge_weight"]) for name, one in tables.items()}
    return Met(tables, _notes(network, asked))


def _alone(tally: Tally, network: Network, asked: Asked, scope: str) -> _Found:
    """Each population by itself."""
    pairs = CellPairs.alone(tally, asked.population.labels, scope)
    met = along_edges(network, tally, asked.model.of(tally), pairs.cell_a, pairs.cell_b)
    return _Found(pairs, met, asked.within(tally).misalignment)


def _rows(found: _Found) -> pa.Table:
    """One row per problem area and population, or pair of populations."""
    met = found.met
    columns = found.pairs.columns() | _counts(met.edges, met.weights)
    return _finished(columns, _values(met, found.random))


def _means(found: _Found, asked: Asked) -> pa.Table:
    """Means over the problem areas in which edges join such agents, random pairs in the same."""
    met = found.met
    columns, group = found.pairs.means()
    size = int(group.max(initial=-1)) + 1

    def total(values: npt.NDArray[np.float64]) -> Floats:
        sums: Floats = np.bincount(group, values, size).astype(np.float64)
        return sums

    there = met.weights > 0
    columns["areas"] = pa.array(total(there.astype(np.float64)).astype(np.int64))
    columns |= _counts(np.rint(total(met.edges.astype(np.float64))), total(met.weights))
    weights = asked.area_weights(found.pairs.tally)
    weight = None if weights is None else weights[found.pairs.area]
    values = {
        name: mean_over_areas(np.where(there, value, np.nan), group, size, weight)
        for name, value in _values(met, found.random).items()
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
