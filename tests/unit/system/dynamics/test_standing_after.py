"""The audit crosses whose standing counts: today's, after meta-preferences, after a learner."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import dissensus as ds
from dissensus.scenario import load_scenario, shipped_scenario
from dissensus.system import Part, System, World
from dissensus.system.audit import Case
from dissensus.system.audit.standing import standings_of

FILE = """schema = "dissensus/system/1"
actions = ["balanced", "push"]
rule = "utilitarian"
comparability = "unit"
[[parts]]
name = "work"
utilities = [0.5, 1]
[[parts]]
name = "life"
utilities = [0.8, 0.2]
[drift]
horizon = 8
[meta_preferences]
endorsement = [[1, 1], [0, 0]]
sharpness = 6
[audit]
standing_after = ["none", "meta-preferences", "real-time", "initial"]
"""


def test_standing_decides(tmp_path: Path) -> None:
    """What an AI leaves that plans by approval approves of it."""
    path = tmp_path / "case.toml"
    path.write_text(FILE)
    assert load_scenario(path).case.dynamics["drift"] == {"horizon": 8}
    result = ds.audit(path, draws=5)
    assert {row["standing_after"]: row["outcome"] for row in result.rows.to_pylist()} == {
        "none": ["balanced"],
        "meta-preferences": ["push"],
        "real-time": ["push"],
        "initial": ["balanced"],
    }
    assert result.summary["axes"] == {"standing_after": 4}


def test_all_by_default_and_only_what_there_is() -> None:
    case = shipped_scenario("productivity").case
    found = standings_of(case)
    assert set(found) == {
        "none", "real-time", "final", "initial", "natural-shift", "myopic", "pareto",
    }  # fmt: skip
    for standing in found.values():
        assert standing.sum() == pytest.approx(2)
        assert (standing > 0).all()
    system = System([Part("x", [1, 0]), Part("y", [0, 1])], World.of(["a", "b"]), "plurality")
    assert set(standings_of(Case(system))) == {"none"}
    # standing of parts whose differences do not compare cannot drift
    assert set(standings_of(Case(system, dynamics={"drift": {"horizon": 3}}))) == {"none"}
    going_round = {"meta_preferences": {"endorsement": -np.eye(2), "sharpness": 9.0}}
    uneven = replace(system, parts=(replace(system.parts[0], standing=3.0), system.parts[1]))
    assert set(standings_of(Case(uneven, dynamics=going_round))) == {"none"}


def test_an_objective_that_there_is_not(tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_text(FILE.replace('"initial"]', '"inital"]'))
    with pytest.raises(ds.DissensusError, match="did you mean 'initial'"):
        load_scenario(path)
