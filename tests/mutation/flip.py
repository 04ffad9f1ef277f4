"""Flip one operator or number of a formula at a time and see whether a test fails.

Usage: python tests/mutation/flip.py [FILE ...]

Prints every flip that no test notices. Not part of the test run: it takes some minutes.
"""

import ast
import copy
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FORMULAS = [
    "src/dissensus/measure/blocks.py",
    "src/dissensus/measure/friction.py",
    "src/dissensus/measure/misalignment.py",
    "src/dissensus/measure/between.py",
    "src/dissensus/measure/mean_over_areas.py",
    "src/dissensus/measure/normalised.py",
]
# by the folder of what is changed; the quick ones first, and one engine is enough for a formula
TESTS = {
    "src/dissensus/measure/conflicts": [
        "tests/unit/test_conflict_models.py",
        "tests/unit/test_judged.py",
    ],
    "src/dissensus/measure/network.py": [
        "tests/unit/test_network.py",
        "tests/engines/test_network.py",
    ],
    "src/dissensus/measure": [
        "tests/known/test_single_goal.py",
        "tests/laws/test_arrays.py",
        "tests/unit/test_tally.py",
        "tests/unit/test_bad_input.py",
        "tests/engines/test_integers.py",
        "tests/laws/test_measure_laws.py",
        "tests/laws/test_brute_force.py",
        "tests/known/test_by_hand.py",
    ],
    "src/dissensus/system/rules": [
        "tests/known/test_rules_known.py",
        "tests/unit/system/test_rules.py",
        "tests/laws/test_rules_laws.py",
    ],
    "src/dissensus/system/relations": [
        "tests/known/test_relations_known.py",
        "tests/unit/system/relations",
        "tests/laws/test_relations_laws.py",
    ],
    "src/dissensus/system/audit": [
        "tests/known/test_audit_known.py",
        "tests/unit/system/test_audit.py",
        "tests/laws/test_audit_laws.py",
        "tests/unit/study/test_audits.py",
    ],
    "src/dissensus/system": [
        "tests/known/test_rules_known.py",
        "tests/unit/system/test_checks.py",
        "tests/unit/system/test_pareto.py",
        "tests/unit/system/test_scale.py",
        "tests/unit/system/test_description.py",
        "tests/laws/test_rules_laws.py",
    ],
}
SELECTED = "not (pandas or polars or duckdb or csv)"
OPERATORS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}


def flips(tree: ast.Module) -> Iterator[tuple[str, ast.Module]]:
    """Every program that differs by one operator or one number, with words for the flip."""
    places = [
        (index, node)
        for index, node in enumerate(ast.walk(tree))
        if isinstance(node, ast.BinOp | ast.Compare | ast.BoolOp | ast.AugAssign)
        or (isinstance(node, ast.Constant) and type(node.value) in (int, float))
    ]
    typed = {id(part) for node in ast.walk(tree) for part in _annotations(node)}
    for index, node in places:
        if id(node) in typed:
            continue
        changed = copy.deepcopy(tree)
        target = next(other for i, other in enumerate(ast.walk(changed)) if i == index)
        before = ast.unparse(node)
        if not _flip(target):
            continue
        yield f"line {node.lineno}: {before}  ->  {ast.unparse(target)}", changed


def _annotations(node: ast.AST) -> Iterator[ast.AST]:
    for field in ("annotation", "returns"):
        part = getattr(node, field, None)
        if part is not None:
            yield from ast.walk(part)
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp):
        names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        if any(name[:1].isupper() for name in names):  # a union of types
            yield from ast.walk(node.value)


def _flip(node: ast.AST) -> bool:
    if isinstance(node, ast.Compare):
        kind = OPERATORS.get(type(node.ops[0]))
        if kind:
            node.ops[0] = kind()  # type: ignore[call-overload]
        return kind is not None
    if isinstance(node, ast.Constant):
        node.value = node.value + 1
        return True
    kind = OPERATORS.get(type(node.op))  # type: ignore[attr-defined]
    if kind:
        node.op = kind()  # type: ignore[attr-defined]
    return kind is not None


def survives(folder: Path, name: str, program: ast.Module) -> bool:
    """Whether all tests pass with the changed program."""
    file = folder / name
    original = file.read_text(encoding="utf-8")
    file.write_text(ast.unparse(ast.fix_missing_locations(program)), encoding="utf-8")
    try:
        environment = os.environ | {
            "PYTHONPATH": str(folder / "src"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "HYPOTHESIS_STORAGE_DIRECTORY": str(folder / "examples"),
        }
        options = ["-q", "-x", "-p", "no:cacheprovider", "-k", SELECTED]
        tests = TESTS[max((known for known in TESTS if name.startswith(known)), key=len)]
        command = [sys.executable, "-m", "pytest", *options, *tests]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, check=False, timeout=600
        )
    except subprocess.TimeoutExpired:
        return False
    finally:
        file.write_text(original, encoding="utf-8")
    return done.returncode == 0


def main() -> None:
    names = sys.argv[1:] or FORMULAS
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        shutil.copytree(ROOT / "src", folder / "src")
        total = survived = 0
        for name in names:
            tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
            for words, program in flips(tree):
                total += 1
                if survives(folder, name, program):
                    survived += 1
                    print(f"survives  {name} {words}", flush=True)
        print(f"{total} flips, {survived} survive")


if __name__ == "__main__":
    main()
