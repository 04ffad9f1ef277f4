"""``check``: a scenario or study file, every mistake at once."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["check"]


def check(
    file: Annotated[
        str, typer.Argument(help="A scenario file or a study file.", show_default=False)
    ],
) -> None:
    """Look for mistakes in a scenario or study file: all of them, each with its place."""
    from dissensus.study.systems import checked

    typer.echo(checked(file))
