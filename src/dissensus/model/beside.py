"""Write a file beside its place and put it there whole: never half a file."""

from __future__ import annotations

import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

__all__ = ["beside"]


@contextmanager
def beside(path: Path) -> Iterator[BinaryIO]:
    """Open a file beside ``path`` that takes its place once all went well."""
    target = path.resolve()  # a link stays a link
    if target.exists() and not stat.S_ISREG(target.stat().st_mode):
        with target.open("wb") as file:  # a device or a pipe cannot be replaced
            yield file
        return
    part = target.with_name(f".dissensus-{secrets.token_hex(8)}.part")
    try:
        with part.open("xb") as file:
            yield file
        if target.exists():
            part.chmod(stat.S_IMODE(target.stat().st_mode))
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
