"""What an A may be: a system, a policy, or a table of choices from menus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from dissensus.errors import nearest, quoted
from dissensus.system.choice import Choice
from dissensus.system.relations.catalogue import RelationError
from dissensus.system.relations.conduct import Menu

__all__ = ["Policy", "Table", "lottery_of", "read_table"]

Floats = npt.NDArray[np.float64]
SUM = 1e-9
Policy = str | Choice | npt.ArrayLike | Mapping[Any, Any]
Table = dict[Menu, Floats]


def read_table(a: Policy, actions: Sequence[str]) -> Table:
    """Choices from menus: from a table of them, or from one policy on the menu of all actions.

    ==================================== ==========================================================
    form                                 example
    ==================================== ==========================================================
    an action                            ``"sea"``
    chances, in the order of actions     ``[0.5, 0.5, 0]``
    chances by action                    ``{"sea": 0.5, "hills": 0.5}``
    a choice                             ``couple.choice()``
    a table: menus of names, and any of  ``{("sea", "hills"): "sea", ("sea", "town"): [0.9, 0.1]}``
    these on each
    ==================================== ==========================================================

    Raises
    ------
    RelationError
        An action that does not exist, or is not on its menu; chances that do not sum to 1.

    Examples
    --------
    >>> table = read_table({("sea", "town"): "sea"}, ["sea", "hills", "town"])
    >>> {menu: dist.tolist() for menu, dist in table.items()}
    {(0, 2): [1.0, 0.0, 0.0]}
    >>> read_table("see", ["sea", "hills"])
    Traceback (most recent call last):
    dissensus.system.relations.catalogue.RelationError: action 'see' of A
      needed: an action of H
      mend:   did you mean 'sea'?
    """
    names = tuple(actions)
    if isinstance(a, Mapping) and a and all(not isinstance(key, str) for key in a):
        table = {}
        for menu, said in a.items():
            offered = sorted({_place(name, names) for name in menu})
            if len(offered) < 1:
                raise RelationError("an empty menu", "names of actions", "leave the menu out")
            dist = lottery_of(said, names, tuple(offered))
            table[tuple(offered)] = dist
        return table
    everything = tuple(range(len(names)))
    return {everything: lottery_of(a, names, everything)}


def lottery_of(said: Policy, names: tuple[str, ...], menu: Menu) -> Floats:
    """Chances of all k actions, (k,), from any form of one choice from a menu.

    Chances may be given for all actions, or for those of the menu, in their order.

    Examples
    --------
    >>> lottery_of([0.25, 0.75], ("a", "b", "c"), (1, 2)).tolist()
    [0.0, 0.25, 0.75]
    """
    k = len(names)
    dist = np.zeros(k)
    if isinstance(said, str):
        dist[_place(said, names)] = 1.0
    elif isinstance(said, Choice):
        if said.dist is None or said.actions != names:
            raise RelationError(
                f"a choice of A that is {said.status}"
                if said.dist is None
                else f"a choice of A among {quoted(said.actions)}",
                "a winner or a lottery among the actions of H",
                "give what A does as chances of each action",
            )
        dist = np.array(said.dist)
    elif isinstance(said, Mapping):
        for name, chance in said.items():
            dist[_place(name, names)] = chance
    else:
        values = np.asarray(said, dtype=np.float64)
        if values.shape not in ((k,), (len(menu),)):
            raise RelationError(
                f"a policy of shape {values.shape}",
                f"one chance for each of the {k} actions: {quoted(names, 12)}",
                "list the chances in that order",
            )
        if values.shape == (k,):
            dist = np.array(values)
        else:
            dist[list(menu)] = values
    return _checked(dist, names, menu)


def _checked(dist: Floats, names: tuple[str, ...], menu: Menu) -> Floats:
    total = float(dist.sum())
    if not np.isfinite(dist).all() or (dist < 0).any() or abs(total - 1) > SUM:
        raise RelationError(
            "a policy with a negative chance"
            if (dist < 0).any()
            else f"a policy whose chances sum to {total:.10g}",
            "chances of at least 0 that sum to 1",
            f"divide by {total:.10g}"
            if np.isfinite(total) and total > 0 and (dist >= 0).all()
            else "correct the chances",
        )
    off = [names[a] for a in np.flatnonzero(dist) if a not in menu]
    if off:
        raise RelationError(
            f"A takes {quoted(off)} from a menu of {quoted([names[a] for a in menu])}",
            "actions of the menu",
            "correct the menu or the choice",
        )
    return dist / total


def _place(name: Any, names: tuple[str, ...]) -> int:
    if name in names:
        return names.index(name)
    raise RelationError(f"action {name!r} of A", "an action of H", nearest(str(name), names))
