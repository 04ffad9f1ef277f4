"""Rules of the house that a script can check."""

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import dissensus as ds
from dissensus.errors import DissensusError

SOURCE = Path(ds.__file__).parent
ROOT = Path(__file__).parents[2]
FILES = sorted(SOURCE.rglob("*.py"))
WALKED = [name for _, name, _ in pkgutil.walk_packages([str(SOURCE)], "dissensus.")]
MODULES = sorted(name for name in WALKED if not name.rpartition(".")[2].startswith("_"))
ROOMS = {path.name for path in SOURCE.iterdir() if (path / "__init__.py").exists()}


def relative(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in FILES:
        yield path, ast.parse(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["dissensus", *MODULES])
def test_public_names_exist_and_are_sorted(name: str) -> None:
    module = importlib.import_module(name)
    if module.__doc__ and not hasattr(module, "__all__"):
        path = Path(str(module.__file__))
        assert path.name == "__init__.py", f"{name} does not say what is public"
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 5
        return
    public = list(module.__all__)
    assert len(set(public)) == len(public)
    assert public == sorted(public, key=_as_ruff_sorts)
    for one in public:
        assert getattr(module, one) is not None


def _as_ruff_sorts(name: str) -> tuple[int, str]:
    """Constants, classes, the rest."""
    if name.isupper():
        return 0, name
    return (1, name) if name[:1].isupper() else (2, name)


def test_the_face_is_lazy_and_complete() -> None:
    """What is imported for type checkers is what is loaded on demand."""
    assert set(ds.__all__) - {"__version__"} == set(ds._HOMES)
    assert dir(ds) == sorted(ds.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        ds.nothing  # noqa: B018
    loaded = "import sys, dissensus; print([m for m in sys.modules if m in ('numpy', 'duckdb')])"
    done = subprocess.run(
        [sys.executable, "-c", loaded], capture_output=True, check=True, text=True
    )
    assert done.stdout.strip() == "[]"


def test_no_public_function_has_the_name_of_a_room() -> None:
    for name in MODULES:
        public = getattr(importlib.import_module(name), "__all__", ())
        assert not ROOMS & set(public), name


def test_no_room_for_what_has_no_home() -> None:
    forbidden = {"utils", "util", "helpers", "helper", "misc", "common", "tools"}
    assert not forbidden & {
        part for path in FILES for part in Path(relative(path)).with_suffix("").parts
    }


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_no_file_is_too_long(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 600


def test_whoever_sees_an_error_can_mend_it() -> None:
    """Every error of ours is a DissensusError and a builtin that fits, and says three things."""
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and node.name.endswith("Error"):
                bases = [ast.unparse(base) for base in node.bases]
                if node.name == "DissensusError":
                    continue
                assert len(bases) == 2, f"{relative(path)}: {node.name}({', '.join(bases)})"
                assert bases[0].endswith("Error")
                assert issubclass(getattr(__import__("builtins"), bases[1]), Exception)
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Error"):
                name = ast.unparse(node.func)
                known = any(name == cls.__name__ for cls in _errors())
                if known and not any(isinstance(arg, ast.Starred) for arg in node.args):
                    assert len(node.args) == 3, f"{relative(path)}:{node.lineno}"


def _errors() -> set[type[DissensusError]]:
    for name in MODULES:
        importlib.import_module(name)
    found: set[type[DissensusError]] = set()
    waiting: list[type[DissensusError]] = [DissensusError]
    while waiting:
        one = waiting.pop()
        found.add(one)
        waiting += one.__subclasses__()
    return found


def test_rows_come_here_through_one_door() -> None:
    """Frames are collected in one place, so that one test can watch what is pulled in."""
    doors = {"collect", "to_arrow", "to_pandas", "to_polars", "fetchall", "fetchdf", "df", "arrow"}
    allowed = {
        ("engine/sources.py", "collect"),  # the door
        ("engine/sources.py", "to_arrow"),
        ("engine/sources.py", "fetchall"),  # names of a database's tables
        ("engine/native.py", "to_pandas"),  # of a small table that is here already
        ("model/result.py", "to_pandas"),  # of a result
    }
    found = set()
    for path, tree in trees():
        if relative(path).split("/")[0] not in ("engine", "study", "measure", "model"):
            continue
        for node in ast.walk(tree):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute) and called.attr in doors:
                found.add((relative(path), called.attr))
    assert found <= allowed


def test_engines_know_no_formula_and_measures_no_row() -> None:
    """The import contract says it of rooms; this of what they lean on."""
    for path, tree in trees():
        room = relative(path).split("/")[0]
        imported = {
            name.split(".")[0]
            for node in ast.walk(tree)
            for name in (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
        }
        third_parties = {
            "model": {"duckdb", "narwhals", "scipy", "pydantic", "rich", "typer"},
            "measure": {"duckdb", "narwhals", "pyarrow", "pandas", "polars", "rich", "typer"},
            "engine": {"scipy", "pydantic", "rich", "typer"},
            "study": {"rich", "typer"},
            "display": {"duckdb", "narwhals", "pydantic", "typer"},
        }
        assert not third_parties.get(room, set()) & imported, relative(path)


def test_nothing_reaches_an_engine_as_text_of_the_user() -> None:
    """SQL is written in two files, where names are quoted; a filter is an expression."""
    words = re.compile(r"\b(SELECT|CREATE|INSERT|UNPIVOT|TRY_CAST|WHERE)\b")
    allowed = {"engine/native.py", "engine/preflib.py"}
    for path, tree in trees():
        docs = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
            if is_text and id(node) not in docs and words.search(str(node.value)):
                assert relative(path) in allowed, f"{relative(path)}:{node.lineno}"


def test_input_is_never_asserted() -> None:
    """An assert vanishes under -O; the only ones are for type checkers."""
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Assert):
                assert "isinstance" in ast.unparse(node.test), f"{relative(path)}:{node.lineno}"


def test_no_address_of_a_machine_or_registry_is_committed() -> None:
    """Neither where this checkout or its environment is, nor where packages come from."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, check=False, text=True
    ).stdout.split()
    if not listed:
        pytest.skip("not a checkout")
    words = [str(ROOT), str(Path.home()), sys.prefix, "index-url", "file:///"]
    forbidden = [word for word in words if len(word) > 4]
    for name in listed:
        path = ROOT / name
        if path.suffix == ".parquet" or not path.is_file() or path == Path(__file__):
            continue
        text = path.read_text(encoding="utf-8", errors="ignore")
        assert not [word for word in forbidden if word in text], name
