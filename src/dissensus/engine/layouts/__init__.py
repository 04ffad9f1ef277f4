"""Files of known makers: which column is what, said once here instead of by every user.

Each layout is a folder with study files, one for each form that its maker writes; the first whose
columns are all there is meant. What a study file cannot say is done by ``prepare.py``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.resources import files
from pathlib import Path
from typing import Any

from dissensus.engine.derived import parts_of
from dissensus.engine.layouts import prepare
from dissensus.engine.sources import Source
from dissensus.errors import DissensusError, nearest

__all__ = ["LAYOUTS", "Form", "LayoutError", "forms_of", "laid_out", "prepared"]

_ROOM = Path(str(files("dissensus.engine") / "layouts"))
LAYOUTS = tuple(sorted({path.parent.name for path in _ROOM.glob("*/*.toml")}))
# roles that name columns of the data
_COLUMNS = ("agent", "area", "goal", "wide", "latest")


class LayoutError(DissensusError, ValueError):
    """A layout that there is not, or data that does not have its columns."""


@dataclass(frozen=True)
class Form:
    """One form of a layout.

    Attributes
    ----------
    title : str
        What it is.
    roles : mapping
        The table ``[data]`` of its study file.
    """

    title: str
    roles: Mapping[str, Any]

    def lacking(self, columns: Sequence[str], given: Mapping[str, Any]) -> list[str]:
        """Columns, and patterns, that the data does not have and that nobody named instead."""
        named = [name for role in _COLUMNS if not given.get(role) for name in self._names(role)]
        return [name for name in named if not _matching(name, columns)]

    def _names(self, role: str) -> tuple[str, ...]:
        value = self.roles.get(role, ())
        names = (value,) if isinstance(value, str) else tuple(value)
        return tuple(part for name in names for part in name.split("+"))


def forms_of(name: str) -> list[Form]:
    """Forms of a layout.

    Raises
    ------
    LayoutError
        There is none of that name.

    Examples
    --------
    >>> [form.title for form in forms_of("voteview")]
    ['Roll calls of the US Congress: the files of votes of Voteview']
    """
    if name not in LAYOUTS:
        raise LayoutError(f"no layout {name!r}", "a layout that ships", nearest(name, LAYOUTS))
    records = [
        tomllib.loads(path.read_text(encoding="utf-8"))
        for path in sorted((_ROOM / name).glob("*.toml"))
    ]
    return [Form(record["title"], record["data"]) for record in records]


def laid_out(
    name: str, source: Source, roster: Source | None, given: Mapping[str, Any]
) -> tuple[Source, Source | None, Mapping[str, Any]]:
    """Data and roster as the layout reads them, and the roles that it gives.

    ``given`` are the roles that the user named: their columns need not be the layout's.

    Raises
    ------
    LayoutError
        No form of the layout has its columns in the data.
    """
    forms = forms_of(name)
    lacking = [form.lacking(source.columns, given) for form in forms]
    found = next((form for form, missing in zip(forms, lacking, strict=True) if not missing), None)
    if found is None:
        wanted = "; or ".join(
            f"{form.title}: no {', '.join(missing)}"
            for form, missing in zip(forms, lacking, strict=True)
        )
        raise LayoutError(
            f"the data is not laid out as {name!r}: {wanted}",
            "the columns that its maker writes",
            "name the columns yourself (agent=, area=, goal=), or leave out layout=",
        )
    roles = dict(found.roles)
    goal = roles.get("goal")
    if goal and not given.get("goal"):
        scores = _matching(goal, source.columns)
        if len(scores) > 1:
            raise LayoutError(
                f"several columns could be the goal: {', '.join(scores)}",
                "one column of goals",
                f"name it, for example goal={scores[0]!r}",
            )
        roles["goal"] = scores[0]
    if roster is None:
        roles.pop("roster_on", None)
    return prepared(name, source), None if roster is None else prepared(name, roster), roles


def prepared(name: str | None, source: Source) -> Source:
    """Rows with what the study file of a layout cannot say done to them."""
    return prepare.voteview(source) if name == "voteview" else source


def _matching(name: str, columns: Sequence[str]) -> list[str]:
    if name in columns or parts_of(name, columns):
        return [name]
    return [column for column in columns if fnmatchcase(column, name)]
