"""Scenario files: the design's example loads; every mistake at once, with its place."""

import json
import random
import tomllib
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from dissensus.scenario import (
    ScenarioError,
    load_scenario,
    scenario_of,
    scenario_schema,
    shipped_scenario,
    shipped_scenarios,
    write_scenario,
)
from dissensus.scenario.load import LARGEST_FILE
from dissensus.scenario.shipped import shipped_folders
from dissensus.scenario.writing import scenario_text

SMALLEST = """schema = "dissensus/system/1"
actions = ["sea", "hills"]
rule = "plurality"
[[parts]]
name = "me"
order = "sea > hills"
"""
DESIGN = """schema = "dissensus/system/1"
name = "holiday"
title = "Choose a holiday for me and my partner"
illustrative = true                        # the numbers are ours: the output says so
actions = ["nice", "partner's favourite", "ask", "horrible"]
rule = "plurality"
comparability = "range"                    # ordinal | range | unit | full

[[parts]]
name = "request"
standing = 1
utilities = [1, 0.5, 0.6, 0]               # in the order of actions; or order = "nice > ask"
hardness = 1

[[parts]]
name = "fear"
utilities = [0.9, 1, 0.6, 0]
hardness = 1

[deliberation]                             # a mechanism's parameters live in its own table
model = "given"
after = { fear = [0.5, 0.5, 0.6, 0.6] }

[audit]                                    # the axes to cross; left out: all that the file allows
rule = ["plurality", "borda", "utilitarian", "nash", "egalitarian"]
compute = [1, 30, 1000]
deliberation = ["none", "given"]
"""


def written(folder: Path, text: str, name: str = "case.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def mistakes(folder: Path, text: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(written(folder, text))
    found: Any = caught.value.values["mistakes"]
    return list(found)


def test_the_smallest_file(tmp_path: Path) -> None:
    scenario = load_scenario(written(tmp_path, SMALLEST))
    assert scenario.name == "case"
    assert not scenario.illustrative
    assert scenario.case.axes is None
    assert scenario.case.system.comparability == "ordinal"
    assert scenario.case.system.choice().winner_names == ("sea",)


def test_the_example_of_the_design(tmp_path: Path) -> None:
    scenario = load_scenario(written(tmp_path, DESIGN))
    assert scenario.illustrative
    assert scenario.case.system.comparability == "range"
    assert scenario.case.deliberated["fear"].utilities.tolist() == [0.5, 0.5, 0.6, 0.6]
    assert scenario.case.axes == {
        "rule": ["plurality", "borda", "utilitarian", "nash", "egalitarian"],
        "compute": [1, 30, 1000],
        "deliberation": ["none", "given"],
    }


@pytest.mark.parametrize("name", shipped_folders())
def test_shipped_cases(name: str) -> None:
    scenario = shipped_scenario(name)
    folder = shipped_folders()[name]
    assert scenario.name == name
    assert (folder / "SOURCE.md").is_file()
    record = tomllib.loads((folder / "scenario.toml").read_text(encoding="utf-8"))
    jsonschema.validate(record, json.loads(scenario_schema()))
    # what is made up says so
    source = (folder / "SOURCE.md").read_text(encoding="utf-8")
    assert scenario.illustrative == ('output says "illustrative"' in source.replace("\n", " "))


def test_names_of_shipped_cases() -> None:
    assert [one.name for one in shipped_scenarios()] == [
        "cake",
        "condorcet-55",
        "holiday",
        "productivity",
        "recommender",
        "sydney",
    ]
    assert scenario_of("nothing of the kind") is None
    with pytest.raises(ScenarioError, match="did you mean 'sydney'"):
        shipped_scenario("sidney")


def test_sydney_has_thirteen_readings() -> None:
    case = shipped_scenario("sydney").case
    assert len(case.readings) == 13
    assert len(case.axes["reading"]) == 12


def test_what_stands_in_the_folder_goes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "holiday").mkdir()
    written(tmp_path / "holiday", SMALLEST, "scenario.toml")
    found = scenario_of("holiday")
    assert found is not None
    assert found.case.system.actions == ("sea", "hills")


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    found = mistakes(
        tmp_path,
        """schema = "dissensus/system/2"
actions = ["a", "b"]
rule = "pluralty"
todays = "a"
comparability = "units"
today = "c"

[[parts]]
name = "me"
utilities = [1, 2, 3]
standing = 0

[[parts]]
name = "you"
order = "a > c"
standing = "much"

[world]
initial_belief = [0.5, 0.4]

[deliberation]
model = "given"
after = { mee = [1, 2] }

[[readings]]
name = "mine"
parts = ["m"]
rule = "brda"

[audit]
rulez = ["borda"]
tie_break = "b"
perturbation = -1
""",
    )
    told = "\n".join(found)
    for line, words in (
        (1, 'needed: schema = "dissensus/system/1"'),
        (3, "unknown rule 'pluralty'"),
        (4, "there is no key 'todays' here; did you mean 'today'?"),
        (5, "'units'; needed: 'ordinal', 'range', 'unit' or 'full'"),
        (6, "action 'c' taken today"),
        (8, "part 1 'me': part 'me' has standing 0"),
        (13, "part 2 'you': 'c' in the order of part 'you'"),
        (16, "standing: 'much': input should be a valid number"),
        (18, "world: initial_belief sum to 0.9"),
        (23, "part 'mee' after deliberation; needed: the name of a part; did you mean 'me'?"),
        (25, "part 'm' of the reading 'mine'"),
        (28, "unknown rule 'brda'"),
        (31, "there is no key 'rulez' here; did you mean 'rule'?"),
        (32, "write tie_break = 'a > b'"),
        (33, "a perturbation of -1"),
    ):
        (one,) = [text for text in found if words in text]
        assert one.startswith(f"line {line}: "), (one, told)
    assert len(found) == 15


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('order = "sea > hills"', "utilities = [1, 2, 3]"), "needed: shape (2,)"),
        (('order = "sea > hills"', 'order = "sea"\nstanding = -2'), "standing -2"),
        (('order = "sea > hills"', "order = 3"), "not an order"),
        (('order = "sea > hills"', "utilities = [[1], [2, 3]]"), "different lengths"),
        (('order = "sea > hills"', "utilities = [nan, 1]"), "not a finite number"),
        (('"plurality"', '"bordo"'), "did you mean 'borda'"),
        (("actions", "action"), "actions is missing"),
        (('[[parts]]\nname = "me"\norder = "sea > hills"', ""), "parts is missing"),
        (('[[parts]]\nname = "me"\norder = "sea > hills"', "parts = []"), "without parts"),
        (('"hills"]', '"sea"]'), "'sea' twice"),
    ],
)
def test_one_mistake(tmp_path: Path, change: tuple[str, str], words: str) -> None:
    assert change[0] in SMALLEST
    assert words in "\n".join(mistakes(tmp_path, SMALLEST.replace(*change)))


def test_rows_that_do_not_sum_to_one_are_named(tmp_path: Path) -> None:
    text = SMALLEST.replace('order = "sea > hills"', "utilities = [1, 0]") + (
        '[world]\noutcomes = ["x", "y"]\noutcome_probabilities = [[0.5, 0.4], [1, 0]]\n'
    )
    (one,) = mistakes(tmp_path, text)
    assert "outcome_probabilities of action 'sea' sum to 0.9" in one


def test_a_system_inside_itself(tmp_path: Path) -> None:
    inner = SMALLEST + '[[parts]]\nname = "team"\ninner = "other.toml"\n'
    path = written(tmp_path, inner, "one.toml")
    written(tmp_path, inner.replace("other.toml", "one.toml"), "other.toml")
    with pytest.raises(ScenarioError, match=r"inside itself: one.toml > other.toml > one.toml"):
        load_scenario(path)
    written(tmp_path, SMALLEST, "other.toml")
    assert load_scenario(path).case.system.parts[1].inner is not None


def test_a_rule_needs_no_more_than_is_declared(tmp_path: Path) -> None:
    text = SMALLEST.replace('rule = "plurality"', 'rule = "utilitarian"')
    (told,) = mistakes(tmp_path, text)
    assert told.startswith("line 3: rule: rule 'utilitarian' with comparability 'ordinal'")
    assert "needed: comparability 'unit'" in told


def test_mistakes_in_a_file_that_is_named_are_told_one_by_one(tmp_path: Path) -> None:
    inside = SMALLEST.replace('rule = "plurality"', 'rule = "plurallity"\ncolour = 3')
    written(tmp_path, inside, "inside.toml")
    told = mistakes(tmp_path, SMALLEST + '[[parts]]\nname = "z"\ninner = "inside.toml"\n')
    assert len(told) == 2
    assert all("part 2 'z', inner: inside.toml, line" in words for words in told)
    assert any("did you mean 'plurality'" in words for words in told)


def test_a_file_of_fifty_megabytes_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.toml"
    with path.open("wb") as file:
        file.truncate(LARGEST_FILE)
    with pytest.raises(ScenarioError, match="50 MB") as caught:
        load_scenario(path)
    assert "study file" in caught.value.mend


@pytest.mark.parametrize("text", ["rule = ", "\x00", "a = " + "[" * 5000])
def test_no_toml(tmp_path: Path, text: str) -> None:
    with pytest.raises(ScenarioError, match="is no TOML"):
        load_scenario(written(tmp_path, text))
    with pytest.raises(ScenarioError, match="cannot read"):
        load_scenario(tmp_path / "missing.toml")


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    for folder in shipped_folders().values():
        record = tomllib.loads((folder / "scenario.toml").read_text(encoding="utf-8"))
        given = {key: value for key, value in record.items() if key != "schema"}
        path = write_scenario(given, tmp_path / f"{record['name']}.toml")
        assert tomllib.loads(path.read_text(encoding="utf-8")) == record
        load_scenario(path)
        with pytest.raises(ScenarioError, match="exists already"):
            write_scenario(given, path)
    with pytest.raises(ScenarioError, match="cannot write"):
        write_scenario(given, tmp_path / "no" / "folder.toml")


JUNK: list[Any] = [
    3,
    -1,
    0,
    "x",
    "a > b",
    [],
    {},
    [1, "a"],
    [[1, 2], [3]],
    {"a": 1},
    True,
    float("nan"),
    float("inf"),
    10**30,
    ["a", ["b"]],
    [[]],
    "",
    [{}],
]


def places(record: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items: Any = record.items() if isinstance(record, dict) else ()
    items = enumerate(record) if isinstance(record, list) else items
    return [place, *(deep for key, value in items for deep in places(value, (*place, key)))]


def test_whatever_stands_in_a_file_is_told_in_words(tmp_path: Path) -> None:
    """Junk anywhere: the file loads, or it has mistakes that the user can read."""
    chance = random.Random(5)
    inner = {
        "actions": ["a", "b"],
        "rule": "borda",
        "world": {"states": ["s", "t"]},
        "parts": [
            {"name": "x", "utilities": [1, 2], "model": {"initial_belief": [0.5, 0.5]}},
            {"name": "y", "inner": {"rule": "plurality", "parts": [{"name": "z", "order": "a"}]}},
        ],
    }
    records = [
        inner,
        *(
            tomllib.loads((folder / "scenario.toml").read_text(encoding="utf-8"))
            for folder in shipped_folders().values()
        ),
    ]
    path = tmp_path / "junk.toml"
    for _ in range(300):
        record = deepcopy(chance.choice(records))
        record.pop("schema", None)
        for _ in range(chance.randint(1, 3)):
            place = chance.choice([one for one in places(record) if one])
            table = record
            for step in place[:-1]:
                table = table[step]
            table[place[-1]] = deepcopy(chance.choice(JUNK))
        text = scenario_text(record)
        try:
            tomllib.loads(text)
        except ValueError:
            continue
        path.write_text(text, encoding="utf-8")
        with suppress(ScenarioError):
            load_scenario(path)
