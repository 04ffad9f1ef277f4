"""Examples that ship with the package: real data, each with its study file and its source."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from dissensus.errors import DissensusError, nearest
from dissensus.study.study_file import Study, load_study

__all__ = ["Example", "ShippedError", "copy_example", "example", "examples", "study_of"]

STUDY = "study.toml"


class ShippedError(DissensusError, LookupError):
    """An example that there is not, or that cannot be copied to where it was asked."""


@dataclass(frozen=True)
class Example:
    """A shipped example.

    Attributes
    ----------
    name : str
        What to type.
    folder : Path
        Where its data, ``study.toml`` and ``SOURCE.md`` are.
    study : Study
        What its study file says.
    """

    name: str
    folder: Path
    study: Study


def _folders() -> dict[str, Path]:
    room = Path(str(files("dissensus.study") / "examples"))
    return {path.parent.name: path.parent for path in sorted(room.glob(f"*/{STUDY}"))}


def examples() -> list[Example]:
    """All shipped examples, by name."""
    return [
        Example(name, folder, load_study(folder / STUDY)) for name, folder in _folders().items()
    ]


def example(name: str) -> Example:
    """One shipped example.

    Raises
    ------
    ShippedError
        There is none of that name.
    """
    folders = _folders()
    if name not in folders:
        raise ShippedError(
            f"there is no example {name!r}",
            "the name of a shipped example",
            f"{nearest(name, folders)} (dissensus examples lists them)",
        )
    return Example(name, folders[name], load_study(folders[name] / STUDY))


def study_of(source: str) -> Study | None:
    """Study that a source names: a study file, a folder with one, a shipped example; else None.

    What is there under that name in the working folder goes before what is shipped.
    """
    path = Path(source)
    if path.suffix.lower() == ".toml":
        return load_study(path)
    if path.is_dir() and (path / STUDY).is_file():
        return load_study(path / STUDY)
    folder = _folders().get(source)
    return load_study(folder / STUDY) if folder and not path.exists() else None


def copy_example(name: str, folder: str | Path | None = None) -> Path:
    """Copy an example into a folder of its own.

    Parameters
    ----------
    name : str
        Name of the example.
    folder : str or Path, optional
        Where to; a new folder of the example's name if not given.

    Returns
    -------
    Path
        The folder, which holds ``study.toml``, ``SOURCE.md`` and the data.

    Raises
    ------
    ShippedError
        There is no such example, or a file would be overwritten.
    """
    source = example(name).folder
    target = Path(name if folder is None else folder)
    parts = [path for path in sorted(source.iterdir()) if path.is_file()]
    taken = [target / path.name for path in parts if (target / path.name).exists()]
    if taken or (target.exists() and not target.is_dir()):
        raise ShippedError(
            f"{taken[0] if taken else target} exists already",
            "a new or empty folder: what is there is never overwritten",
            f"name another folder: dissensus examples copy {name} FOLDER",
        )
    try:
        target.mkdir(parents=True, exist_ok=True)
        for path in parts:
            shutil.copyfile(path, target / path.name)
    except OSError as error:
        raise ShippedError(
            f"cannot write {target}: {error.strerror}",
            "a folder that may be written to",
            f"name another folder: dissensus examples copy {name} FOLDER",
        ) from error
    return target
