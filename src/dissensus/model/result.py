"""A result: what was asked, the answer, and where it came from. Nobody downstream computes."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from dissensus.errors import DissensusError

if TYPE_CHECKING:
    import pandas
    import polars

__all__ = ["SCHEMA", "Result"]

SCHEMA = "dissensus/result/1"


@dataclass(frozen=True, eq=False)
class Result:
    """The answer to one question, frozen, with its provenance.

    Attributes
    ----------
    rows : pyarrow.Table
        The main table; a value that cannot be given is null, and ``reasons`` says why.
    summary : mapping
        Named scalars: the head line, the answer in words, the largest values.
    tables : mapping of str to pyarrow.Table
        Further tables: ``overall`` (means over areas), ``readings`` ...
    provenance : mapping
        Source, roles and conventions in words, digest of the tally, seed, versions, and the
        description of every column.

    Examples
    --------
    >>> import dissensus as ds
    >>> result = ds.misalignment({"agent": [1, 2], "goal": ["ban", "allow"]})
    >>> result.rows.column("misalignment").to_pylist()
    [0.5]
    """

    rows: pa.Table
    summary: Mapping[str, Any] = field(default_factory=dict)
    tables: Mapping[str, pa.Table] = field(default_factory=dict)
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def table(self) -> pa.Table:
        """The main table as PyArrow."""
        return self.rows

    def to_pandas(self) -> pandas.DataFrame:
        """Return the main table as a pandas data frame; needs pandas."""
        _needs("pandas")
        frame: pandas.DataFrame = self.rows.to_pandas()
        return frame

    def to_polars(self) -> polars.DataFrame:
        """Return the main table as a Polars data frame; needs Polars."""
        _needs("polars")
        import polars

        return polars.DataFrame(self.rows)

    def text(self, format: str) -> str:
        """Return the result as ``csv``, ``json``, ``markdown`` or ``latex``.

        JSON holds all of it (``dissensus schema result`` describes it); the others hold ``rows``.
        """
        from dissensus.model.formats import as_text

        return as_text(self, format)

    def save(self, path: str | Path, format: str | None = None) -> Path:
        """Write the result to a file; the format follows from the name unless it is given.

        ``.json`` holds all of it; ``.csv``, ``.parquet``, ``.md`` and ``.tex`` hold ``rows``. The
        file is written beside and renamed, so that there is never half a file.
        """
        from dissensus.model.formats import write

        return write(self, Path(path), format)

    def __repr__(self) -> str:
        names = ", ".join(self.tables) or "none"
        head = self.summary.get("head_line", "")
        return f"Result: {self.rows.num_rows:,} rows; tables: {names}\n{head}\n{self._preview()}"

    def _repr_html_(self, limit: int = 20) -> str:
        names = self.rows.column_names
        head = "".join(f"<th>{html.escape(name)}</th>" for name in names)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(_shown(row[n]))}</td>" for n in names) + "</tr>"
            for row in self.rows.slice(0, limit).to_pylist()
        )
        more = max(self.rows.num_rows - limit, 0)
        foot = f"<p>{more:,} more rows</p>" if more else ""
        line = html.escape(str(self.summary.get("head_line", "")))
        return (
            f"<p>{line}</p><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{foot}"
        )

    def _preview(self, limit: int = 10) -> str:
        names = [name for name in self.rows.column_names if name != "reasons"]
        shown = [[_shown(row[n]) for n in names] for row in self.rows.slice(0, limit).to_pylist()]
        widths = [
            max(len(name), *(len(line[i]) for line in shown)) if shown else len(name)
            for i, name in enumerate(names)
        ]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in [names, *shown]
        ]
        more = self.rows.num_rows - len(shown)
        return "\n".join([*lines, f"... {more:,} more"] if more > 0 else lines)


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list) and all(isinstance(part, tuple) for part in value):  # a map column
        return "; ".join(f"{key}: {text}" for key, text in value)
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    return str(value)


def _needs(package: str) -> None:
    from importlib.util import find_spec

    if find_spec(package) is None:
        raise DissensusError(
            f"{package} is not installed",
            f"the package {package}",
            f"pip install {package}",
        )
