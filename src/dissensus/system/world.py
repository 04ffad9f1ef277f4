"""The world that a system acts in: states, what is seen of them, what actions bring about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from dissensus.errors import DissensusError, nearest

__all__ = ["World", "WorldError"]

Floats = npt.NDArray[np.float64]
ROW_SUM = 1e-9


class WorldError(DissensusError, ValueError):
    """A world whose tables do not fit together, or whose rows are no probabilities."""


@dataclass(frozen=True, eq=False, init=False)
class World:
    r"""States, observations, actions and outcomes, and the chances that tie them together.

    Only ``actions`` is needed: without ``outcome_probabilities`` the actions are the outcomes.

    ============================= ======== ====================== =================================
    attribute                     symbol   shape                  each row sums to 1
    ============================= ======== ====================== =================================
    ``initial_belief``            b0       ``(states,)``          belief before anything is seen;
                                                                  uniform by default
    ``transitions``               T        ``(actions, states,    next state; by default the state
                                           states)``              stays
    ``observation_probabilities`` Z        ``(states,             what is seen in each state; by
                                           observations)``        default nothing is
    ``outcome_probabilities``     G        ``(actions, states,    outcome of an action in a state;
                                           outcomes)``            ``(actions, outcomes)`` if there
                                                                  is one state
    ``horizon``                            int >= 1               number of steps
    ``discount``                  γ        [0, 1]                 worth of a util one step later
    ============================= ======== ====================== =================================

    Raises
    ------
    WorldError
        A row that does not sum to 1 (which, and its sum), a shape that does not fit, a name twice.

    Examples
    --------
    >>> World.of(["sea", "hills"]).outcomes
    ('sea', 'hills')
    >>> World(["sea", "hills"], ["sun", "rain"], outcome_probabilities=[[0.5, 0.4], [1, 0]])
    Traceback (most recent call last):
    dissensus.system.world.WorldError: outcome_probabilities of action 'sea' sum to 0.9
      needed: chances of at least 0 that sum to 1
      mend:   correct the row, or divide it by 0.9
    """

    actions: tuple[str, ...]
    outcomes: tuple[str, ...]
    states: tuple[str, ...]
    observations: tuple[str, ...]
    initial_belief: Floats
    transitions: Floats
    observation_probabilities: Floats
    outcome_probabilities: Floats
    horizon: int
    discount: float

    def __init__(
        self,
        actions: Sequence[str],
        outcomes: Sequence[str] | None = None,
        states: Sequence[str] | None = None,
        observations: Sequence[str] | None = None,
        initial_belief: npt.ArrayLike | None = None,
        transitions: npt.ArrayLike | None = None,
        observation_probabilities: npt.ArrayLike | None = None,
        outcome_probabilities: npt.ArrayLike | None = None,
        horizon: int = 1,
        discount: float = 1.0,
    ) -> None:
        if horizon < 1 or horizon != int(horizon):
            raise WorldError(f"horizon {horizon}", "a whole number of at least 1", "write 1")
        if not 0 <= discount <= 1:
            raise WorldError(f"discount {discount:g}", "a number in [0, 1]", "write 1")
        names = _names("actions", actions)
        k, s = (
            len(names),
            _count_states(initial_belief, states, observation_probabilities, transitions),
        )
        belief = _table("initial_belief", initial_belief, np.full(s, 1 / s))
        moves = _table("transitions", transitions, np.broadcast_to(np.eye(s), (k, s, s)))
        seen = _table("observation_probabilities", observation_probabilities, np.ones((s, 1)))
        sure = np.repeat(np.eye(k)[:, None, :], s, axis=1)
        results = _table("outcome_probabilities", outcome_probabilities, sure)
        if results.ndim == 2 and s == 1:
            results = results[:, None, :]
        if outcome_probabilities is None and outcomes is not None and tuple(outcomes) != names:
            raise WorldError(
                "outcomes without outcome_probabilities",
                "the chance of each outcome under each action",
                "give outcome_probabilities, or leave outcomes out: actions are outcomes then",
            )
        labels = {
            "actions": names,
            "outcomes": names
            if outcome_probabilities is None
            else _names("outcomes", outcomes, results.shape[-1], "x"),
            "states": _names("states", states, s, "s"),
            "observations": _names("observations", observations, seen.shape[-1], "o"),
        }
        n_outcomes, n_seen = len(labels["outcomes"]), len(labels["observations"])
        by_state = (("state", labels["states"]),) if s > 1 else ()
        by_both = (("action", names), *by_state)
        tables = (
            ("initial_belief", belief, (s,), ()),
            ("transitions", moves, (k, s, s), by_both),
            ("observation_probabilities", seen, (s, n_seen), by_state),
            ("outcome_probabilities", results, (k, s, n_outcomes), by_both),
        )
        for name, table, shape, rows in tables:
            _check(name, table, shape, rows)
            table.flags.writeable = False
            object.__setattr__(self, name, table)
        for name, label in labels.items():
            object.__setattr__(self, name, label)
        object.__setattr__(self, "horizon", int(horizon))
        object.__setattr__(self, "discount", float(discount))

    @classmethod
    def of(cls, actions: Sequence[str]) -> World:
        """Return the world in which actions are outcomes and nothing is uncertain."""
        return cls(actions)

    def observation_index(self, observation: str | int) -> int:
        """Position of an observation that is given by name or position."""
        names = self.observations
        if isinstance(observation, str) and observation in names:
            return names.index(observation)
        if not isinstance(observation, str) and 0 <= observation < len(names):
            return int(observation)
        raise WorldError(
            f"observation {observation!r}",
            f"one of the {len(names)} observations",
            nearest(str(observation), names),
        )

    def belief(self, observation: str | int | None = None) -> Floats:
        r"""Belief over the states, after an observation if one is given.

        .. math:: b(s \mid o) \propto b_0(s) \, Z(s, o)

        Raises
        ------
        WorldError
            The observation is unknown, or this world holds it impossible.

        Examples
        --------
        >>> seen = World(["go"], initial_belief=[0.5, 0.5],
        ...              observation_probabilities=[[0.8, 0.2], [0.2, 0.8]])
        >>> seen.belief(0).round(12).tolist()
        [0.8, 0.2]
        """
        prior = self.initial_belief
        if observation is None:
            return prior
        column = self.observation_index(observation)
        joint = prior * self.observation_probabilities[:, column]
        if joint.sum() <= 0:
            raise WorldError(
                f"observation {observation!r} has chance 0",
                "an observation that this world holds possible",
                "give it a chance in a state that initial_belief does not rule out",
            )
        return np.asarray(joint / joint.sum())


def _names(
    what: str, given: Sequence[str] | None, count: int = 0, letter: str = ""
) -> tuple[str, ...]:
    names = tuple(given) if given is not None else tuple(f"{letter}{i}" for i in range(count))
    if isinstance(given, str) or not names or not all(names):
        raise WorldError(f"{what} {given!r}", "a list of at least one name", f"list the {what}")
    twice = (
        [name for name in names if names.count(name) > 1] if len(set(names)) < len(names) else []
    )
    if twice:
        raise WorldError(f"{what} name {twice[0]!r} twice", "distinct names", "rename one of them")
    if letter and len(names) != count:
        raise WorldError(
            f"{len(names)} {what} are named, and the tables have {count}",
            "one name each",
            "name every one, or leave the names out",
        )
    return names


def _count_states(
    belief: npt.ArrayLike | None,
    states: Sequence[str] | None,
    seen: npt.ArrayLike | None,
    moves: npt.ArrayLike | None,
) -> int:
    for given, axis in ((belief, 0), (states, 0), (seen, 0), (moves, 1)):
        if given is not None:
            shape = np.shape(cast(Any, given))
            return max(shape[axis], 1) if len(shape) > axis else 1
    return 1


def _table(name: str, values: npt.ArrayLike | None, default: Floats) -> Floats:
    try:
        return np.array(default if values is None else values, dtype=np.float64)
    except (TypeError, ValueError):
        raise WorldError(
            f"{name} is ragged or holds something other than numbers",
            "a full table of numbers",
            "give every row the same length",
        ) from None


def _check(
    name: str,
    table: Floats,
    shape: tuple[int, ...],
    rows: tuple[tuple[str, tuple[str, ...]], ...],
) -> None:
    if table.shape != shape:
        raise WorldError(
            f"{name} has shape {table.shape}",
            f"shape {shape}",
            "give one row an action, state and so on, in the order in which they are named",
        )
    sums = table.sum(axis=-1)
    bad = (table < 0).any(axis=-1) | ~(np.abs(sums - 1) <= ROW_SUM)
    if bad.any():
        at = tuple(np.argwhere(bad)[0]) if table.ndim > 1 else ()
        where = ", ".join(
            f"{what} {names[i]!r}" for (what, names), i in zip(rows, at, strict=False)
        )
        total = float(sums[at])
        negative = bool((table[at] < 0).any())
        raise WorldError(
            f"{name}{' of ' + where if where else ''} "
            + ("hold a negative chance" if negative else f"sum to {total:.10g}"),
            "chances of at least 0 that sum to 1",
            "correct the row"
            + (f", or divide it by {total:.10g}" if total > 0 and not negative else ""),
            row=where,
            sum=total,
        )
