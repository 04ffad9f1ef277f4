"""Where an answer goes: the terminal, standard output for other programs, a file."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import Parameter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dissensus.errors import DissensusError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from dissensus.model.result import Result

__all__ = ["Output", "OutputFlagError", "console", "output_flags", "show", "waiting"]

_PANEL = "Where the answer goes"
_FORMATS = "csv|json|parquet|markdown|latex"  # the names are checked where the formats are made
_WITH_HEAD_LINE = ("csv", "markdown", "latex")  # JSON and Parquet carry it themselves


class OutputFlagError(DissensusError, ValueError):
    """Flags about the output that do not go together."""


def _complete_format(incomplete: str) -> list[str]:
    return [name for name in _FORMATS.split("|") if name.startswith(incomplete)]


def output_flags(question: str) -> list[Parameter]:
    """Parameters of a command about its output."""

    def flag(name: str, kind: Any, default: Any, option: Any) -> Parameter:
        annotation = Annotated[kind, option]
        return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)

    def option(*words: str, **about: Any) -> Any:
        return typer.Option(*words, rich_help_panel=_PANEL, show_default=False, **about)

    flags = [
        flag(
            "output",
            str | None,
            None,
            option(
                "--output", "-o", metavar="FILE", help="Write a file; its name tells the format."
            ),
        ),
        flag(
            "format",
            str | None,
            None,
            option(
                "--format",
                metavar=_FORMATS,
                autocompletion=_complete_format,
                help="Format of the file, or of standard output if no file is named.",
            ),
        ),
        flag("quiet", bool, False, option("--quiet", "-q", help="Only the numbers, no sentences.")),
    ]
    if question == "simulate":
        flags.append(_table_flag(flag, option))
    if question not in ("describe", "audit", "simulate"):  # the others have means over areas
        about = "Only the means over problem areas, on a terminal and in tables."
        few = "Leave out rows about fewer agents (30 on a terminal, 0 elsewhere)."
        flags += [
            flag("overall", bool, False, option("--overall", help=about)),
            _table_flag(flag, option),
            flag("min_agents", int | None, None, option("--min-agents", min=0, help=few)),
        ]
    if question == "compare":
        about = "On a terminal, the single areas in which they conflict most too."
        flags.append(flag("per_area", bool, False, option("--per-area", help=about)))
    return flags


def _table_flag(flag: Callable[..., Parameter], option: Callable[..., Any]) -> Parameter:
    words = "Write another table of the result than the main one; an unknown name lists them."
    return flag("table", str | None, None, option("--table", metavar="NAME", help=words))


@dataclass(frozen=True)
class Output:
    """What the flags about the output say."""

    output: str | None = None
    format: str | None = None
    quiet: bool = False
    overall: bool = False
    table: str | None = None
    min_agents: int | None = None
    per_area: bool = False

    def check(self) -> None:
        """Refuse what cannot be written before anything is computed.

        Raises
        ------
        DissensusError
            An unknown format, flags that do not go together, binary output on a terminal.
        """
        from dissensus.model.formats import checked_format, format_of

        to_file = self.output not in (None, "-")
        form = self.format and checked_format(self.format)
        if to_file and form is None:
            form = format_of(Path(str(self.output)))
        if self.output == "-" and form is None:
            raise OutputFlagError(
                "-o - without a format", "--format, since - tells none", "add --format json, say"
            )
        if self.overall and form == "json":
            raise OutputFlagError(
                "--overall with JSON, which always holds all tables",
                "one of the two",
                "leave --overall out: the key 'overall' of 'tables' has the means",
            )
        if self.table and self.overall:
            raise OutputFlagError(
                "--table and --overall together", "one of the two", "--overall is --table overall"
            )
        if self.table and form in (None, "json"):
            raise OutputFlagError(
                f"--table {self.table} "
                + ("with JSON, which always holds all tables" if form else "on a terminal"),
                "a format that holds one table",
                "add --format csv, or name a file: -o result.csv",
            )
        if form == "parquet" and not to_file and sys.stdout.isatty():
            raise OutputFlagError(
                "Parquet is binary and would garble the terminal",
                "a file, or a program that reads it",
                "name a file: -o result.parquet",
            )

    def deliver(self, result: Result) -> None:
        """Write the answer to where it goes."""
        if self.table:
            from dissensus.model.formats import chosen_table

            chosen_table(result, self.table)
        if self.output not in (None, "-"):
            self._write_file(result, Path(str(self.output)))
            if not self.quiet:
                self._view(result)
                _say(f"Written: {self.output}")
        elif self.format is not None:
            self._write_standard_output(result, self.format)
        else:
            self._view(result)

    @property
    def _table(self) -> str:
        return self.table or ("overall" if self.overall else "rows")

    def _large(self, result: Result) -> Result:
        from dissensus.display.picking import with_min_agents

        return with_min_agents(result, self.min_agents) if self.min_agents else result

    def _write_file(self, result: Result, path: Path) -> None:
        from dissensus.model.formats import write

        write(self._large(result), path, self.format, self._table)

    def _write_standard_output(self, result: Result, form: str) -> None:
        from dissensus.display.sentences import head_line
        from dissensus.model.formats import write_into

        large = self._large(result)
        if not self.quiet and form in _WITH_HEAD_LINE:
            _say(head_line(result))
            for note in result.summary.get("notes") or ():
                _say(f"Note: {note}")
            if hidden := large.summary.get("hidden_rows"):
                _say(f"Rows about fewer than {self.min_agents} agents, left out: {hidden:,}.")
        sys.stdout.flush()
        write_into(large, sys.stdout.buffer, form, self._table)
        sys.stdout.buffer.flush()

    def _view(self, result: Result) -> None:
        from dissensus.display.terminal import view

        show(
            view(
                result,
                min_agents=self.min_agents,
                overall=self.overall,
                quiet=self.quiet,
                per_area=self.per_area,
            )
        )


def console(*, error: bool = False) -> Console:
    """Console that shows text as it is: no markup, no highlights."""
    from rich.console import Console

    return Console(stderr=error, markup=False, highlight=False, emoji=False)


def show(what: RenderableType) -> None:
    """Print on standard output; letters that it cannot take are spelt out."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    out = console()
    with out.capture() as captured:
        out.print(what)
    sys.stdout.write("\n".join(line.rstrip(" ") for line in captured.get().split("\n")))
    sys.stdout.flush()


def _say(text: str) -> None:
    from dissensus.model.spelling import visible

    typer.echo(visible(text), err=True)


@contextmanager
def waiting(words: str) -> Iterator[None]:
    """Show that work goes on, if somebody is looking."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.text import Text

    from dissensus.model.spelling import visible

    with console(error=True).status(Text(visible(words))):
        yield
