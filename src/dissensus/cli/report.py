"""``report`` and ``plot``: answers as a page, and as a picture."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from dissensus.cli.output import waiting

if TYPE_CHECKING:
    from dissensus.model.result import Result

__all__ = ["plot", "report"]

_SOURCE = (
    "A study file or shipped example; a scenario file or shipped case; data; or a result that was "
    "saved as JSON."
)


def report(
    sources: Annotated[list[str], typer.Argument(help=_SOURCE, show_default=False)],
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="The page.")
    ] = "report.html",
    title: Annotated[
        str | None, typer.Option("--title", help="Heading of the page.", show_default=False)
    ] = None,
) -> None:
    """Make one page to look at and to mail: self-contained, offline, interactive."""
    from dissensus.display.plotting import check_installed

    check_installed()
    from dissensus.study.reporting import answers_to

    answers: list[Result] = []
    for source in sources:
        with waiting(f"Reading {source}"):
            answers += [_made_by(result) for result in answers_to(source)]
    with waiting(f"Writing {output}"):
        from dissensus.display.page.page import report as page_of

        page_of(*answers, title=title).save(output)
    typer.echo(f"Written: {output}", err=True)


def plot(
    source: Annotated[str, typer.Argument(help=_SOURCE, show_default=False)],
    kind: Annotated[
        str | None,
        typer.Option(
            "--kind",
            metavar="KIND",
            show_default=False,
            help="between, segments, trend, areas, explain, goals, mix, target, compare; of a "
            "system outcomes, deciding, gains; of what becomes of it frontier, opinions, "
            "levels, basins, phases, course, squares, say, standing.",
        ),
    ] = None,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="The picture: .svg, .png, .pdf.")
    ] = "plot.svg",
) -> None:
    """Draw one picture for a paper or a slide."""
    from dissensus.display.plotting import is_drawn, kinds, known_kind, picture_file

    chosen = [known_kind(kind)] if kind else kinds().values()
    questions = {question for one in chosen for question in one.questions}
    from dissensus.study.reporting import answers_for

    with waiting(f"Reading {source}"):
        for result in answers_for(source, questions):
            if is_drawn(result, kind):
                break
    picture_file(result, output, kind)
    typer.echo(f"Written: {output}", err=True)


def _made_by(result: Result) -> Result:
    """Keep the command that makes the page again with what it is made of."""
    command = ["dissensus", *sys.argv[1:]]
    return replace(result, provenance={**result.provenance, "command": command})
