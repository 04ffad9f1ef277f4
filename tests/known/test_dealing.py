"""Mechanisms among parts: answers that stand in the literature or follow by hand.

Sections 6 and 11 to 16 of the definitions, by citation.
"""

from math import exp, sqrt

import numpy as np
import pytest

import dissensus as ds
from dissensus.system import Ballots, Part, System, World, choose
from dissensus.system.dynamics.compatible import Compatible, plan, pooled_plan
from dissensus.system.dynamics.exchange import kelly_wealth
from dissensus.system.dynamics.offers import (
    alternating_offers,
    concession,
    insisting,
    proposer_share,
)
from dissensus.system.dynamics.prediction import (
    compute_split,
    prediction_drift,
    weights_after,
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


def test_critch_2017_cake() -> None:
    found = ds.simulate("cake", "critch")
    expected = {
        (row["switch"], row["part"]): row["expected_value"]
        for row in found.tables["switches"].to_pylist()
    }
    for part in ("Ada", "Ben"):
        assert expected["critch", part] == pytest.approx(27)
        assert expected["fixed", part] == pytest.approx(20)
        assert expected["pooled", part] == pytest.approx(20)
    done = {
        (row["switch"], row["observation"]): row["outcome"]
        for row in found.tables["policy"].to_pylist()
    }
    assert done["critch", "green"] == ["all for Ada"]
    assert done["critch", "red"] == ["all for Ben"]
    assert done["pooled", "green"] == done["pooled", "red"] == ["half"]


def test_weights_after_one_green_cake() -> None:
    np.testing.assert_allclose(weights_after([1, 1], [[0.9, 0.1], [0.1, 0.9]], [1, 0]), [0.9, 0.1])


def test_drift_of_the_say() -> None:
    # truth Bernoulli(.7), models .7 and .5; 35 of 50
    models = [[0.7, 0.3], [0.5, 0.5]]
    found = prediction_drift([0.5, 0.5], models, [0.7, 0.3], 50)
    assert found.rates[1] == pytest.approx(0.082283, abs=1e-6)
    assert found.typical[-1, 0] == pytest.approx(0.983923, abs=1e-6)
    assert weights_after([0.5, 0.5], models, [35, 15])[0] == pytest.approx(0.983923, abs=1e-6)


def test_weights_are_the_wealth_of_kelly_bettors_beygelzimer_2012() -> None:
    models = np.array([[0.7, 0.3], [0.5, 0.5], [0.1, 0.9]])
    wealth = np.array([0.3, 0.6, 0.1])
    start = wealth.copy()
    seen = [0, 1, 1, 0, 0]
    for outcome in seen:
        price, wealth = kelly_wealth(wealth, models, outcome)
    np.testing.assert_allclose(wealth, weights_after(start, models, [3, 2]))
    price, after = kelly_wealth([0.35, 0.65], models[:2], 0)
    assert price[0] == pytest.approx(0.57)
    np.testing.assert_allclose(after, [0.429825, 0.570175], atol=1e-6)


def test_hard_values_deliver_less_and_lose_standing() -> None:
    found = compute_split([1, 1], [1, 9], [10, 10], 20)
    assert found.is_equilibrium
    np.testing.assert_allclose(found.on_values, [0.25, 0.35])
    np.testing.assert_allclose(found.weights, [0.5778, 0.4222], atol=1e-4)
    np.testing.assert_allclose(found.fidelity, [0.7143, 0.28], atol=1e-4)
    np.testing.assert_allclose(found.delivered, [0.4127, 0.1182], atol=1e-4)


def random_players(seed: int, horizon: int, n: int = 2) -> Compatible:
    random = np.random.default_rng(seed)
    worlds = tuple(
        World(
            ["a", "b"],
            initial_belief=random.dirichlet([1, 1]),
            transitions=random.dirichlet([1, 1], (2, 2)),
            observation_probabilities=random.dirichlet([1, 1], 2),
            horizon=horizon,
        )
        for _ in range(n)
    )
    rewards = tuple(random.random((horizon, 2, 2)) for _ in range(n))
    return Compatible(worlds, rewards, np.array([0.35, 0.65]))


def value_of(players: Compatible, player: int, policy, t=0, history=(), mass=None) -> float:
    """What a player expects of a policy: a plain sum over everything that can happen."""
    world, reward = players.worlds[player], players.utilities[player]
    mass = world.initial_belief if mass is None else mass
    total = 0.0
    for seen in range(2):
        here = mass * world.observation_probabilities[:, seen]
        action = policy[(*history, seen)]
        total += float(here @ reward[t][:, action])
        if t + 1 < world.horizon:
            after = here @ world.transitions[action]
            total += value_of(players, player, policy, t + 1, (*history, seen, action), after)
    return total


@pytest.mark.parametrize("seed", [7, 8])
def test_recursion_is_the_best_of_all_deterministic_policies(seed: int) -> None:
    players = random_players(seed, horizon=2)
    nodes = [(o,) for o in (0, 1)]
    nodes += [(o, a, p) for o in (0, 1) for a in (0, 1) for p in (0, 1)]
    best = max(
        players.weights
        @ [
            value_of(players, j, {node: number >> i & 1 for i, node in enumerate(nodes)})
            for j in (0, 1)
        ]
        for number in range(2 ** len(nodes))
    )
    assert plan(players).weighted == pytest.approx(best)


def test_a_common_prior_keeps_the_weights_harsanyi_1955() -> None:
    players = random_players(3, horizon=3)
    common = Compatible((players.worlds[0],) * 2, players.utilities, players.weights)
    found, fixed, pooled = plan(common), plan(common, "fixed"), pooled_plan(common)
    np.testing.assert_allclose(found.values, fixed.values)
    np.testing.assert_allclose(found.values, pooled.values)
    for share in found.shares:
        np.testing.assert_allclose(share, np.broadcast_to([[0.35], [0.65]], share.shape))


def test_bets_in_a_market_move_the_say_as_critch_does() -> None:
    bets = ds.simulate("cake", "market").tables["bets"].to_pylist()
    green = [row for row in bets if row["observation"] == "green"]
    assert [row["bet_price"] for row in green] == pytest.approx([0.5, 0.5])
    models = [[0.9, 0.1], [0.1, 0.9]]
    np.testing.assert_allclose(
        [row["weight"] for row in green], weights_after([1, 1], models, [1, 0])
    )
