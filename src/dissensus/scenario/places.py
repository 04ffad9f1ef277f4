"""Where a mistake stands: lines of tables and keys in a scenario file, and names for places."""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["Place", "key_lines", "line_of", "place_in_words"]

Place = tuple[str | int, ...]

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*[A-Za-z0-9_-]+)*)\s*=""")


def key_lines(text: str) -> dict[Place, int]:
    r"""Line of each table and key of a TOML text, as far as a plain look can tell.

    Examples
    --------
    >>> key_lines('rule = "borda"\n[[parts]]\nname = "a"\n[[parts]]\nname = "b"\nmodel.x = 1')
    {('rule',): 1, ('parts', 0): 2, ('parts', 0, 'name'): 3, ('parts', 1): 4,
     ('parts', 1, 'name'): 5, ('parts', 1, 'model', 'x'): 6}
    """
    found: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    depth = 0
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line) if depth <= 0 else None
        if header:
            table = _opened(header, counts)
            found.setdefault(table, number)
            depth = 0
            continue
        key = _KEY.match(line) if depth <= 0 else None
        if key:
            names = tuple(part.strip().strip("\"'") for part in key.group(1).split("."))
            found.setdefault((*table, *names), number)
        bare = re.sub(r"\"[^\"]*\"|'[^']*'|#.*", "", line)
        depth += bare.count("[") + bare.count("{") - bare.count("]") - bare.count("}")
    return found


def _opened(header: re.Match[str], counts: dict[Place, int]) -> Place:
    """Table that a header opens; the last of an array of tables where one is named."""
    names = [part.strip().strip("\"'") for part in header.group(2).split(".")]
    place: Place = ()
    for i, name in enumerate(names):
        place = (*place, name)
        if i == len(names) - 1 and header.group(1) == "[[":
            counts[place] = counts.get(place, -1) + 1
        if place in counts:
            place = (*place, counts[place])
    return place


def line_of(place: Place, lines: Mapping[Place, int]) -> int:
    """Line of the nearest table or key around a place; 0 if there is none."""
    for length in range(len(place), 0, -1):
        if place[:length] in lines:
            return lines[place[:length]]
    return 0


def place_in_words(place: Place, names: Mapping[Place, str]) -> str:
    """Name a place: ``parts 2 'fear', utilities``.

    Examples
    --------
    >>> place_in_words(("parts", 1, "utilities"), {("parts", 1): "fear"})
    "part 2 'fear', utilities"
    """
    words: list[str] = []
    for i, step in enumerate(place):
        if isinstance(step, int) and words:
            name = names.get(place[: i + 1])
            one = words.pop().removesuffix("s") if i else ""
            words.append(f"{one} {step + 1}" + (f" {name!r}" if name else ""))
        elif not isinstance(step, int):
            words.append(step)
    return ", ".join(words)
