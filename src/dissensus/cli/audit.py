"""``audit``: every reading of "aligned with this system", and what settles it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import Parameter, Signature
from typing import Annotated, Any

import typer

from dissensus.cli.output import Output, output_flags, waiting
from dissensus.errors import DissensusError

__all__ = ["EPILOG", "HELP", "FixError", "command", "data_flags", "told_of_data"]

HELP = 'What "aligned with" a system can mean: every reading, every outcome, what settles it.'
EPILOG = r"""Examples:

dissensus audit holiday

dissensus audit my-company.toml --fix rule=egalitarian -o audit.json

dissensus audit survey.toml --by segment --today clicks"""
_SOURCE = (
    "A scenario file, or a shipped case: sydney, holiday, productivity, recommender, condorcet-55, "
    "cake. Or data, as for measure: its segments (--by) become the parts."
)
_PANEL = "The audit"
_DATA_PANEL = "A system from data"


class FixError(DissensusError, ValueError):
    """A choice to fix that cannot be read."""


def command(*, flags: bool) -> Callable[..., None]:
    """Make the command; ``flags=False`` leaves them out, where only its name is needed."""

    def run(source: str, **values: Any) -> None:
        output = Output(**{key: values.pop(key) for key in ("output", "format", "quiet")})
        output.check()
        fix = _fixed(values.pop("fix") or ())
        draws, seed = values.pop("draws"), values.pop("seed")
        from dissensus.cli.flags import given

        told = told_of_data(values)
        with waiting(f"Reading {source}"):
            from dissensus.study.audits import audit
            from dissensus.study.systems import subject_of_source

            subject = subject_of_source(source, given(values), told)
            result = audit(subject, fix=fix, draws=draws, seed=seed)
        output.deliver(result)

    annotation = Annotated[str, typer.Argument(help=_SOURCE, show_default=False)]
    parameters = [Parameter("source", Parameter.POSITIONAL_OR_KEYWORD, annotation=annotation)]
    if flags:
        parameters += _flags()
    run.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    run.__doc__ = HELP
    return run


def told_of_data(values: dict[str, Any]) -> dict[str, Any]:
    """Take what was said about a system from data out of the values of all flags."""
    from dissensus.study.options import split_names as split

    told = {key: values.pop(key, None) for key in _OF_DATA}
    names = told["actions"]
    told["actions"] = [name for text in names for name in split(text)] if names else None
    return told


_OF_DATA = (
    "about",
    "actions",
    "policies",
    "options_are",
    "rule",
    "today",
    "comparability",
    "nested",
)


def _flag(name: str, kind: Any, default: Any, panel: str, **about: Any) -> Parameter:
    option = typer.Option(
        f"--{name.replace('_', '-')}", rich_help_panel=panel, show_default=False, **about
    )
    annotation = Annotated[kind, option]
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _flags() -> list[Parameter]:
    from dissensus.cli.flags import option_flags

    return [
        _flag(
            "fix",
            list[str] | None,
            None,
            _PANEL,
            metavar="AXIS=VALUE",
            help="State a choice, such as rule=egalitarian; as often as you like.",
        ),
        _flag("draws", int, 200, _PANEL, min=0, help="Draws of perturbed utilities; 200."),
        _flag("seed", int, 0, _PANEL, help="Seed of everything random; 0."),
        *data_flags(),
        *option_flags("audit", sampled=False),
        *output_flags("audit"),
    ]


def data_flags() -> list[Parameter]:
    """Parameters of a command about a system that is made from data."""
    text = str | None
    return [
        _flag("about", text, None, _DATA_PANEL, metavar="AREA", help="Problem area to decide on."),
        _flag(
            "actions",
            list[str] | None,
            None,
            _DATA_PANEL,
            metavar="GOAL,...",
            help="Options; by default all goals of the problem area.",
        ),
        _flag(
            "policies",
            text,
            None,
            _DATA_PANEL,
            metavar="FILE",
            help="Options over several areas: a table with the columns policy, area, goal.",
        ),
        _flag(
            "options_are",
            text,
            None,
            _DATA_PANEL,
            metavar="goals|ratings|ranks",
            help="What the data holds; ratings and ranks: the problem areas are the options.",
        ),
        _flag("rule", text, None, _DATA_PANEL, help="How the system decides; plurality."),
        _flag("today", text, None, _DATA_PANEL, metavar="OPTION", help="What is done today."),
        _flag(
            "comparability",
            text,
            None,
            _DATA_PANEL,
            metavar="ordinal|range|unit|full",
            help="What may be said of utilities of different parts; ordinal.",
        ),
        _flag(
            "nested",
            bool | None,
            None,
            _DATA_PANEL,
            is_flag=True,
            help="Segments inside segments, in the order of --by: each is a system of its own.",
        ),
    ]


def _fixed(texts: Sequence[str]) -> dict[str, str]:
    fixed: dict[str, str] = {}
    for text in texts:
        axis, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not axis or not value:
            raise FixError(
                f"--fix {text!r}", "an axis and its value", "write --fix rule=egalitarian, say"
            )
        if axis in fixed:
            raise FixError(
                f"--fix {axis} given twice", "one value for each axis", "keep one of the two"
            )
        fixed[axis] = value
    return fixed
