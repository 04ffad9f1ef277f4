"""The questions: one command each, made of the options that they share and of their own."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dissensus.cli.output import Output, output_flags, waiting

if TYPE_CHECKING:
    from dissensus.model.result import Result

__all__ = ["EPILOGS", "QUESTIONS", "command"]

# Command, the question that it asks, and what it is for.
QUESTIONS: dict[str, tuple[str, str]] = {
    "measure": ("misalignment", "How much a population, or each segment of it, is misaligned."),
    "between": ("between", "How much every two segments are misaligned with each other."),
    "describe": ("describe", "How data is read: roles, the three states, the other readings."),
    "explain": ("explain", "Why: within and between, which goals and which segments conflict."),
    "compare": ("compare", "How models, or any agents, compare with each segment."),
    "mix": ("mix", "What adding agents does: the curve over their share, and its peak."),
    "target": ("target", "Whom one agent or policy can serve: overall, at worst, by Pareto."),
}
EPILOGS = {
    "measure": r"""Examples:

dissensus measure votes.parquet --agent agent --area area --goal vote \
    --no-goal abstain --by party

dissensus measure survey.csv --wide 'q1..q20' --agent id --weight weight \
    --conflict ordinal --levels never,sometimes,always \
    --by region,gender --where 'age >= 18'

dissensus measure results.csv --goal candidate --count votes --by state

dissensus measure ballots.csv --holds several --pairing any --conflict conflicts.csv

dissensus measure political-compass --agent model --holds draws --by "" --overall

dissensus measure us-senate --companions rice,agreement_index --format csv

dissensus measure study.toml --over year -o result.json""",
    "between": r"""Examples:

dissensus between us-senate

dissensus between votes.parquet --agent agent --area area --goal vote \
    --roster members.parquet --roster-on congress --by party --over congress

dissensus between study.toml --overall -o pairs.csv""",
    "describe": r"""Examples:

dissensus describe votes.parquet

dissensus describe survey.csv --wide 'q*' --agent id --write study.toml""",
    "explain": r"""Examples:

dissensus explain us-senate

dissensus explain votes.parquet --agent agent --area area --goal vote \
    --by continent,country --nested

dissensus explain answers.csv --goal answer --kind kind --kind-shares human=0.9,AI=0.1

dissensus explain study.toml --format csv --table goal_pairs""",
    "compare": r"""Examples:

dissensus compare people.csv models.csv --goal answer --by party

dissensus compare survey.toml answers.toml --model model --per-area

dissensus compare political-compass political-compass --by "" --table areas --format csv""",
    "mix": r"""Examples:

dissensus mix people.csv --goal answer --add bots.csv

dissensus mix us-senate --by "" --split party=Republican

dissensus mix before.csv --goal answer --add bots.csv --after after.csv --steps 10""",
    "target": r"""Examples:

dissensus target brexit

dissensus target people.csv --goal answer --by region --candidates models.csv

dissensus target us-senate --candidates us-senate --candidate agent

dissensus target survey.csv --goal answer --by party --mixtures""",
}
_SOURCE = (
    "Data: .csv, .tsv, .parquet, .jsonl, .arrow, .sav, .dta, .sas7bdat, .soi, file.duckdb::table, "
    "or - for standard input; "
    "or a study file, or the name of a shipped example."
)
_MODELS = (
    "Whom to compare: a table, read as the data is; a study file or the name of an example brings "
    "its own roles. May stand in the study file instead."
)


def command(name: str, *, flags: bool) -> Callable[..., None]:
    """Make a command; ``flags=False`` leaves them out, where only its name is needed."""
    question, _ = QUESTIONS[name]

    def run(source: str, models: str | None = None, **values: Any) -> None:
        if models is not None:
            values["models"] = models
        outputs = {key: values.pop(key) for key in list(values) if key in Output.__annotations__}
        to_write = values.pop("write", None)
        output = Output(**outputs)
        output.check()
        with waiting(f"Reading {source}"):
            result = _answer(question, source, values)
        if to_write is not None:
            _write_study(result, to_write)
        output.deliver(result)
        if question == "describe" and result.tables and not output.quiet:
            words = sys.argv[2:] if to_write is None else [to_write]
            typer.echo(f"Next: {shlex.join(['dissensus', 'measure', *words])}", err=True)

    annotation = Annotated[str, typer.Argument(help=_SOURCE, show_default=False)]
    parameters = [Parameter("source", Parameter.POSITIONAL_OR_KEYWORD, annotation=annotation)]
    if question == "compare":
        kind = Annotated[str | None, typer.Argument(help=_MODELS, show_default=False)]
        parameters.append(
            Parameter("models", Parameter.POSITIONAL_OR_KEYWORD, default=None, annotation=kind)
        )
    if flags:
        parameters += _all_flags(question)
    run.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    run.__doc__ = QUESTIONS[name][1]
    return run


def _all_flags(question: str) -> list[Parameter]:
    from dissensus.cli.flags import option_flags

    parameters = [*option_flags(question), *output_flags(question)]
    if question == "describe":
        option = typer.Option(
            "--write",
            metavar="FILE",
            show_default=False,
            rich_help_panel="Where the answer goes",
            help="Write a study file that reads the data this way; it never replaces a file.",
        )
        kind = Annotated[str | None, option]
        parameters.append(Parameter("write", Parameter.KEYWORD_ONLY, default=None, annotation=kind))
    return parameters


def _answer(question: str, source: str, values: dict[str, Any]) -> Result:
    from dissensus.cli.flags import given
    from dissensus.study.shipped import study_of
    from dissensus.study.study_file import Study, options_with

    study = study_of(source) or Study({"data": {"source": source}})
    options = options_with(study, given(values))
    from dissensus.study.questions import ask

    return ask(question, options)


def _write_study(result: Result, path: str) -> None:
    from dissensus.study.study_file import write_study

    write_study(result.summary["study"], path)
