"""Markets, stages, information, extrapolation, levels: laws, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dissensus as ds
from dissensus.system import Part, System, World
from dissensus.system.audit.standing import standings_of
from dissensus.system.dynamics.auction import AuctionError, AuctionTerms, capped_shares, screens
from dissensus.system.dynamics.cev import muddle_of
from dissensus.system.dynamics.exchange import (
    MarketError,
    fisher_market,
    kelly_wealth,
    lmsr_cost,
    share_of_say,
    simplification_threshold,
)
from dissensus.system.dynamics.extrapolation import (
    ExtrapolationError,
    Person,
    extrapolate,
    starts_around,
)
from dissensus.system.dynamics.levels import leaves_of
from dissensus.system.dynamics.persuasion import PersuasionError, persuasion, steering
from dissensus.system.dynamics.stages import SOLUTIONS, StagesError, ratchet, rule_sequence
from dissensus.system.dynamics.superagent import SuperagentError, superagent
from dissensus.system.dynamics.tree import (
    TreeError,
    interaction,
    level_misalignment,
)

seeds = st.integers(0, 10_000)


@settings(max_examples=20, deadline=None)
@given(seeds, st.integers(1, 6), st.integers(1, 6))
def test_markets_clear_and_nobody_wants_something_else(seed, n, m) -> None:
    random = np.random.default_rng(seed)
    u = random.random((n, m)) * (random.random((n, m)) < 0.7)
    u[0] += 0.1
    u[:, 0] += 0.1
    budgets = random.random(n) + 0.1
    found = fisher_market(u, budgets)
    assert found.gap < 1e-9
    np.testing.assert_allclose(found.allocation.sum(axis=0), 1)
    np.testing.assert_allclose(found.prices.sum(), budgets.sum())
    np.testing.assert_allclose(found.allocation @ found.prices, budgets, atol=1e-5)
    best = (u / found.prices).max(axis=1) * budgets
    np.testing.assert_allclose(found.utilities, best, rtol=1e-5)
    # proportional: at least what its share of the money would be of everything
    assert (found.utilities >= budgets / budgets.sum() * u.sum(axis=1) - 1e-6).all()


@pytest.mark.parametrize(
    "work",
    [
        lambda: fisher_market(np.zeros((2, 0)), [1, 1]),
        lambda: fisher_market([[1, 1]], [0]),
        lambda: fisher_market([[1, -1]], [1]),
        lambda: fisher_market([[1, 0]], [1]),
        lambda: lmsr_cost([1, 0], 0),
        lambda: kelly_wealth([1, 1], [[1, 0], [1, 0]], 1),
        lambda: share_of_say([1, 1], 0, [1, 1]),
        lambda: simplification_threshold(1, 9, 0, 1),
        lambda: simplification_threshold(1, -9, 0.5, 1),
    ],
)
def test_markets_that_cannot_be(work) -> None:
    with pytest.raises(MarketError, match="needed"):
        work()


@pytest.mark.parametrize(
    "work",
    [
        lambda: AuctionTerms(1),
        lambda: AuctionTerms(3, 4),
        lambda: AuctionTerms(3, 2, 1.0),
        lambda: screens(AuctionTerms(3, 1)),
        lambda: screens(AuctionTerms(3, 2), rounds=2),
        lambda: capped_shares([0.5, 0.5], 0.4),
    ],
)
def test_auctions_that_cannot_be(work) -> None:
    with pytest.raises(AuctionError, match="needed"):
        work()


def test_a_market_without_goods_says_so() -> None:
    two = System([Part("x", [1, 0]), Part("y", [0, 1])], World.of(["a", "b"]), "plurality")
    with pytest.raises(MarketError, match="the name of each good"):
        ds.simulate(two, "market", goods=["bread"])
    found = ds.simulate(two, "market", cap=0.5)
    assert found.summary["verdict"] == "EVEN"
    broke = System(
        [Part("x", [1, 0], compute=0, hardness=1), Part("y", [0, 1], compute=0, hardness=1)],
        World.of(["a", "b"]),
        "plurality",
    )
    with pytest.raises(MarketError, match="raise compute"):
        ds.simulate(broke, "market")


@settings(max_examples=15, deadline=None)
@given(seeds, st.sampled_from(SOLUTIONS))
def test_one_stage_is_no_path_and_stages_never_harm(seed, solution) -> None:
    u = np.random.default_rng(seed).random((2, 4))
    low = u.min(axis=1)
    once = ratchet([u], low, solution)
    np.testing.assert_allclose(once.difference, 0, atol=1e-7)
    twice = ratchet([u[:, :3], u], u[:, :3].min(axis=1), solution)
    assert (np.diff(twice.path, axis=0) >= -1e-6).all()


def test_stages_that_are_none() -> None:
    for stages, solution in (([], "nash"), ([[[1, 0], [0, 1]]], "fair")):
        with pytest.raises(StagesError, match="at least one stage"):
            ratchet(stages, [0, 0], solution)
    with pytest.raises(StagesError, match="agreed before"):
        ratchet([[[5, 0], [5, 0]], [[1, 0], [1, 0]]], [0, 0])
    two = System([Part("x", [1, 0]), Part("y", [0, 1])], World.of(["a", "b"]), "plurality")
    with pytest.raises(ds.DissensusError, match="from the start"):
        ds.simulate(two, "self-improvement", available_from=[1, 2])
    with pytest.raises(ds.DissensusError, match="did you mean 'borda'"):
        ds.simulate(two, "self-improvement", menu=["bordo"])


def test_a_rule_that_decides_nothing_ends_the_sequence() -> None:
    cycle = System(
        [Part("x", [2, 1, 0]), Part("y", [0, 2, 1]), Part("z", [1, 0, 2])],
        World.of(["a", "b", "c"]),
        "condorcet",
    )
    found = rule_sequence(cycle, ["dictator:x", "dictator:y", "dictator:z"])
    assert found.status == "EMPTY"
    dictator = System(cycle.parts, cycle.world, "dictator:x")
    assert rule_sequence(dictator, ["dictator:y"]).status == "FIXED"


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_information_never_hurts_who_sends_it(seed) -> None:
    random = np.random.default_rng(seed)
    prior = random.dirichlet(np.ones(3))
    receiver, sender = random.random((2, 3, 4))
    found = persuasion(prior, receiver, sender)
    assert found.value >= max(found.no_information, found.full_information) - 1e-9
    np.testing.assert_allclose(found.chances @ found.signals, prior, atol=1e-8)
    assert persuasion(prior, receiver, receiver).value == pytest.approx(
        persuasion(prior, receiver, receiver).full_information
    )


@pytest.mark.parametrize("seed", range(3))
def test_steering_a_single_part_is_persuasion(seed: int) -> None:
    random = np.random.default_rng(seed)
    results = random.dirichlet(np.ones(3), (3, 2))
    prior = random.dirichlet([1, 1])
    world = World(
        ["a", "b", "c"],
        states=["s", "t"],
        initial_belief=prior,
        outcome_probabilities=results,
        outcomes=["x", "y", "z"],
    )
    u = random.random(3)
    towards, exact = steering(System([Part("one", u)], world, "plurality"))
    receiver = np.einsum("asx,x->sa", results, u)
    assert exact
    for a, one in enumerate(towards):
        sender = np.zeros((2, 3))
        sender[:, a] = 1
        assert one.found.value == pytest.approx(persuasion(prior, receiver, sender).value, abs=1e-5)


def test_persuasion_of_misfits() -> None:
    with pytest.raises(PersuasionError, match="needed"):
        persuasion([0.5, 0.5], [[1, 0]], [[1, 0]])
    one = System([Part("x", [1, 0])], World.of(["a", "b"]), "plurality")
    with pytest.raises(ds.DissensusError, match="at least two states"):
        ds.simulate(one, "information")


def test_firm_and_pools_by_part() -> None:
    def world(chance):
        return World(
            ["a", "b"],
            states=["s", "t"],
            initial_belief=[chance, 1 - chance],
            observation_probabilities=[[0.9, 0.1], [0.3, 0.7]],
            outcome_probabilities=[[[1, 0], [1, 0]], [[0, 1], [0, 1]]],
        )

    two = System(
        [Part("x", [1, 0], model=world(0.8)), Part("y", [1, 0], model=world(0.4))],
        world(0.5),
        "plurality",
    )
    found = ds.simulate(two, "information")
    assert found.summary["verdict"] == "FIRM"
    assert found.summary["log_gap"] < 1e-12 < found.summary["linear_gap"]
    assert found.tables["pools"]["beliefs"].to_pylist() == [
        "own",
        "x",
        "y",
        "linear pool",
        "log pool",
    ]


def person(**more) -> Person:
    base = {"utilities": np.eye(2), "compute": np.ones(2), "hardness": np.array([1.0, 9.0])}
    return Person(**{**base, **more})


def test_every_step_does_what_it_says() -> None:
    start = [[0.6, 0.4]]
    faster = extrapolate(person(faster=10), start)
    np.testing.assert_allclose(faster.ends.utilities[0], np.eye(2), atol=1e-6)
    learned = extrapolate(person(hardness=np.zeros(2), learned=np.eye(2)[::-1]), start)
    np.testing.assert_allclose(learned.ends.utilities[0], np.eye(2)[::-1])
    together = extrapolate(
        person(hardness=np.zeros(2), influence=np.array([[0.5, 0.5], [0.25, 0.75]])), start
    )
    np.testing.assert_allclose(together.ends.utilities[0], [[1 / 3, 2 / 3]] * 2, atol=1e-6)
    assert together.distance == 0


def test_the_order_of_steps_can_matter() -> None:
    both = person(faster=10, influence=np.array([[0.5, 0.5], [0.5, 0.5]]))
    found = extrapolate(both, [[0.5, 0.5]])
    assert len(found.orders) == 2
    assert found.order_gap > 0.01
    parts = [Part("easy", [1, 0], hardness=1), Part("hard", [0, 1], hardness=9)]
    two = System(parts, World.of(["a", "b"]), "utilitarian", "unit")
    told = ds.simulate(two, "cev", sharpness=0, influence=[[0.5, 0.5], [0.5, 0.5]])
    assert told.summary["verdict"] == "AMBIGUOUS"
    assert "order of the steps matters" in told.summary["finding"]


@pytest.mark.parametrize(
    "work",
    [
        lambda: extrapolate(person(hardness=np.zeros(2)), [[0.5, 0.5]]),
        lambda: extrapolate(person(faster=2), [[1.0]]),
        lambda: extrapolate(person(faster=2, influence=np.ones((2, 2))), [[0.5, 0.5]]),
        lambda: starts_around([1, 1], 0, 0.1),
        lambda: starts_around([1, 0], 1, 0.1),
    ],
)
def test_extrapolations_that_cannot_be(work) -> None:
    with pytest.raises(ExtrapolationError, match="needed"):
        work()


def test_muddle() -> None:
    assert muddle_of([1, 0], [[1, 0], [0, 1]]) == 0
    assert muddle_of([1 / 3] * 3, np.eye(3)) == pytest.approx(2 / 3)
    assert muddle_of([0.5, 0.5], [[1, 0], [2, 0]]) == 0


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_every_level_divides_the_same_misalignment(seed) -> None:
    random = np.random.default_rng(seed)
    n, k = 30, 3
    leaves = np.eye(k)[random.integers(k, size=n)]
    conflict = np.triu(random.random((k, k)), 1)
    conflict += conflict.T
    low = random.integers(6, size=n)
    mass = random.random(n) + 0.1
    found = level_misalignment(
        leaves, [("all", np.zeros(n)), ("half", low // 3), ("team", low)], conflict, mass
    )
    p = mass @ leaves / mass.sum()
    for one in found:
        assert one.within + one.between == pytest.approx(float(p @ conflict @ p))
    assert found[0].between == pytest.approx(0)
    assert found[0].within >= found[1].within >= found[2].within
    for a in range(2):
        node = (low // 3 == a) if a < 2 else low == a
        if node.any():
            share = mass[node] @ leaves[node] / mass[node].sum()
            assert 0 <= share @ conflict @ share <= 1


def test_trees_that_are_none() -> None:
    leaves, all_ = np.eye(2), np.zeros(2)
    table = [[0, 1], [1, 0]]
    for work, words in (
        (lambda: level_misalignment(leaves, [], table), "at least one leaf and one level"),
        (lambda: level_misalignment(leaves, [("x", [0, 1])], table), "several nodes"),
        (lambda: level_misalignment(leaves, [("x", [0])], table), "a node for each"),
        (
            lambda: level_misalignment(
                np.eye(2)[[0, 1, 0]],
                [("all", np.zeros(3)), ("a", [0, 0, 1]), ("b", [0, 1, 0])],
                table,
            ),
            "below two nodes",
        ),
        (lambda: interaction(leaves, [("all", all_)], table, pull=2), "at least one round"),
    ):
        with pytest.raises(TreeError, match="needed") as caught:
            work()
        assert words in str(caught.value)


def test_the_loop_rests_or_goes_to_and_fro() -> None:
    leaves = np.eye(2)[[0, 0, 0, 1, 1]]
    levels = [("all", np.zeros(5))]
    rests = interaction(leaves, levels, [[0, 1], [1, 0]], rate=1, pull=0.1)
    assert (rests.settles, rests.changes) == (True, 0)
    assert rests.standing[:3].sum() > 0.9
    restless = interaction(leaves, levels, [[0, 1], [1, 0]], rate=-1, pull=0)
    assert not restless.settles


def test_leaves_of_uneven_depth() -> None:
    world = World.of(["a", "b"])
    inside = System([Part("m", order="b > a"), Part("n", order="b > a")], world, "plurality")
    h = System([Part("x", order="a > b", standing=3), Part("y", inner=inside)], world, "plurality")
    found = leaves_of(h)
    assert found.masses.tolist() == [0.75, 0.125, 0.125]
    assert [codes.tolist() for _, codes in found.levels] == [[0, 0, 0], [0, 1, 1]]
    assert found.choices[0].tolist() == [[1, 0]]
    told = ds.simulate(h, "levels")
    assert told.summary["verdict"] == "HOLDS"
    assert told.summary["leaves"] == 3
    backlash = ds.simulate(h, "levels", feedback=-1.0, pull=0.0)
    assert backlash.summary["finding"].startswith("75% of the leaves agree with the top (a)")


def test_levels_need_systems_inside() -> None:
    two = System([Part("x", [1, 0]), Part("y", [0, 1])], World.of(["a", "b"]), "plurality")
    with pytest.raises(ds.DissensusError, match="a system itself"):
        ds.simulate(two, "levels")


def test_whom_others_endorse_gains() -> None:
    # everybody does well where the last decides, and nobody else does well where another does
    u = np.array([[1, 0, 0.9], [0, 1, 0.9], [0, 0, 1]])
    found = extrapolate(
        Person(u, np.ones(3), np.zeros(3), sharpness=4.0), starts_around([1, 1, 1], 20, 0.0)
    )
    assert found.ends.weights[0].argmax() == 2


def test_a_chance_of_nothing_cannot_be_pooled() -> None:
    with pytest.raises(SuperagentError, match="chance of 0"):
        superagent([[1, 0], [0.5, 0.5]])


def test_extrapolation_is_a_standing_of_the_audit() -> None:
    parts = [Part("one", [1, 0], standing=0.45), Part("two", [0, 1], standing=0.55)]
    two = System(parts, World.of(["a", "b"]), "softmax:1", "unit")
    stated = {"endorsement": [[1, 0], [0, 1]], "sharpness": 4.0}
    case = ds.system.audit.Case(two, dynamics={"cev": stated})
    found = standings_of(case)
    assert set(found) == {"none", "extrapolation"}
    assert found["extrapolation"] == pytest.approx([0.021248, 0.978752], abs=1e-6)
    circle = [[0, -1, 1], [1, 0, -1], [-1, 1, 0]]
    three = System(
        [Part(n, row) for n, row in zip("rps", np.eye(3), strict=True)],
        World.of(["r", "p", "s"]),
        "plurality",
    )
    uneven = System(
        [
            Part(p.name, p.utilities, standing=w)
            for p, w in zip(three.parts, (5, 3, 2), strict=True)
        ],
        three.world,
        "plurality",
    )
    case = ds.system.audit.Case(uneven, dynamics={"cev": {"endorsement": circle}})
    assert set(standings_of(case)) == {"none"}
