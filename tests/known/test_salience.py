"""The two case studies of the code behind arXiv 2406.04231, to 1e-12, and what is refused."""

import math

import numpy as np
import pytest

import dissensus as ds
from dissensus.measure.salience import SalienceError, intensity
from dissensus.model.conflict import Exclusive
from dissensus.study.questions import ask
from dissensus.study.study_file import options_with

CAR = [0.50, 0.40, 0.35, 0.30, 0.20, 0.30, 0.30, 0.30]
PEDESTRIAN = [0.99, 0.15, 0.15, 0.05, 0.05, 0.05, 0.01, 0.05]


def test_shopping():
    first = [[0, 0.1, 0.1], [0.1, 0, 0.1], [0.1, 0.1, 0]]
    # the printed table is lopsided and has an entry on the diagonal; its code reads the upper half
    second = [[0, 0.5, 0.9], [0.5, 0, 0.3], [0.9, 0.3, 0]]
    f = intensity([0, 1, 2], [0.8, 0.9, 1.0], first, sampling="distinct-pairs")
    h = intensity([0, 1, 2], [0.6, 0.7, 1.0], second, sampling="distinct-pairs")
    assert f == pytest.approx(0.0897212875491429, abs=1e-15)
    assert h == pytest.approx(0.42405734839931686, abs=1e-15)
    assert (f + h) / 2 == pytest.approx(0.25688931797422987, abs=1e-15)


@pytest.mark.parametrize(
    ("care", "conflict", "expected"),
    [
        ("scenario", 0.5, 0.0531730),
        ("scenario", 1.0, 0.1063461),
        ("full", 0.5, 0.2502503),
        ("full", 1.0, 0.5005005),
    ],
)
def test_cars_and_pedestrians(care, conflict, expected):
    goal = np.repeat([0, 1], 500)
    values = []
    for car, pedestrian in zip(CAR, PEDESTRIAN, strict=True):
        salience = np.repeat([car, pedestrian] if care == "scenario" else [1.0, 1.0], 500)
        table = [[0, conflict], [conflict, 0]]
        values.append(intensity(goal, salience, table, sampling="distinct-pairs"))
    assert np.mean(values) == pytest.approx(expected, abs=5e-8)
    closed = [
        2 * 500 * 500 * conflict * (math.sqrt(c * p) if care == "scenario" else 1) / (1000 * 999)
        for c, p in zip(CAR, PEDESTRIAN, strict=True)
    ]
    assert np.mean(values) == pytest.approx(np.mean(closed), abs=1e-14)


def test_what_is_refused():
    with pytest.raises(SalienceError, match=r"1.2 in row 1"):
        intensity([0, 1], [0.5, 1.2], Exclusive())
    with pytest.raises(SalienceError, match="nan in row 0"):
        intensity([0, 1], [float("nan"), 1], Exclusive())
    with pytest.raises(SalienceError, match="salience_mean='mid'"):
        intensity([0, 1], [0.5, 1], Exclusive(), salience_mean="mid")
    many = np.linspace(0, 1, 40_000)
    with pytest.raises(SalienceError, match="40,000 distinct saliences"):
        intensity(np.arange(40_000) % 2, many, Exclusive(), salience_mean="harmonic")


def test_undefined():
    assert math.isnan(intensity([-1, -1], [1, 1], Exclusive()))
    assert math.isnan(intensity([0], [1], Exclusive(), sampling="distinct-pairs"))
    # the salience of an agent without a goal says nothing
    assert intensity([0, 1, -1], [1, 1, float("nan")], Exclusive()) == pytest.approx(2 / 9)


def test_shipped_shopping():
    result = ask("misalignment", options_with(ds.example("shopping").study, {"by": None}))
    found = dict(
        zip(*(result.rows[name].to_pylist() for name in ("area", "intensity")), strict=True)
    )
    assert found["p_f"] == pytest.approx(0.0897212875491429, abs=1e-12)
    assert found["p_h"] == pytest.approx(0.42405734839931686, abs=1e-12)
    mean = result.tables["overall"]["intensity"][0].as_py()
    assert mean == pytest.approx(0.25688931797422987, abs=1e-12)


@pytest.mark.parametrize(("degree", "printed"), [(0.5, 0.0531730), (1.0, 0.1063461)])
def test_shipped_cars(degree, printed):
    conflict = str(ds.example("cars").folder / "half.csv") if degree < 1 else "exclusive"
    result = ask(
        "misalignment", options_with(ds.example("cars").study, {"by": None, "conflict": conflict})
    )
    values = [
        2 * 500 * 500 * degree * math.sqrt(c * p) / (1000 * 999)
        for c, p in zip(CAR, PEDESTRIAN, strict=True)
    ]
    assert result.rows["intensity"].to_pylist() == pytest.approx(values, abs=1e-12)
    mean = result.tables["overall"].to_pylist()[0]
    assert mean["intensity"] == pytest.approx(np.mean(values), abs=1e-12)
    assert mean["intensity"] == pytest.approx(printed, abs=5e-8)
    # if everyone cares fully, intensity is misalignment: .2502503 and .5005005
    assert mean["misalignment"] == pytest.approx(degree * 500 / 999, abs=1e-12)


@pytest.mark.parametrize(
    ("vehicles", "printed"),
    # the curve over the share of vehicles, as that code gives it
    [
        (20, 0.00416876657499),
        (100, 0.0191422954974),
        (300, 0.0446653561606),
        (380, 0.0501102757687),
    ],
)
def test_curve_of_cars(vehicles, printed):
    areas = [str(area) for area in range(8)]
    groups = {
        "area": areas * 2,
        "goal": ["vehicle"] * 8 + ["pedestrian"] * 8,
        "care": CAR + PEDESTRIAN,
        "agents": [vehicles] * 8 + [1000 - vehicles] * 8,
    }
    half = {("vehicle", "pedestrian"): 0.5}
    result = ds.misalignment(
        groups, count="agents", salience="care", sampling="distinct-pairs", conflict=half
    )
    mean = result.tables["overall"]["intensity"][0].as_py()
    assert mean == pytest.approx(printed, rel=1e-11)  # printed with 12 digits
