"""Tables that fit the width of a terminal: names give way first, then bars and counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from dissensus.model.spelling import visible

__all__ = ["Field", "Grid", "Row", "Signs", "crop", "signs"]

GAP = 2
_EIGHTHS = " ▏▎▍▌▋▊▉█"


@dataclass(frozen=True)
class Signs:
    """The few signs that a terminal may lack, and what stands for them."""

    times: str = "×"
    more: str = "…"
    ascii: bool = False

    def bar(self, share: float, width: int) -> str:
        """Bar of ``share`` of ``width``; anything above zero shows.

        Examples
        --------
        >>> Signs().bar(0.5, 3), Signs(ascii=True).bar(0.5, 4)
        ('█▌', '##')
        """
        if self.ascii:
            return "#" * max(round(share * width), share > 0)
        eighths = max(round(share * width * 8), share > 0)
        return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def signs(options: ConsoleOptions) -> Signs:
    """Signs that this terminal can show."""
    return Signs("x", "...", ascii=True) if options.ascii_only else Signs()


def crop(text: str, width: int, more: str = "…") -> str:
    """Text in at most ``width`` cells, control characters spelt out.

    Examples
    --------
    >>> crop("misalignment", 6)
    'misal…'
    """
    text = visible(text[: 4 * width + 4]) if len(text) > 4 * width + 4 else visible(text)
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, max(width - cell_len(more), 0)).rstrip() + more[:width]


@dataclass(frozen=True)
class Field:
    """A column of a grid.

    Attributes
    ----------
    head : str
        Its heading.
    flexible : bool
        A name, which may be cropped; else it keeps its width.
    rank : int
        0: always shown; the others give way, the highest first, where the terminal is narrow.
    style : str
        Style of its cells.
    lines : int
        How many lines a cropped name may take.
    """

    head: str
    flexible: bool = False
    rank: int = 0
    style: str = ""
    lines: int = 1


@dataclass(frozen=True)
class Row:
    """Cells of a row, and the share that its bar shows."""

    cells: Sequence[str]
    share: float | None = None
    style: str = ""


@dataclass(frozen=True)
class Grid:
    """Rows under headings, laid out to the width that there is.

    Attributes
    ----------
    fields : sequence of Field
        Columns; ``bar_after`` names the place of the one that the bar stands behind.
    rows : sequence of Row
        The rows.
    beside : sequence of Row
        Rows of other grids below, which shall have the same widths.
    """

    fields: Sequence[Field]
    rows: Sequence[Row]
    bar_after: int | None = None
    beside: Sequence[Row] = field(default=())
    heads: bool = True

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the table."""
        mark = signs(options)
        shown, widths, bar = self._layout(options.max_width)
        table = Table(
            box=None, padding=(0, GAP, 0, 0), pad_edge=False, show_header=self.heads, expand=False
        )
        for i in shown:
            one = self.fields[i]
            right = not one.flexible and i != self.bar_after
            room = widths[i] + (bar + 1 if bar and i == self.bar_after else 0)
            table.add_column(
                Text(one.head, overflow="fold"),
                justify="right" if right else "left",
                width=room,
                style=one.style,
                header_style="dim",
                overflow="fold",
                vertical="top",
            )
        for row in self.rows:
            cells = [self._cell(row, i, widths[i], bar, mark) for i in shown]
            table.add_row(*cells, style=row.style)
        yield table

    def _cell(self, row: Row, i: int, width: int, bar: int, mark: Signs) -> Text:
        one = self.fields[i]
        text = crop(row.cells[i], width * one.lines, mark.more)
        if i != self.bar_after:
            return Text(text)
        value = Text(text.rjust(width), style="bold")
        if bar and row.share is not None:
            value.append(" ").append(mark.bar(row.share, bar), style="not bold cyan")
        return value

    def _layout(self, width: int) -> tuple[list[int], list[int], int]:
        """Columns shown, the width of each, and of the bar."""
        natural = [self._natural(i) for i in range(len(self.fields))]
        least = [
            min(size, 16) if one.flexible else size
            for one, size in zip(self.fields, natural, strict=True)
        ]
        shown = [i for i, one in enumerate(self.fields) if one.rank == 0]

        def taken(columns: list[int], sizes: list[int]) -> int:
            return sum(sizes[i] for i in columns) + GAP * len(columns)

        comfortable = [
            min(size, 32) if one.flexible else size
            for one, size in zip(self.fields, natural, strict=True)
        ]
        bar = 0
        if self.bar_after is not None and taken(shown, comfortable) + 11 <= width:
            bar = 10
        for i in sorted(range(len(self.fields)), key=lambda i: self.fields[i].rank):
            more = sorted([*shown, i])
            if i not in shown and taken(more, comfortable) + bar + 1 <= width:
                shown = more
        sizes = list(least)
        spare = width - taken(shown, sizes) - (bar + 1 if bar else 0)
        names = [i for i in shown if self.fields[i].flexible]
        for i in names:
            grown = min(natural[i] - sizes[i], max(spare, 0))
            sizes[i], spare = sizes[i] + grown, spare - grown
        if bar and spare >= 10:
            bar = 20
        if spare < 0 and names:
            widest = max(names, key=lambda i: sizes[i])
            sizes[widest] = max(sizes[widest] + spare, 6)
        return shown, sizes, bar

    def _natural(self, i: int) -> int:
        """Width that a column would take if there were no end of it."""
        texts = [visible(row.cells[i][:400]) for row in [*self.rows, *self.beside]]
        widest = max(map(cell_len, texts), default=0)
        words = self.fields[i].head.split("\n") if self.heads else []
        return max(widest, *map(cell_len, words)) if words else widest
