"""The paper's situations as populations: each shipped example shows what its source says."""

import pytest

import dissensus as ds

ILLUSTRATIVE = (
    "child-parent-speaker",
    "couple",
    "localities",
    "platform",
    "predators-and-prey",
    "strange-bedfellows",
    "taxation",
)


def of(name: str, question, **given):
    """Ask a question of a shipped example, as its study file says it."""
    from dissensus.study.questions import ask
    from dissensus.study.study_file import options_with

    return ask(question, options_with(ds.example(name).study, given))


def pairs(name: str, by: str, **given) -> dict:
    """Misalignment of each pair, by area (or none) and the two segments."""
    rows = of(name, "between", **given).rows.to_pylist()
    return {(row.get("area"), row[f"{by}_a"], row[f"{by}_b"]): row["misalignment"] for row in rows}


@pytest.mark.parametrize("name", ILLUSTRATIVE)
def test_each_says_that_it_is_made_up(name: str) -> None:
    shipped = ds.example(name)
    assert shipped.study.title.startswith("Illustrative: ")
    source = (shipped.folder / "SOURCE.md").read_text(encoding="utf-8")
    for words in ("Illustrative.", "Ours, all of them", "nothing was measured", "What it shows"):
        assert words in source.replace("\n", " ")
    assert sum(path.stat().st_size for path in shipped.folder.iterdir()) < 10_000


def test_the_speaker_is_aligned_with_one_on_each_area() -> None:
    assert pairs("child-parent-speaker", "who") == {
        ("music", "child", "parent"): 1,
        ("music", "child", "speaker"): 0,
        ("music", "parent", "speaker"): 1,
        ("volume", "child", "parent"): 1,
        ("volume", "child", "speaker"): 1,
        ("volume", "parent", "speaker"): 0,
    }


def test_a_couple_conflicts_on_one_area_and_agrees_on_the_other() -> None:
    assert pairs("couple", "partner") == {
        ("finances", "Alex", "Sam"): 1,
        ("child-rearing", "Alex", "Sam"): 0,
    }
    rows = of("couple", "misalignment", by=None).rows.to_pylist()
    assert {row["area"]: row["misalignment"] for row in rows} == {
        "finances": 0.5,
        "child-rearing": 0,
    }


def test_strange_bedfellows() -> None:
    found = {area: value for (area, _, _), value in pairs("strange-bedfellows", "party").items()}
    assert found == {"taxes": 1, "schools": 1, "canal tolls": 0}


def test_a_country_is_misaligned_and_one_of_its_states_is_not() -> None:
    overall = of("taxation", "misalignment").tables["overall"].to_pylist()
    found = {row["state"]: row["misalignment"] for row in overall}
    assert found[None] == 0.5  # everyone
    assert found["Bayside"] == pytest.approx(2 * 0.96 * 0.04)
    assert min(value for state, value in found.items() if state not in (None, "Bayside")) > 0.4


def test_the_adversary_is_closer_to_the_platform_s_ai_than_its_owner() -> None:
    overall = of("platform", "between").tables["overall"].to_pylist()
    found = {frozenset([row["group_a"], row["group_b"]]): row["misalignment"] for row in overall}
    ai = "platform's AI"
    assert found[frozenset([ai, "adversary's bots"])] == 0
    assert found[frozenset([ai, "shareholders"])] == pytest.approx(0.3)
    assert found[frozenset([ai, "employees"])] == pytest.approx(0.55)
    for two in ((ai, "left"), (ai, "right"), ("left", "right")):
        assert found[frozenset(two)] == 1
    # with regard to revenue alone the AI is aligned with its owners
    by_area = pairs("platform", "group")
    assert by_area["revenue", ai, "shareholders"] == 0


@pytest.mark.parametrize(
    ("level", "river", "ring_road"), [("state", 0, 0.5), ("town", 0, 0), ("street", 0, 0)]
)
def test_each_question_divides_its_own_level(level: str, river: float, ring_road: float) -> None:
    rows = of("localities", "misalignment", by=[level]).rows.to_pylist()
    within = {(row["area"], row["misalignment"]) for row in rows}
    assert within == {("river", river), ("ring road", ring_road), ("hedge", 0.5)}
    everyone = of("localities", "misalignment", by=None).rows.to_pylist()
    assert {row["misalignment"] for row in everyone} == {0.5}


def test_predators_stand_in_the_way_of_prey_more_than_prey_in_theirs() -> None:
    found = pairs("predators-and-prey", "species")
    assert found[None, "fox", "hare"] == pytest.approx(0.6 * 1 + 0.4 * 0.7)
    assert found[None, "hare", "fox"] == pytest.approx(0.6 * 0.6 + 0.4 * 0)
