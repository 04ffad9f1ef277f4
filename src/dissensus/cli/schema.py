"""``schema``: the JSON Schema of results, of study files and of scenario files."""

from __future__ import annotations

from typing import Annotated

import typer

from dissensus.errors import DissensusError, nearest

__all__ = ["schema"]

_KINDS = ("result", "study", "system")


class SchemaError(DissensusError, LookupError):
    """A schema that there is not."""


def _complete(incomplete: str) -> list[str]:
    return [kind for kind in _KINDS if kind.startswith(incomplete)]


def schema(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="result|study|system",
            autocompletion=_complete,
            help="Schema of what.",
            show_default=False,
        ),
    ],
) -> None:
    """Print the JSON Schema of results, of study files or of scenario files."""
    if kind == "result":
        from dissensus.model.record import json_schema

        text = json_schema()
    elif kind == "study":
        from dissensus.study.study_file import study_schema

        text = study_schema()
    elif kind == "system":
        from dissensus.scenario import scenario_schema

        text = scenario_schema()
    else:
        raise SchemaError(
            f"there is no schema of {kind!r}", "result, study or system", nearest(kind, _KINDS)
        )
    typer.echo(text.rstrip())
