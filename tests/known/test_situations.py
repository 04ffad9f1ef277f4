"""The claim of each shipped situation, with values worked by hand in exact fractions."""

from fractions import Fraction
from itertools import product

import pytest

from dissensus.study.questions import ask
from dissensus.study.shipped import example
from dissensus.study.study_file import options_with

SITUATIONS = (
    "child-parent-speaker",
    "couple",
    "localities",
    "platform",
    "predators-and-prey",
    "strange-bedfellows",
    "taxation",
)


def asked(question, name, **given):
    """Answer of a shipped study, as the command line gets it."""
    return ask(question, options_with(example(name).study, given))


def within(name, column="misalignment", **given):
    """Value by area, if there are several or they have names, and segment."""
    result = asked("misalignment", name, **given)
    segments = given.get("by", example(name).study.tables["measure"]["by"])
    return keyed(result.rows, ("area", *segments), column)


def between(name, table="rows", **given):
    """Value by area and pair of segments; of a pair alone in the table of means."""
    result = asked("between", name, **given)
    (segment,) = example(name).study.tables["measure"]["by"]
    chosen = result.rows if table == "rows" else result.tables[table]
    return keyed(chosen, ("area", f"{segment}_a", f"{segment}_b"), "misalignment")


def keyed(table, keys, column):
    """A column by those of the keys that the table has."""
    keys = [key for key in keys if key in table.column_names]
    return {tuple(row[key] for key in keys): row[column] for row in table.to_pylist()}


def one(values):
    """The only value."""
    (value,) = values.values()
    return value


def same(value, fraction):
    """A double that is the fraction, but for rounding."""
    return value == pytest.approx(float(fraction), rel=1e-13, abs=1e-15)


@pytest.mark.parametrize("name", SITUATIONS)
def test_every_situation_says_that_its_numbers_are_ours(name):
    shipped = example(name)
    source = (shipped.folder / "SOURCE.md").read_text(encoding="utf-8")
    assert "illustrative numbers of ours" in shipped.study.title
    assert "the numbers are illustrative, ours" in source
    assert "**Licence.** Apache License 2.0" in source
    assert shipped.study.question.endswith("?")
    for question in ("misalignment", "between", "describe"):
        assert asked(question, name).rows.num_rows


def test_child_parent_and_speaker():
    """Child and parent meet in two of nine draws, in two of six of different agents."""
    name = "child-parent-speaker"
    assert same(one(within(name, by=())), Fraction(2, 9))
    assert same(one(within(name, by=(), sampling="distinct-pairs")), Fraction(1, 3))
    assert same(one(within(name, "conditional_misalignment", by=())), Fraction(1, 2))
    assert between(name, "overall") == {
        ("child", "parent"): 1,
        ("child", "speaker"): 0,
        ("parent", "speaker"): 0,
    }


def test_couple():
    """Wholly misaligned over finances, wholly aligned over child-rearing."""
    pair = ("Ada", "Bo")
    assert between("couple") == {("finances", *pair): 1, ("child-rearing", *pair): 0}
    assert same(between("couple", "overall")[pair], Fraction(1, 2))
    assert within("couple", by=()) == {("finances",): 0.5, ("child-rearing",): 0}
    different = within("couple", by=(), sampling="distinct-pairs")
    assert different == {("finances",): 1, ("child-rearing",): 0}


def test_strange_bedfellows():
    """Agreed on trade and on nothing else; not even there if the goal is the reason."""
    pair = ("nationalist", "socialist")
    policies = between("strange-bedfellows")
    assert policies == {
        ("trade", *pair): 0,
        ("taxes", *pair): 1,
        ("immigration", *pair): 1,
        ("unions", *pair): 1,
    }
    assert same(between("strange-bedfellows", "overall")[pair], Fraction(3, 4))
    assert set(between("strange-bedfellows", goal="reason").values()) == {1}


def test_taxation():
    """The country is nearly at the most that two goals allow, its state nearly at none."""
    country = one(within("taxation", by=()))
    state, rest = "the progressive state", "rest of the country"
    values = {key[-1]: value for key, value in within("taxation").items()}
    assert same(country, 2 * Fraction(10_100, 20_000) * Fraction(9_900, 20_000))
    assert same(values[state], 2 * Fraction(95, 100) * Fraction(5, 100))
    assert same(values[rest], 2 * Fraction(82, 180) * Fraction(98, 180))
    apart = between("taxation", "overall")[rest, state]
    assert same(apart, Fraction(95, 100) * Fraction(98, 180) + Fraction(5, 100) * Fraction(82, 180))
    assert values[state] < 0.1 < 0.4999 < country < 0.5


# Shares in percent. Revenue: attention, fees, public money. Well-being: amplify, remove
# falsehoods, free speech.
PLATFORM = {
    "adversary's bots": ((100, 0, 0), (95, 0, 5)),
    "employees": ((80, 20, 0), (10, 60, 30)),
    "left": ((10, 20, 70), (5, 85, 10)),
    "owner": ((95, 5, 0), (30, 40, 30)),
    "platform's AI": ((100, 0, 0), (100, 0, 0)),
    "right": ((20, 70, 10), (5, 10, 85)),
}


def apart(one_group, another, area):
    """1 less the chance that two hold the same goal."""
    shares = zip(PLATFORM[one_group][area], PLATFORM[another][area], strict=True)
    return 1 - sum(Fraction(a, 100) * Fraction(b, 100) for a, b in shares)


def test_platform():
    """The adversary is nearest to the AI; left and right are far from it and from each other."""
    rows, means = between("platform"), between("platform", "overall")
    for a, b in product(PLATFORM, PLATFORM):
        if a < b:
            areas = [apart(a, b, area) for area in (0, 1)]
            assert same(rows["revenue", a, b], areas[0])
            assert same(rows["well-being", a, b], areas[1])
            assert same(means[a, b], sum(areas) / 2)
    ai = "platform's AI"
    assert same(means["adversary's bots", ai], Fraction(25, 1000))
    assert same(means["owner", ai], Fraction(375, 1000))
    assert same(means["employees", ai], Fraction(550, 1000))
    assert same(means[ai, "right"], Fraction(875, 1000))
    assert same(means["left", ai], Fraction(925, 1000))
    assert same(means["left", "right"], Fraction(79_875, 100_000))
    assert same(rows["revenue", "owner", ai], Fraction(5, 100))
    assert same(rows["well-being", "owner", ai], Fraction(70, 100))


def test_localities():
    """One issue, three nested populations, three very different values."""
    name = "localities"
    state = one(within(name, by=()))
    municipality = one(within(name, by=(), where="municipality = Harbour"))
    neighbours = one(within(name, by=(), where="street = 'Quay Street'"))
    assert same(state, 2 * Fraction(9, 10) * Fraction(1, 10))
    assert same(municipality, Fraction(1, 2))
    assert same(neighbours, 2 * Fraction(2, 100) * Fraction(98, 100))
    rows = asked("misalignment", name).rows.to_pylist()
    by_street = {row["street"]: row["misalignment"] for row in rows}
    assert by_street["Quay Street"] == neighbours
    assert same(by_street["other streets"], 2 * Fraction(498, 900) * Fraction(402, 900))
    assert same(by_street["elsewhere"], 2 * Fraction(895, 990) * Fraction(95, 990))


def test_predators_and_prey():
    """Both directions, with different values; a population's own uses the mean of the two."""
    name = "predators-and-prey"
    hunt, graze, hide = Fraction(30, 40), Fraction(120, 160), Fraction(40, 160)
    there = hunt * (graze * 1 + hide * Fraction(1, 5))
    back = hunt * (graze * Fraction(1, 4) + hide * Fraction(4, 5))
    values = between(name, "overall")
    assert set(values) == {("fox", "rabbit"), ("rabbit", "fox")}
    assert same(values["fox", "rabbit"], there)
    assert same(values["rabbit", "fox"], back)
    assert (there, back) == (Fraction(6, 10), Fraction(290_625, 1_000_000))
    everyone = 2 * Fraction(40, 200) * Fraction(160, 200) * (there + back) / 2
    assert everyone == Fraction(1425, 10_000)
    assert same(one(within(name, by=())), everyone)
    assert set(within(name).values()) == {0}
