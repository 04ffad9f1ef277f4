"""The study file: what is asked of which data, declared once, in TOML."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from dissensus.errors import DissensusError, nearest
from dissensus.study.options import (
    QUESTION_OPTIONS,
    ConflictOptions,
    DataOptions,
    DesignOptions,
    MeasureOptions,
    Options,
)
from dissensus.study.toml import key_lines, toml_text

__all__ = [
    "SCHEMA",
    "OptionError",
    "Study",
    "StudyFileError",
    "load_study",
    "mistakes_of",
    "options_of",
    "options_with",
    "study_schema",
    "write_study",
]

SCHEMA = "dissensus/study/1"
TABLES: dict[str, type[BaseModel]] = {
    "data": DataOptions,
    "conflict": ConflictOptions,
    "measure": MeasureOptions,
    "design": DesignOptions,
    **QUESTION_OPTIONS,
}
TABLE_OF = {key: name for name, model in TABLES.items() for key in model.model_fields}

# Keys whose text always names a file, and keys that take one beside other things.
_FILES = (
    "source",
    "roster",
    "areas",
    "labels",
    "goal_map",
    "area_weights",
    "kind_shares",
    "utilities",
    "pairs",
    "judgements",
)
_FILES_OR_NAMES = ("conflict", "candidates", "add", "after", "models", "costs", "budget")
_MAPPINGS = (
    "goal_map",
    "areas",
    "labels",
    "no_goal_conflict",
    "area_weights",
    "kind_shares",
    "population_size",
    "split",
    "costs",
    "budget",
)

Tables = Mapping[str, Mapping[str, Any]]


class StudyFileError(DissensusError, ValueError):
    """A study file with mistakes, all of which the message lists."""


class OptionError(DissensusError, ValueError):
    """Options that do not fit what they are for."""


@dataclass(frozen=True)
class Study:
    """What a study file says.

    Attributes
    ----------
    tables : mapping
        The tables ``data``, ``conflict``, ``measure`` and those of single questions as they were
        written, but with the files found from where the program runs.
    title, question : str, optional
        What the study is called, and what it asks, in words.
    """

    tables: Tables = field(default_factory=dict)
    title: str | None = None
    question: str | None = None


@dataclass(frozen=True)
class _Mistake:
    place: tuple[str, ...]  # table and key
    words: str


def load_study(path: str | Path) -> Study:
    """Read a study file.

    Parameters
    ----------
    path : str or Path
        TOML with ``schema = "dissensus/study/1"``. Files that it names are looked for in its own
        folder.

    Raises
    ------
    StudyFileError
        No such file, no TOML, or keys and values that are not known: all mistakes at once, with
        their lines.
    """
    path = Path(path)
    text, record = _loaded(path)
    mistakes = list(_mistakes(record))
    if mistakes:
        raise _listed(path, mistakes, key_lines(text))
    tables = {name: _located(record.get(name, {}), path.parent) for name in TABLES}
    return Study(tables, record.get("title"), record.get("question"))


def options_with(study: Study, given: Mapping[str, Any]) -> Options:
    """Options of a study, with values that were given beside it: those win.

    Parameters
    ----------
    study : Study
        What the file says; an empty one if there is none.
    given : mapping
        From the name of an option to its value; None takes back what the file says.

    Raises
    ------
    OptionError
        A value that an option cannot have.
    """
    tables: dict[str, dict[str, Any]] = {}
    for name, model in TABLES.items():
        flags = {key: value for key, value in given.items() if key in model.model_fields}
        if name == "data" and flags.get("no_goal", ()) is None:
            flags["no_goal"] = ()  # takes back what a layout says, too
        both = {**study.tables.get(name, {}), **flags}
        tables[name] = {key: value for key, value in both.items() if value is not None}
    mistakes = [
        mistake for name, model in TABLES.items() for mistake in _invalid(name, model, tables[name])
    ]
    if mistakes:
        raise _unfit_options(mistake.words for mistake in mistakes)
    return Options.model_validate(tables)


def options_of(given: Mapping[str, Any]) -> Options:
    """Options from Python arguments, whose values may be frames and arrays too.

    Parameters
    ----------
    given : mapping
        From the name of an option to its value.

    Raises
    ------
    OptionError
        A value that an option cannot have; all mistakes at once.
    """
    parts: dict[str, BaseModel] = {}
    mistakes: list[str] = []
    for name, model in TABLES.items():
        values = {
            key: value
            for key, value in given.items()
            if key in model.model_fields and value is not None
        }
        try:
            parts[name] = model.model_validate(values)
        except ValidationError as error:
            mistakes += [f"{key}: {words}" for key, words in mistakes_of(error)]
    if mistakes:
        raise _unfit_options(mistakes)
    return Options.model_validate(parts)


def _unfit_options(mistakes: Iterable[str]) -> OptionError:
    return OptionError(
        "\n  ".join(mistakes),
        "values that these options can have",
        "correct them; --help, or help() in Python, tells what each can be",
    )


def write_study(study: Mapping[str, Any], path: str | Path) -> Path:
    """Write a study file; the files that it names stay the same ones, seen from its folder.

    Parameters
    ----------
    study : mapping
        Tables ``data``, ``conflict``, ``measure`` with files as seen from where the program runs.
    path : str or Path
        Where to; never over a file that is there.

    Raises
    ------
    StudyFileError
        The file exists already, or cannot be written.
    """
    path = Path(path)
    tables = {
        name: _relocated(study[name], path.parent) if name in TABLES else study[name]
        for name in study
        if name != "schema"
    }
    text = toml_text({"schema": SCHEMA, **tables})
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(f"# What each key means: dissensus schema study\n{text}\n")
    except FileExistsError as error:
        raise StudyFileError(
            f"{path} exists already",
            "a new file: what is there is never overwritten",
            "choose another name, or remove it first",
        ) from error
    except OSError as error:
        raise StudyFileError(
            f"cannot write {path}: {error.strerror}",
            "a folder that exists and may be written to",
            "choose another place, or make the folder first",
        ) from error
    return path


def study_schema() -> str:
    """Text of the JSON Schema of study files, made from the options themselves."""
    schema = Options.model_json_schema()
    for name, model in TABLES.items():
        properties = schema["$defs"][model.__name__]["properties"]
        for key, what in properties.items():
            what.pop("title", None)
            if what.get("type") == "array" and key != "range":
                what["type"] = ["array", "string"]  # one name needs no brackets
        schema["properties"][name] = {"$ref": f"#/$defs/{model.__name__}"}
    about = {
        "schema": {"const": SCHEMA, "description": "Version of this form."},
        "title": {"type": "string", "description": "What the study is called."},
        "question": {"type": "string", "description": "What it asks, in words."},
    }
    return json.dumps(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": "urn:dissensus:study:1",
            "title": "A study file of dissensus",
            "description": "Written in TOML. Files that it names are looked for in its own folder.",
            "type": "object",
            "required": ["schema", "data"],
            "additionalProperties": False,
            "properties": {**about, **schema["properties"]},
            "$defs": schema["$defs"],
        },
        indent=2,
        ensure_ascii=False,
    )


def mistakes_of(error: ValidationError) -> Iterator[tuple[str, str]]:
    """Key and words of each mistake that the models of the options found."""
    by_key = {one["loc"][:1]: one for one in error.errors(include_url=False)}
    for loc, one in by_key.items():
        key = str(loc[0]) if loc else ""
        if one["type"] == "literal_error":
            choices = str(one.get("ctx", {}).get("expected", ""))
            words = f"{one['input']!r} is not one of {choices}"
        elif key == "range":
            words = "not two numbers, the lowest and the highest value"
        elif one["type"] == "extra_forbidden":
            words = f"there is no such key; {_meant(key)}"
        else:
            words = f"{one['input']!r}: {one['msg'][:1].lower()}{one['msg'][1:]}"
        yield key, words


def _meant(key: str, table: str = "") -> str:
    if key in TABLE_OF:
        return f"it belongs in [{TABLE_OF[key]}]"
    return nearest(key, TABLES[table].model_fields if table else TABLE_OF)


def _loaded(path: Path) -> tuple[str, dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8")
        return text, tomllib.loads(text)
    except OSError as error:
        raise StudyFileError(
            f"cannot read {path}: {error.strerror}",
            "a study file",
            "check the name; dissensus describe DATA --write study.toml makes one",
        ) from error
    except (ValueError, RecursionError) as error:  # broken TOML, or not even UTF-8
        raise StudyFileError(
            f"{path} is no TOML: {error}",
            'lines such as: agent = "id", below a table such as [data]',
            "correct that line; text stands in quotes",
        ) from error


def _mistakes(record: Mapping[str, Any]) -> Iterator[_Mistake]:
    if record.get("schema") != SCHEMA:
        was = f"is {record['schema']!r}" if "schema" in record else "is missing"
        yield _Mistake(("schema",), f'the schema {was}; needed: schema = "{SCHEMA}"')
    for key in ("title", "question"):
        if key in record and not isinstance(record[key], str):
            yield _Mistake((key,), f"{key} is {record[key]!r}, not a text in quotes")
    known = ("schema", "title", "question", *TABLES)
    for key in record:
        if key not in known:
            meant = f"it belongs in [{TABLE_OF[key]}]" if key in TABLE_OF else nearest(key, known)
            yield _Mistake((key,), f"there is no key {key!r} here; {meant}")
    for name, model in TABLES.items():
        table = record.get(name, {})
        if isinstance(table, Mapping):
            yield from _invalid(name, model, table)
        else:
            yield _Mistake((name,), f"{name} is {table!r}, not a table [{name}]")
    data = record.get("data", {})
    if isinstance(data, Mapping) and "source" not in data:
        yield _Mistake(("data",), '[data] names no source; needed: source = "votes.parquet"')


def _invalid(name: str, model: type[BaseModel], table: Mapping[str, Any]) -> Iterator[_Mistake]:
    """Mistakes in one table: keys that are not known, values that do not fit."""
    unknown = [key for key in table if key not in model.model_fields]
    for key in unknown:
        yield _Mistake((name, key), f"[{name}] has no key {key!r}; {_meant(key, name)}")
    problems = {key: _unfit(key, value) for key, value in table.items() if key not in unknown}
    for key, problem in problems.items():
        if problem:
            yield _Mistake((name, key), problem)
    try:
        model.model_validate({key: table[key] for key, problem in problems.items() if not problem})
    except ValidationError as error:
        for key, words in mistakes_of(error):
            yield _Mistake((name, key), f"{key}: {words}")


def _unfit(key: str, value: Any) -> str:
    """Words for a value that no file, mapping or name of its key could be; else nothing."""
    if isinstance(value, Mapping):
        if key not in _MAPPINGS:
            return f"{key} takes no mapping"
        parts = [part for part in value.values() if isinstance(part, list)]
        return f"{key}: {parts[0]!r} is a list, not one value" if parts else ""
    if isinstance(value, str):
        named = key in (*_FILES, *_FILES_OR_NAMES)
        return f"{key}: the name is empty" if named and not value.strip() else ""
    if key in ("no_goal_conflict", "population_size", "budget") and isinstance(value, int | float):
        return ""
    if key in (*_FILES, *_FILES_OR_NAMES, *_MAPPINGS):
        kinds = "a mapping" if key in _MAPPINGS else "a name"
        kinds += " or the name of a file" if key in _FILES and key in _MAPPINGS else ""
        return f"{key}: {value!r} is not {kinds}"
    return ""


def _listed(
    path: Path, mistakes: Iterable[_Mistake], lines: Mapping[tuple[str, ...], int]
) -> StudyFileError:
    placed = sorted(((lines.get(one.place, 0), one.words) for one in mistakes), key=itemgetter(0))
    told = [f"line {line}: {words}" if line else words for line, words in placed]
    count = f"{len(told)} mistakes" if len(told) > 1 else "1 mistake"
    return StudyFileError(
        "\n  ".join([f"{path} has {count}", *told]),
        f"the keys and values of {SCHEMA}: dissensus schema study lists them",
        "correct these lines" if len(told) > 1 else "correct this line",
        mistakes=told,
    )


def _is_file(key: str, value: object) -> bool:
    if not isinstance(value, str) or "://" in value or value == "-":
        return False
    return key in _FILES or (key in _FILES_OR_NAMES and any(sign in value for sign in "./\\"))


def _located(table: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Table with its files seen from where the program runs."""
    return {
        key: str(folder / value) if _is_file(key, value) else value for key, value in table.items()
    }


def _relocated(table: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Table with its files seen from ``folder``; what is absolute stays so."""
    return {
        key: Path(os.path.relpath(value, folder)).as_posix()
        if _is_file(key, value) and not Path(value).is_absolute()
        else value
        for key, value in table.items()
    }
