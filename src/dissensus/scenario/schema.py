"""What a scenario file may say, key by key; the JSON Schema is made from this."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    create_model,
)

from dissensus.system.audit import AXES
from dissensus.system.dynamics import Mechanism, Parameter, mechanisms

__all__ = ["SCHEMA", "TAGS", "WHOLE_FILE", "ScenarioFile", "SystemTable", "scenario_schema"]

SCHEMA = "dissensus/system/1"

_NUMBERS = {"type": "array", "items": {"type": "number"}}
_TABLE = {"type": "array", "items": {"type": "array"}}
_ORDER = {
    "anyOf": [
        {"type": "string", "examples": ["a > b = c"]},
        {
            "type": "array",
            "items": {
                "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]
            },
        },
    ]
}
_VALUES = {
    "anyOf": [
        {"type": ["string", "number"]},
        {"type": "array", "items": {"type": ["string", "number"]}},
    ]
}


def _numbers(value: Any) -> Any:
    """Check that a value is a full table of numbers; its shape is checked where it is used."""
    if not isinstance(value, list) or not all(map(_is_number, _items(value))):
        raise ValueError("not a list of numbers")
    try:
        np.array(value, dtype=np.float64)
    except ValueError as error:
        raise ValueError("rows of different lengths") from error
    return value


def _order(value: Any) -> Any:
    """Check that a value is an order: text, or names and lists of names."""
    groups = value if isinstance(value, list) else [value]
    if not all(isinstance(name, str) for name in _items(groups)) or not groups:
        raise ValueError("not an order such as 'a > b = c', or a list of names")
    return value


def _wish(value: Any) -> Any:
    """Check that a value is an order or a list of numbers."""
    listed = isinstance(value, list) and any(map(_is_number, _items(value)))
    return _numbers(value) if listed else _order(value)


def _values(value: Any) -> Any:
    """Check that a value is text or a number, or a list of them."""
    some = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str) or _is_number(one) for one in some):
        raise ValueError("not a name, a number or a list of them")
    return value


def _items(value: list[Any]) -> Iterator[Any]:
    for one in value:
        if isinstance(one, list):
            yield from _items(one)
        else:
            yield one


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


Numbers = Annotated[Any, BeforeValidator(_numbers), WithJsonSchema({"anyOf": [_NUMBERS, _TABLE]})]
Row = Annotated[Any, BeforeValidator(_numbers), WithJsonSchema(_NUMBERS)]
Rows = Annotated[Any, BeforeValidator(_numbers), WithJsonSchema(_TABLE)]
Order = Annotated[Any, BeforeValidator(_order), WithJsonSchema(_ORDER)]
Wish = Annotated[Any, BeforeValidator(_wish), WithJsonSchema({"anyOf": [_NUMBERS, _TABLE, _ORDER]})]
Values = Annotated[Any, BeforeValidator(_values), WithJsonSchema(_VALUES)]
Names = list[str]
TAGS = ("file", "table")


def _tag(value: Any) -> str:
    return TAGS[0] if isinstance(value, str) else TAGS[1]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class WorldTable(_Table):
    """States, what is seen of them, and what actions bring about."""

    outcomes: Names | None = Field(None, description="Names of the outcomes.")
    states: Names | None = Field(None, description="Names of the states.")
    observations: Names | None = Field(None, description="Names of the observations.")
    initial_belief: Row | None = Field(None, description="Chance of each state at first.")
    transitions: Rows | None = Field(None, description="Next state: actions x states x states.")
    observation_probabilities: Rows | None = Field(
        None, description="What is seen in each state: states x observations."
    )
    outcome_probabilities: Rows | None = Field(
        None, description="What comes of actions: actions x states x outcomes."
    )
    horizon: int = Field(1, description="Number of steps.")
    discount: float = Field(1.0, description="Worth of a util one step later.")


class ConventionsTable(_Table):
    """Choices that a rule leaves open."""

    unranked: Literal["last", "silent"] = Field(
        "last", description="Options that an order leaves out: below all others, or no word."
    )
    scale: Literal["own", "raw", "range"] = Field(
        "own", description="Utilities as each rule takes them, as given, or on own ranges."
    )
    compute_model: Literal["shrinkage", "noisy", "search"] = Field(
        "shrinkage", description="What a part of limited compute perceives."
    )
    abstain_below: float = Field(0.2, description="Reliability below which a part gives no order.")


class PartTable(_Table):
    """A part: a drive, a partner, a department, a group of users."""

    name: str = Field(description="Its name.")
    standing: float = Field(1.0, description="Its weight, above 0.")
    utilities: Numbers | None = Field(
        None, description="One number an outcome, in the order of the outcomes (or actions)."
    )
    order: Order | None = Field(None, description="Best first: 'a > b = c'.")
    inner: Inner | None = Field(
        None, description="A system of its own: a table, or another scenario file."
    )
    hardness: float = Field(
        0.0, description="Evaluations until what it perceives is half signal, half guess."
    )
    compute: float = Field(1.0, description="Evaluations that it makes.")
    rationality: float | None = Field(
        None, description="How sharply it picks its best where it is in charge."
    )
    aspiration: float | None = Field(None, description="Utility that it calls good enough.")
    goal: str | None = Field(None, description="Its label as an agent of a population.")
    agentic: bool = Field(True, description="Whether it acts strategically.")
    model: WorldTable | None = Field(None, description="Its own beliefs.")


class SystemTable(_Table):
    """Parts and the rule that brings them together."""

    rule: str = Field(description="Name of the rule: plurality, borda, nash, dictator:work ...")
    parts: list[PartTable] = Field(description="The parts.")
    comparability: Literal["ordinal", "range", "unit", "full"] | None = Field(
        None, description="What may be said of utilities of different parts."
    )
    disagreement: Row | None = Field(
        None, description="Utility of each part if they do not agree; else its own minimum."
    )
    conventions: ConventionsTable = Field(
        default_factory=ConventionsTable, description="Choices that rules leave open."
    )


class InnerTable(SystemTable):
    """A system that speaks as a part; its actions are those of the whole."""

    world: WorldTable | None = Field(None, description="Its world; else that of the whole.")


Inner = Annotated[
    Annotated[str, Tag(TAGS[0])] | Annotated[InnerTable, Tag(TAGS[1])], Discriminator(_tag)
]


class ReadingTable(_Table):
    """A reading of what the system wants, stated in words."""

    name: str = Field(description="The reading in words.")
    parts: Names = Field(default_factory=list, description="Parts that count; all if left out.")
    rule: str | None = Field(None, description="How they are brought together.")


class AuditTable(_Table):
    """The axes to cross, each with its values; left out: all that the file allows."""

    perturbation: float | None = Field(
        None,
        description="Half width, in utils, by which utilities are shaken; else a tenth of each "
        "part's own range.",
    )
    reading: Values | None = None
    beliefs: Values | None = None
    observation: Values | None = None
    deliberation: Values | None = None
    standing_after: Values | None = None
    compute: Values | None = None
    compute_model: Values | None = None
    unranked: Values | None = None
    relation: Values | None = None
    pointer: Values | None = None
    rule: Values | None = None
    scale: Values | None = None
    tie_break: Values | None = None


class ScenarioFile(SystemTable):
    """A scenario file."""

    schema_: Literal["dissensus/system/1"] = Field(
        alias="schema", description="Version of this form."
    )
    name: str = Field("", description="Short name.")
    title: str | None = Field(None, description="What it is called.")
    question: str | None = Field(None, description="What it asks, in words.")
    illustrative: bool = Field(
        False, description="Whether its numbers are made up: the output says so."
    )
    actions: Names = Field(description="Names of the actions.")
    today: str | None = Field(None, description="The action that is taken today.")
    world: WorldTable = Field(
        default_factory=WorldTable, description="Left out: actions are outcomes."
    )
    readings: list[ReadingTable] = Field(default_factory=list, description="Stated readings.")
    audit: AuditTable | None = Field(None, description="The axes to cross.")


PartTable.model_rebuild()

_KINDS: dict[str, Any] = {
    "integer": int,
    "number": float,
    "text": str,
    "switch": bool,
    "numbers": Numbers,
    "names": Names,
    "by part": dict[str, float],
    "wishes": dict[str, Wish],
}


def _table_of(mechanism: Mechanism) -> type[BaseModel]:
    """Table of a mechanism; keys that are left out may be given on the command line."""

    def key(one: Parameter) -> Any:
        kind = Literal[one.choices] if one.kind == "choice" else _KINDS[one.kind]
        default = "" if one.is_needed or one.default is None else f" By default {one.default}."
        return kind | None, Field(None, description=one.meaning + default)

    fields = {one.name: key(one) for one in mechanism.parameters}
    name = "".join(word.capitalize() for word in mechanism.table.split("_"))
    made: type[BaseModel] = create_model(
        f"{name}Table", __base__=_Table, __doc__=mechanism.question, **fields
    )
    return made


_TABLES: dict[str, Any] = {
    one.table: (_table_of(one) | None, Field(None, description=one.question))
    for one in mechanisms()
}
WHOLE_FILE: type[ScenarioFile] = create_model(
    "ScenarioFile", __base__=ScenarioFile, __doc__="A scenario file.", **_TABLES
)


def scenario_schema() -> str:
    """Text of the JSON Schema of scenario files."""
    schema = WHOLE_FILE.model_json_schema(by_alias=True)
    axes = schema["$defs"]["AuditTable"]["properties"]
    for name, axis in AXES.items():
        axes[name]["description"] = f"Axis: {axis.label}."
    for table in (schema, *schema["$defs"].values()):
        table.pop("title", None)
        for key in table["properties"].values():
            key.pop("title", None)
    return json.dumps(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": "urn:dissensus:system:1",
            "title": "A scenario file of dissensus",
            **schema,
            "description": "A self-unaligned system, written in TOML.",
        },
        indent=2,
        ensure_ascii=False,
    )
