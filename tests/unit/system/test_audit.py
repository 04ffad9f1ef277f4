"""The audit of a system: axes, cells, and what it refuses."""

from math import log

import numpy as np
import pytest

from dissensus.system import Part, System, World
from dissensus.system.audit import (
    AXES,
    AuditError,
    Case,
    Reading,
    commitments,
    cross,
    importances,
    shake,
    spread,
    verdict_of,
)
from dissensus.system.conventions import ComparabilityError

NAMES = ["sea", "hills", "town"]


def system(**given) -> System:
    parts = [Part("a", [1, 0.6, 0], hardness=1), Part("b", [0, 0.7, 1], hardness=9)]
    return System(parts, World.of(NAMES), "plurality", **given)


def orders(*some: str) -> System:
    parts = [Part(f"p{i}", order=one) for i, one in enumerate(some)]
    return System(parts, World.of(NAMES), "plurality")


def outcomes(crossed) -> list[tuple[str, ...]]:
    return [choice.winner_names for choice in crossed.choices]


def test_orders_alone_are_enough() -> None:
    crossed = cross(Case(orders("sea > hills > town", "town > hills > sea", "hills > sea > town")))
    assert set(crossed.axes) == {"relation", "rule"}
    # the axes that need more are left out, each with what it needs
    assert crossed.left_out["compute"] == "no part states hardness"
    assert crossed.left_out["deliberation"] == "no [deliberation]"
    assert len(crossed.left_out) == len(AXES) - 2
    assert sum(crossed.excluded.values()) == 6  # rules that need utilities
    assert shake(crossed) is None


def test_what_the_declared_comparability_rules_out_is_counted() -> None:
    axes = {"rule": ["plurality", "utilitarian", "egalitarian"]}
    crossed = cross(Case(system(comparability="range"), axes=axes))
    assert len(crossed.settings) == 2
    assert crossed.excluded == {
        "rule 'utilitarian' needs comparability 'unit': differences of utility compare between "
        "parts": 1
    }
    full = cross(Case(system(comparability="full"), axes=axes))
    assert len(full.settings) == 3
    with pytest.raises(AuditError, match="no reading is left"):
        cross(Case(system(comparability="range"), axes={"rule": ["utilitarian"]}))


def test_a_stated_rule_that_asks_too_much_is_refused() -> None:
    """Readings that ask no rule must not stand for one that was stated and cannot be followed."""
    two = Case(orders("sea > hills > town", "town > hills > sea"))
    assert "relation" in cross(two).axes
    with pytest.raises(ComparabilityError, match="rule 'utilitarian' with comparability 'ordinal'"):
        cross(two, fix={"rule": "utilitarian"})
    assert len(cross(two, fix={"rule": "borda"}).settings) == 2


def test_a_scale_makes_a_difference_to_some_rules_only() -> None:
    axes = {"rule": ["plurality", "borda", "utilitarian"], "scale": ["own", "raw", "range"]}
    crossed = cross(Case(system(comparability="full"), axes=axes))
    # plurality and borda once, utilitarian raw (its own) and on ranges
    assert len(crossed.settings) == 4
    assert len(crossed.cell_of) == 9
    assert [one.scale for one in crossed.settings] == [None, None, "raw", "range"]


def test_a_value_without_a_cell_of_its_own_settles_nothing() -> None:
    """Nash needs more than orders: stating it must not look like a way out by another relation."""
    axes = {"rule": ["plurality", "borda", "nash"], "relation": ["obey", "rlhf"]}
    three = orders("sea > hills > town", "sea > hills > town", "hills > town > sea")
    crossed = cross(Case(three, axes=axes))
    assert crossed.axes["rule"] == ("plurality", "borda")
    assert sum(crossed.excluded.values()) == 1
    assert all("nash" not in one.values.values() for one in commitments(crossed))
    ranges = cross(
        Case(
            system(comparability="range"),
            axes={"rule": ["plurality", "utilitarian"], "scale": ["raw", "range"]},
        )
    )
    assert ranges.axes == {"rule": ("plurality", "utilitarian")}
    assert ranges.fixed == {"scale": "range"}


def test_relations_and_pointers_are_axes() -> None:
    axes = {
        "relation": ["obey", "no-veto", "rlhf"],
        "pointer": ["output", "parts", "efficient"],
        "rule": ["plurality", "borda"],
    }
    crossed = cross(Case(system(comparability="full"), axes=axes))
    found = {
        (one.relation, one.pointer, one.rule): choice.winner_names
        for one, choice in zip(crossed.settings, crossed.choices, strict=True)
    }
    assert found["obey", "parts", None] == ("sea", "town")
    assert found["obey", "efficient", None] == ("sea", "hills", "town")
    assert found["no-veto", None, None] == ("sea", "hills")  # a lottery
    assert len(found) == 2 + 2 + 2


def test_ties_are_kept_or_broken_by_a_stated_order() -> None:
    tied = orders("sea > hills > town", "town > hills > sea")
    axes = {"rule": ["plurality"], "tie_break": ["kept", "town > sea > hills"]}
    assert outcomes(cross(Case(tied, axes=axes))) == [("sea", "town"), ("town",)]


def test_a_cycle_is_an_answer() -> None:
    cyclic = orders("sea > hills > town", "hills > town > sea", "town > sea > hills")
    crossed = cross(Case(cyclic, axes={"rule": ["condorcet", "borda"]}))
    assert [str(choice.status) for choice in crossed.choices] == ["CYCLE", "TIE"]
    assert crossed.outcome_of.tolist() == [-1, 0]
    # a choice that leads nowhere settles nothing
    assert [one.values for one in commitments(crossed)] == [{"rule": "borda"}]


def test_beliefs_own_shared_and_pooled() -> None:
    """A duel: each expects to win; pooled, each expects to lose."""
    win = {"outcome_probabilities": [[[0.85, 0.15, 0]], [[0, 0, 1]]]}
    lose = {"outcome_probabilities": [[[0.15, 0.85, 0]], [[0, 0, 1]]]}
    world = {"actions": ["duel", "part"], "outcomes": ["I win", "you win", "peace"]}
    parts = [
        Part("I", [1, -5, 0], model=World(**world, **win)),
        Part("you", [-5, 1, 0], model=World(**world, **lose)),
    ]
    whole = System(parts, World(**world, **win), "utilitarian", comparability="unit")
    axes = {"beliefs": ["own", "shared", "pooled"], "rule": ["utilitarian"]}
    crossed = cross(Case(whole, axes=axes))
    assert outcomes(crossed) == [("duel",), ("part",), ("part",)]
    pooled = crossed.cells.ground(crossed.settings[2]).expected[:, 0]
    assert pooled.sum() == pytest.approx(-4)
    assert crossed.cells.ground(crossed.settings[0]).expected[:, 0].tolist() == pytest.approx(
        [0.1, 0.1]
    )


def test_policies_are_what_is_done_after_every_observation() -> None:
    seen = World(
        ["left", "right", "wait"],
        observations=["L", "R"],
        initial_belief=[0.5, 0.5],
        observation_probabilities=[[0.8, 0.2], [0.2, 0.8]],
        outcome_probabilities=[
            [[1, 0, 0], [0, 0, 1]],
            [[0, 0, 1], [1, 0, 0]],
            [[0, 1, 0], [0, 1, 0]],
        ],
    )
    parts = [Part("one", [1, 0.6, 0], standing=9), Part("two", [0, 0.6, 1])]
    crossed = cross(
        Case(
            System(parts, seen, "utilitarian", comparability="unit"),
            axes={
                "rule": ["utilitarian", "dictator:one", "dictator:two"],
                "observation": ["nothing", "L", "R"],
            },
        )
    )
    done = {
        (one.rule, one.observation): choice.winner_names
        for one, choice in zip(crossed.settings, crossed.choices, strict=True)
    }
    assert done["utilitarian", "nothing"] == ("wait",)
    assert done["utilitarian", "L"] == ("left",)
    assert done["dictator:two", "L"] == ("right",)
    # the sum and the first part do the same whatever is seen
    assert len(set(crossed.policies.tolist())) == 2
    assert len(crossed.policies) == 9


def test_a_product_of_a_billion_cells_is_refused() -> None:
    axes = {"compute": [float(i) for i in range(1, 1001)], "rule": ["plurality", "borda"]}
    readings = [Reading(f"r{i}", ("a",)) for i in range(1000)]
    axes["reading"] = [one.name for one in readings]
    axes["tie_break"] = ["kept", "sea > hills > town"]
    axes["scale"] = ["raw", "range"]
    case = Case(system(comparability="full"), readings=readings, axes=axes)
    with pytest.raises(AuditError) as caught:
        cross(case)
    assert "8,000,000 cells" in caught.value.found
    assert "reading (1000)" in caught.value.found
    assert caught.value.values["cells"] == 8_000_000
    assert "name fewer values of reading" in caught.value.mend or (
        "name fewer values of compute" in caught.value.mend
    )
    assert "--fix" in caught.value.mend
    # one of them fixed, it is small enough to be done
    cross(case, {"compute": 1, "reading": "r0"})


@pytest.mark.parametrize(
    ("fix", "words"),
    [
        ({"rul": "borda"}, "did you mean 'rule'"),
        ({"rule": "bordo"}, "did you mean 'borda'"),
        ({"rule": "dictator:c"}, "dictator:c"),
        ({"compute": "much"}, "a number above 0"),
        ({"compute": 0}, "a number above 0"),
        ({"scale": "rang"}, "did you mean 'range'"),
        ({"deliberation": "given"}, r"no \[deliberation\]"),
        ({"tie_break": "sea > hills"}, "write tie_break = 'sea > hills > town'"),
        ({"relation": "no-vetos"}, "did you mean 'no-veto'"),
    ],
)
def test_a_choice_that_there_is_not(fix, words: str) -> None:
    with pytest.raises(AuditError, match=words):
        cross(Case(system(comparability="full")), fix)


def test_a_large_audit_is_shaken_in_part_and_says_so() -> None:
    axes = {"compute": [float(i) for i in range(1, 1000)], "rule": ["plurality", "utilitarian"]}
    crossed = cross(Case(system(comparability="full"), axes=axes))
    robust = shake(crossed, draws=200)
    assert robust is not None
    assert not robust.is_whole
    # each outcome is represented
    assert {int(crossed.outcome_of[cell]) for cell in robust.cells} == set(
        crossed.outcome_of.tolist()
    )


def test_one_outcome() -> None:
    crossed = cross(Case(orders("sea > hills > town", "sea > town > hills")), {"relation": "obey"})
    assert spread(crossed.outcome_of).outcomes == 1
    assert importances(crossed) is None
    assert commitments(crossed) == []


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [
        ((1, 4, 1, 0.0), "SETTLED"),
        ((1, 4, 1, 0.05), "NARROW"),  # something is undefined, so it is not settled
        ((1, 4, 1, 0.1), "WIDE"),  # too much is
        ((2, 4, 2, 0.0), "NARROW"),  # a half is still narrow
        ((3, 5, 3, 0.0), "WIDE"),
        ((2, 2, 1, 0.0), "WIDE"),  # a half of two options is no news
        ((2, 3, 1, 0.0999), "NARROW"),
        ((2, 2, 2, 0.0), "UNSETTLED"),
        ((3, 3, 3, 0.5), "UNSETTLED"),
    ],
)
def test_verdicts_at_their_bounds(counts: tuple[int, int, int, float], verdict: str) -> None:
    assert str(verdict_of(*counts)) == verdict


def test_spread_by_hand() -> None:
    """Two cells in five agree, two stand alone, and one chooses nothing and does not count."""
    found = spread(np.array([0, 0, 1, 2, -1]))
    assert found.outcomes == 3
    assert found.entropy == pytest.approx(1.5 * log(2))  # 1/2 ln 2 + 2 * 1/4 ln 4
    assert found.normalised_entropy == pytest.approx(1.5 * log(2) / log(3))
    assert found.p_diff == pytest.approx(1 - 1 / 4 - 2 / 16)
    nothing = spread(np.array([-1, -1]))
    assert (nothing.outcomes, nothing.entropy, nothing.p_diff) == (0, 0, 0)


def test_what_decides_counts_every_combination_once() -> None:
    """One reading alone takes its own best whatever the rule: still four of eight combinations."""
    readings = [Reading("a alone", ("a",), "plurality"), Reading("both")]
    rules = ["plurality", "utilitarian", "nash", "egalitarian"]
    pair = [Part("a", [1, 0.6, 0]), Part("b", [0, 0.7, 1])]
    case = Case(
        System(pair, World.of(NAMES), "plurality", comparability="full"),
        readings=readings,
        axes={"reading": ["a alone", "both"], "rule": rules},
    )
    crossed = cross(case)
    # a alone: sea; both: sea or town, hills, hills, hills
    assert outcomes(crossed) == [("sea",), ("sea", "town"), ("hills",), ("hills",), ("hills",)]
    found = importances(crossed)
    assert found is not None
    whole = 0.5 * log(2) + 3 / 8 * log(8 / 3) + 1 / 8 * log(8)
    left_by_reading = 0.5 * (3 / 4 * log(4 / 3) + 1 / 4 * log(4))
    assert found["reading"].main == pytest.approx(1 - left_by_reading / whole)
    assert found["rule"].total == pytest.approx(left_by_reading / whole)
    # under each rule the two readings differ
    assert found["reading"].total == pytest.approx(log(2) / whole)
    assert found["rule"].main == pytest.approx(1 - log(2) / whole)
