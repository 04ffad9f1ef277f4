"""The catalogue of mechanisms, their parameters, their tables in a file, and ``simulate``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import jsonschema
import numpy as np
import numpy.typing as npt
import pytest

import dissensus as ds
from dissensus.model import record
from dissensus.model.columns import COLUMNS
from dissensus.scenario import ScenarioError, load_scenario, scenario_schema, shipped_scenarios
from dissensus.system import Part, System, World
from dissensus.system.dynamics import MechanismError, find, mechanisms
from dissensus.system.dynamics.parameters import parameter, parameters_of, read

ROOT = Path(__file__).parents[4]
DOCS = ROOT / "docs" / "explanation" / "dynamics"
CASE = """schema = "dissensus/system/1"
actions = ["stay", "go"]
rule = "utilitarian"
comparability = "unit"
[[parts]]
name = "me"
utilities = [1, 0]
[[parts]]
name = "you"
utilities = [0, 3]
"""


@dataclass(frozen=True)
class Model:
    steps: int = parameter("Steps.", least=1)
    rate: float = parameter("Rate.", above=0)
    kind: Literal["one", "two"] = parameter("Kind.", "one")
    table: npt.NDArray[np.float64] | None = parameter(
        "Table.", None, shape=("parts", "goods"), least=0
    )
    weights: Mapping[str, float] | None = parameter("Weights.", None, most=1)
    names: tuple[str, ...] = parameter("Names.", ())
    loud: bool = parameter("Loud.", False)


@pytest.fixture
def two() -> System:
    return System(
        [Part("me", [1, 0]), Part("you", [0, 3])], World.of(["stay", "go"]), "utilitarian", "unit"
    )


@pytest.mark.parametrize("one", mechanisms(), ids=lambda one: one.name)
def test_each_mechanism_is_declared_and_described(one) -> None:
    assert one.label
    assert one.question.endswith("?")
    assert one.summary.endswith(".")
    page = (DOCS / f"{one.name}.md").read_text(encoding="utf-8")
    assert "## What it does not show" in page
    for key in one.parameters:
        assert key.meaning.endswith("."), key.name
        assert f"| `{key.name}` |" in page, key.name
        assert key.meaning in page, key.name
    assert f"\n{one.name}\n" in (DOCS / "index.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("scenario", shipped_scenarios(), ids=lambda scenario: scenario.name)
def test_every_case_tells_of_every_mechanism(scenario) -> None:
    result = ds.simulate(scenario)
    rows = result.rows.to_pylist()
    assert [row["mechanism"] for row in rows] == [one.name for one in mechanisms()]
    for row in rows:
        assert (row["verdict"] is None) == (row["reasons"] is not None)
    jsonschema.validate(json.loads(result.text("json")), json.loads(record.json_schema()))


@pytest.mark.parametrize(
    ("scenario", "name"),
    [
        (scenario, one.name)
        for scenario in shipped_scenarios()
        for one in mechanisms()
        if not one.missing(scenario.case)
    ],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_what_a_mechanism_tells_is_a_result(scenario, name: str) -> None:
    result = ds.simulate(scenario, name)
    summary = result.summary
    assert summary["verdict"] == summary["verdict"].upper()
    assert summary["head_line"] == f"{summary['verdict']}: {summary['finding']}"
    for table in (result.rows, *result.tables.values()):
        for column in set(table.column_names) - {"reasons"}:
            assert column in COLUMNS, column
            for row in table.to_pylist() if table[column].null_count else ():
                assert row[column] is not None or column in dict(row["reasons"] or ()), column
    for number in summary["numbers"]:
        assert number in COLUMNS, number
        assert summary[number] is not None or number in summary["reasons"], number
    jsonschema.validate(json.loads(result.text("json")), json.loads(record.json_schema()))


def test_tables_of_a_file_are_read(tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_text(CASE + "[boundary]\nthreshold = 0.3\n")
    assert load_scenario(path).case.dynamics == {"boundary": {"threshold": 0.3}}
    assert ds.simulate(path, "boundary").provenance["conventions"]["parameter threshold"] == "0.3"
    assert "notes" in ds.simulate(path, "boundary").summary
    assert ds.simulate(path, "boundary", threshold=1.0).summary["neglected_parts"] == 1


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("[boundary]\nthreshold = 3\n", "boundary: threshold 3; needed: a number above 0 and at"),
        ('[boundary]\nthreshold = "x"\n', "threshold: 'x': input should be a valid number"),
        ("[boundary]\ntreshold = 0.3\n", "did you mean 'threshold'?"),
        ("[bondary]\nthreshold = 0.3\n", "did you mean 'boundary'"),
    ],
)
def test_mistakes_in_a_table_have_a_line(tmp_path: Path, table: str, words: str) -> None:
    path = tmp_path / "case.toml"
    path.write_text(CASE + table)
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    (told,) = caught.value.values["mistakes"]
    assert words in told
    assert told.startswith("line 1")


def test_schema_of_files_has_a_table_for_each_mechanism() -> None:
    schema = json.loads(scenario_schema())
    for one in mechanisms():
        assert one.table in schema["properties"]
        name = next(
            place["$ref"].rpartition("/")[2]
            for place in schema["properties"][one.table]["anyOf"]
            if "$ref" in place
        )
        assert set(schema["$defs"][name]["properties"]) == {p.name for p in one.parameters}


def test_mistakes(two: System) -> None:
    for work, words in (
        (lambda: ds.simulate(two, "boundry"), "did you mean 'boundary'?"),
        (lambda: ds.simulate(two, "boundary", treshold=1), "did you mean 'threshold'?"),
        (lambda: ds.simulate(two, "boundary", threshold=2), "above 0 and at most 1"),
        (lambda: ds.simulate(two, "boundary", threshold="x"), "a number"),
        (lambda: ds.simulate(two, threshold=0.3), "without a mechanism"),
    ):
        with pytest.raises(MechanismError, match="needed") as caught:
            work()
        assert words in str(caught.value)
    orders = System([Part("me", order="stay > go")], World.of(["stay", "go"]), "borda")
    with pytest.raises(MechanismError, match="without utilities of every part") as refused:
        find("boundary").simulate(ds.system.audit.Case(orders))
    assert "give utilities instead of orders" in str(refused.value)


def test_kinds_of_parameters_are_checked_against_the_system(two: System) -> None:
    kinds = [one.kind for one in parameters_of(Model)]
    assert kinds == ["integer", "number", "choice", "numbers", "by part", "names", "switch"]
    good = {"steps": 2, "rate": 1}
    made = read(Model, "some-thing", {**good, "table": [[1, 2, 3], [4, 5, 6]]}, two)
    assert made.table.shape == (2, 3)
    assert not made.table.flags.writeable
    for given, words in (
        ({}, "lacks steps, rate"),
        ({}, "write them under [some_thing] in the scenario file, or pass --steps, --rate"),
        ({**good, "steps": 1.5}, "a whole number"),
        ({**good, "steps": 0}, "at least 1"),
        ({**good, "rate": 0}, "above 0"),
        ({**good, "rate": float("nan")}, "a number"),
        ({**good, "kind": "three"}, "one of one, two"),
        ({**good, "table": [[1, 2]]}, "2 parts x goods"),
        ({**good, "table": [[1], [-1]]}, "numbers at least 0"),
        ({**good, "table": [[1], [1, 2]]}, "in rows of one length"),
        ({**good, "weights": {"mee": 1}}, "did you mean 'me'?"),
        ({**good, "weights": {"me": 2}}, "at most 1"),
        ({**good, "weights": 1}, "by name of a part"),
        ({**good, "names": [1]}, "write a list of names"),
        ({**good, "loud": 1}, "true or false"),
    ):
        with pytest.raises(MechanismError) as caught:
            read(Model, "some-thing", given, two)
        assert words in str(caught.value)
