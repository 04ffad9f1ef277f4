"""Flags, made from the options: each is declared once, where the study file and Python have it."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from inspect import Parameter
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import typer
from pydantic import BaseModel, BeforeValidator
from pydantic.fields import FieldInfo

from dissensus.errors import DissensusError
from dissensus.study.options import (
    QUESTION_OPTIONS,
    ConflictOptions,
    DataOptions,
    DesignOptions,
    MeasureOptions,
    as_mapping,
    as_names,
    split_mapping,
    split_names,
)

__all__ = ["FlagError", "given", "option_flags"]

_PANELS: dict[str, type[BaseModel]] = {
    "What the data is": DataOptions,
    "What conflicts with what": ConflictOptions,
    "What is asked": MeasureOptions,
    "How agents were sampled": DesignOptions,
}
_ARGUMENTS = ("source", "models")  # stand first on the command line, without a flag
_METAVARS = {
    "add": "FILE|STUDY",
    "after": "FILE|STUDY",
    "split": "COLUMN=VALUE",
    "order": "Q",
    "interval": "LEVEL",
    "threshold": "VALUE",
    "population_size": "N|STRATUM=N,...",
    "fay": "RHO",
    "seed": "NUMBER",
    "sensitivity": "ALPHA",
    "steps": "NUMBER",
    "candidates": "FILE|STUDY",
    "conflict": "NAME|FILE",
    "budget": "NUMBER|AREA=NUMBER|FILE",
    "costs": "GOAL=COST|FILE|COLUMN",
    "judgement_error": "DEGREE",
    "judgement_flips": "NUMBER",
    "judgements": "FILE",
    "labels": "FILE",
    "layout": "NAME",
    "min_minority": "SHARE",
    "no_goal_conflict": "P|A=P,...",
    "over": "COLUMN",
    "pairs": "FILE",
    "range": "LOW,HIGH",
    "roster": "FILE",
    "utilities": "FILE",
    "where": "CONDITION",
}


class FlagError(DissensusError, ValueError):
    """A flag whose text cannot be read."""


def option_flags(question: str | None = None, *, sampled: bool = True) -> list[Parameter]:
    """Parameters of a command, one for each option, for typer to read.

    Parameters
    ----------
    question : str, optional
        Question whose own options are among them.
    sampled : bool
        Whether those that say how agents were sampled are among them.
    """
    panels = {words: model for words, model in _PANELS.items() if sampled or model != DesignOptions}
    if question in QUESTION_OPTIONS:
        panels[f"What {question} is asked beside"] = QUESTION_OPTIONS[str(question)]
    return [
        _flag(name, field, panel)
        for panel, model in panels.items()
        for name, field in model.model_fields.items()
        if name not in _ARGUMENTS
    ]


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Options from the flags that were given; an empty text takes back what a file says.

    Raises
    ------
    FlagError
        A list or a mapping that cannot be split.
    """
    return {name: _read(name, value) for name, value in values.items() if value is not None}


def _flag(name: str, field: FieldInfo, panel: str) -> Parameter:
    words = f"--{_spelt(name)}"
    about: dict[str, Any] = {
        "help": (field.description or "").replace("[", r"\["),  # no markup for rich
        "rich_help_panel": panel,
        "show_default": False,
    }
    kind: Any = str
    if field.annotation is bool:
        kind, words = bool, f"{words}/--no-{_spelt(name)}"
    elif choices := _choices(field):
        about["metavar"] = "|".join(choices)
        about["autocompletion"] = _completion(choices)
    else:
        kind = str if _form(field) == "text" else list[str]
        about["metavar"] = _metavar(name, field)
    # None stands for a flag that was not given, whatever the option's own default is
    annotation = Annotated[kind | None, typer.Option(words, **about)]
    return Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _spelt(name: str) -> str:
    return name.replace("_", "-")


def _choices(field: FieldInfo) -> tuple[str, ...]:
    kinds = [field.annotation, *get_args(field.annotation)]  # or none
    return next((get_args(kind) for kind in kinds if get_origin(kind) is Literal), ())


def _completion(choices: Sequence[str]) -> Any:
    def complete(incomplete: str) -> list[str]:
        return [choice for choice in choices if choice.startswith(incomplete)]

    return complete


def _form(field: FieldInfo) -> Literal["names", "mapping", "text"]:
    """How the text of a flag is read: a list, a mapping, or as it stands."""
    readers = [part.func for part in field.metadata if isinstance(part, BeforeValidator)]
    if as_mapping in readers:
        return "mapping"
    is_pair = field.annotation == tuple[float, float] | None
    return "names" if as_names in readers or is_pair else "text"


def _metavar(name: str, field: FieldInfo) -> str:
    words = field.description or ""
    form = _form(field)
    if name in _METAVARS:
        return _METAVARS[name]
    if form == "mapping":
        return "A=B,...|FILE"
    if form == "names":
        return "COLUMN,..." if "olumns" in words else "VALUE,..."
    return "COLUMN" if words.startswith("Column") else "TEXT"


def _read(name: str, value: Any) -> Any:
    if not isinstance(value, list):
        return None if value == "" else value
    texts = [text for text in value if text]
    if not texts:
        return None
    models = (*_PANELS.values(), *QUESTION_OPTIONS.values())
    field = next(model.model_fields[name] for model in models if name in model.model_fields)
    try:
        if _form(field) == "names":
            return [part for text in texts for part in split_names(text)]
        return _mapping(name, texts)
    except csv.Error as error:
        raise FlagError(
            f"--{_spelt(name)} {texts[0]!r}: {error}",
            "values separated by commas",
            "quote a value that holds a comma or a line's end, as in CSV",
        ) from error


def _mapping(name: str, texts: Sequence[str]) -> Any:
    # a file's name may hold an equals sign
    parts = [text if Path(text).exists() else split_mapping(text) for text in texts]
    if len(parts) == 1:
        return parts[0]
    if not all(isinstance(part, dict) for part in parts):
        raise FlagError(
            f"--{_spelt(name)} given {len(parts)} times, with a file",
            "one file, or a=b as often as you like",
            "name one file, or write all into it",
        )
    return {key: value for part in parts if isinstance(part, dict) for key, value in part.items()}
