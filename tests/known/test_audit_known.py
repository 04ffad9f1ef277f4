"""The audit: answers that follow exactly from the shipped cases, through the public functions.

Section 17 (worked cases), 18 (the audit) of the definitions; shares of perturbed draws within
Monte-Carlo error.
"""

from math import log

import pytest

import dissensus as ds
from dissensus.scenario import shipped_scenario
from dissensus.system import Part, System, World
from dissensus.system.audit import Case

SPICY = {
    "what the reporter wants, on the surface": (False, 0.8),
    "what the reporter is after: a story": (True, 0),
    "Microsoft's instructions, added up": (False, 0.2 / 3),
    "Microsoft's instructions, the least served first": (True, 0),
    "Microsoft's instructions, safe before engaging": (False, None),
    "rented to the user, surface": (False, 0.6),
    "rented to the user, intent": (True, 0),
    "the part of Microsoft that craves attention": (True, 0),
    "the part of Microsoft that minds PR": (False, 0.8),
    "the part of Microsoft that minds shareholders": (True, 0),
    "Microsoft's intents, added up": (True, 0),
    "Microsoft's intents, bargained by Nash": (True, 0),
}
# share of draws, every utility moved by up to 0.1, in which the reading gives spicy
SPICY_DRAWS = {
    "what the reporter wants, on the surface": 0,
    "what the reporter is after: a story": 1,
    "Microsoft's instructions, added up": 0.08,
    "Microsoft's instructions, the least served first": 0.80,
    "Microsoft's instructions, safe before engaging": 0,
    "rented to the user, surface": 0,
    "the part of Microsoft that craves attention": 1,
    "the part of Microsoft that minds PR": 0,
    "the part of Microsoft that minds shareholders": 0.88,
    "Microsoft's intents, added up": 0.76,
    "Microsoft's intents, bargained by Nash": 0.65,
}


@pytest.fixture(scope="module")
def sydney():
    return ds.audit("sydney", draws=4000)


@pytest.fixture(scope="module")
def holiday():
    return ds.audit("holiday", draws=2000)


def test_sydney_seven_of_twelve(sydney) -> None:
    rows = sydney.rows.to_pylist()
    assert {row["reading"]: row["outcome"] for row in rows} == {
        name: ["spicy"] if spicy else ["bland"] for name, (spicy, _) in SPICY.items()
    }
    assert sydney.summary["today_cells"] == 7
    assert sydney.summary["today_of"] == 12
    assert sydney.summary["never_chosen"] == ["refuse", "illegal"]
    for row in rows:
        spicy, short = SPICY[row["reading"]]
        assert row["today_chosen"] is spicy
        if short is None:
            assert row["today_regret"] is None
            assert "no sum" in dict(row["reasons"])["today_regret"]
        else:
            assert row["today_regret"] == pytest.approx(short)


def test_sydney_thirteenth_reading_is_shown_and_not_counted(sydney) -> None:
    (row,) = sydney.tables["uncounted"].to_pylist()
    assert row["reading"] == "what Microsoft would want in response to the user"
    assert row["outcome"] == ["spicy"]
    alone = ds.audit("sydney", fix={"reading": row["reading"]}, draws=0)
    assert alone.rows["outcome"].to_pylist() == [["spicy"]]


def test_sydney_robustness(sydney) -> None:
    reading = dict(zip(sydney.rows["cell"].to_pylist(), SPICY, strict=True))
    found = dict.fromkeys(SPICY, 0.0)
    for row in sydney.tables["robustness"].to_pylist():
        if row["outcome"] == ["spicy"]:
            found[reading[row["cell"]]] = row["draws_share"]
    for name, share in SPICY_DRAWS.items():
        error = 4 * (share * (1 - share) / 4000) ** 0.5
        assert found[name] == pytest.approx(share, abs=error + 0.006)  # shares are given to 0.01
    fragile = [name for name, share in found.items() if 0.05 < share < 0.95]
    assert len(fragile) == 5
    # of the spicy ones three are robust
    assert found["rented to the user, intent"] > 0.95


def test_holiday_thirty_cells(holiday) -> None:
    outcomes = {tuple(one["outcome"]): one["cells"] for one in holiday.summary["outcomes"]}
    assert outcomes == {
        ("ask",): 11,
        ("nice",): 8,
        ("horrible",): 5,
        ("partner's favourite",): 3,
        ("nice", "partner's favourite"): 2,
        ("nice", "ask"): 1,
    }
    assert holiday.summary["tied_cells"] == 3
    assert holiday.summary["never_chosen"] == []
    assert holiday.summary["reach"] == 1
    assert holiday.summary["verdict"] == "UNSETTLED"
    assert holiday.summary["undefined_share"] == 0


def test_holiday_path_of_the_essay(holiday) -> None:
    cells = {
        (row["deliberation"], row["compute"], row["rule"]): row["outcome"]
        for row in holiday.rows.to_pylist()
    }
    assert cells["none", 1, "plurality"] == ["partner's favourite"]
    assert cells["none", 1, "utilitarian"] == ["nice"]
    assert cells["given", 1000, "utilitarian"] == ["horrible"]


def test_holiday_spread(holiday) -> None:
    summary = holiday.summary
    assert summary["entropy"] == pytest.approx(1.543141, abs=5e-7)
    assert summary["normalised_entropy"] == pytest.approx(0.861243, abs=5e-7)
    assert summary["p_diff"] == pytest.approx(0.751111, abs=5e-7)
    assert summary["entropy"] / log(6) == pytest.approx(summary["normalised_entropy"])


def test_holiday_importance(holiday) -> None:
    found = {
        row["axis"]: (row["main"], row["total"]) for row in holiday.tables["importance"].to_pylist()
    }
    assert found["rule"] == pytest.approx((0.516912, 0.679656), abs=5e-7)
    assert found["deliberation"] == pytest.approx((0.160851, 0.299453), abs=5e-7)
    assert found["compute"] == pytest.approx((0.122029, 0.206240), abs=5e-7)


def test_holiday_minimal_commitments(holiday) -> None:
    rows = holiday.tables["commitments"].to_pylist()
    alone = [row for row in rows if row["choices"] == 1]
    assert [(row["commitment"], row["outcome"]) for row in alone] == [
        ("rule = egalitarian", ["ask"])
    ]
    assert alone[0]["kept_share"] == pytest.approx(0.95, abs=0.02)
    settles = {
        row["axes"]: (row["settled"], row["combinations"])
        for row in holiday.tables["settling"].to_pylist()
    }
    assert settles == {
        "deliberation": (0, 2),
        "compute": (0, 3),
        "rule": (1, 5),
        "deliberation, compute": (0, 6),
        "deliberation, rule": (5, 10),
        "compute, rule": (5, 15),
        "deliberation, compute, rule": (30, 30),
    }


def test_holiday_reach_under_perturbation(holiday) -> None:
    assert holiday.summary["all_reached_alone_share"] == pytest.approx(0.91, abs=0.03)
    assert holiday.summary["all_reached_share"] == pytest.approx(0.99, abs=0.015)


def test_holiday_egalitarian_on_raw_utilities_does_not_settle_it() -> None:
    case = shipped_scenario("holiday").case
    full = System(
        case.system.parts, case.system.world, "egalitarian", comparability="full", name="raw"
    )
    axes = {"rule": ["egalitarian"], "compute": [1, 30, 1000], "deliberation": ["none", "given"]}
    raw = ds.audit(Case(full, case.deliberated, axes=axes), draws=0)
    cells = {(r["deliberation"], r["compute"]): r["outcome"] for r in raw.rows.to_pylist()}
    assert cells["none", 1] == ["nice"]
    assert len(set(map(tuple, cells.values()))) > 1


def test_fifty_five_voters() -> None:
    result = ds.audit("condorcet-55")
    assert dict(
        zip(result.rows["rule"].to_pylist(), result.rows["outcome"].to_pylist(), strict=True)
    ) == {
        "plurality": ["A"],
        "runoff": ["B"],
        "instant-runoff": ["C"],
        "borda": ["D"],
        "condorcet": ["E"],
    }
    summary = result.summary
    assert summary["reach"] == 1
    assert summary["normalised_entropy"] == pytest.approx(1)
    assert summary["p_diff"] == pytest.approx(0.8)
    assert summary["verdict"] == "UNSETTLED"


def test_two_axes_outcome_equal_to_the_first() -> None:
    parts = [Part("a", [1, 0], hardness=1), Part("b", [0, 1], hardness=1)]
    system = System(parts, World.of(["x", "y"]), "dictator:a")
    axes = {"rule": ["dictator:a", "dictator:b"], "compute": [1, 10]}
    result = ds.audit(Case(system, axes=axes), draws=0)
    found = {r["axis"]: (r["main"], r["total"]) for r in result.tables["importance"].to_pylist()}
    assert found == {"rule": (1, 1), "compute": (0, 0)}


def test_the_chance_to_differ_is_the_misalignment_of_readings(holiday) -> None:
    shares = [one["cells"] / 30 for one in holiday.summary["outcomes"]]
    exclusive = [[float(i != j) for j in range(len(shares))] for i in range(len(shares))]
    measured = ds.misalignment_of_shares(shares, exclusive)
    assert holiday.summary["p_diff"] == pytest.approx(measured)
    # and from rows, with the readings as agents
    agents = {
        "agent": range(30),
        "goal": [" or ".join(o) for o in holiday.rows["outcome"].to_pylist()],
    }
    value = ds.misalignment(agents).rows["misalignment"].to_pylist()
    assert value == pytest.approx([holiday.summary["p_diff"]])


def test_productivity_what_was_asked_and_what_else_you_care_about() -> None:
    result = ds.audit("productivity", draws=0)
    cells = {(row["reading"], row["rule"]): row["outcome"] for row in result.rows.to_pylist()}
    assert cells["what was asked: work", None] == ["push"]
    assert cells["what else you care about: life", None] == ["balanced"]
    assert cells["both", "utilitarian"] == ["balanced"]  # .65 against .6
    assert cells["both", "plurality"] == ["balanced", "push"]


def test_recommender_no_reading_ranks_by_time() -> None:
    summary = ds.audit("recommender", draws=0).summary
    assert summary["never_chosen"] == ["chronological"]
    assert summary["verdict"] == "UNSETTLED"
    assert summary["illustrative"]
    assert "illustrative" in summary["notes"][0]
