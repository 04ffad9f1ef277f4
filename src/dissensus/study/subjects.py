"""Whom a question about a system is about: a system, a case, a scenario file or a shipped one."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import scipy

from dissensus._version import __version__
from dissensus.errors import DissensusError, nearest
from dissensus.model.columns import described
from dissensus.model.result import SCHEMA
from dissensus.scenario import Scenario, scenario_of
from dissensus.scenario.shipped import shipped_folders
from dissensus.system import System
from dissensus.system.audit import Case

__all__ = ["Subject", "SubjectError", "subject_of"]


class SubjectError(DissensusError, ValueError):
    """Something that is no system, and names none."""


@dataclass(frozen=True, eq=False)
class Subject:
    """What is asked about.

    Attributes
    ----------
    case : Case
    name, title, question : str, optional
        As its file gives them.
    illustrative : bool
        Whether its numbers are made up.
    source : mapping
        Where it came from, for the record.
    notes : tuple of str
        What a reader should know of it.
    people_misalignment : float, optional
        Misalignment of the agents behind the parts, where it was made from data.
    """

    case: Case
    name: str = ""
    title: str | None = None
    question: str | None = None
    illustrative: bool = False
    source: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    people_misalignment: float | None = None

    @property
    def system(self) -> System:
        """The system."""
        return self.case.system

    @property
    def about(self) -> dict[str, Any]:
        """Part of a summary that says whom it is about."""
        rule = self.system.rule
        return {
            "name": self.name,
            "title": self.title,
            "asks": self.question,
            "illustrative": self.illustrative,
            "actions": list(self.system.actions),
            "states": list(self.system.world.states),
            "parts": [part.name for part in self.system.parts],
            "rule": rule if isinstance(rule, str) else getattr(rule, "__name__", "its own"),
        }

    @property
    def all_notes(self) -> list[str]:
        """Notes, and that numbers are made up, if they are."""
        made_up = "illustrative: the numbers of this case are made up, nothing was measured"
        return [*([made_up] if self.illustrative else []), *self.notes]

    def record(
        self,
        tables: list[pa.Table],
        conventions: Mapping[str, str],
        seed: int | None = None,
    ) -> dict[str, Any]:
        """Provenance of an answer about it."""
        return {
            "schema": SCHEMA,
            "dissensus": __version__,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "source": dict(self.source),
            "conventions": dict(conventions),
            "seed": seed,
            "versions": {
                "python": platform.python_version(),
                "numpy": np.__version__,
                "scipy": scipy.__version__,
            },
            "columns": described(tables),
        }


def subject_of(what: Any) -> Subject:
    """Return what a question is about.

    Parameters
    ----------
    what : System, Case, Scenario, str or Path
        A name is looked for in the working folder first, then among the shipped cases.

    Raises
    ------
    SubjectError
        It is none of these, or names nothing.

    Examples
    --------
    >>> subject_of("holiday").system.rule
    'plurality'
    """
    if isinstance(what, Subject):
        return what
    if isinstance(what, System):
        return Subject(Case(what), what.name, source={"kind": "System"})
    if isinstance(what, Case):
        return Subject(what, what.system.name, source={"kind": "Case"})
    if isinstance(what, str | Path):
        scenario: Scenario | None = scenario_of(str(what))
        if scenario is None:
            raise SubjectError(
                f"there is no scenario {str(what)!r}",
                "a scenario file, or the name of a shipped case",
                nearest(str(what), shipped_folders()),
            )
        what = scenario
    if isinstance(what, Scenario):
        return Subject(
            what.case,
            what.name,
            what.title,
            what.question,
            what.illustrative,
            _about(Path(what.path)),
        )
    raise SubjectError(
        f"{type(what).__name__} is no system",
        "a System, a Case, a scenario file or the name of a shipped case",
        "describe it with System(parts, world, rule), or make it with system_from(...)",
    )


def _about(path: Path) -> dict[str, Any]:
    return {
        "kind": "scenario file",
        "path": str(path),
        "bytes": path.stat().st_size,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
