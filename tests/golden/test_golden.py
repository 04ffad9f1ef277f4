"""What the command line prints, letter by letter; a few outputs, kept small.

``UPDATE_GOLDEN=1 pytest tests/golden`` writes them anew: read the difference before it goes in.
"""

import os
import re
import sys
from pathlib import Path

import pytest

from dissensus.cli import app

HERE = Path(__file__).parent
COMMANDS = {
    "between-us-senate": (80, "between us-senate"),
    "measure-bowling-green-narrow": (60, "measure bowling-green --over group --by '' --overall"),
    "between-political-compass-wide": (140, "between political-compass --overall"),
    "measure-brexit-markdown": (80, "measure brexit --overall --format markdown"),
    "describe-political-compass": (100, "describe political-compass"),
    "audit-holiday": (80, "audit holiday"),
    "audit-sydney-wide": (120, "audit sydney"),
    "simulate-productivity-drift": (80, "simulate productivity drift"),
    "examples": (80, "examples"),
    "mistakes": (80, "measure us-senate --by prty --over congres"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_output(
    name: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    width, line = COMMANDS[name]
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.setattr(sys, "argv", ["dissensus", *line.replace("''", "").split(" ")])
    with pytest.raises(SystemExit):
        app.run()
    out, err = capfd.readouterr()
    text = f"$ dissensus {line}\n{out}"
    if err:
        text += f"--- standard error\n{err}"
    path = HERE / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
    assert not re.search(r"/(work|home|tmp)/", text)  # no path of a machine
