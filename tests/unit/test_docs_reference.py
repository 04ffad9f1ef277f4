"""The README and the reference say what the program says: columns, options, errors, bars."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import dissensus as ds
from dissensus.errors import DissensusError
from dissensus.model.columns import COLUMNS
from dissensus.study.options import (
    QUESTION_OPTIONS,
    ConflictOptions,
    DataOptions,
    DesignOptions,
    MeasureOptions,
)
from dissensus.system.dynamics import mechanisms

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
BLOCKS = " ▏▎▍▌▋▊▉█"


def table_rows(page: Path) -> dict[str, list[str]]:
    """Rows of a page's tables that start with a name in backticks, by that name."""
    found = {}
    for line in page.read_text(encoding="utf-8").splitlines():
        if match := re.match(r"\| `(\w+)` \|", line):
            found[match[1]] = [cell.strip() for cell in line.strip("|").split(" | ")]
    return found


@pytest.mark.parametrize("column", COLUMNS.values(), ids=lambda column: column.name)
def test_notation_has_every_column_as_results_carry_it(column):
    row = table_rows(REFERENCE / "notation.md")[column.name]
    symbol = f"`{column.symbol}`" if column.symbol else ""
    assert row[1:] == [column.label, symbol, column.unit, column.range, column.reading]


def test_notation_has_no_column_that_results_do_not():
    assert set(table_rows(REFERENCE / "notation.md")) <= set(COLUMNS)


MODELS = [DataOptions, ConflictOptions, MeasureOptions, DesignOptions, *QUESTION_OPTIONS.values()]


def shown(default):
    """Default of an option as the page shows it."""
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, int | float):
        return f"`{default:g}`"
    return f'`"{default}"`' if default else ""


@pytest.mark.parametrize("model", MODELS)
def test_study_file_page_has_every_key_with_its_default_and_meaning(model):
    rows = table_rows(REFERENCE / "study-file.md")
    for name, field in model.model_fields.items():
        _, default, meaning = rows[name]
        assert meaning == field.description
        assert default == shown(field.default), name


def test_every_flag_that_a_page_names_is_one():
    options = [(name, field) for model in MODELS for name, field in model.model_fields.items()]
    known = {name.replace("_", "-") for name, _ in options}
    known |= {f"no-{name.replace('_', '-')}" for name, field in options if field.annotation is bool}
    command_line = (REFERENCE / "command-line.md").read_text(encoding="utf-8")
    known |= set(re.findall(r"^\| (?:`-\w`, )?`--([a-z-]+)", command_line, re.M))
    known |= {"version", "help", "install-completion"}
    known |= {key.name.replace("_", "-") for one in mechanisms() for key in one.parameters}
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        if "_build" in page.parts:
            continue
        for flag in re.findall(r"(?<![\w-])--([a-z][a-z-]*)", page.read_text(encoding="utf-8")):
            assert flag in known, f"{page.name}: --{flag}"


def test_errors_page_has_every_error_and_its_builtin():
    for module in pkgutil.walk_packages(ds.__path__, "dissensus."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    rows = table_rows(REFERENCE / "errors.md")
    ours = {kind.__name__: kind for kind in DissensusError.__subclasses__()}
    ours = {name: kind for name, kind in ours.items() if kind.__module__.startswith("dissensus.")}
    assert set(rows) == set(ours)
    for name, kind in ours.items():
        assert rows[name][1] == f"`{kind.__bases__[1].__name__}`"


def test_python_page_has_every_public_name():
    page = (REFERENCE / "api.md").read_text(encoding="utf-8")
    for name in set(ds.__all__) - {"__version__"}:
        assert f"dissensus.{name}\n" in page, name


@pytest.mark.parametrize("page", ["README.md", "docs/index.md"])
def test_bars_are_drawn_from_the_senate_data(page):
    folder = ds.example("us-senate").folder
    result = ds.between(
        folder / "votes.parquet",
        no_goal="abstain",
        roster=folder / "members.parquet",
        roster_on="congress",
        by="party",
        over="congress",
        where="party in (Democrat, Republican)",
    )
    rows = result.tables["overall"].to_pylist()
    text = (ROOT / page).read_text(encoding="utf-8")
    bars = re.findall(r"^ *(\d+)th Congress .*?([█-▏]+) (\.\d{3})$", text, re.M)
    assert [int(congress) for congress, _, _ in bars] == [row["congress"] for row in rows]
    for row, (_, bar, figure) in zip(rows, bars, strict=True):
        value = row["misalignment"]
        eighths = round(value * 40 * 8)
        assert bar == "█" * (eighths // 8) + BLOCKS[eighths % 8].strip()
        assert figure == f"{value:.3f}".removeprefix("0")
