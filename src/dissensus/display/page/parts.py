"""What a page is made of: sections of sentences, figures, tables and switches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

__all__ = ["Choices", "Definitions", "Figure", "Flow", "Listing", "Part", "Section", "Switch"]


@dataclass(frozen=True)
class Figure:
    """A chart: its Vega-Lite specification, how to read it, what it shows."""

    specification: dict[str, Any]
    caption: str
    alternative: str


@dataclass(frozen=True, eq=False)
class Listing:
    """A table: its name for the download, its heading, its rows, and how many there are in all.

    ``closed`` tables are unfolded on demand.
    """

    name: str
    heading: str
    table: pa.Table
    total: int
    closed: bool = True


@dataclass(frozen=True)
class Definitions:
    """Terms with what is said of each."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Switch:
    """One of several views, chosen by the reader: label, and the parts of each."""

    label: str
    options: tuple[tuple[str, tuple[Part, ...]], ...]


@dataclass(frozen=True, eq=False)
class Choices:
    """Readings of a system that the reader narrows by fixing choices.

    Attributes
    ----------
    axes : mapping of str to (label, values)
    cells : list of list of str
        Values of the axes in each cell.
    outcomes : list of str
        Outcome of each cell, in words.
    """

    axes: dict[str, tuple[str, tuple[str, ...]]]
    cells: tuple[tuple[str, ...], ...]
    outcomes: tuple[str, ...]


@dataclass(frozen=True)
class Flow:
    """Stations that lead to one another, each with what stands in it: parts, rule, options."""

    stations: tuple[tuple[str, tuple[str, ...]], ...]


Part = Figure | Flow | Listing | Definitions | Switch | Choices


@dataclass(frozen=True)
class Section:
    """A part of the page with a heading: sentences, then what is to be looked at."""

    title: str
    sentences: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    notes: tuple[str, ...] = ()
