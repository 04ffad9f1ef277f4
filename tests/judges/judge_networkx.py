"""The mixing matrix of a network tells how many edges join agents of the same goal."""

import networkx as nx
import numpy as np
import pytest

import dissensus as ds


@pytest.mark.parametrize("seed", range(10))
def test_mixing_matrix(seed):
    rng = np.random.default_rng(seed)
    graph = nx.gnp_random_graph(60, 0.1, seed=seed)
    goals = {agent: "abc"[rng.integers(3)] for agent in graph}
    nx.set_node_attributes(graph, goals, "goal")
    mixing = nx.attribute_mixing_matrix(graph, "goal", normalized=True)
    found = ds.misalignment(
        {"agent": list(goals), "goal": list(goals.values())},
        pairs={
            end: [edge[i] for edge in graph.edges] for i, end in enumerate(["agent_a", "agent_b"])
        },
    )
    (row,) = found.tables["network"].to_pylist()
    assert row["edges"] == graph.number_of_edges()
    assert row["network_misalignment"] == pytest.approx(1 - np.trace(mixing), abs=1e-14)


@pytest.mark.parametrize("seed", range(5))
def test_mixing_of_segments(seed):
    """Which segments meet: edges between each two are the entries of the matrix."""
    rng = np.random.default_rng(seed)
    graph = nx.gnp_random_graph(50, 0.2, seed=seed)
    parties = {agent: "xyz"[rng.integers(3)] for agent in graph}
    nx.set_node_attributes(graph, parties, "party")
    places = {"x": 0, "y": 1, "z": 2}
    mixing = nx.attribute_mixing_matrix(graph, "party", mapping=places, normalized=False)
    rows = {
        "agent": list(parties),
        "party": list(parties.values()),
        "goal": [f"g{agent % 4}" for agent in parties],
    }
    pairs = {end: [edge[i] for edge in graph.edges] for i, end in enumerate(["agent_a", "agent_b"])}
    for row in ds.between(rows, by="party", pairs=pairs).tables["network"].to_pylist():
        assert row["edges"] == mixing[places[row["party_a"]], places[row["party_b"]]]
