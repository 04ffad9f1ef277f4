"""Write files of SAS with the C library inside pyreadstat, which itself writes none of them."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyreadstat

_DOUBLE = 5
_WRITE = ctypes.CFUNCTYPE(ctypes.c_ssize_t, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p)


def write_sas(
    path: Path,
    columns: Mapping[str, Sequence[float | str | None]],
    labels: Mapping[str, Mapping[float, str]],
) -> None:
    """Write ``path`` (.sas7bdat), and the labels into a catalogue beside it.

    A letter among the numbers is a special missing value.
    """
    (folder,) = {Path(str(pyreadstat.__file__)).parent}
    library = ctypes.CDLL(str(next(folder.glob("_readstat_writer*.so"))))
    library.readstat_writer_init.restype = ctypes.c_void_p
    for name in ("add_variable", "add_label_set"):
        getattr(library, f"readstat_{name}").restype = ctypes.c_void_p

    def call(name: str, *values: object) -> int:
        return int(getattr(library, f"readstat_{name}")(*values) or 0)

    def writer(out: list[bytes]) -> tuple[ctypes.c_void_p, object]:
        def keep(data: int, size: int, _context: int) -> int:
            out.append(ctypes.string_at(data, size))
            return size

        callback = _WRITE(keep)
        made = ctypes.c_void_p(library.readstat_writer_init())
        call("set_data_writer", made, callback)
        return made, callback

    catalogue: list[bytes] = []
    made, _kept = writer(catalogue)
    for name, words in labels.items():
        new = library.readstat_add_label_set(made, _DOUBLE, name.upper().encode())
        for code, word in words.items():
            call("label_double_value", ctypes.c_void_p(new), ctypes.c_double(code), word.encode())
    assert call("begin_writing_sas7bcat", made, None) == 0
    assert call("end_writing", made) == 0
    path.with_suffix(".sas7bcat").write_bytes(b"".join(catalogue))

    data: list[bytes] = []
    made, _kept_too = writer(data)
    variables = {}
    for name in columns:
        pointer = library.readstat_add_variable(made, name.encode(), _DOUBLE, ctypes.c_size_t(8))
        variables[name] = ctypes.c_void_p(pointer)
        if name in labels:
            call("variable_set_format", variables[name], name.upper().encode())
    rows = list(zip(*columns.values(), strict=True))
    assert call("begin_writing_sas7bdat", made, None, ctypes.c_long(len(rows))) == 0
    for row in rows:
        assert call("begin_row", made) == 0
        for variable, value in zip(variables.values(), row, strict=True):
            if value is None:
                call("insert_missing_value", made, variable)
            elif isinstance(value, str):
                call("insert_tagged_missing_value", made, variable, ctypes.c_char(value.encode()))
            else:
                call("insert_double_value", made, variable, ctypes.c_double(value))
        assert call("end_row", made) == 0
    assert call("end_writing", made) == 0
    path.write_bytes(b"".join(data))
