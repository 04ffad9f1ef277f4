"""The application: its commands, and how it ends."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Collection
from typing import Annotated, NoReturn

import typer

from dissensus._version import __version__
from dissensus.cli import audit, examples, simulate
from dissensus.cli.check import check
from dissensus.cli.new import new
from dissensus.cli.questions import EPILOGS, QUESTIONS, command
from dissensus.cli.report import plot, report
from dissensus.cli.schema import schema
from dissensus.errors import DissensusError

__all__ = ["application", "run"]

_COMPLETION = "_DISSENSUS_COMPLETE"  # set by the shell while it asks for completions
_EPILOG = """Start with: dissensus between us-senate (shipped data), or: dissensus describe FILE

Ends with 0: done; 2: you can mend it, and the message says how; 1: a bug of ours."""


def run() -> NoReturn:
    """Run the command line and end the process."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # packages below may warn; it is not the user's business
    words = [*QUESTIONS, "audit", "simulate"] if _COMPLETION in os.environ else sys.argv[1:]
    try:
        application(words)(prog_name="dissensus")
    except DissensusError as error:
        _tell(error)
        sys.exit(2)
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):
            _leave_quietly()
        raise
    sys.exit(0)


def application(words: Collection[str]) -> typer.Typer:
    """Make the application.

    Parameters
    ----------
    words : collection of str
        Words of the command line. Only a command that is among them gets its flags: to load the
        options for all would slow down each ``--help``.
    """
    app = typer.Typer(
        name="dissensus",
        help="Who is misaligned with whom, on what: measured in populations of people, AI systems "
        "and composite agents.",
        epilog=_EPILOG,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    app.callback()(_top)
    for name, (_, words_of_help) in QUESTIONS.items():
        made = command(name, flags=name in words)
        app.command(name, help=words_of_help, epilog=EPILOGS[name])(made)
    app.command("audit", help=audit.HELP, epilog=audit.EPILOG)(
        audit.command(flags="audit" in words)
    )
    app.command("simulate", help=simulate.HELP, epilog=simulate.EPILOG)(
        simulate.command(words if "simulate" in words else ())
    )
    app.command("report")(report)
    app.command("plot")(plot)
    app.command("new")(new)
    app.command("check")(check)
    app.add_typer(examples.application(), name="examples")
    app.command("schema")(schema)
    return app


def _leave_quietly() -> NoReturn:
    """End well when the reader of standard output has seen enough, as ``head`` has."""
    # what is still buffered goes nowhere, so that closing the stream is quiet as well
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno() if sys.__stdout__ else 1)
    sys.exit(0)


def _version(wanted: bool) -> None:  # noqa: FBT001
    if wanted:
        typer.echo(f"dissensus {__version__}")
        raise typer.Exit


def _top(
    version: Annotated[  # noqa: FBT002
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    pass


def _tell(error: DissensusError) -> None:
    from dissensus.model.spelling import visible

    head, *rest = str(error).split("\n")
    lines = [typer.style("Error: ", fg="red", bold=True) + visible(head), *map(visible, rest)]
    typer.echo("\n".join(lines), err=True)
