"""Laws of how masses vary over samples: however the units are held, the spread is the same."""

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

import dissensus as ds
from dissensus.engine.counting import count
from dissensus.engine.units import UnitColumns, count_units
from dissensus.measure.uncertainty.design import Design, design_covariance, influence_of_shares
from dissensus.measure.uncertainty.spread import Drawing, spread_of

AGENTS = st.lists(
    st.tuples(
        st.sampled_from("xyz"),
        st.sampled_from("ns"),
        st.sampled_from("AB"),
        st.floats(0.25, 4),
    ),
    min_size=8,
    max_size=40,
)


def tables(agents):
    # two agents of each stratum, so that none is lonely
    rows = [*agents, ("x", "n", "A", 1.0), ("y", "n", "B", 1.0), ("x", "s", "A", 1.0)]
    rows.append(("z", "s", "B", 1.0))
    goal, region, party, weight = zip(*rows, strict=True)
    columns = {"agent": range(len(rows)), "goal": goal, "region": region, "party": party}
    return pa.table({**columns, "weight": weight})


def spreads(table, columns, **asked):
    population = ds.Population(table, weight="weight")
    tally = count(population, **asked).tally
    both = [
        count_units(population, tally, columns, tell_agents_apart=apart, **asked)
        for apart in (False, True)
    ]
    return tally, *(spread_of(tally, units, Drawing()) for units in both)


@settings(max_examples=12, deadline=None)
@given(AGENTS)
def test_agents_told_apart_or_not_spread_alike(agents):
    table = tables(agents)
    tally, alone, apart = spreads(table, UnitColumns(strata=("region",)), by=("party",))
    slots = int(alone.offsets[-1])
    gradients = sparse.csc_array(np.random.default_rng(0).normal(size=(slots, 3)))
    frames = np.zeros(3, dtype=np.int64)
    one, two = alone.inside_area(gradients, frames), apart.variance(gradients, frames)
    np.testing.assert_allclose(one, two, rtol=1e-9, atol=1e-12)
    whole = apart.covariance(gradients, frames)
    np.testing.assert_allclose(alone.covariance(gradients, frames), whole, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(np.diag(whole), two, rtol=1e-9, atol=1e-12)
    assert np.linalg.eigvalsh(whole).min() > -1e-9 * max(np.trace(whole), 1)
    for cell in range(len(tally.cell_area)):
        shares = alone.of_shares(cell)
        np.testing.assert_allclose(shares, apart.of_shares(cell), atol=1e-12)
        # shares sum to 1, whatever the sample
        np.testing.assert_allclose(shares.sum(axis=0), 0, atol=1e-12)


@settings(max_examples=12, deadline=None)
@given(AGENTS)
def test_one_cluster_an_agent_is_no_cluster(agents):
    table = tables(agents)
    _, plain, _ = spreads(table, UnitColumns(strata=("region",)))
    _, clustered, _ = spreads(table, UnitColumns(strata=("region",), cluster=("agent",)))
    np.testing.assert_allclose(plain.of_shares(0), clustered.of_shares(0), atol=1e-12)


@settings(max_examples=12, deadline=None)
@given(AGENTS)
def test_the_spread_of_shares_is_the_textbooks(agents):
    table = tables(agents)
    _, spread, _ = spreads(table, UnitColumns(strata=("region",)))
    goal = np.array(["xyz".index(g) for g in table["goal"].to_pylist()])
    weights = table["weight"].to_numpy()
    strata = np.array(["ns".index(r) for r in table["region"].to_pylist()])
    exact = design_covariance(influence_of_shares(goal, 3, weights), Design(strata=strata))
    found = spread.of_shares(0)
    held = sorted(set(table["goal"].to_pylist()))
    places = ["xyz".index(g) for g in held]
    np.testing.assert_allclose(found[:-1, :-1], exact[np.ix_(places, places)], atol=1e-12)
    np.testing.assert_allclose(found[-1], 0, atol=1e-15)
