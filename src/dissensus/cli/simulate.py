"""``simulate``: what becomes of a system under a mechanism, or under each that it allows."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dissensus.cli.audit import data_flags, told_of_data
from dissensus.cli.output import Output, output_flags, waiting
from dissensus.errors import DissensusError

if TYPE_CHECKING:
    from dissensus.system.dynamics import Mechanism
    from dissensus.system.dynamics import Parameter as Declared

__all__ = ["EPILOG", "HELP", "ParameterFlagError", "command"]

HELP = "What becomes of a system: drift, scale, deliberation and more, each with a verdict."
EPILOG = r"""Examples:

dissensus simulate productivity

dissensus simulate productivity boundary

dissensus simulate my-company.toml boundary --threshold 0.3 -o boundary.json"""
_SOURCE = "A scenario file, a shipped case, or data, as for audit."
_MECHANISM = (
    "What happens to it; its parameters become flags. Left out: every mechanism that the case has "
    "the inputs of, one line each."
)


class ParameterFlagError(DissensusError, ValueError):
    """A parameter of a mechanism whose text cannot be read."""


def command(words: Collection[str]) -> Callable[..., None]:
    """Make the command; only the mechanism that is among the words gets its flags."""
    chosen = _chosen(words)

    def run(source: str, mechanism: str | None = None, **values: Any) -> None:
        mine = {key: values.pop(key) for key in list(values) if key in Output.__annotations__}
        output = Output(**mine)
        output.check()
        seed = values.pop("seed")
        stated = {
            one.name: _value(one, values.pop(one.name))
            for one in (chosen.parameters if chosen else ())
        }
        told = told_of_data(values)
        from dissensus.cli.flags import given

        with waiting(f"Simulating {source}"):
            from dissensus.study.simulating import simulate
            from dissensus.study.systems import subject_of_source

            subject = subject_of_source(source, given(values), told)
            parameters = {name: value for name, value in stated.items() if value is not None}
            result = simulate(subject, mechanism, seed=seed, **parameters)
        output.deliver(result)

    place = Parameter.POSITIONAL_OR_KEYWORD
    of_source = Annotated[str, typer.Argument(help=_SOURCE, show_default=False)]
    of_mechanism = Annotated[str | None, typer.Argument(help=_MECHANISM, show_default=False)]
    parameters = [
        Parameter("source", place, annotation=of_source),
        Parameter("mechanism", place, default=None, annotation=of_mechanism),
    ]
    if words:
        parameters += _flags(chosen)
    run.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    run.__doc__ = HELP
    return run


def _chosen(words: Collection[str]) -> Mechanism | None:
    if not words:
        return None
    from dissensus.system.dynamics import mechanisms

    known = {one.name: one for one in mechanisms()}
    named = [known[word] for word in list(words)[1:] if word in known]
    return named[-1] if named else None


def _flags(chosen: Mechanism | None) -> list[Parameter]:
    from dissensus.cli.flags import option_flags

    own = (
        [_flag(one, f"Parameters of {chosen.name}") for one in chosen.parameters] if chosen else []
    )
    seed = typer.Option("--seed", help="Seed of everything random; 0.", show_default=False)
    own.append(
        Parameter("seed", Parameter.KEYWORD_ONLY, default=0, annotation=Annotated[int, seed])
    )
    taken = {one.name for one in own}
    others = [*data_flags(), *option_flags("simulate", sampled=False), *output_flags("simulate")]
    return [*own, *(one for one in others if one.name not in taken)]


def _flag(one: Declared, panel: str) -> Parameter:
    kinds: dict[str, Any] = {"integer": int, "number": float}
    metavars = {
        "numbers": "NUMBER,...;...",
        "names": "NAME,...",
        "by part": "PART=NUMBER,...",
        "wishes": "PART=NUMBER:NUMBER,...",
        "choice": "|".join(one.choices),
    }
    word = one.name.replace("_", "-")
    default = "" if one.is_needed or one.default is None else f" By default {one.default}."
    option = typer.Option(
        f"--{word}/--no-{word}" if one.kind == "switch" else f"--{word}",
        help=(one.meaning + default).replace("[", r"\["),
        rich_help_panel=panel,
        show_default=False,
        metavar=metavars.get(one.kind),
    )
    kind = bool if one.kind == "switch" else kinds.get(one.kind, str)
    return Parameter(
        one.name, Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind | None, option]
    )


def _value(one: Declared, text: Any) -> Any:
    """Value of a parameter from the text of its flag."""
    if text is None or not isinstance(text, str) or one.kind in ("choice", "text"):
        return text
    if one.kind == "names":
        return [name.strip() for name in text.split(",")]
    try:
        if one.kind == "numbers":
            rows = [[float(x) for x in re.split("[,:]", row)] for row in text.split(";")]
            return rows if ";" in text else rows[0]
        pairs = [pair.partition("=") for pair in text.split(",")]
        wishes = one.kind == "wishes"
        return {
            name.strip(): [float(x) for x in value.split(":")] if wishes else float(value)
            for name, _, value in pairs
        }
    except ValueError as error:
        raise ParameterFlagError(
            f"--{one.name.replace('_', '-')} {text!r}",
            one.meaning,
            "write numbers as 0.5,0.5;0.2,0.8 (rows apart by ;), values of parts as me=1,you=2",
        ) from error
