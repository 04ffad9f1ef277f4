"""``examples``: the shipped data, and a copy of it."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["application"]


def application() -> typer.Typer:
    """Make the command and its ``copy``."""
    app = typer.Typer(
        invoke_without_command=True,
        help="Data that ships with dissensus, each with its study file: real, or illustrative.",
        epilog="Examples:\n\ndissensus examples\n\ndissensus examples copy us-senate",
    )
    app.callback()(_list)
    app.command("copy", help="Copy an example, with its study file and source, into a folder.")(
        _copy
    )
    return app


def _list(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        from rich.console import Group
        from rich.padding import Padding
        from rich.text import Text

        from dissensus.cli.output import show
        from dissensus.study.shipped import examples

        blocks = [
            Group(
                Text(example.name, style="bold"),
                Padding(Text(example.study.title or ""), (0, 0, 0, 2)),
                Padding(Text(example.study.question or "", style="dim"), (0, 0, 0, 2)),
            )
            for example in examples()
        ]
        more = "Try: dissensus between us-senate, or: dissensus examples copy us-senate"
        show(Group(*blocks, Text(more)))


def _copy(
    name: Annotated[str, typer.Argument(help="Name of the example.", show_default=False)],
    folder: Annotated[
        str | None,
        typer.Argument(help="A new or empty folder; its name if left out.", show_default=False),
    ] = None,
) -> None:
    from dissensus.study.shipped import copy_example

    path = copy_example(name, folder)
    typer.echo(f"Copied to {path}. Next: dissensus describe {path / 'study.toml'}")
