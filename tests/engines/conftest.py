"""One fixture, every engine: a function that turns an Arrow table into what is counted."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.frames import FILES, FRAMES, Writer


@pytest.fixture(params=FRAMES)
def frame(request: pytest.FixtureRequest) -> Callable[[pa.Table], Any]:
    """Make a frame of one kind, with the types of the table."""
    return FRAMES[request.param]


@pytest.fixture(params=[*FRAMES, "csv", "parquet"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[pa.Table], Any]:
    """Make a frame, or a file of text or of typed columns."""
    return FRAMES.get(request.param) or _writer(FILES[request.param], tmp_path)


@pytest.fixture(params=FILES)
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[pa.Table], str]:
    """Write a file of one kind."""
    return _writer(FILES[request.param], tmp_path)


def _writer(write: Writer, tmp_path: Path) -> Callable[[pa.Table], str]:
    made = iter(range(1000))

    def into_folder(table: pa.Table) -> str:
        folder = tmp_path / str(next(made))  # a data file and its roster do not meet
        folder.mkdir()
        return write(table, folder)

    return into_folder
