"""The chapters on rules say what the catalogue says; every work that is cited is listed."""

import re
from pathlib import Path

import pytest

from dissensus.system.relations import catalogue
from dissensus.system.rules import rules

ROOT = Path(__file__).parents[2]
CHAPTERS = ROOT / "docs" / "explanation"
SHIPPED = [known for known in rules() if known.function.__module__.startswith("dissensus.")]
MARKS = ("**Story.**", "$$", "**By hand.**", "**Needs** `", "**Not when**", "```python")


def listed() -> dict[str, tuple[str, str, str]]:
    """Rows of the table of rules: what it needs, what it gives, and its chapter, by name."""
    page = (CHAPTERS / "rules" / "index.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| `([\w-]+)` \| (\w+) \| (.+) \| \[.*\]\((.+)\) \|$", page, re.M)
    return {name: (needs, gives, chapter) for name, needs, gives, chapter in found}


def test_the_table_of_rules_is_the_catalogue() -> None:
    assert set(listed()) == {known.name for known in SHIPPED}


@pytest.mark.parametrize("known", SHIPPED, ids=lambda known: known.name)
def test_every_rule_has_its_section(known) -> None:
    needs, gives, chapter = listed()[known.name]
    assert needs == known.needs
    assert gives == ("a lottery" if known.lotteries else "an option")
    page = (CHAPTERS / "rules" / chapter).read_text(encoding="utf-8")
    sections = re.split(r"^## ", page, flags=re.M)
    (section,) = [text for text in sections if text.startswith(f"`{known.name}`\n")]
    assert all(mark in section for mark in MARKS)
    assert known.reference in page


@pytest.mark.parametrize("known", catalogue(), ids=lambda known: known.name)
def test_every_relation_has_its_chapter(known) -> None:
    page = (CHAPTERS / "relations" / f"{known.name}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {known.number} `{known.name}`")
    for mark in ("## The story", "## By hand", "$$", "**Loss", "**Sources"):
        assert mark in page


def test_every_work_that_the_docstrings_of_systems_cite_is_listed() -> None:
    cited, known = set(), set()
    for path in (ROOT / "src" / "dissensus" / "system").rglob("*.py"):
        cited |= set(re.findall(r"\[([a-z]+\d{4}[a-z]?)\]_", path.read_text(encoding="utf-8")))
    for page in (ROOT / "docs").rglob("*.md"):
        known |= set(re.findall(r"^\.\. \[(\w+)\]", page.read_text(encoding="utf-8"), re.M))
    assert sorted(cited - known) == []
