"""A part of a self-unaligned system: a drive, a partner, a department, a group of users."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dissensus.errors import DissensusError

if TYPE_CHECKING:
    from dissensus.system.system import System
    from dissensus.system.world import World

__all__ = ["Order", "Part", "PartError", "parse_order"]

Floats = npt.NDArray[np.float64]
Order = tuple[tuple[str, ...], ...]


class PartError(DissensusError, ValueError):
    """A part that is described wrongly."""


@dataclass(frozen=True, eq=False, init=False)
class Part:
    r"""One of the parts of a system, with what it wants and what it can work out.

    It speaks in one of three ways: ``utilities``, an ``order`` of the actions, or an ``inner``
    system, whose winners it puts first and all else after them (it abstains if there is none).

    ========================= ======== ===================== =====================================
    attribute                 symbol   range                 meaning
    ========================= ======== ===================== =====================================
    ``standing``              w        > 0                   its weight inside the system
    ``utilities``             u        finite                ``(m,)`` over outcomes, or rewards
                                                             ``(horizon, states, actions)``; in
                                                             units of its own
    ``order``                          names of actions      best first: ``"a > b = c"``; an action
                                                             left out is unranked
    ``hardness``              h        >= 0                  evaluations until what it perceives
                                                             is half signal, half guess
    ``compute``               c        >= 0                  evaluations that it makes
    ``rationality``           β        >= 0, per util        how sharply it picks its best, where
                                                             it is in charge; None: always
    ``aspiration``            d        finite                utility that it calls good enough
    ``agentic``                        bool                  whether it acts strategically
    ``goal``                           text                  its label, to count it in a population
    ``model``                          World                 its own beliefs; None: the shared ones
    ========================= ======== ===================== =====================================

    Raises
    ------
    PartError
        Standing not above 0, a negative hardness, compute or rationality, numbers that are not
        finite, several ways to speak or none, an option twice in an order.

    Examples
    --------
    >>> Part("request", utilities=[1, 0.5, 0.6, 0]).utilities.tolist()
    [1.0, 0.5, 0.6, 0.0]
    >>> Part("fear", order="ask > sea = hills").order
    (('ask',), ('sea', 'hills'))
    >>> Part("fear", order="ask > sea", standing=0)
    Traceback (most recent call last):
    dissensus.system.part.PartError: part 'fear' has standing 0
      needed: a number above 0
      mend:   leave the part out if it has no say
    """

    name: str
    utilities: Floats | None
    order: Order | None
    standing: float
    hardness: float
    compute: float
    rationality: float | None
    aspiration: float | None
    goal: str | None
    agentic: bool
    model: World | None
    inner: System | None

    def __init__(
        self,
        name: str,
        utilities: npt.ArrayLike | None = None,
        order: str | Sequence[str | Sequence[str]] | None = None,
        *,
        standing: float = 1.0,
        hardness: float = 0.0,
        compute: float = 1.0,
        rationality: float | None = None,
        aspiration: float | None = None,
        goal: str | None = None,
        agentic: bool = True,
        model: World | None = None,
        inner: System | None = None,
    ) -> None:
        said = {"utilities": utilities, "order": order, "inner": inner}
        _check_voice(name, [word for word, value in said.items() if value is not None])
        fields = {
            "name": name,
            "utilities": None if utilities is None else _numbers(name, utilities),
            "order": None if order is None else parse_order(order, name),
            "standing": standing,
            "hardness": hardness,
            "compute": compute,
            "rationality": rationality,
            "aspiration": aspiration,
            "goal": goal,
            "agentic": agentic,
            "model": model,
            "inner": inner,
        }
        for field, value in fields.items():
            object.__setattr__(self, field, value)
        if not (np.isfinite(self.standing) and self.standing > 0):
            raise PartError(
                f"part {self.name!r} has standing {self.standing:g}",
                "a number above 0",
                "leave the part out if it has no say",
                part=self.name,
                standing=self.standing,
            )
        for name in ("hardness", "compute", "rationality"):
            value = getattr(self, name)
            if value is not None and not (np.isfinite(value) and value >= 0):
                raise PartError(
                    f"part {self.name!r} has {name} {value:g}",
                    "a number of at least 0",
                    f"correct {name}",
                    part=self.name,
                )
        if self.aspiration is not None and not np.isfinite(self.aspiration):
            raise PartError(
                f"part {self.name!r} has aspiration {self.aspiration:g}",
                "a utility of this part",
                "leave aspiration out if the part names none",
                part=self.name,
            )


def _check_voice(part: str, said: list[str]) -> None:
    if len(said) == 1:
        return
    raise PartError(
        f"part {part!r} has {' and '.join(said) if said else 'no way to speak'}",
        "one of utilities, order and inner",
        f"keep {said[0]}, or make a second part"
        if said
        else "give one number an outcome, or an order such as 'a > b = c'",
        part=part,
    )


def _numbers(part: str, values: npt.ArrayLike) -> Floats:
    try:
        numbers = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        numbers = np.full(1, np.nan)
    finite = bool(np.isfinite(numbers).all())
    if numbers.ndim not in (1, 3) or numbers.size == 0 or not finite:
        raise PartError(
            f"part {part!r} has utilities of shape {numbers.shape}"
            if finite
            else f"part {part!r} has a utility that is not a finite number",
            "one finite number an outcome, or (horizon, states, actions)",
            "give an order instead where numbers are not known",
            part=part,
        )
    numbers.flags.writeable = False
    return numbers


def parse_order(order: str | Sequence[str | Sequence[str]], part: str = "") -> Order:
    """Weak order, best first, as groups of equals.

    Names that contain ``>`` or ``=`` need the list form.

    Examples
    --------
    >>> parse_order("nice > ask = stay > go")
    (('nice',), ('ask', 'stay'), ('go',))
    >>> parse_order(["a", ["b", "c"]])
    (('a',), ('b', 'c'))
    """
    if isinstance(order, str):
        groups = tuple(tuple(n.strip() for n in g.split("=")) for g in order.split(">"))
    else:
        groups = tuple((g,) if isinstance(g, str) else tuple(g) for g in order)
    names = [name for group in groups for name in group]
    twice = sorted({name for name in names if names.count(name) > 1 and name})
    if not names or not all(names) or twice:
        raise PartError(
            f"part {part!r} has the order {order!r}"
            + (f", with {twice[0]!r} more than once" if twice else ", with a name missing"),
            "each option at most once, best first, such as 'a > b = c'",
            f"name {twice[0]!r} once" if twice else "write a name on both sides of each > and =",
            part=part,
        )
    return groups
