"""Companions under their fields' names: published values, identities, and their domains."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dissensus as ds
from dissensus.errors import DissensusError
from dissensus.measure.diversity import effective_number, fractionalisation, shannon
from dissensus.measure.misalignment import misalignment_of_shares
from dissensus.measure.polarisation import (
    agreement_index,
    esteban_ray,
    reynal_querol,
    rice,
    van_der_eijk,
)
from dissensus.model.conflict import Exclusive
from dissensus.study.companions import COMPANIONS
from dissensus.study.shipped import examples

ALL = list(COMPANIONS)
SHARES = st.lists(st.floats(0.001, 1), min_size=2, max_size=6).map(
    lambda values: np.array(values) / sum(values)
)


def row(rows, **options):
    return ds.misalignment(rows, companions=ALL, **options).rows.to_pylist()[0]


def test_one_shannon_and_another_with_the_same_misalignment():
    """The same V of .5, and 1 and 1.2516 bits."""
    two, three = [0.5, 0.5], [2 / 3, 1 / 6, 1 / 6]
    for shares, bits in ((two, 1), (three, 1.2516)):
        assert misalignment_of_shares(shares, Exclusive()) == pytest.approx(0.5)
        assert shannon(shares) == pytest.approx(bits, abs=5e-5)


def test_leinster_cobbold():
    """Counts 30/40/30 with similarity .5/0/.25."""
    table = [[0, 0.5, 1], [0.5, 0, 0.75], [1, 0.75, 0]]
    assert effective_number([0.3, 0.4, 0.3], table) == pytest.approx(1.923076923, abs=5e-10)


def test_van_der_eijk():
    """The example of the R package agrmt."""
    assert van_der_eijk([30, 40, 210, 130, 530, 50, 10]) == pytest.approx(0.6113333, abs=5e-8)
    assert van_der_eijk([5, 0, 0, 0, 5]) == -1
    assert van_der_eijk([0, 0, 7, 0]) == 1
    assert van_der_eijk([3, 3, 3, 3]) == 0
    assert np.isnan(van_der_eijk([0, 0, 0]))


@given(SHARES)
def test_identities(shares):
    value = misalignment_of_shares(shares, Exclusive())
    assert fractionalisation(shares) == pytest.approx(value)
    assert effective_number(shares, Exclusive()) == pytest.approx(1 / (1 - value))
    assert 4 * esteban_ray(shares, Exclusive()) == pytest.approx(reynal_querol(shares))
    assert effective_number(shares, Exclusive(), 1) == pytest.approx(2 ** shannon(shares))
    assert effective_number(shares, Exclusive(), np.inf) == pytest.approx(1 / shares.max())
    assert effective_number(shares, Exclusive(), 0) == pytest.approx(len(shares))
    if len(shares) == 2:
        assert (1 - rice(shares) ** 2) / 2 == pytest.approx(value)


@settings(max_examples=30)
@given(st.lists(st.integers(0, 9), min_size=3, max_size=6))
def test_van_der_eijk_is_the_same_backwards(counts):
    if sum(counts):
        value = van_der_eijk(counts)
        assert -1 - 1e-12 <= value <= 1 + 1e-12
        assert van_der_eijk(counts[::-1]) == pytest.approx(value)


def test_agreement_index():
    assert agreement_index([1, 0, 0]) == 1
    assert agreement_index([1 / 3, 1 / 3, 1 / 3]) == pytest.approx(0)


def test_beside_the_value():
    rows = {"goal": ["yes", "no", "-"], "count": [60, 20, 20]}
    found = row(rows, count="count", no_goal="-")
    assert found["rice"] == pytest.approx(0.5)
    assert found["agreement_index"] == pytest.approx(0.6 - 0.2)
    assert found["fractionalisation"] == pytest.approx(found["conditional_misalignment"])
    assert found["effective_number"] == pytest.approx(1 / (1 - found["misalignment"]))
    assert found["van_der_eijk"] is None
    assert "ordered levels" in dict(found["reasons"])["van_der_eijk"]


def test_outside_their_domains():
    rows = {"goal": list("abc-"), "count": [1, 1, 1, 1]}
    reasons = dict(row(rows, count="count", no_goal="-", no_goal_conflict=0.5)["reasons"])
    assert reasons["rice"] == "defined for two options"
    assert reasons["agreement_index"].startswith("defined for three options")
    assert reasons["effective_number"] == "defined where having no goal conflicts with none"
    silent = {"goal": ["a", "-"], "s": ["x", "y"], "count": [1, 3]}
    tables = ds.misalignment(silent, count="count", no_goal="-", by="s", companions=ALL)
    nobody = dict(tables.rows.to_pylist()[1]["reasons"])
    assert all("no goal in this population" in nobody[name] for name in ALL)


def test_levels_that_nobody_chose_count():
    rows = {"goal": ["low", "low"], "agent": [1, 2]}
    found = row(rows, conflict="ordinal", levels=["low", "mid", "high", "top"])
    assert found["van_der_eijk"] == 1
    rows = {"goal": ["low", "top"], "agent": [1, 2]}
    found = row(rows, conflict="ordinal", levels=["low", "mid", "high", "top"])
    assert found["van_der_eijk"] == -1


def test_orders():
    rows = {"goal": list("aab"), "agent": [1, 2, 3]}
    by_order = [row(rows, order=q)["effective_number"] for q in (0, 1, 2)]
    assert by_order == pytest.approx([2, 2 ** shannon([2 / 3, 1 / 3]), 1.8])
    with pytest.raises(DissensusError, match="order"):
        row(rows, order=-1)
    with pytest.raises(DissensusError, match="sensitivity"):
        row(rows, sensitivity=2)


def test_means_over_areas_have_them_too():
    rows = {"agent": [1, 2, 1, 2], "area": list("ppqq"), "goal": list("abaa")}
    overall = ds.misalignment(rows, companions=["rice", "shannon"]).tables["overall"]
    assert overall["rice"].to_pylist() == [0.5]
    assert overall["shannon"].to_pylist() == [0.5]


@pytest.mark.parametrize("example", examples(), ids=lambda one: one.name)
def test_every_example(example):
    from dissensus.study.questions import ask
    from dissensus.study.study_file import options_with

    options = options_with(example.study, {"companions": ALL})
    result = ask("misalignment", options)
    for name in ALL:
        for value, why in zip(
            result.rows[name].to_pylist()[:2000],
            result.rows["reasons"].to_pylist()[:2000],
            strict=True,
        ):
            assert (value is None) == (name in dict(why or []))
