"""Pictures of mechanisms and areas: what is drawn is what the tables say."""

import pytest
from tests.mechanisms import deliberation, levels, meta_preferences, scale

import dissensus as ds
from dissensus.display.charts.areas import squares_by_area
from dissensus.display.charts.look import PAPER
from dissensus.display.plotting import kinds


def drawn(chart):
    """Marks of a chart, one layer after another."""
    return list(chart.to_dict()["datasets"].values())


def of(result, kind):
    picture = kinds()[kind].draw(result, PAPER)
    assert picture.caption
    assert picture.alternative
    return drawn(picture.chart), picture


def test_two_parts_bargain_on_a_plane():
    result = ds.simulate("cake", "bargaining")
    marks, picture = of(result, "frontier")
    told = {}
    for row in result.tables["frontier"].to_pylist():
        told.setdefault(row["action"], {})[row["part"]] = row["value"]
    points = {row["name"]: (row["x"], row["y"]) for layer in marks for row in layer}
    for action, gets in told.items():
        assert points[action] == (gets["Ada"], gets["Ben"])
    (today,) = [name for name in points if name.startswith("today")]
    assert points[today] == pytest.approx(points["half"])
    assert "half: Ada 67 %, Ben 67 %" in picture.alternative


def test_many_parts_bargain_on_lines():
    result = ds.simulate("holiday", "bargaining")
    marks, _ = of(result, "frontier")
    points = {(r["series"], r["x"]): r["value"] for r in marks[-1] + marks[0] if "at" not in r}
    today = {part: value for (series, part), value in points.items() if series == "today"}
    gains = {
        row["action"]: row["value"]
        for row in result.tables["frontier"].to_pylist()
        if row["part"] == "growth"
    }
    assert today["growth"] == pytest.approx(gains["partner's favourite"])
    nash = [r for r in result.tables["parts"].to_pylist() if r["solution"] == "nash-lottery"]
    assert [points["nash-lottery", r["part"]] for r in nash] == [r["value"] for r in nash]


def test_phases_are_the_diagram_and_the_flips():
    result = scale()
    marks, picture = of(result, "phases")
    tiles = max((layer for layer in marks if "hardness_ratio" in layer[0]), key=len)
    table = result.tables["diagram"].to_pylist()
    assert [row["does"] for row in tiles] == [" or ".join(row["outcome"]) for row in table]
    ends = result.rows["compute_to"].to_pylist()[:-1]
    assert len(ends) == result.summary["flips"] == picture.alternative.count(" to ")
    assert f"a0 to a2 at {ends[0]:.2g}" in picture.alternative


@pytest.mark.parametrize("names", ["ab", "abc"])
def test_basins_are_shares_of_the_starts(names):
    result = meta_preferences(names)
    marks, _ = of(result, "basins")
    found = {row["name"]: row for layer in marks for row in layer if "value" in row}
    shares = sorted(row["value"] for row in found.values())
    assert shares == sorted(result.rows["basin_share"].to_pylist())
    stable = [row for row in found.values() if row["text"] != "unstable"]
    assert len(stable) == sum(result.rows["is_stable"].to_pylist())
    if names == "abc":  # preferences that endorse themselves end near the corners
        corners = {(0, 0), (1, 0), (0.5, 0.866)}
        assert {(round(2 * row["x"]) / 2, row["y"] > 0.5) for row in stable} == {
            (x, y > 0.5) for x, y in corners
        }


def test_opinions_go_to_the_consensus():
    result = deliberation()
    marks, picture = of(result, "opinions")
    last = [row for layer in marks for row in layer if row["is_last"]]
    # by hand: they listen to x, y, z by 1/4, 1/2, 1/4, and y holds 0.4
    assert {round(row["value"], 2) for row in last} == {0.45, 0.55}
    assert "x 0.45" in picture.alternative


def test_levels_are_those_of_the_table():
    marks, _ = of(levels(), "levels")
    values = {(row["over"], row["name"]): row["value"] for layer in marks for row in layer}
    # by hand: 8 and 32 of 81 pairs, 2 of 9 leaves, 1 of 3 teams
    assert values["part (3)", "inside nodes"] == pytest.approx(8 / 81)
    assert values["part (3)", "between nodes"] == pytest.approx(32 / 81)
    assert values["part (3)", "leaf against node"] == pytest.approx(2 / 9)
    assert values["part (3)", "node against above"] == pytest.approx(1 / 3)


def test_the_say_before_and_after():
    result = ds.simulate("cake", "market")
    marks, _ = of(result, "say")
    points = {(row["series"], row["x"]): row["value"] for row in marks[-1] + marks[0]}
    for row in result.rows.to_pylist():
        assert points[row["part"], "before"] == row["weight_before"]
        assert points[row["part"], "after"] == row["weight"]


def test_standings_acted_on_and_left_alone():
    result = ds.simulate("productivity", "drift")
    marks, _ = of(result, "standing")
    rows = [row for row in result.tables["standings"].to_pylist() if row["part"] == "life"]
    points = max(marks, key=len)
    for name, column in (("life", "standing_share"), ("life, left alone", "natural_share")):
        assert [p["value"] for p in points if p["series"] == name] == [r[column] for r in rows]


def test_what_is_drawn_first_is_the_mechanism_s_own():
    assert "times harder" in str(ds.plot(scale()).to_dict())
    assert drawn(ds.plot(ds.simulate("cake", "market"))) == drawn(
        ds.plot(ds.simulate("cake", "market"), "say")
    )


VOTES = {
    "agent": [1, 2, 3, 4, 5, 6] * 2,
    "area": ["same"] * 6 + ["torn"] * 6,
    "goal": ["yes"] * 6 + ["yes", "yes", "no", "no", "yes", "no"],
    "party": list("AABBCC") * 2,
}


def test_squares_of_the_widest_areas():
    result = ds.between(VOTES, by="party")
    (first, picture), (second, _) = squares_by_area(result, PAPER)
    assert (first, second) == ("torn", "same")
    (squares,) = drawn(picture.chart)
    values = {(row["a"], row["b"]): row["value"] for row in squares}
    # by hand: A says yes, B no, C one of each
    assert values["A", "B"] == values["B", "A"] == 1
    assert values["A", "C"] == values["C", "B"] == 0.5
    assert "one problem area, the widest first" in ds.report(result).html


def test_two_segments_need_no_squares():
    two = {name: values[:4] + values[6:10] for name, values in VOTES.items()}
    assert squares_by_area(ds.between(two, by="party"), PAPER) == []
