"""``new``: ask for options, parts and each part's order, and write a scenario file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from dissensus.errors import DissensusError

__all__ = ["new"]


def new(
    file: Annotated[str, typer.Argument(help="Where to write it: NAME.toml", show_default=False)],
) -> None:
    """Describe a system by its parts' orders: asks, and writes a scenario file."""
    from dissensus.scenario import ScenarioError, write_scenario
    from dissensus.study.options import split_names
    from dissensus.system import Part, System, World

    path = Path(file)
    if path.exists():
        raise ScenarioError(
            f"{path} exists already",
            "a new file: what is there is never overwritten",
            "choose another name, or remove it first",
        )
    title = typer.prompt("What is it about?", default=path.stem, show_default=True)
    typer.echo("What can be done? At least two options, separated by commas.")
    world = _asked("Options", lambda text: World.of(_several(split_names(text))))
    typer.echo("Who or what are its parts? An empty name ends the list.")
    parts: list[dict[str, Any]] = []
    while True:
        name = str(typer.prompt(f"Part {len(parts) + 1}", default="", show_default=False)).strip()
        if not name and parts:
            break
        if not name or name in [one["name"] for one in parts]:
            typer.echo("  A name that is not taken yet, please.")
            continue

        def ordered(text: str, name: str = name) -> str:
            System([Part(name, order=text)], world, "plurality")
            return text

        example = " > ".join(world.actions[:3])
        order = _asked(f"  Its order, best first ({example}; = for equals)", ordered)
        parts.append({"name": name, "order": order})
    record = {
        "name": path.stem,
        "title": title,
        "actions": list(world.actions),
        "rule": "plurality",
        "parts": parts,
    }
    write_scenario(record, path)
    typer.echo(f"Written: {path}. Next: dissensus audit {path}")


def _several(names: list[str]) -> list[str]:
    if len(names) < 2:
        raise DissensusError("one option", "at least two", "separate them by commas")
    return names


def _asked(question: str, read: Any) -> Any:
    """Ask until the answer can be read."""
    while True:
        text = str(typer.prompt(question))
        try:
            return read(text)
        except DissensusError as error:
            typer.echo(f"  {error.found}; {error.mend}")
