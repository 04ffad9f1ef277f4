"""Which pictures there are, and of which questions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dissensus.display.charts.look import Look
from dissensus.model.result import Result

__all__ = ["KINDS", "Kind", "Picture", "kind"]


@dataclass(frozen=True)
class Picture:
    """A chart, and what people need who cannot see it.

    Attributes
    ----------
    chart : altair chart
    caption : str
        How to read it, in a sentence or two.
    alternative : str
        What it shows, for those who hear the page.
    """

    chart: Any
    caption: str
    alternative: str


Draw = Callable[[Result, Look], Picture | None]


@dataclass(frozen=True)
class Kind:
    """A kind of picture.

    Attributes
    ----------
    name : str
        What to type.
    questions : tuple of str
        Questions whose results it is made of.
    about : str
        What it shows.
    draw : callable
        From a result and a look to a picture; None if the result has nothing to draw.
    """

    name: str
    questions: tuple[str, ...]
    about: str
    draw: Draw


KINDS: dict[str, Kind] = {}


def kind(name: str, questions: tuple[str, ...], about: str) -> Callable[[Draw], Draw]:
    """Declare a kind of picture where it is drawn."""

    def declare(draw: Draw) -> Draw:
        KINDS[name] = Kind(name, questions, about, draw)
        return draw

    return declare
