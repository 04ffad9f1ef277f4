"""Stages, information, markets, extrapolation and levels: known answers, by citation.

Sections 11 and 13 to 16 of the definitions.
"""

from math import log

import numpy as np
import pytest

import dissensus as ds
from dissensus.scenario import load_scenario
from dissensus.system import Part, System, World
from dissensus.system.beliefs import pooled_belief
from dissensus.system.dynamics.auction import AuctionTerms, regulation, revenue, screens
from dissensus.system.dynamics.exchange import (
    fisher_market,
    lmsr_cost,
    lmsr_price,
    simplification_threshold,
)
from dissensus.system.dynamics.extrapolation import Person, extrapolate, starts_around
from dissensus.system.dynamics.information import pooling_gap
from dissensus.system.dynamics.persuasion import persuasion
from dissensus.system.dynamics.stages import ratchet
from dissensus.system.dynamics.superagent import log_pool, superagent
from dissensus.system.dynamics.tree import level_misalignment

FIRST = [[0, 4, 0, 3], [0, 0, 1, 1]]


def test_kalai_1977_egalitarian_does_not_depend_on_the_path() -> None:
    second = [[0, 9, 0, 6], [0, 0, 5, 4]]
    found = ratchet([FIRST, second], [0, 0], "egalitarian")
    np.testing.assert_allclose(found.direct, [30 / 7, 30 / 7])
    np.testing.assert_allclose(found.path[-1], found.direct)


def test_nash_depends_on_the_path() -> None:
    found = ratchet([FIRST, [[0, 9, 0], [0, 0, 9]]], [0, 0], "nash")
    np.testing.assert_allclose(found.path[1], [3, 1], atol=1e-6)
    np.testing.assert_allclose(found.direct, [4.5, 4.5], atol=1e-6)
    np.testing.assert_allclose(found.path[-1], [5.5, 3.5], atol=1e-6)
    np.testing.assert_allclose(found.difference, [1, -1], atol=1e-6)


def test_pools_genest_1984() -> None:
    beliefs = np.array([[0.8, 0.2], [0.4, 0.6]])
    assert pooled_belief(beliefs, [1, 1])[0] == pytest.approx(0.6)
    assert pooled_belief(beliefs, [1, 1], "log")[0] == pytest.approx(0.620204, abs=1e-6)
    likely = np.array([0.9, 0.3])
    after = beliefs * likely
    after /= after.sum(axis=1, keepdims=True)
    assert pooled_belief(after, [1, 1], "log")[0] == pytest.approx(0.830479, abs=1e-6)
    early = pooled_belief(beliefs, [1, 1]) * likely
    gap = abs(early[0] / early.sum() - pooled_belief(after, [1, 1])[0])
    assert gap == pytest.approx(0.023310, abs=1e-6)
    models = [
        World(["go"], initial_belief=b, observation_probabilities=[[0.9, 0.1], [0.3, 0.7]])
        for b in beliefs
    ]
    assert pooling_gap(models, [1, 1], "log") < 1e-12
    assert pooling_gap(models, [1, 1], "linear") >= gap - 1e-12


def test_kamenica_gentzkow_2011() -> None:
    found = persuasion([0.7, 0.3], [[1, 0], [0, 1]], [[0, 1], [0, 1]])
    assert found.value == pytest.approx(0.6)
    assert found.no_information == 0
    assert found.full_information == pytest.approx(0.3)


CASE = """schema = "dissensus/system/1"
actions = {actions}
rule = "plurality"
comparability = "unit"
{rest}
"""


def from_file(tmp_path, mechanism: str, actions: list[str], rest: str, **more):
    (tmp_path / "case.toml").write_text(CASE.format(actions=actions, rest=rest))
    return ds.simulate(load_scenario(tmp_path / "case.toml"), mechanism, **more)


def test_court_from_a_scenario_file(tmp_path) -> None:
    found = from_file(
        tmp_path,
        "information",
        ["acquit", "convict"],
        """
[world]
outcomes = ["right", "wrong"]
states = ["innocent", "guilty"]
initial_belief = [0.7, 0.3]
outcome_probabilities = [[[1, 0], [0, 1]], [[0, 1], [1, 0]]]
[[parts]]
name = "judge"
utilities = [1, 0]
""",
    )
    convict = found.rows.to_pylist()[1]
    assert convict["no_information"] == 0
    assert convict["full_information"] == pytest.approx(0.3)
    assert convict["best_signal"] == pytest.approx(0.6, abs=1e-6)
    assert found.summary["is_exact"]


def test_eisenberg_gale_1959(tmp_path) -> None:
    found = fisher_market([[2, 1], [1, 2]], [1, 3])
    np.testing.assert_allclose(found.prices, [4 / 3, 8 / 3])
    np.testing.assert_allclose(found.allocation, [[0.75, 0], [0.25, 1]], atol=1e-8)
    told = from_file(
        tmp_path,
        "market",
        ["a", "b"],
        """
[[parts]]
name = "one"
utilities = [1, 0]
[[parts]]
name = "two"
utilities = [0, 1]
standing = 3
[market]
goods = ["first", "second"]
worth = [[2, 1], [1, 2]]
""",
    )
    rows = told.tables["prices"].to_pylist()
    assert [row["price"] for row in rows[::2]] == pytest.approx([4 / 3, 8 / 3])
    assert [row["allocation"] for row in rows] == pytest.approx([0.75, 0.25, 0, 1], abs=1e-8)


def test_hanson_2003() -> None:
    assert lmsr_cost([100, 0], 100) == pytest.approx(62.011451, abs=1e-6)
    assert lmsr_price([100, 0], 100)[0] == pytest.approx(0.731059, abs=1e-6)
    # what the maker can lose: he pays 1 a share of what occurs
    sold = 1e6
    assert sold - lmsr_cost([sold, 0], 100) == pytest.approx(100 * log(2), abs=1e-6)


def test_revenue_of_auctions() -> None:
    assert revenue(AuctionTerms(3)) == 0.5
    assert revenue(AuctionTerms(3, 2)) == pytest.approx(5 / 12)
    assert revenue(AuctionTerms(3, 0, 0.5)) == pytest.approx(0.531250)
    assert revenue(AuctionTerms(3, 2, 0.5)) == pytest.approx(0.505208, abs=1e-6)
    none, reserve, *_ = regulation(AuctionTerms(3, 2))
    assert (none.loss, reserve.loss) == (
        pytest.approx(0.0833, abs=1e-4),
        pytest.approx(0.0260, abs=1e-4),
    )


def test_correlation_of_bids_in_a_ring() -> None:
    rounds, markets = 200, 400
    found = screens(AuctionTerms(3, 2), rounds, markets=markets)[0]
    # standard error of a correlation near 0 is 1 / sqrt(rounds); of the mean, less by the markets
    assert found.honest == pytest.approx(0, abs=4 / np.sqrt(rounds * 2 * markets))
    assert found.ring == pytest.approx(-0.8, abs=0.01)
    error = np.sqrt(0.05 * 0.95 / markets)
    assert found.false_alarm == pytest.approx(0.05, abs=4 * error * np.sqrt(2))


def test_simplification_threshold() -> None:
    assert simplification_threshold(1, 9, 0.6, 1) == pytest.approx(11)


def softmax_person(endorsement, sharpness: float) -> Person:
    n = len(endorsement)
    return Person(
        np.eye(n),
        np.ones(n),
        np.zeros(n),
        endorsement=np.array(endorsement, dtype=float),
        sharpness=sharpness,
    )


CIRCLE = [[0, -1, 1], [1, 0, -1], [-1, 1, 0]]


def test_extrapolation_of_weights() -> None:
    weak = extrapolate(softmax_person(np.eye(2), 1), [[0.7, 0.3]])
    assert (weak.converged, weak.spread) == (1, 0)
    strong = extrapolate(softmax_person(np.eye(2), 4), [[0.8, 0.2]])
    assert strong.spread == 0
    assert strong.distance == pytest.approx(0.178752, abs=1e-6)
    np.testing.assert_allclose(strong.ends.weights, [[0.978752, 0.021248]], atol=1e-6)
    runs = 4000
    tie = extrapolate(softmax_person(np.eye(2), 4), starts_around([0.5, 0.5], runs, 0.05, seed=1))
    # entropy of a share within 4 standard errors of a half
    assert log(2) - 2 * (4 * 0.5 / np.sqrt(runs)) ** 2 <= tie.spread <= log(2)
    rounds = extrapolate(softmax_person(CIRCLE, 4), starts_around([0.5, 0.3, 0.2], 50, 0.05))
    assert rounds.converged == 0


@pytest.mark.parametrize(
    ("standing", "extra", "verdict"),
    [
        ((0.7, 0.3), "sharpness = 1\nmuddle = 0.6", "COHERENT"),
        ((0.8, 0.2), "sharpness = 4", "COHERENT"),
        ((0.5, 0.5), "sharpness = 4", "AMBIGUOUS"),
    ],
)
def test_cev_from_scenario_files(tmp_path, standing, extra: str, verdict: str) -> None:
    parts = "".join(
        f'[[parts]]\nname = "p{i}"\nstanding = {w}\nutilities = {u}\n'
        for i, (w, u) in enumerate(zip(standing, ([1, 0], [0, 1]), strict=True))
    )
    found = from_file(
        tmp_path, "cev", ["a", "b"], f"{parts}[cev]\nendorsement = [[1, 0], [0, 1]]\n{extra}\n"
    )
    assert found.summary["verdict"] == verdict


def test_a_circle_of_endorsement_is_undefined() -> None:
    three = System(
        [Part(n, row) for n, row in zip("rps", np.eye(3), strict=True)],
        World.of(["r", "p", "s"]),
        "plurality",
    )
    found = ds.simulate(three, "cev", endorsement=CIRCLE)
    assert found.summary["verdict"] == "UNDEFINED"
    assert found.summary["spread"] is None
    assert found.summary["reasons"]["spread"] == "no run comes to rest"


EXCLUSIVE = [[0, 1], [1, 0]]


def test_teams_aab_aab_bbb() -> None:
    leaves = np.eye(2)[[0, 0, 1, 0, 0, 1, 1, 1, 1]]
    top, team = level_misalignment(
        leaves, [("all", np.zeros(9)), ("team", np.arange(9) // 3)], EXCLUSIVE
    )
    assert top.misalignment == pytest.approx(40 / 81)
    assert team.within == pytest.approx(8 / 81)
    assert team.between == pytest.approx(32 / 81)
    assert team.mean_within == pytest.approx(8 / 27)
    assert team.apart_share == pytest.approx(0.4)
    assert team.leaf_conflict == pytest.approx(2 / 9)
    assert team.up_conflict == pytest.approx(1 / 3)
    assert top.leaf_conflict == pytest.approx(5 / 9)


@pytest.mark.parametrize("k", [2, 4])
def test_equal_groups_reach_the_maximum(k: int) -> None:
    (found,) = level_misalignment(np.eye(k), [("all", np.zeros(k))], 1 - np.eye(k))
    assert found.misalignment == pytest.approx((k - 1) / k)


def test_who_wants_nothing_conflicts_with_nothing_kierans_2022() -> None:
    leaves = np.array([[1, 0]] * 3 + [[0, 1]] * 2 + [[0, 0]] * 5)
    (found,) = level_misalignment(leaves, [("all", np.zeros(10))], EXCLUSIVE)
    assert found.misalignment == pytest.approx(0.12)


def test_superagents() -> None:
    pair = [[0.8, 0.199, 0.001], [0.8, 0.001, 0.199]]
    np.testing.assert_allclose(log_pool(pair, [1, 1]), [0.965935, 0.017033, 0.017033], atol=1e-6)
    found = superagent(pair)
    np.testing.assert_allclose(found.gains, [0.1460, 0.1460], atol=1e-4)
    np.testing.assert_allclose(found.linear_gains, [-0.524, -0.524], atol=1e-3)


def test_no_superagent_by_the_linear_pool_or_of_two_outcomes() -> None:
    random = np.random.default_rng(0)
    hits = 0
    for size in (2, 3, 5):
        for _ in range(300):
            found = superagent(random.dirichlet(np.ones(size), 2) * (1 - 1e-9) + 1e-9 / size)
            assert found.linear_gains.min() <= 1e-9
            if size == 2:
                assert not found.forms
            hits += found.forms
    assert hits < 10
