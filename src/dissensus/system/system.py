"""A self-unaligned system: parts that want different things, one world, and a rule that decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dissensus.errors import DissensusError
from dissensus.system.ballots import Ballots, ranks_of_order
from dissensus.system.choice import Choice, Status
from dissensus.system.conventions import (
    COMPARABILITY,
    Comparability,
    Conventions,
    Frame,
    dense_ranks,
)
from dissensus.system.part import Part
from dissensus.system.rules.catalogue import choose, find
from dissensus.system.scale import perceived_utilities, reliability
from dissensus.system.world import World

__all__ = ["System", "SystemDescriptionError", "expected_utilities"]

Floats = npt.NDArray[np.float64]


class SystemDescriptionError(DissensusError, ValueError):
    """Parts, world and settings of a system that do not fit together."""


@dataclass(frozen=True, eq=False, init=False)
class System:
    """Parts, a world and a rule.

    Attributes
    ----------
    parts : tuple of Part
    world : World
    rule : str or function
        A name of the catalogue (`rules`), with an argument where it takes one
        (``"dictator:work"``), or a function under the decorator `rule`.
    comparability : {'ordinal', 'range', 'unit', 'full'}
        What may be said of utilities of different parts. By default ``range``, which compares
        nothing between parts, or ``ordinal`` if some part gives only an order.
    conventions : Conventions
    disagreement : (n,) array, optional
        Utility of each part if they do not agree; its own minimum by default.
    name : str

    Raises
    ------
    SystemDescriptionError
        No parts, two of one name, utilities of the wrong length, a model of another world, a
        system inside itself.
    RuleError
        A rule that nobody declared, with the nearest names.

    Examples
    --------
    >>> couple = System(
    ...     parts=[Part("me", [1, 0.5, 0]), Part("you", [0, 0.75, 1])],
    ...     world=World.of(["sea", "hills", "town"]),
    ...     rule="plurality",
    ... )
    >>> couple.choice()
    Choice: TIE between 'sea' and 'town'
    >>> couple.choice(frame=Frame(tie_break=("town", "sea", "hills")))
    Choice: OK, 'town'
    >>> couple.choice(rule="utilitarian")
    Traceback (most recent call last):
    dissensus.system.conventions.ComparabilityError: rule 'utilitarian' with comparability 'range'
      needed: comparability 'unit': differences of utility compare between parts
      mend:   declare comparability = 'unit' if that is so, or state the convention scale = 'range',
      or choose a rule that needs less
    """

    parts: tuple[Part, ...]
    world: World
    rule: str | Callable[[Ballots], Choice]
    comparability: Comparability
    conventions: Conventions
    disagreement: Floats | None
    name: str

    def __init__(
        self,
        parts: Sequence[Part],
        world: World,
        rule: str | Callable[[Ballots], Choice],
        comparability: Comparability | None = None,
        conventions: Conventions | None = None,
        disagreement: npt.ArrayLike | None = None,
        name: str = "",
    ) -> None:
        find(rule)
        if comparability is None:
            numbers = all(part.utilities is not None for part in parts)
            comparability = "range" if numbers else "ordinal"
        fields = {
            "parts": tuple(parts),
            "world": world,
            "rule": rule,
            "comparability": comparability,
            "conventions": conventions or Conventions(),
            "disagreement": None
            if disagreement is None
            else np.array(disagreement, dtype=np.float64),
            "name": name,
        }
        for field, value in fields.items():
            object.__setattr__(self, field, value)
        _check(self)

    @property
    def actions(self) -> tuple[str, ...]:
        """Names of the k actions."""
        return self.world.actions

    @property
    def standing(self) -> Floats:
        """Standing of the parts, (n,)."""
        return np.array([part.standing for part in self.parts])

    def ballots(
        self,
        observation: str | int | None = None,
        *,
        frame: Frame | None = None,
        seed: int = 0,
        utilities: npt.ArrayLike | None = None,
    ) -> Ballots:
        """What the parts say: perceived expected utilities and ranks, as every rule sees them.

        Compute once, then `choose` by many rules. Each part perceives its utilities with its own
        compute and hardness; under shrinkage a part whose reliability is below
        ``conventions.abstain_below`` gives no order. ``utilities`` (n, k), if given, stand for the
        `expected_utilities` of the parts that give utilities.
        """
        conventions = self.conventions
        compute = np.array([part.compute for part in self.parts])
        hardness = np.array([part.hardness for part in self.parts])
        expected = (
            expected_utilities(self, observation)
            if utilities is None
            else np.asarray(utilities, dtype=np.float64)
        )
        perceived = perceived_utilities(
            expected, compute, hardness, conventions.compute_model, seed
        )
        ranks = dense_ranks(perceived)
        for i, part in enumerate(self.parts):
            if part.order is not None:
                ranks[i] = ranks_of_order(part.order, self.actions, part.name)
            elif part.inner is not None:
                ranks[i] = _spoken(part.inner.choice(observation, seed=seed))
        if conventions.compute_model == "shrinkage":
            ranks[reliability(compute, hardness) < conventions.abstain_below] = np.nan
        names = tuple(part.name for part in self.parts)
        return Ballots(
            actions=self.actions,
            ranks=ranks,
            standing=self.standing,
            utilities=perceived,
            parts=names,
            aspiration=_optional([part.aspiration for part in self.parts]),
            rationality=_optional([part.rationality for part in self.parts]),
            disagreement=self.disagreement,
            comparability=self.comparability,
            conventions=conventions,
            frame=(frame or Frame()).checked(self.actions, names),
            seed=seed,
        )

    def choice(
        self,
        observation: str | int | None = None,
        *,
        rule: str | Callable[[Ballots], Choice] | None = None,
        frame: Frame | None = None,
        seed: int = 0,
    ) -> Choice:
        """What the system does, after an observation if one is given.

        Parameters
        ----------
        observation : str or int, optional
            What is seen before the choice.
        rule : str or function, optional
            Another rule than the system's own.
        frame : Frame, optional
            Order of the agenda, whose turn it is, an order that breaks ties.
        seed : int
            For random steps (the compute models ``noisy`` and ``search``).

        Returns
        -------
        Choice
            Winners, a lottery, a status and a trace that explains them.

        Raises
        ------
        ComparabilityError
            The rule needs more comparability than the system declares.
        """
        ballots = self.ballots(observation, frame=frame, seed=seed)
        return choose(self.rule if rule is None else rule, ballots)


def expected_utilities(system: System, observation: str | int | None = None) -> Floats:
    r"""Expected utility of each action for each part, by its own beliefs.

    .. math:: E_i(a) = \sum_s b_i(s \mid o) \sum_x G_i(a, s, x)\, u_i(x)

    ============== ============== =================================================================
    symbol         shape          meaning
    ============== ============== =================================================================
    :math:`b_i`    ``(states,)``  part i's belief after ``observation``, in its own model if it has
                                  one
    :math:`G_i`    ``(k, states,  ``outcome_probabilities`` of that model
                   m)``
    :math:`u_i`    ``(m,)``       its utilities; rewards ``(horizon, states, k)`` enter with their
                                  first step, :math:`E_i(a) = \sum_s b_i(s) R_i(0, s, a)`
    ============== ============== =================================================================

    Returns
    -------
    (n, k) array
        In each part's own units, before compute limits what it perceives; a row of NaN for a part
        that gives no utilities.

    Examples
    --------
    An observation that is right in 4 of 5 cases; the parts want opposite outcomes:

    >>> world = World(
    ...     ["left", "right", "wait"], initial_belief=[0.5, 0.5],
    ...     observation_probabilities=[[0.8, 0.2], [0.2, 0.8]],
    ...     outcome_probabilities=[[[1, 0, 0], [0, 0, 1]], [[0, 0, 1], [1, 0, 0]],
    ...                            [[0, 1, 0], [0, 1, 0]]])
    >>> h = System([Part("one", [1, 0.6, 0]), Part("two", [0, 0.6, 1])], world, "plurality")
    >>> expected_utilities(h).tolist()
    [[0.5, 0.5, 0.6], [0.5, 0.5, 0.6]]
    >>> expected_utilities(h, observation=0).round(12).tolist()
    [[0.8, 0.2, 0.6], [0.2, 0.8, 0.6]]
    """
    values = np.full((len(system.parts), len(system.actions)), np.nan)
    for i, part in enumerate(system.parts):
        if part.utilities is None:
            continue
        model = part.model or system.world
        belief = model.belief(observation)
        if part.utilities.ndim == 3:
            values[i] = belief @ part.utilities[0]
        else:
            values[i] = np.einsum("s,asx,x->a", belief, model.outcome_probabilities, part.utilities)
    return values


def _optional(values: list[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values])


def _spoken(choice: Choice) -> Floats:
    """Ranks by which a system speaks as a part: its winners first, or nothing."""
    if choice.status in (Status.CYCLE, Status.EMPTY, Status.NOT_CONVERGED):
        return np.full(len(choice.actions), np.nan)
    return np.where(np.isin(np.arange(len(choice.actions)), list(choice.winners)), 1.0, 2.0)


def _check(system: System) -> None:
    if not system.parts:
        raise SystemDescriptionError(
            "a system without parts", "at least one part", "add Part(name, utilities)"
        )
    names = [part.name for part in system.parts]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SystemDescriptionError(
            f"two parts named {twice[0]!r}", "distinct names", "rename one of them"
        )
    if system.comparability not in COMPARABILITY:
        raise SystemDescriptionError(
            f"comparability {system.comparability!r}",
            f"one of {', '.join(COMPARABILITY)}",
            "declare 'range' if utilities of different parts do not compare",
        )
    if system.world.horizon > 1:
        raise SystemDescriptionError(
            f"a horizon of {system.world.horizon}",
            "one step: choices over several steps are not built",
            "write horizon = 1; whole plans can be the actions",
        )
    for part in system.parts:
        _check_part(part, system.world)
    d = system.disagreement
    if d is not None and not (d.shape == (len(names),) and np.isfinite(d).all()):
        raise SystemDescriptionError(
            f"a disagreement point of shape {d.shape}",
            f"one finite utility for each of the {len(names)} parts",
            "leave it out to use each part's own minimum",
        )
    _check_inside(system, ())


def _check_part(part: Part, world: World) -> None:
    model = part.model or world
    if (model.actions, model.observations) != (world.actions, world.observations):
        raise SystemDescriptionError(
            f"the model of part {part.name!r} has other actions or observations than the world",
            "the same actions and observations; states, outcomes and chances may differ",
            "name them alike and in the same order",
            part=part.name,
        )
    if part.utilities is not None:
        wanted: tuple[int, ...] = (len(model.outcomes),)
        if part.utilities.ndim == 3:
            wanted = (model.horizon, len(model.states), len(model.actions))
        if part.utilities.shape != wanted:
            raise SystemDescriptionError(
                f"part {part.name!r} has utilities of shape {part.utilities.shape}",
                f"shape {wanted}: one number for each of {', '.join(model.outcomes)}"
                if len(wanted) == 1
                else f"shape {wanted}: horizon, states, actions",
                "add what is missing, or remove what is too much",
                part=part.name,
            )
    if part.order is not None:
        ranks_of_order(part.order, world.actions, part.name)
    if part.inner is not None and part.inner.actions != world.actions:
        raise SystemDescriptionError(
            f"the system inside part {part.name!r} has other actions",
            "the same actions in the same order",
            "name them alike",
            part=part.name,
        )


def _check_inside(system: System, path: tuple[str, ...]) -> None:
    if system.name and system.name in path:
        raise SystemDescriptionError(
            f"system {system.name!r} is inside itself: {' > '.join((*path, system.name))}",
            "a tree of systems",
            "rename it, if it is another system of the same name",
        )
    inside = (*path, system.name) if system.name else path
    for part in system.parts:
        if part.inner is not None:
            _check_inside(part.inner, inside)
