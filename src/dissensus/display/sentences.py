"""A result in plain words: what its first row says, and what no row says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from dissensus.display.layout import MARK
from dissensus.display.rows import EVERYONE, INTERNAL, NOBODY, Shape, words
from dissensus.model.result import Result
from dissensus.model.spelling import spelled

__all__ = ["LIMITS", "SILENT_ROWS", "draws", "head_line", "limits", "reading", "title"]

LONGEST_PATH = 40

LIMITS = (
    "What this does not show: whether a goal is right or good for anyone, how much anyone cares, "
    "or why somebody is silent. Silence counts as no conflict; it is not agreement."
)
_CARES = ", how much anyone cares,"
SILENT_ROWS = (
    f"{MARK} in most pairs somebody holds no goal: a low value there is silence, not agreement."
)


def limits(shape: Shape) -> str:
    """What the result does not show; with salience it does show how much agents care."""
    return LIMITS.replace(_CARES, "") if shape.salient else LIMITS


def head_line(result: Result, more: str = "…") -> str:
    """Head line of a result, a long path in it cut down to its last folder."""
    line = str(result.summary.get("head_line", ""))
    path = str((result.provenance.get("source") or {}).get("path", ""))
    parts = PurePath(path).parts
    if len(path) <= LONGEST_PATH or len(parts) < 3:
        return line
    return line.replace(path, "/".join([more, *parts[-2:]]))


def title(shape: Shape) -> str:
    """What was asked, in a line."""
    by = ", ".join(shape.by)
    asked = f"Misalignment between segments of {by}" if shape.pairs else "Misalignment"
    if by and not shape.pairs:
        asked += f" by {by}"
    return asked + (f", for each {shape.over}" if shape.over else "")


def reading(shape: Shape, row: Mapping[str, Any]) -> str:
    """Sentence that reads one row of means."""
    over = f"In {shape.over} {words(row, shape.over)}, " if shape.over else ""
    who = _drawn(shape, row)
    value, conditional = row["misalignment"], row["conditional_misalignment"]
    if value is None:
        reason = dict(row.get("reasons") or []).get("misalignment", "it cannot be given")
        return f"{over}{who}: no value, because {reason}."
    areas = row.get("areas") or 1
    mean = f", on average over {spelled(areas, 'areas')} problem areas" if areas > 1 else ""
    told = f"{over}{who} conflict {draws(value)}{mean}"
    if conditional is not None and draws(conditional) != draws(value):
        told += f"; if both hold a goal, {draws(conditional)}"
    if row.get(INTERNAL) is not None:
        told += f"; with themselves, {draws(row[INTERNAL])}"
    if row.get("intensity") is not None:
        told += (
            f"; weighed by how much they care, the intensity is "
            f"{spelled(row['intensity'], 'intensity')}"
        )
    if row.get("total_intensity") is not None:
        told += f" an area and {spelled(row['total_intensity'], 'intensity')} over all areas"
    return f"{told[0].upper()}{told[1:]}."


def _drawn(shape: Shape, row: Mapping[str, Any]) -> str:
    if shape.is_pair(row):
        one, other = _segment(shape, row, "_a"), _segment(shape, row, "_b")
        return f"one agent of {one} and one of {other}, drawn at random,"
    everyone = not shape.by or row.get("scope") == EVERYONE
    who = "" if everyone else f" of {_segment(shape, row)}"
    return f"two agents{who}, drawn at random,"


def _segment(shape: Shape, row: Mapping[str, Any], suffix: str = "") -> str:
    return ", ".join(f"{name} {words(row, name + suffix) or NOBODY}" for name in shape.by)


def draws(value: float) -> str:
    """How often something of this chance happens, in words.

    Examples
    --------
    >>> [draws(value) for value in (0, 0.001, 0.688, 1)]
    ['never', 'in fewer than 1 of 100 draws', 'in 69 of 100 draws', 'always']
    """
    if value <= 0:
        return "never"
    if value >= 1:
        return "always"
    text = spelled(value, "share").removesuffix(" %")
    known = {"<1": "fewer than 1", ">99": "more than 99"}
    return f"in {known.get(text, text)} of 100 draws"
