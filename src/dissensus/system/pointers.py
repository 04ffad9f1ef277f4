"""Three pointers to "what the system wants": what it does, what its parts want, what all can have.

Each is a reading of the same words, and they may disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dissensus.system.ballots import Ballots
from dissensus.system.choice import Choice
from dissensus.system.conventions import ComparabilityError, Frame
from dissensus.system.pareto import distance_to_efficient, efficient_actions, improvement
from dissensus.system.rules.catalogue import choose

if TYPE_CHECKING:
    from dissensus.system.system import System

__all__ = ["Pointers", "pointers", "unlimited"]

Floats = npt.NDArray[np.float64]

SELECTIONS = ("nash", "kalai-smorodinsky", "egalitarian", "utilitarian")
SELECTIONS_OF_LOTTERIES = (
    "nash-lottery",
    "kalai-smorodinsky-lottery",
    "egalitarian-lottery",
    "utilitarian",
)


@dataclass(frozen=True, eq=False)
class Pointers:
    """What each of three pointers says that a system wants, and how far they disagree.

    ========================== ====== ========= ==================================================
    attribute                  symbol range     meaning
    ========================== ====== ========= ==================================================
    ``output``                 P1               the system's own choice
    ``wants``                  P2               best actions of each part; none if it says nothing
    ``efficient``              P3               actions that no other way is better than for one
                                                part and worse for none
    ``among_lotteries``                         whether that means lotteries, or options only
                                                where some part gives no utilities
    ``selections``                              single choices from the efficient set, by rule
    ``unmet_share``            D12    [0, 1]    share of standing of the parts none of whose best
                                                actions the system may take; 0: all get theirs
    ``distance``               D13    [0, 1]    least change of the system's chances that makes
                                                them efficient; 0: efficient
    ``selection_distances``    D13    [0, 1]    total variation to each selection
    ``pareto_gap``             D13*   [0, 1]    mean gain possible without harm, on own ranges
    ``reasons``                                 why a value is None or a selection is missing
    ========================== ====== ========= ==================================================
    """

    output: Choice
    wants: tuple[tuple[int, ...], ...]
    efficient: tuple[int, ...]
    among_lotteries: bool
    selections: Mapping[str, Choice]
    unmet_share: float | None
    distance: float | None
    selection_distances: Mapping[str, float]
    pareto_gap: float | None
    reasons: Mapping[str, str] = field(default_factory=dict)

    @property
    def in_words(self) -> str:
        """The three readings in one sentence."""
        names = self.output.actions
        said = " or ".join(self.output.winner_names) or str(self.output.status)
        wanted = sorted({action for best in self.wants for action in best})
        agreed = {c.winner_names: rule for rule, c in reversed(list(self.selections.items()))}
        chosen = " or ".join(f"{' and '.join(w)} ({rule})" for w, rule in agreed.items())
        return (
            f"three readings of what it wants: {said}; "
            f"{{{', '.join(names[a] for a in wanted)}}}; "
            f"{chosen or 'any of ' + ', '.join(names[a] for a in self.efficient)}"
        )


def pointers(
    system: System,
    observation: str | int | None = None,
    *,
    frame: Frame | None = None,
    seed: int = 0,
    lotteries: bool = False,
) -> Pointers:
    r"""What the system does, what each part wants, what is efficient for all; and how they differ.

    .. math::

        P_1 = \pi_H, \quad P_2 = (\arg\max_a E_i(a))_i, \quad
        P_3 = \{\pi : \text{no } \pi' \text{ is better for one part and worse for none}\}

        D_{12} = \sum_i w_i [\arg\max E_i \cap \operatorname{supp} \pi_H = \emptyset], \quad
        D_{13} = \min_{\pi \in P_3} \mathrm{TV}(\pi_H, \pi)

    The first is the system's choice with the compute that its parts have; what they want and what
    is efficient go by their expected utilities, whatever compute lets them perceive.

    Parameters
    ----------
    system : System
    observation : str or int, optional
    frame : Frame, optional
    seed : int
    lotteries : bool
        Let the selections from the efficient set be lotteries.

    Returns
    -------
    Pointers

    References
    ----------
    [kulveit2023]_; efficient set [pareto1906]_.

    Examples
    --------
    >>> from dissensus.system import Part, System, World
    >>> parts = [Part("one", [1, 0, 0, 0.7]), Part("two", [1, 0.1, 0, 0.6]),
    ...          Part("three", [0, 0, 1, 0.7])]
    >>> h = System(parts, World.of(["a0", "a1", "a2", "a3"]), "plurality")
    >>> found = pointers(h)
    >>> found.in_words
    'three readings of what it wants: a0; {a0, a2}; a3 (nash)'
    >>> round(found.unmet_share, 4), found.pareto_gap, found.selection_distances["nash"]
    (0.3333, 0.0, 1.0)
    """
    ballots = unlimited(system).ballots(observation, frame=frame, seed=seed)
    output = system.choice(observation, frame=frame, seed=seed)
    known = not np.isnan(ballots.utilities).any()
    efficient = efficient_actions(ballots.utilities) if known else _undominated(ballots)
    reasons: dict[str, str] = {}
    selections: dict[str, Choice] = {}
    for rule in SELECTIONS_OF_LOTTERIES if lotteries else SELECTIONS:
        try:
            selections[rule] = choose(rule, ballots)
        except ComparabilityError as error:
            reasons[rule] = f"{error.found}; needed: {error.needed}"
    wants = tuple(tuple(np.flatnonzero(row).tolist()) for row in ballots.tops)
    pi = output.dist
    unmet = distance = gap = None
    distances: dict[str, float] = {}
    if pi is None:
        for name in ("unmet_share", "distance", "pareto_gap"):
            reasons[name] = f"the system makes no choice: {output.status}"
    else:
        heard = ballots.standing * ballots.speaking
        missed = np.array([bool(best) and not output.winners & set(best) for best in wants])
        unmet = float(heard[missed].sum() / heard.sum()) if heard.any() else None
        distances = {
            rule: float(np.abs(choice.dist - pi).sum() / 2)
            for rule, choice in selections.items()
            if choice.dist is not None
        }
        if known:
            gap = improvement(ballots.utilities, pi).gap
            distance = distance_to_efficient(ballots.utilities, pi)
            if distance is None:
                reasons["distance"] = "too many mixtures to compare"
        else:
            reasons["pareto_gap"] = reasons["distance"] = "some part gives no utilities"
        if unmet is None:
            reasons["unmet_share"] = "no part says what it wants"
    return Pointers(
        output, wants, efficient, known, selections, unmet, distance, distances, gap, reasons
    )


def unlimited(system: System) -> System:
    """Return the system with parts that perceive their utilities fully."""
    return replace(system, parts=tuple(replace(part, hardness=0.0) for part in system.parts))


def _undominated(ballots: Ballots) -> tuple[int, ...]:
    """Options that no other is ranked above by some part and below by none."""
    ranks = ballots.voices
    above = (ranks[:, :, None] < ranks[:, None, :]).any(axis=0)
    return tuple(np.flatnonzero(~(above & ~above.T).any(axis=0)).tolist())
