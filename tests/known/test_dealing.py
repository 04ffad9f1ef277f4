"""Mechanisms among parts: answers that stand in the literature or follow by hand.

Sections 6 and 11 to 16 of the definitions, by citation.
"""

from math import exp, sqrt

import numpy as np
import pytest

import dissensus as ds
from dissensus.system import Ballots, Part, System, World, choose
from dissensus.system.dynamics.offers import (
    alternating_offers,
    concession,
    insisting,
    proposer_share,
)

PIE = [[1, 0], [0, 1]]
HULL = [[9, 0, 6, 0], [0, 5, 4, 0]]


def test_rubinstein_1982() -> None:
    assert proposer_share(0.9, 0.9) == pytest.approx(10 / 19)
    assert proposer_share(0.9, 0.8) == pytest.approx(5 / 7)


@pytest.mark.parametrize(("patience", "share"), [((0.9, 0.9), 10 / 19), ((0.9, 0.8), 5 / 7)])
def test_sixty_rounds_of_backward_induction_are_near_the_limit(patience, share) -> None:
    found = alternating_offers(PIE, patience, rounds=60)
    assert found.dist[0] == pytest.approx(share, abs=1e-3)


def test_binmore_rubinstein_wolinsky_1986() -> None:
    # equal impatience tends to Nash
    nash = choose("nash-lottery", Ballots.from_utilities("abcd", HULL, disagreement=[0, 0]))
    near = alternating_offers(HULL, [0.99, 0.99], [0, 0])
    np.testing.assert_allclose(near.utilities, np.array(HULL) @ nash.dist, atol=0.05)
    # unequal impatience 1 and 2 to weights 2/3 and 1/3
    patience = [exp(-0.02), exp(-0.04)]
    near = alternating_offers(PIE, patience, rounds=700)
    assert near.dist[0] == pytest.approx(proposer_share(*patience), abs=1e-5)
    assert proposer_share(exp(-1e-4), exp(-2e-4)) == pytest.approx(2 / 3, abs=1e-4)


def test_faratin_1998() -> None:
    even = concession(PIE, [1, 1])
    assert (even.time, even.dist[0]) == (pytest.approx(0.5), pytest.approx(0.5))
    tough = concession(PIE, [5, 1])
    assert tough.dist[0] == pytest.approx(0.754878, abs=1e-6)
    assert tough.time**5 + tough.time == pytest.approx(1)
    boulware = concession(PIE, [4, 1])
    assert boulware.dist[0] == pytest.approx(0.724492, abs=1e-6)


def test_insisting_on_different_concepts_can_fail_stastny_2021() -> None:
    failed = insisting(HULL, ["nash", "egalitarian"], [0, 0])
    assert failed.dist is None
    assert failed.utilities.tolist() == [0, 0]
    np.testing.assert_allclose(failed.demands, [[6, 4], [30 / 7, 30 / 7]])
    for concept, point in (("nash", [6, 4]), ("egalitarian", [30 / 7, 30 / 7])):
        agreed = insisting(HULL, [concept, concept], [0, 0])
        np.testing.assert_allclose(agreed.utilities, point, atol=1e-6)


def test_a_curve_by_its_points() -> None:
    # u1 = x, u2 = sqrt(1 - x): Nash at 2/3, which patient offers approach
    x = np.linspace(0, 1, 31)
    near = alternating_offers([x, np.sqrt(1 - x)], [0.97, 0.97])
    np.testing.assert_allclose(near.utilities, [2 / 3, sqrt(1 / 3)], atol=0.02)


@pytest.fixture
def hull() -> System:
    return System(
        [Part("one", HULL[0]), Part("two", HULL[1])],
        World.of(["a", "b", "c", "d"]),
        "plurality",
        "full",
        disagreement=[0, 0],
    )


def test_bargaining_of_the_hull(hull) -> None:
    found = ds.simulate(hull, "bargaining")
    value = {
        (row["solution"], row["part"]): row["value"] for row in found.tables["parts"].to_pylist()
    }
    for name, point in (
        ("nash-lottery", (6, 4)),
        ("kalai-smorodinsky-lottery", (108 / 17, 60 / 17)),
        ("egalitarian-lottery", (30 / 7, 30 / 7)),
        ("utilitarian", (6, 4)),
    ):
        assert value[name, "one"] * 9 == pytest.approx(point[0])
        assert value[name, "two"] * 5 == pytest.approx(point[1])


def test_improving_steps_depend_on_their_order(hull) -> None:
    coin = System(
        [Part(p.name, p.utilities, rationality=0) for p in hull.parts],
        hull.world,
        "turn-taking",
        "full",
    )
    found = ds.simulate(coin, "bargaining")
    assert found.summary["verdict"] == "OPEN"
    assert found.summary["diameter"] == pytest.approx(0.580783, abs=1e-6)
    ends = [row["value"] for row in found.tables["steps"].to_pylist()]
    utils = np.array(ends).reshape(2, 2) * [9, 5]
    np.testing.assert_allclose(np.sort(utils, axis=0), [[3.75, 2.25], [7.3125, 4.375]])
