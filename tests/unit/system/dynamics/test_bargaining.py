"""Bargaining and negotiation: verdicts, laws, what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dissensus as ds
from dissensus.system import Part, System, World
from dissensus.system.dynamics.offers import (
    CONCEPTS,
    NegotiationError,
    alternating_offers,
    concession,
    favourite_concepts,
    insisting,
)
from dissensus.system.pareto import improvement


def of(*rows, rule="plurality", comparability="full", **more) -> System:
    parts = [Part(f"p{i}", row) for i, row in enumerate(rows)]
    return System(
        parts, World.of([f"a{j}" for j in range(len(rows[0]))]), rule, comparability, **more
    )


def test_parts_that_agree_are_settled() -> None:
    same = of([3, 1, 0], [5, 2, 0])
    found = ds.simulate(same, "bargaining")
    assert found.summary["verdict"] == "SETTLED"
    assert set(found.rows["override"].to_pylist()) == {0.0}
    assert ds.simulate(same, "negotiation").summary["verdict"] == "AGREES"


def test_who_loses_is_told_by_standing() -> None:
    majority = System(
        [Part("many", [1, 0, 0.7], standing=3), Part("few", [0, 1, 0.7], standing=1)],
        World.of(["a", "b", "c"]),
        "plurality",
        "full",
    )
    rows = {row["solution"]: row for row in ds.simulate(majority, "bargaining").rows.to_pylist()}
    assert rows["egalitarian-lottery"]["override"] == 0.75
    assert rows["egalitarian-lottery"]["displacement"] == pytest.approx(1)


def test_nothing_today_is_undefined() -> None:
    cycle = of([2, 1, 0], [0, 2, 1], [1, 0, 2], rule="condorcet")
    found = ds.simulate(cycle, "bargaining")
    assert found.summary["verdict"] == "UNDEFINED"
    assert found.rows["override"].null_count == found.rows.num_rows


def test_weaker_comparability_leaves_solutions_out() -> None:
    rows = ds.simulate(of([1, 0], [0, 1], comparability="range"), "bargaining").rows
    assert "utilitarian" not in rows["solution"].to_pylist()


def test_an_ai_that_learned_wrongly_serves_its_part_worse() -> None:
    h = of([9, 0, 6, 0], [0, 5, 4, 0])
    right = ds.simulate(h, "negotiation").tables["parts"].to_pylist()[0]["got"]
    wrong = ds.simulate(h, "negotiation", learned={"p0": [0, 5, 4, 0]})
    assert wrong.tables["parts"].to_pylist()[0]["got"] < right
    with pytest.raises(ds.DissensusError, match="4 numbers"):
        ds.simulate(h, "negotiation", learned={"p0": [0, 5]})


@pytest.mark.parametrize(
    "work",
    [
        lambda: alternating_offers([[1, 0], [0, 1]], [1, 0.9]),
        lambda: alternating_offers([[1, 0], [0, 1]], [0.9]),
        lambda: alternating_offers([[1, 0], [0, 1]], [0.9, 0.9], rounds=0),
        lambda: concession([[1, 0], [0, 1]], [0, 1]),
        lambda: insisting([[1, 0], [0, 1]], ["nash"]),
        lambda: insisting([[1, 0], [0, 1]], ["nash", "fair"]),
    ],
)
def test_terms_that_make_no_sense(work) -> None:
    with pytest.raises(NegotiationError, match="needed"):
        work()


tables = st.integers(2, 3).flatmap(
    lambda n: st.lists(
        st.lists(st.integers(0, 9), min_size=4, max_size=4).filter(lambda r: len(set(r)) > 1),
        min_size=n,
        max_size=n,
    )
)


@settings(max_examples=10, deadline=None)
@given(tables)
def test_agreements_are_efficient_and_harm_nobody(u) -> None:
    n = len(u)
    low = np.min(u, axis=1)
    for found in (alternating_offers(u, [0.5] * n), concession(u, [1.0] * n)):
        assert (found.utilities >= low - 1e-9).all()
        assert found.dist.sum() == pytest.approx(1)
    assert improvement(u, alternating_offers(u, [0.5] * n).dist).gap < 1e-6 or n > 2


@settings(max_examples=10, deadline=None)
@given(tables, st.sampled_from([c for c in CONCEPTS if c != "utilitarian"]))
def test_one_concept_for_all_is_agreed_on(u, concept) -> None:
    found = insisting(u, [concept] * len(u), comparability="range")
    assert found.dist is not None
    assert (found.utilities >= np.diag(found.demands) - 1e-6).all()
    assert len(favourite_concepts(u, [concept], comparability="range")) == len(u)
