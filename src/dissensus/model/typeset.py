"""A table as Markdown or LaTeX: for people, so words for ids and rounded numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pyarrow as pa

from dissensus.model.columns import column
from dissensus.model.spelling import is_number, label_names, shown_names, spelled

__all__ = ["latex_lines", "markdown_lines"]

# All that may be read as markup inside a table's cell.
_MARKDOWN = re.compile(r"([\\`*_\[\]|~$])")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}

_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "[": "{[}",  # after a line's end a bracket would be read as an option
    "]": "{]}",
}


def markdown_lines(table: pa.Table) -> Iterator[str]:
    r"""Lines of a Markdown table.

    Examples
    --------
    >>> list(markdown_lines(pa.table({"party": ["a|b"], "misalignment": [0.5]})))
    ['| party | misalignment |', '| :--- | ---: |', '| a\\|b | 0.500 |']
    """
    names = shown_names(table)
    yield _row([_markdown(column(name).label) for name in names])
    yield _row(["---:" if is_number(table, name) else ":---" for name in names])
    for cells in _cells(table, names, _markdown):
        yield _row(cells)


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def latex_lines(table: pa.Table) -> Iterator[str]:
    """Lines of a LaTeX ``tabular`` with the rules of the package booktabs."""
    names = shown_names(table)
    yield r"% needs \usepackage{booktabs}"
    alignment = "".join("r" if is_number(table, name) else "l" for name in names)
    yield rf"\begin{{tabular}}{{{alignment}}}"
    yield r"\toprule"
    yield " & ".join(_latex(column(name).label) for name in names) + r" \\"
    yield r"\midrule"
    for cells in _cells(table, names, _latex):
        yield " & ".join(cells) + r" \\"
    yield r"\bottomrule"
    yield r"\end{tabular}"


def _cells(
    table: pa.Table, names: list[str], escape: Callable[[str], str], batch: int = 10_000
) -> Iterator[list[str]]:
    labels = label_names(table.column_names)
    units = {name: column(name).unit for name in names}
    for start in range(0, table.num_rows, batch):
        for row in table.slice(start, batch).to_pylist():
            words = {name: row[label] for name, label in labels.items() if row[label] is not None}
            yield [escape(spelled({**row, **words}[name], units[name])) for name in names]


def _markdown(text: str) -> str:
    text = re.sub("[&<>]", lambda match: _ENTITIES[match.group()], text)
    return _MARKDOWN.sub(r"\\\1", text)


def _latex(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in text)
