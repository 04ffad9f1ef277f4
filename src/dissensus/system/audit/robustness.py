"""What an answer hangs on: every utility is shaken, and the cells are asked again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from dissensus.system.audit.axes import Setting
from dissensus.system.audit.cells import View, is_defined
from dissensus.system.audit.commitments import Commitment
from dissensus.system.audit.crossing import Crossed
from dissensus.system.audit.ground import Shaken
from dissensus.system.choice import Choice
from dissensus.system.rules import RuleError

__all__ = ["DRAWS", "Robustness", "shake"]

Codes = npt.NDArray[np.int64]
DRAWS = 200
# utilities read in a draw; beyond it no further cells are asked, and some stand for the rest
BUDGET = 4_000
_NOTHING: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Robustness:
    """Outcomes of cells under perturbed utilities.

    Attributes
    ----------
    crossed : Crossed
    cells : (c,) array
        The cells that were asked: all, or of a large audit some of each outcome.
    sets : tuple of tuple of int
        Distinct sets of winners; those of the audit come first, in its order.
    drawn : (draws, c) array
        Code of the set that each draw gives in each cell.
    """

    crossed: Crossed
    cells: Codes
    sets: tuple[tuple[int, ...], ...]
    drawn: Codes

    @property
    def draws(self) -> int:
        """Number of draws."""
        return len(self.drawn)

    @property
    def is_whole(self) -> bool:
        """Whether every cell was asked."""
        return len(self.cells) == len(self.crossed.settings)

    def shares(self, place: int) -> list[tuple[tuple[int, ...], float]]:
        """Sets of winners of one of the ``cells``, with the share of draws that give each."""
        codes, counts = np.unique(self.drawn[:, place], return_counts=True)
        return [
            (self.sets[code], float(count / self.draws))
            for code, count in zip(codes, counts, strict=True)
        ]

    @cached_property
    def kept(self) -> npt.NDArray[np.float64]:
        """Share of draws in which each of the ``cells`` keeps its outcome."""
        own = np.array(
            [self.sets.index(self._winners(int(cell))) for cell in self.cells], dtype=np.int64
        )
        return np.asarray((self.drawn == own).mean(axis=0))

    def share_of(self, commitment: Commitment) -> float | None:
        """Share of draws in which a commitment still leaves its outcome; None if not asked.

        Where not all of its cells were asked, the share is at most this.
        """
        places = np.flatnonzero(np.isin(self.cells, commitment.cells))
        if not len(places):
            return None
        return float((self.drawn[:, places] == commitment.outcome).all(axis=1).mean())

    def reaching(self, actions: Sequence[int], *, alone: bool) -> float:
        """Share of draws in which every one of these actions is chosen by some cell.

        ``alone`` counts only cells with one winner; otherwise members of ties count.
        """
        wanted = set(actions)
        holds = [
            wanted <= {a for code in np.unique(row) for a in self._counted(code, alone=alone)}
            for row in self.drawn
        ]
        return float(np.mean(holds))

    def _counted(self, code: int, *, alone: bool) -> tuple[int, ...]:
        winners = self.sets[code]
        return winners if len(winners) == 1 or not alone else _NOTHING

    def _winners(self, cell: int) -> tuple[int, ...]:
        return tuple(sorted(self.crossed.choices[cell].winners))


def shake(crossed: Crossed, draws: int = DRAWS, seed: int = 0) -> Robustness | None:
    """Shake every utility and ask the cells again; None if the case has orders only.

    Parameters
    ----------
    crossed : Crossed
    draws : int
        Number of draws; the same ones for every cell.
    seed : int
        Of the draws.

    Examples
    --------
    >>> from dissensus.system import Part, System, World
    >>> from dissensus.system.audit import Case, cross
    >>> close = System([Part("me", [1, 0.99])], World.of(["sea", "hills"]), "utilitarian",
    ...                comparability="unit")
    >>> robust = shake(cross(Case(close, perturbation=0.1, axes={"rule": ["utilitarian"]})))
    >>> bool(0.5 < robust.kept[0] < 0.65)
    True
    """
    noise = Shaken(crossed.case, draws, seed)
    if noise.is_empty or draws < 1:
        return None
    known = {winners: code for code, winners in enumerate(crossed.outcomes)}
    columns: dict[int, Codes] = {}
    made = crossed.cells.made
    system = crossed.case.system
    most = draws * BUDGET / (len(system.parts) * len(system.actions))
    for some in _batches(crossed, seed):
        columns |= _drawn(crossed, some, noise, known)
        if crossed.cells.made - made > most:
            break
    cells = np.array(sorted(columns), dtype=np.int64)
    drawn = np.stack([columns[int(cell)] for cell in cells], axis=1)
    return Robustness(crossed, cells, tuple(known), drawn)


def _batches(crossed: Crossed, seed: int) -> Iterator[list[int]]:
    """Cells by the ballots that they share.

    First one cell of each outcome, then all others, then those that cost most.
    """
    cheap = np.array([crossed.cells.is_cheap(setting) for setting in crossed.settings])
    order = np.random.default_rng(seed).permutation(len(cheap))
    outcomes = np.where(cheap, crossed.outcome_of, -2)
    first = set(np.unique(outcomes, return_index=True)[1][np.unique(outcomes) > -2].tolist())
    others = [cell for cell in order.tolist() if cheap[cell] and cell not in first]
    costly = np.flatnonzero(~cheap).tolist()
    for cells in (sorted(first), others, costly):
        variants: dict[Setting, list[int]] = {}
        for cell in cells:
            variants.setdefault(crossed.cells.variant(crossed.settings[cell]), []).append(cell)
        yield from variants.values()


def _drawn(
    crossed: Crossed, some: list[int], noise: Shaken, known: dict[tuple[int, ...], int]
) -> dict[int, Codes]:
    """Code of the outcome of each draw, for cells that share their ballots."""
    columns = {cell: np.empty(noise.draws, dtype=np.int64) for cell in some}
    same: dict[Setting, list[int]] = {}  # cells that differ only in how ties are broken
    for cell in some:
        same.setdefault(crossed.settings[cell]._replace(tie_break=None), []).append(cell)
    for row, view in enumerate(crossed.cells.stack(crossed.settings[some[0]], noise)):
        for setting, alike in same.items():
            choice = _chosen(crossed, setting, view)
            for cell in alike:
                winners = _NOTHING
                if choice is not None and is_defined(choice):
                    broken = crossed.cells.broken(crossed.settings[cell], choice)
                    winners = tuple(sorted(broken.winners))
                columns[cell][row] = known.setdefault(winners, len(known))
    return columns


def _chosen(crossed: Crossed, setting: Setting, view: View) -> Choice | None:
    """What is chosen; None where the rule gives up on a draw."""
    try:
        return crossed.cells.chosen(setting, view)
    except RuleError:
        return None
