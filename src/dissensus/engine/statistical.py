"""Read the files of SPSS, Stata and SAS: values with their words, missing codes kept apart."""

from __future__ import annotations

import atexit
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from dissensus.engine.codebook import Codebook
from dissensus.errors import DissensusError

__all__ = ["StatisticalFileError", "open_statistical"]

# from the ending to pyreadstat's reader, and whether it can tell declared missing codes
_READERS = {
    ".sav": ("read_sav", True),
    ".zsav": ("read_sav", True),
    ".por": ("read_por", False),
    ".dta": ("read_dta", True),
    ".sas7bdat": ("read_sas7bdat", True),
    ".xpt": ("read_xport", False),
}

# so many values are held at a time
_CELLS = 4_000_000
# marks the column of numbers beside a column of words; no program lets a user type it
_HIDDEN = "\x1f"
_EXACT = 2**53
# each column is kept as its numbers, and as what is none
_PARTS = (("v", pa.float64()), ("t", pa.string()))
# letters of the special missing values of Stata and SAS
_TAG = "^[A-Za-z_]$"


class StatisticalFileError(DissensusError, ValueError):
    """A file of SPSS, Stata or SAS that cannot be read."""


class _Codes(NamedTuple):
    """Codes of one column: labels by code, and which are declared missing."""

    labels: Mapping[Any, str]
    ranges: Sequence[tuple[Any, Any]]


@dataclass
class _Seen:
    """What the values of one column turned out to be."""

    is_text: bool
    whole: bool = True  # no number with a fraction
    numbers: bool = False
    missing: set[Any] = field(default_factory=set)


def open_statistical(
    connection: duckdb.DuckDBPyConnection, path: str
) -> tuple[duckdb.DuckDBPyRelation, Codebook]:
    """Open a file as a relation of ``connection``.

    The file is read in pieces into a temporary Parquet file, so that its size does not matter.
    A column with value labels or declared missing codes holds words; its codes stand beside it.

    Raises
    ------
    StatisticalFileError
        pyreadstat is not installed, or cannot read the file.
    """
    reader = _reader(path)
    pieces = reader.pieces()
    names, is_text, codes, questions = reader.about()
    seen = {name: _Seen(is_text[name]) for name in names}
    with tempfile.NamedTemporaryFile(suffix=".parquet", delete=False) as spool:
        atexit.register(Path(spool.name).unlink, missing_ok=True)
        fields = [(f"{part}{i}", kind) for i in range(len(names)) for part, kind in _PARTS]
        with pa.parquet.ParquetWriter(spool.name, pa.schema(fields)) as writer:
            for piece in pieces:
                arrays: list[pa.Array] = []
                for name in names:
                    number, text = _split(piece[name], is_text=is_text[name])
                    _look(seen[name], number, text, codes[name].ranges)
                    arrays += [number, text]
                writer.write_table(pa.table(arrays, schema=pa.schema(fields)))
    built = [_column(i, name, seen[name], codes[name]) for i, name in enumerate(names)]
    relation = connection.read_parquet(spool.name)
    relation = relation.project(", ".join(part for one in built for part in one.expressions))
    worded = {name: one for name, one in zip(names, built, strict=True) if one.words is not None}
    return relation, Codebook(
        {name: one.words for name, one in worded.items() if one.words is not None},
        {name: one.missing for name, one in worded.items()},
        {name: _HIDDEN + name for name, one in worded.items() if len(one.expressions) > 1},
        {name: text for name, text in questions.items() if text},
    )


class _Column(NamedTuple):
    expressions: list[str]
    words: Mapping[str, str] | None = None
    missing: Mapping[str, str] = {}


@dataclass
class _File:
    """One file, read in pieces; value labels of SAS stand in a file of their own."""

    path: str
    function: Any
    options: Mapping[str, Any]
    error: type[Exception]
    catalogue: _File | None = None
    meta: Any = None

    def _read(self, **limits: Any) -> dict[str, list[Any]]:
        try:
            piece, self.meta = self.function(
                self.path, output_format="dict", **self.options, **limits
            )
        except (self.error, OSError, OverflowError, UnicodeError, ValueError) as error:
            raise StatisticalFileError(
                f"cannot read {self.path}: {error}",
                "a complete file of the kind that its ending says",
                "write the file anew, or save it as CSV; check that its ending is right",
            ) from error
        return piece  # type: ignore[no-any-return]

    def about(
        self,
    ) -> tuple[list[str], dict[str, bool], dict[str, _Codes], Mapping[str, str | None]]:
        """Names; which are text; codes; wording of the questions."""
        names = list(self.meta.column_names)
        if not names:
            raise StatisticalFileError(
                f"{self.path} has no columns", "columns and rows", "check the file"
            )
        is_text = {name: self.meta.readstat_variable_types.get(name) == "string" for name in names}
        labels = self._labels()
        codes = {
            name: _Codes(
                labels.get(name, {}),
                [_range(one) for one in self.meta.missing_ranges.get(name, ())],
            )
            for name in names
        }
        return names, is_text, codes, dict(self.meta.column_names_to_labels)

    def _labels(self) -> Mapping[str, Mapping[Any, str]]:
        """Value labels by column."""
        if self.catalogue is None:
            return self.meta.variable_value_labels  # type: ignore[no-any-return]
        self.catalogue._read()
        sets = self.catalogue.meta.value_labels
        return {name: sets.get(one, {}) for name, one in self.meta.variable_to_label.items()}

    def pieces(self) -> Iterator[dict[str, list[Any]]]:
        """Pieces of the file, the first of which is read at once, for what it says of itself."""
        first = self._read(row_limit=1)
        size = max(1, _CELLS // max(len(self.meta.column_names), 1))
        return self._pieces(first, size)

    def _pieces(self, piece: dict[str, list[Any]], size: int) -> Iterator[dict[str, list[Any]]]:
        start = 0
        while piece and len(next(iter(piece.values()))):
            piece = self._read(row_limit=size, row_offset=start)
            if piece and len(next(iter(piece.values()))):
                yield piece
            start += size


def _reader(path: str) -> _File:
    name, tells_missing = _READERS[Path(path).suffix.lower()]
    try:
        import pyreadstat
    except ImportError as error:
        raise StatisticalFileError(
            f"{path} needs the package pyreadstat, which is not installed",
            "the extra for files of SPSS, Stata and SAS",
            "pip install 'dissensus[spss]'",
        ) from error
    options: dict[str, Any] = {"user_missing": True} if tells_missing else {}
    catalogue = Path(path).with_suffix(".sas7bcat")
    labels = None
    if name == "read_sas7bdat" and catalogue.is_file():
        labels = _File(str(catalogue), pyreadstat.read_sas7bcat, {}, pyreadstat.ReadstatError)
    return _File(path, getattr(pyreadstat, name), options, pyreadstat.ReadstatError, labels)


def _range(one: Any) -> tuple[Any, Any]:
    return (one["lo"], one["hi"]) if isinstance(one, Mapping) else (one, one)


def _split(values: Sequence[Any], *, is_text: bool) -> tuple[pa.Array, pa.Array]:
    """Numbers; and what is none: text, dates, the letters of special missing values."""
    if not is_text:
        try:
            return pa.array(values, pa.float64(), from_pandas=True), pa.nulls(
                len(values), pa.string()
            )
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            pass
    numbers = [value if isinstance(value, int | float) else None for value in values]
    texts = [
        None if value is None or value == "" or isinstance(value, int | float) else str(value)
        for value in values
    ]
    return pa.array(numbers, pa.float64(), from_pandas=True), pa.array(texts, pa.string())


def _look(seen: _Seen, number: pa.Array, text: pa.Array, ranges: Sequence[tuple[Any, Any]]) -> None:
    if number.null_count < len(number):
        seen.numbers = True
        broken = pc.or_(pc.not_equal(pc.floor(number), number), pc.greater(pc.abs(number), _EXACT))
        seen.whole = seen.whole and not pc.any(broken).as_py()
    if text.null_count < len(text) and not seen.is_text:
        tags = pc.filter(text, pc.match_substring_regex(text, _TAG))
        seen.missing.update(pc.unique(tags).to_pylist())
    for low, high in ranges:
        values = text if seen.is_text else number
        within = pc.and_(pc.greater_equal(values, low), pc.less_equal(values, high))
        seen.missing.update(pc.unique(pc.filter(values, within)).to_pylist())


def _column(place: int, name: str, seen: _Seen, codes: _Codes) -> _Column:
    """SQL of one column: as it stands, or its words and the numbers that they stand for."""
    number, text, alias = f"v{place}", f"t{place}", _identifier(name)
    typed = f"CAST({number} AS BIGINT)" if seen.whole else number
    if not (codes.labels or seen.missing):
        return _Column([f"{typed if seen.numbers else text} AS {alias}"])
    labels = _distinct_words(codes.labels)
    lost = seen.missing | {code for code in labels if _is_missing(code, seen, codes.ranges)}
    missing = {code: labels.get(code, _unlabelled(code, seen)) for code in sorted(lost, key=str)}
    words = {code: word for code, word in labels.items() if code not in missing}
    cases = [
        f"WHEN {text if isinstance(code, str) else number} = {_literal(code)} THEN {_literal(word)}"
        for code, word in {**words, **missing}.items()
    ]
    plain = f"coalesce({text}, CAST({typed} AS VARCHAR))"
    expressions = [f"CASE {' '.join(cases)} ELSE {plain} END AS {alias}"]
    if not seen.is_text:
        none = ", ".join(_literal(code) for code in missing if not isinstance(code, str))
        value = f"CASE WHEN {number} IN ({none}) THEN NULL ELSE {typed} END" if none else typed
        expressions.append(f"{value} AS {_identifier(_HIDDEN + name)}")
    return _Column(
        expressions,
        {word: spelt(code) for code, word in words.items()},
        {word: _dotted(code, seen) for code, word in missing.items()},
    )


def _is_missing(code: Any, seen: _Seen, ranges: Sequence[tuple[Any, Any]]) -> bool:
    """Whether a labelled code is declared missing: in a range, or the letter of a missing value."""
    if isinstance(code, str) and not seen.is_text:
        return True
    return any(low <= code <= high for low, high in ranges)


def _dotted(code: Any, seen: _Seen) -> str:
    """Spell a code as its program does: .a for a missing value with a letter."""
    return f".{code}" if isinstance(code, str) and not seen.is_text else spelt(code)


def _unlabelled(code: Any, seen: _Seen) -> str:
    return f"missing {_dotted(code, seen)}"


def _distinct_words(labels: Mapping[Any, str]) -> dict[Any, str]:
    """Labels, with the code behind where two codes share one, or where it reads as a code."""
    stripped = {code: str(label).strip() for code, label in labels.items()}
    counts: dict[str, int] = {}
    for label in stripped.values():
        counts[label] = counts.get(label, 0) + 1
    codes = {spelt(code) for code in labels}
    return {
        code: spelt(code)
        if not label
        else f"{label} ({spelt(code)})"
        if counts[label] > 1 or (label in codes and label != spelt(code))
        else label
        for code, label in stripped.items()
    }


def spelt(code: Any) -> str:
    """Spell a code as text: whole numbers without a point."""
    if isinstance(code, float) and code.is_integer():
        return str(int(code))
    return str(code)


def _literal(value: Any) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return f"CAST({value!r} AS DOUBLE)"


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
