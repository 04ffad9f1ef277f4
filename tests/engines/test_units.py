"""Sampling units are counted alike on every engine."""

import numpy as np
import pyarrow as pa
import pytest

import dissensus as ds
from dissensus.engine.counting import count
from dissensus.engine.units import UnitColumns, count_units

N = 120
RNG = np.random.default_rng(7)
TABLE = pa.table(
    {
        "agent": [f"a{i:03}" for i in range(N) for _ in range(2)],
        "area": np.tile(["p", "q"], N),
        "region": np.repeat(np.where(np.arange(N) % 3, "north", "south"), 2),
        "psu": [f"p{i % 3}{i // 4:02}" for i in range(N) for _ in range(2)],
        "party": np.repeat(np.where(np.arange(N) % 2, "A", "B"), 2),
        "weight": np.repeat(1 + np.arange(N) % 5 / 4, 2),
        "rep1": np.repeat(1.0 + np.arange(N) % 2, 2),
        "rep2": np.repeat(1.0 + np.arange(N) % 3, 2),
        "age": np.repeat(np.arange(N) % 80, 2),
        "goal": pa.array(
            [
                None if i % 11 == 0 else ["x", "y", "z"][v]
                for i, v in enumerate(RNG.integers(0, 3, 2 * N))
            ]
        ),
    }
)
DESIGNS = {
    "agents": UnitColumns(),
    "strata": UnitColumns(strata=("region",)),
    "clusters": UnitColumns(strata=("region",), cluster=("psu",), are_nested=True),
    "replicates": UnitColumns(replicates=("rep1", "rep2")),
}


def counted(data, columns, roles, **asked):
    population = ds.Population(data, null_goal="no-goal", **roles)
    tally = count(population, **asked).tally
    return count_units(population, tally, columns, tell_agents_apart=True, **asked)


def assert_same(ours, plain):
    for name, value in vars(plain).items():
        mine = getattr(ours, name)
        if isinstance(value, np.ndarray):
            np.testing.assert_allclose(mine, value, rtol=1e-12, err_msg=name)
        else:
            assert mine == value, name


@pytest.mark.parametrize("design", DESIGNS)
def test_every_engine(source, design):
    asked = {"by": ("party",), "where": "age >= 18"}
    roles = {"weight": "weight"}
    ours = counted(source(TABLE), DESIGNS[design], roles, **asked)
    assert_same(ours, counted(TABLE, DESIGNS[design], roles, **asked))
    assert ours.weights.sum() < 2 * N * 2


def test_a_design_on_the_roster(source):
    columns = ["agent", "region", "psu", "weight"]
    roster = TABLE.select(columns).group_by("agent").aggregate([(c, "min") for c in columns[1:]])
    roster = roster.rename_columns(columns)
    data = TABLE.drop_columns(["region", "psu", "weight"])
    roles = {"weight": "weight", "roster": source(roster)}
    ours = counted(source(data), DESIGNS["clusters"], roles)
    assert_same(ours, counted(TABLE, DESIGNS["clusters"], {"weight": "weight"}))


def test_units_are_those_of_the_data_not_of_the_filter():
    units = counted(TABLE, DESIGNS["clusters"], {}, where="party = A")
    assert units.sizes.sum() == len(
        set(zip(*(TABLE[c].to_pylist() for c in ("region", "psu")), strict=True))
    )
    assert units.weights.sum() == N
