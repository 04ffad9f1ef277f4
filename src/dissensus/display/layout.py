"""Tables that fit the width of a terminal: names give way first, then bars and counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from dissensus.model.spelling import visible

__all__ = ["MARK", "Field", "Grid", "Row", "Signs", "bar_width", "crop", "signs"]

GAP = 2
NAME = 40  # width that a name gets before counts are shown
MARK = "!"  # in front of a number that needs a second look
_EIGHTHS = " ▏▎▍▌▋▊▉█"


@dataclass(frozen=True)
class Signs:
    """The few signs that a terminal may lack, and what stands for them."""

    times: str = "\N{MULTIPLICATION SIGN}"
    more: str = "…"
    dot: str = " · "
    plain: bool = False

    def bar(self, share: float, width: int) -> str:
        """Bar of ``share`` of ``width``; anything above zero shows.

        Examples
        --------
        >>> Signs().bar(0.5, 3), Signs(plain=True).bar(0.5, 4)
        ('█▌', '##')
        """
        if self.plain:
            return "#" * max(round(share * width), share > 0)
        eighths = max(round(share * width * 8), share > 0)
        return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def signs(options: ConsoleOptions) -> Signs:
    """Signs that this terminal can show."""
    return Signs("x", "...", " | ", plain=True) if options.ascii_only else Signs()


def bar_width(width: int) -> int:
    """Width of the longest bar on a terminal of this width: the same in all its tables."""
    return 6 if width < 90 else 12 if width < 130 else 20


def crop(text: str, width: int, more: str = "…") -> str:
    """Text in at most ``width`` cells, control characters spelt out.

    Examples
    --------
    >>> crop("misalignment", 6)
    'misal…'
    """
    text = visible(text[: 4 * width + 4])  # of a very long text the start is enough to measure
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
    kind : {'name', 'value', 'number'}
        A name may be cropped; a value has a bar behind it; a number stands to the right.
    rank : int
        0: always shown; of the others those with the lowest rank, as far as there is room.
    lines : int
        How many lines a name may take.
    """

    head: str
    kind: Literal["name", "value", "number"] = "name"
    rank: int = 0
    lines: int = 1


@dataclass(frozen=True)
class Row:
    """Cells of a row, and the share that its bar shows."""

    cells: Sequence[str]
    share: float | None = None


@dataclass(frozen=True)
class Grid:
    """Rows under headings, laid out to the width that there is.

    Attributes
    ----------
    fields : sequence of Field
        Columns.
    rows : sequence of Row
        The rows.
    among : sequence of Row
        Rows that the widths are made for: these and those of grids below.
    heads : bool
        Whether the headings are shown.
    """

    fields: Sequence[Field]
    rows: Sequence[Row]
    among: Sequence[Row] = ()
    heads: bool = True

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the table."""
        mark = signs(options)
        if not self._fits(options.max_width):
            yield self._merged(mark)
            return
        bar = bar_width(options.max_width)
        widths = self._widths(options.max_width, bar)
        table = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False, show_header=self.heads)
        for i, width in widths.items():
            table.add_column(
                Text(self.fields[i].head),
                justify="right" if self.fields[i].kind == "number" else "left",
                width=width,
                header_style="dim",
                overflow="fold",
                vertical="top",
            )
        for row in self.rows:
            table.add_row(*(self._cell(row, i, width, bar, mark) for i, width in widths.items()))
        yield table

    def _cell(self, row: Row, i: int, width: int, bar: int, mark: Signs) -> Text:
        field = self.fields[i]
        if field.kind == "name":
            return Text(crop(row.cells[i], width * field.lines, mark.more))
        if field.kind == "number":
            return Text(row.cells[i], style="yellow" if row.cells[i].startswith(MARK) else "")
        digits = self._longest(i)
        value = Text(row.cells[i].rjust(digits), style="bold")
        if row.share is not None:
            value.append(" " + mark.bar(row.share, bar), style="not bold cyan")
        return value

    def _fits(self, width: int) -> bool:
        """Whether each name has room for a dozen letters."""
        needed = [i for i, one in enumerate(self.fields) if not one.rank]
        names = [i for i in needed if self.fields[i].kind == "name"]
        natural = {i: self._natural(i, bar_width(width)) for i in needed}
        least = sum(min(size, 12) if i in names else size for i, size in natural.items())
        return len(names) < 2 or least + GAP * (len(needed) - 1) <= width

    def _merged(self, mark: Signs) -> Grid:
        """Put all names in one column, for a narrow terminal."""
        names = [i for i, one in enumerate(self.fields) if one.kind == "name"]
        others = [one for one in self.fields if one.kind != "name"]

        def merge(rows: Sequence[Row]) -> list[Row]:
            return [
                Row(
                    [
                        mark.dot.join(row.cells[i] for i in names if row.cells[i]),
                        *(cell for i, cell in enumerate(row.cells) if i not in names),
                    ],
                    row.share,
                )
                for row in rows
            ]

        head = mark.dot.join(self.fields[i].head for i in names if self.fields[i].head)
        fields = [Field(head, lines=3), *others]
        return Grid(fields, merge(self.rows), merge(self.among), self.heads)

    def _widths(self, width: int, bar: int) -> dict[int, int]:
        """Columns that are shown, and their widths."""
        natural = [self._natural(i, bar) for i in range(len(self.fields))]
        sizes = {i: min(natural[i], NAME) for i, one in enumerate(self.fields) if not one.rank}
        names = [i for i in sizes if self.fields[i].kind == "name"]
        spare = width - sum(sizes.values()) - GAP * (len(sizes) - 1)
        while spare < 0 and any(sizes[i] > 6 for i in names):
            longest = max(names, key=lambda i: sizes[i])
            sizes[longest] -= 1
            spare += 1
        optional = [i for i, one in enumerate(self.fields) if one.rank]
        for i in sorted(optional, key=lambda i: self.fields[i].rank):
            if natural[i] + GAP > spare:
                break
            sizes[i] = natural[i]
            spare -= natural[i] + GAP
        for i in names:
            grown = max(min(natural[i] - sizes[i], spare), 0)
            sizes[i], spare = sizes[i] + grown, spare - grown
        return dict(sorted(sizes.items()))

    def _natural(self, i: int, bar: int) -> int:
        """Width that a column would take if there were no end of it."""
        drawn = bar + 1 if self.fields[i].kind == "value" else 0
        heads = [cell_len(line) for line in self.fields[i].head.split("\n")]
        return max(self._longest(i) + drawn, *heads)

    def _longest(self, i: int) -> int:
        texts = [visible(row.cells[i][:400]) for row in self.among or self.rows]
        return max(map(cell_len, texts), default=0)
