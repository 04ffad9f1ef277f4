"""Scale: phases, copies of limited capacity, path dependence, world models, mistakes."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dissensus as ds
from dissensus.system import Part, System, World, at_scale
from dissensus.system.dynamics import MechanismError
from dissensus.system.dynamics.copying import Copy, copy_of_rank, least_squares_levels
from dissensus.system.dynamics.scaling import path_ends, with_hardness_spread


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=6), st.integers(1, 6))
def test_levels_lose_least(values: list[int], levels: int) -> None:
    x = np.array(values, dtype=float)
    sizes = min(levels, len(x))
    cuts = combinations(range(1, len(x)), sizes - 1)
    parts = [np.split(np.sort(x), list(cut)) for cut in cuts]
    best = min(sum(((p - p.mean()) ** 2).sum() for p in some) for some in parts)
    found = least_squares_levels(x, levels)
    assert ((found - x) ** 2).sum() == pytest.approx(best, abs=1e-9)
    assert len(np.unique(found)) <= levels


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4))
def test_a_copy_of_higher_rank_loses_no_more(seed: int, rank: int) -> None:
    u = np.random.default_rng(seed).random((4, 6))
    lower, upper = copy_of_rank(u, rank), copy_of_rank(u, rank + 1)
    lost = [((one.utilities - u) ** 2).sum() for one in (lower, upper)]
    assert lost[1] <= lost[0] + 1e-12
    np.testing.assert_allclose(copy_of_rank(u, 4).utilities, u)
    np.testing.assert_allclose(copy_of_rank(u, 4).fidelity, 1)


def test_fidelity_of_a_part_that_does_not_care() -> None:
    u = np.array([[1.0, 0], [2, 2]])
    kept = Copy.of(u, u).fidelity
    assert kept[0] == 1
    assert np.isnan(kept[1])


def test_a_system_without_the_difference_of_hardness_does_not_flip() -> None:
    h = System(
        [Part("x", [1, 0, 0.55], hardness=9), Part("y", [0, 1.2, 0.6], hardness=9)],
        World.of(["a", "b", "c"]),
        "utilitarian",
        "unit",
    )
    assert ds.simulate(h, "scale").summary["verdict"] == "STABLE"


def test_phases_are_what_is_done_inside_them() -> None:
    rows = ds.simulate("recommender", "scale", compute=[0.1, 1000]).rows.to_pylist()
    system = ds.study.subjects.subject_of("recommender").system
    for row in rows:
        middle = float(np.sqrt(row["compute_from"] * row["compute_to"]))
        done = at_scale(system, middle).choice()
        assert list(done.winner_names) == (row["outcome"] or [])
    for one, other in pairwise(rows):
        assert one["compute_to"] == other["compute_from"]
        assert one["outcome"] != other["outcome"]


def test_parts_that_do_not_scale_stay_as_they_are() -> None:
    found = ds.simulate("holiday", "scale", exponents={"growth": 0}, rule="nash")
    phases = {row["rule"]: row["phases"] for row in found.tables["rungs"].to_pylist()}
    assert "horrible" not in phases["utilitarian"]


def test_order_of_scaling_can_matter() -> None:
    """Dictator first takes a; once that is what all fall back on, nash cannot leave it."""
    h = System(
        [Part("x", [5, 0, 4]), Part("y", [0, 5, 4], hardness=1)],
        World.of(["a", "b", "c"]),
        "dictator:x",
    )
    parts_first, rule_first = path_ends(h, 100, "nash")
    assert parts_first.winner_names == ("a",)
    assert rule_first.winner_names == ("c",)
    assert ds.simulate(h, "scale").summary["depends_on_path"] is True


def test_spread_of_hardness() -> None:
    h = System(
        [Part("x", [1, 0], hardness=2), Part("y", [0, 1], hardness=8), Part("z", [1, 1])],
        World.of(["a", "b"]),
        "plurality",
    )
    assert [p.hardness for p in with_hardness_spread(h, 1).parts] == pytest.approx([2, 8, 0])
    assert [p.hardness for p in with_hardness_spread(h, 0).parts] == pytest.approx([4, 4, 0])
    assert [p.hardness for p in with_hardness_spread(h, 2).parts] == pytest.approx([1, 16, 0])


def test_a_world_model_that_sharpens() -> None:
    """With little compute rain is as likely as sun."""
    world = World(
        ["umbrella", "none"],
        ["dry and free", "dry", "wet"],
        ["sun", "rain"],
        initial_belief=[0.8, 0.2],
        outcome_probabilities=[[[0, 1, 0], [0, 1, 0]], [[1, 0, 0], [0, 0, 1]]],
    )
    walker = System([Part("me", [1, 0.6, 0], hardness=0.01)], world, "plurality")
    assert ds.simulate(walker, "scale").summary["verdict"] == "STABLE"
    found = ds.simulate(walker, "scale", world_hardness=10.0)
    assert found.rows["outcome"].to_pylist() == [["umbrella"], ["none"]]
    # 0.6 = 0.8^s / (0.8^s + 0.2^s)
    sharp = np.log(1.5) / np.log(4)
    flip = found.rows["compute_to"].to_pylist()[0]
    assert flip == pytest.approx(10 * sharp / (1 - sharp), rel=0.05)


def test_strength_of_optimisation_ends_at_the_best() -> None:
    rows = ds.simulate("holiday", "scale").tables["strength"].to_pylist()
    weak = [row["chance"] for row in rows if row["strength"] == 0]
    assert weak == pytest.approx([0.25] * 4)
    strong = max((r for r in rows if r["strength"] == 100), key=lambda r: r["chance"])
    assert (strong["action"], round(strong["chance"], 6)) == ("nice", 1)


def test_mistakes() -> None:
    with pytest.raises(MechanismError, match="without hardness"):
        ds.simulate("productivity", "scale")
    for given_, words in (
        ({"compute": [1]}, "numbers of shape 2"),
        ({"compute": [0, 10]}, "above 0"),
        ({"exponents": {"groth": 1}}, "did you mean 'growth'?"),
    ):
        with pytest.raises(MechanismError) as caught:
            ds.simulate("holiday", "scale", **given_)
        assert words in str(caught.value)
    with pytest.raises(ds.DissensusError, match="the smaller first"):
        ds.simulate("holiday", "scale", compute=[10, 1])
