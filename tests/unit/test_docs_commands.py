"""Every command that the README and the documentation show, run as a reader would type it.

A block that is fenced as ``console`` holds lines ``$ dissensus ...`` and what they print, if that
is shown; ``...`` stands for whatever is left out. Blocks with a caption are files: they are written
first. The commands of a page run in order, in a folder of their own.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE, Example, OutputChecker
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PAGES = [page for page in PAGES if "_build" not in page.parts]

_FENCE = re.compile(
    r"^(?P<mark>```+|~~~+)(?P<info>[^\n]*)\n(?P<body>.*?)^(?P=mark)\s*$", re.M | re.S
)
_CAPTION = re.compile(r"^:caption: (?P<name>\S+)$", re.M)


@dataclass(frozen=True)
class Command:
    """A command as it is shown, and what is shown of its output."""

    text: str
    output: str


def fences(page: Path) -> list[tuple[str, str]]:
    """Language and body of each fenced block of a page."""
    text = page.read_text(encoding="utf-8")
    return [(match["info"].strip(), match["body"]) for match in _FENCE.finditer(text)]


def files(page: Path) -> dict[str, str]:
    """Files that a page shows: blocks with a caption."""
    found = {}
    for info, body in fences(page):
        caption = _CAPTION.match(body)
        if info.startswith("{code-block}") and caption:
            found[caption["name"]] = body[caption.end() :].strip("\n") + "\n"
    return found


def commands(page: Path) -> list[Command]:
    """Commands ``$ dissensus ...`` of a page, each with the output that is shown below it."""
    found = []
    for info, body in fences(page):
        if info != "console":
            continue
        for part in re.split(r"^\$ ", body, flags=re.M)[1:]:
            lines = part.split("\n")
            end = next(i for i, line in enumerate(lines) if not line.endswith("\\"))
            text = "\n".join(lines[: end + 1])
            if text.startswith("dissensus "):
                found.append(Command(text, "\n".join(lines[end + 1 :]).strip("\n")))
    return found


def run(command: str, folder: Path) -> tuple[int, str]:
    """Exit code and output of a command, in the order in which a reader would see it."""
    beside_python = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    quiet = {"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "80", "PYTHONUTF8": "1"}
    done = subprocess.run(
        command,
        shell=True,
        check=False,
        cwd=folder,
        env={**os.environ, **quiet, "PATH": beside_python},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=120,
    )
    return done.returncode, done.stdout


def test_pages_with_commands_are_found():
    assert sum(len(commands(page)) for page in PAGES) > 20


def test_no_block_starts_with_a_prompt_but_is_not_a_console():
    for page in PAGES:
        for info, body in fences(page):
            if re.search(r"^\$ dissensus", body, re.M):
                assert info == "console", f"{page.name}: {body[:60]}"


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if commands(page)],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_commands_do_what_the_page_shows(page, tmp_path):
    for name, text in files(page).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    flags = ELLIPSIS | NORMALIZE_WHITESPACE
    for command in commands(page):
        code, output = run(command.text, tmp_path)
        expected = 2 if "\n  needed:" in command.output else 0
        assert code == expected, f"$ {command.text}\nended with {code}:\n{output}"
        if command.output:
            example = Example(command.text, command.output + "\n")
            checker = OutputChecker()
            if not checker.check_output(example.want, output, flags):
                difference = checker.output_difference(example, output, flags)
                pytest.fail(f"$ {command.text}\n{difference}", pytrace=False)
