"""Read a scenario file: all mistakes at once, each with its place."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from dissensus.errors import DissensusError, nearest
from dissensus.scenario.building import Builder, Mistake
from dissensus.scenario.places import Place, key_lines, line_of, place_in_words
from dissensus.scenario.schema import SCHEMA, TAGS, WHOLE_FILE, ScenarioFile
from dissensus.system import System
from dissensus.system.audit import Case

__all__ = ["LARGEST_FILE", "Scenario", "ScenarioError", "load_scenario"]

LARGEST_FILE = 50_000_000  # bytes


class ScenarioError(DissensusError, ValueError):
    """A scenario file with mistakes, all of which the message lists."""


@dataclass(frozen=True, eq=False)
class Scenario:
    """What a scenario file says.

    Attributes
    ----------
    name : str
        Short name.
    title, question : str, optional
        What it is called, and what it asks, in words.
    illustrative : bool
        Whether its numbers are made up; the output says so.
    case : Case
        The system, and what an audit crosses.
    path : str
        The file.
    """

    name: str
    title: str | None
    question: str | None
    illustrative: bool
    case: Case
    path: str


def load_scenario(path: str | Path) -> Scenario:
    """Read a scenario file.

    Parameters
    ----------
    path : str or Path
        TOML with ``schema = "dissensus/system/1"``. Systems in files that it names are looked for
        in its own folder.

    Raises
    ------
    ScenarioError
        No such file, one of 50 MB or more, no TOML, or mistakes: all of them, with their lines.
    """
    return _load(Path(path), ())


def _load(path: Path, above: tuple[Path, ...]) -> Scenario:
    text, record = _read(path)
    here = (*above, path.resolve())

    def inner(name: str) -> System:
        target = path.parent / name
        if target.resolve() in here:
            chain = " > ".join(one.name for one in (*here, target.resolve()))
            raise ScenarioError(
                f"{name} is inside itself: {chain}",
                "a tree of systems",
                "name another file, or describe the system in place",
            )
        return _load(target, here).case.system

    file, mistakes = _parsed(record)
    if file is None:
        # what is left without them may have mistakes of its own
        file, _ = _parsed(_without(record, [one.place for one in mistakes]))
    case = None
    if file is not None:
        builder = Builder(file, inner)
        case = builder.case()
        mistakes += builder.mistakes
    if mistakes or case is None or file is None:
        raise _listed(path, mistakes, record, key_lines(text))
    name = file.name or path.stem
    return Scenario(name, file.title, file.question, file.illustrative, case, str(path))


def _read(path: Path) -> tuple[str, dict[str, Any]]:
    try:
        size = path.stat().st_size
        if size >= LARGEST_FILE:
            raise ScenarioError(
                f"{path} has {size / 1e6:,.0f} MB",
                f"a scenario file of less than {LARGEST_FILE / 1e6:.0f} MB",
                "describe the parts and actions; data of many agents belongs in a study file",
            )
        text = path.read_text(encoding="utf-8")
        return text, tomllib.loads(text)
    except OSError as error:
        raise ScenarioError(
            f"cannot read {path}: {error.strerror}",
            "a scenario file",
            "check the name; dissensus new FILE makes one",
        ) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise ScenarioError(
            f"{path} is no TOML: {error}",
            'lines such as: rule = "plurality"',
            "correct that line; text stands in quotes",
        ) from error


def _parsed(record: Mapping[str, Any]) -> tuple[ScenarioFile | None, list[Mistake]]:
    try:
        return WHOLE_FILE.model_validate(record), []
    except ValidationError as error:
        found: dict[Place, Mistake] = {}
        for one in error.errors(include_url=False):
            steps = one["loc"]
            # pydantic names the kind of system that is inside: no key of the file
            place = tuple(
                step
                for before, step in zip(("", *steps), steps, strict=False)
                if not (before == "inner" and step in TAGS)
            )
            found.setdefault(place, Mistake(place, _words(dict(one), place)))
        return None, list(found.values())


def _without(record: Mapping[str, Any], places: list[Place]) -> dict[str, Any]:
    """Record without the keys at these places; an item of a list becomes what it is without."""
    left: dict[str, Any] = deepcopy(dict(record))
    for place in places:
        table: Any = left
        for step in place[:-1]:
            known = isinstance(table, list) and isinstance(step, int) and step < len(table)
            table = table[step] if known or (isinstance(table, dict) and step in table) else None
        if isinstance(table, dict):
            table.pop(place[-1], None)
    left.setdefault("schema", SCHEMA)
    return left


def _words(one: Mapping[str, Any], place: Place) -> str:
    kind, value, key = one["type"], one["input"], str(place[-1]) if place else ""
    if kind == "missing":
        return f"{key} is missing"
    if kind == "extra_forbidden":
        return f"there is no key {key!r} here; {nearest(key, _fields(place[:-1]))}"
    if kind == "literal_error":
        known = one.get("ctx", {}).get("expected", "")
        was = f'needed: schema = "{SCHEMA}"' if key == "schema" else f"needed: {known}"
        return f"{value!r}; {was}"
    message = str(one["msg"]).removeprefix("Value error, ")
    return f"{value!r}: {message[:1].lower()}{message[1:]}"


def _fields(place: Place) -> list[str]:
    """Keys of the table at a place."""
    model: type[BaseModel] = WHOLE_FILE
    for step in place:
        if isinstance(step, int) or step not in model.model_fields:
            continue
        model = next(_models(model.model_fields[step].annotation), model)
    return [field.alias or name for name, field in model.model_fields.items()]


def _models(kind: Any) -> Iterator[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for part in get_args(kind):
        yield from _models(part)


def _listed(
    path: Path, mistakes: list[Mistake], record: Mapping[str, Any], lines: Mapping[Place, int]
) -> ScenarioError:
    names = dict(_names(record, ()))
    told = []
    for line, one in sorted((line_of(m.place, lines), m) for m in mistakes):
        where = place_in_words(one.place, names)
        told.append(
            (f"line {line}: " if line else "") + (f"{where}: " if where else "") + one.words
        )
    count = f"{len(told)} mistakes" if len(told) > 1 else "1 mistake"
    return ScenarioError(
        "\n  ".join([f"{path} has {count}", *told]),
        f"the keys and values of {SCHEMA}: dissensus schema system lists them",
        "correct these lines" if len(told) > 1 else "correct this line",
        mistakes=told,
        file=path.name,
    )


def _names(record: Any, place: Place) -> Iterator[tuple[Place, str]]:
    """Names that tables give themselves."""
    if isinstance(record, Mapping):
        if place and isinstance(record.get("name"), str):
            yield place, record["name"]
        for key, value in record.items():
            yield from _names(value, (*place, key))
    elif isinstance(record, list):
        for i, value in enumerate(record):
            yield from _names(value, (*place, i))
