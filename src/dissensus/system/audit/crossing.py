"""Cross the axes: every combination, the distinct cells among them, and what comes of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from dissensus.errors import DissensusError
from dissensus.system.audit.axes import AXES, Setting, chosen_values, setting_of
from dissensus.system.audit.case import AuditError, Case, Value
from dissensus.system.audit.cells import Cells, is_defined
from dissensus.system.choice import Choice
from dissensus.system.conventions import ComparabilityError
from dissensus.system.rules import RuleError

__all__ = ["LARGEST", "Crossed", "cross"]

Codes = npt.NDArray[np.int64]
LARGEST = 200_000  # combinations that are still worth their time


@dataclass(frozen=True, eq=False)
class Crossed:
    """All cells of an audit.

    Attributes
    ----------
    case : Case
    cells : Cells
    axes : mapping of str to tuple
        The axes that are crossed, each with at least two values.
    fixed : mapping of str to value
        Axes with one value.
    left_out : mapping of str to str
        Axes that are not crossed, and why.
    settings : tuple of Setting
        The distinct cells.
    choices : tuple of Choice
        What is chosen in each.
    combinations : (combinations, axes) array
        Code of the value on each crossed axis, for every combination that is valid.
    cell_of : (combinations,) array
        The cell that each combination is.
    excluded : mapping of str to int
        Cells without an answer, since the declared comparability rules them out or the rule
        gives up, by the reason.
    """

    case: Case
    cells: Cells
    axes: Mapping[str, tuple[Value, ...]]
    fixed: Mapping[str, Value]
    left_out: Mapping[str, str]
    settings: tuple[Setting, ...]
    choices: tuple[Choice, ...]
    combinations: Codes
    cell_of: Codes
    excluded: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def outcomes(self) -> tuple[tuple[int, ...], ...]:
        """Distinct sets of winners, the most frequent first."""
        sets = [tuple(sorted(c.winners)) for c in self.choices if is_defined(c)]
        return tuple(
            winners
            for winners, _ in sorted(
                Counter(sets).items(), key=lambda pair: (-pair[1], len(pair[0]), pair[0])
            )
        )

    @cached_property
    def outcome_of(self) -> Codes:
        """Outcome of each cell, -1 where nothing is chosen; (cells,)."""
        place = {winners: code for code, winners in enumerate(self.outcomes)}
        return np.array(
            [place[tuple(sorted(c.winners))] if is_defined(c) else -1 for c in self.choices],
            dtype=np.int64,
        )

    @cached_property
    def policies(self) -> Codes:
        """Policy of each cell: equal numbers do the same whatever is seen; (cells,).

        A policy is what is chosen after each observation that the audit crosses. Cells without a
        choice have none and are -1.
        """
        designs: dict[Setting, list[tuple[int, bytes]]] = {}
        seen = self.axes.get("observation", ())
        for one, choice in zip(self.settings, self.choices, strict=True):
            place = seen.index(one.observation) if one.observation in seen else 0
            chances = b"" if choice.dist is None else choice.dist.round(9).tobytes()
            designs.setdefault(one._replace(observation=None), []).append((place, chances))
        known: dict[tuple[tuple[int, bytes], ...], int] = {}
        numbers = {
            design: known.setdefault(tuple(sorted(acts)), len(known))
            for design, acts in designs.items()
        }
        return np.array(
            [
                numbers[one._replace(observation=None)] if is_defined(choice) else -1
                for one, choice in zip(self.settings, self.choices, strict=True)
            ],
            dtype=np.int64,
        )


def cross(case: Case, fix: Mapping[str, Any] | None = None, seed: int = 0) -> Crossed:
    """Cross the axes of a case.

    Parameters
    ----------
    case : Case
        What is audited.
    fix : mapping, optional
        Axes set to one value.
    seed : int
        For the compute models that draw at random.

    Raises
    ------
    AuditError
        More combinations than can be crossed, with the axes to cut; no cell that is valid.
    ComparabilityError
        A rule that is fixed needs more comparability than the case declares.

    Examples
    --------
    >>> from dissensus.system import Part, System, World
    >>> three = System([Part("a", [1, 0.2, 0]), Part("b", [0, 0.6, 1]), Part("c", [1, 0.9, 0])],
    ...                World.of(["sea", "hills", "town"]), "plurality", comparability="unit")
    >>> crossed = cross(Case(three, axes={"rule": ["plurality", "utilitarian", "nash"]}))
    >>> [choice.winner_names for choice in crossed.choices]
    [('sea',), ('sea',), ('hills',)]
    """
    values, left_out = chosen_values(case, fix or {})
    _refuse_too_many(values)
    axes = {name: some for name, some in values.items() if len(some) > 1}
    fixed: dict[str, Any] = {name: some[0] for name, some in values.items() if len(some) == 1}
    cells = Cells(case, seed)
    base = setting_of(case)._replace(**fixed)
    known: dict[Setting, int] = {}
    kept: list[Setting] = []
    choices: list[Choice] = []
    excluded: Counter[str] = Counter()
    rows: list[tuple[int, ...]] = []
    cell_of: list[int] = []
    lost: set[tuple[str, Value]] = set()
    refused: DissensusError | None = None
    sizes = [range(len(some)) for some in axes.values()]
    names = list(axes)
    for codes in product(*sizes):
        chosen: dict[str, Any] = {
            name: axes[name][code] for name, code in zip(names, codes, strict=True)
        }
        setting = cells.distinct(base._replace(**chosen))
        cell = known.get(setting)
        if cell is None:
            try:
                choices.append(cells.choice(setting))
                kept.append(setting)
                cell = len(kept) - 1
            except (ComparabilityError, RuleError) as error:
                excluded[_why(cells.rule_of(setting), error)] += 1
                cell = -1
                refused = refused or (error if setting.rule is not None else None)
            known[setting] = cell
        if cell >= 0:
            rows.append(codes)
            cell_of.append(cell)
        else:
            lost.update(chosen.items())
    if refused and "rule" in (fix or {}) and all(one.rule is None for one in kept):
        raise refused  # readings that ask no rule are no answer to one that was stated
    if not kept:
        raise AuditError(
            f"no reading is left: {'; '.join(excluded)}",
            "a rule that the declared comparability allows",
            "declare more comparability if it is so, or name rules that need less",
        )
    combinations = np.array(rows, dtype=np.int64).reshape(len(rows), len(axes))
    of = np.array(cell_of, dtype=np.int64)
    # a value whose own cells are all excluded is none that anybody could state
    stated = {(name, getattr(one, name)) for one in kept for name in names}
    for place, name in enumerate(names):
        good = [v for v in axes[name] if (name, v) not in lost or (name, v) in stated]
        if 0 < len(good) < len(axes[name]):
            code = {axes[name].index(value): new for new, value in enumerate(good)}
            left = np.isin(combinations[:, place], list(code))
            combinations, of = combinations[left], of[left]
            combinations[:, place] = [code[old] for old in combinations[:, place].tolist()]
            axes[name] = tuple(good)
    several = [place for place, name in enumerate(names) if len(axes[name]) > 1]
    return Crossed(
        case,
        cells,
        {names[place]: axes[names[place]] for place in several},
        fixed | {name: axes[name][0] for name in names if len(axes[name]) == 1},
        left_out,
        tuple(kept),
        tuple(choices),
        combinations[:, several],
        of,
        dict(excluded),
    )


def _why(rule: str, error: DissensusError) -> str:
    return f"rule {rule!r} needs {error.needed}"


def _refuse_too_many(values: Mapping[str, Sequence[Value]]) -> None:
    sizes = {name: len(some) for name, some in values.items() if len(some) > 1}
    count = prod(sizes.values())
    if count <= LARGEST:
        return
    largest = sorted(sizes, key=lambda name: -sizes[name])
    cut: list[str] = []
    left = count
    for name in largest:
        if left <= LARGEST:
            break
        cut.append(name)
        left //= sizes[name]
    told = ", ".join(f"{name} ({sizes[name]})" for name in largest)
    raise AuditError(
        f"{count:,} cells: the product of the axes {told}",
        f"at most {LARGEST:,} cells",
        f"name fewer values of {' and '.join(cut)}, or fix one: --fix {cut[0]}=...",
        cells=count,
        axes=largest,
    )


def labels_of(axes: Mapping[str, Any]) -> dict[str, str]:
    """Words for axes."""
    return {name: AXES[name].label for name in axes}
