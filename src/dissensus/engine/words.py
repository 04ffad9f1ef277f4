"""What stands beside the data: words for areas and values, recoded goals, roles by default."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from dissensus.engine.columns import ColumnError, as_text, names_of
from dissensus.engine.sources import collect, open_source
from dissensus.errors import quoted
from dissensus.model.roles import Roles

__all__ = ["COLUMN_ROLES", "Labels", "goal_map_of", "mapping_table", "roles_from", "value_labels"]

# roles that name columns
COLUMN_ROLES = (
    "agent",
    "area",
    "goal",
    "wide",
    "ranking",
    "latest",
    "count",
    "share",
    "weight",
    "salience",
    "points",
    "probability",
)
# roles of a default that one of the user's own replaces
_REPLACES = {
    "area": ("wide",),
    "goal": ("wide", "ranking"),
    "ranking": ("wide", "goal"),
    "wide": ("area", "goal", "ranking", "count", "share"),
}


class Labels(NamedTuple):
    """Words for areas, and for the values of goal and segment columns; keys are text."""

    areas: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]


def roles_from(
    given: Mapping[str, Any], defaults: Mapping[str, Any]
) -> tuple[Roles, Mapping[str, Mapping[str, str]]]:
    """Roles as they were given, else as the data's format or layout has them; and the words.

    A default is left out if its column was given another role, or a role was given that does not
    go with it. Values that were said to be no goal go before the layout's, also if they are none.
    """
    plain = vars(Roles())
    roles = {role: value for role, value in given.items() if role != "labels"}
    if given["no_goal"] is None:
        silent = defaults.get("no_goal", ())
        roles["no_goal"] = tuple(value for value in silent if value not in given["outside"])
    named = {name for role in COLUMN_ROLES for name in names_of(given[role] or ())}
    replaced = {other for role, others in _REPLACES.items() if given[role] for other in others}
    for role, value in defaults.items():
        if role not in plain or role == "no_goal" or role in replaced or given[role] != plain[role]:
            continue
        if role in COLUMN_ROLES and named & set(names_of(value)):
            continue
        roles[role] = names_of(value) if isinstance(plain[role], tuple) else value
    return Roles(**roles), {**defaults.get("labels", {}), **given["labels"]}


def mapping_table(value: Any, role: str, key: str | None = None) -> Mapping[str, str]:
    """Read a mapping, or a table with columns id (or the key's own name) and text."""
    if value is None:
        return {}
    if isinstance(value, Mapping) and not any(isinstance(v, list | tuple) for v in value.values()):
        return {as_text(name): str(text) for name, text in value.items()}
    source = open_source(value)
    # the last of each are those of Polis' comments.csv
    named = ("id", key, role.removesuffix("s"), "comment-id")
    ids = [name for name in named if name and name in source.schema]
    texts = [name for name in ("text", "label", "comment-body") if name in source.schema]
    if not ids or not texts:
        raise ColumnError(
            f"{role}: columns {quoted(source.columns, 6)}",
            "a table with the columns id and text",
            "rename its columns",
        )
    table = collect(source.frame.select(ids[0], texts[0]))
    pairs = zip(table.column(0).to_pylist(), table.column(1).to_pylist(), strict=True)
    return {as_text(name): str(text) for name, text in pairs if text is not None}


def value_labels(value: Any) -> Mapping[str, Mapping[str, str]]:
    """Read words for values: a mapping of mappings, or a table column, id, text."""
    if value is None:
        return {}
    if isinstance(value, Mapping) and all(isinstance(part, Mapping) for part in value.values()):
        return {
            str(column): {as_text(name): str(text) for name, text in part.items()}
            for column, part in value.items()
        }
    source = open_source(value)
    missing = [name for name in ("column", "id", "text") if name not in source.schema]
    if missing:
        raise ColumnError(
            f"labels: no column {missing[0]!r}",
            "a table with the columns column, id and text",
            "rename its columns",
        )
    out: dict[str, dict[str, str]] = {}
    for row in collect(source.frame.select("column", "id", "text")).to_pylist():
        out.setdefault(str(row["column"]), {})[as_text(row["id"])] = str(row["text"])
    return out


def goal_map_of(value: Any) -> Mapping[str, str]:
    """Read recoded goals: a mapping, or a table value, goal."""
    if value is None:
        return {}
    if isinstance(value, Mapping) and not any(isinstance(v, list | tuple) for v in value.values()):
        return {as_text(name): as_text(goal) for name, goal in value.items()}
    source = open_source(value)
    if not {"value", "goal"} <= set(source.schema):
        raise ColumnError(
            f"goal_map: columns {quoted(source.columns, 6)}",
            "a table with the columns value and goal",
            "rename its columns",
        )
    rows = collect(source.frame.select("value", "goal")).to_pylist()
    return {as_text(row["value"]): as_text(row["goal"]) for row in rows}
