"""Cases that ship with the package, each with its source."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from dissensus.errors import nearest
from dissensus.scenario.load import Scenario, ScenarioError, load_scenario

__all__ = ["CASE", "scenario_of", "shipped_folders", "shipped_scenario", "shipped_scenarios"]

CASE = "scenario.toml"


def shipped_folders() -> dict[str, Path]:
    """Folders of the shipped cases, by name."""
    room = Path(str(files("dissensus.scenario") / "cases"))
    return {path.parent.name: path.parent for path in sorted(room.glob(f"*/{CASE}"))}


def shipped_scenarios() -> list[Scenario]:
    """All shipped cases, by name."""
    return [load_scenario(folder / CASE) for folder in shipped_folders().values()]


def shipped_scenario(name: str) -> Scenario:
    """One shipped case.

    Raises
    ------
    ScenarioError
        There is none of that name.

    Examples
    --------
    >>> shipped_scenario("condorcet-55").case.system.rule
    'plurality'
    """
    folders = shipped_folders()
    if name not in folders:
        raise ScenarioError(
            f"there is no case {name!r}", "the name of a shipped case", nearest(name, folders)
        )
    return load_scenario(folders[name] / CASE)


def scenario_of(source: str) -> Scenario | None:
    """Scenario that a source names: a file, a folder with one, a shipped case; else None.

    What is there under that name in the working folder goes before what is shipped. A TOML file
    is a scenario unless its schema says otherwise.
    """
    path = Path(source)
    if path.suffix.lower() == ".toml":
        return load_scenario(path)
    if path.is_dir() and (path / CASE).is_file():
        return load_scenario(path / CASE)
    folder = shipped_folders().get(source)
    return load_scenario(folder / CASE) if folder and not path.exists() else None
