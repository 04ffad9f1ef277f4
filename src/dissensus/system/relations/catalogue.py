"""The catalogue of relations: what each is called and needs, declared where it is defined."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from dissensus.errors import DissensusError, nearest

if TYPE_CHECKING:
    from dissensus.system.relations.encounter import Encounter
    from dissensus.system.relations.score import Score

__all__ = ["Loss", "Relation", "RelationError", "catalogue", "find", "relation"]

Floats = npt.NDArray[np.float64]
RelationFunction = Callable[["Encounter"], "Score"]
Loss = Callable[..., tuple[float, Floats]]
Need = Literal["utilities", "unit", "hardness"]


class RelationError(DissensusError, ValueError):
    """A relation that nobody declared, or an A that cannot be compared with H."""


@dataclass(frozen=True)
class Relation:
    """What is declared about a relation, and its function.

    Attributes
    ----------
    name : str
        As written in files and output: ``"no-veto"``.
    number : str
        R1 to R9.
    label : str
        For people.
    target : str
        The target: what an aligned A would do, in words.
    looks_at : {'outputs', 'parts'}
        Whether it sees what H does, or what its parts want.
    needs : tuple of {'utilities', 'unit', 'hardness'}
        Inputs without which it is undefined: every part's utilities; utilities whose differences
        compare between parts; values that are hard to compute.
    reference : str
        Key of its source.
    loss : function, optional
        Training loss on arrays: it returns the value and its gradient.
    without_loss : str
        Why there is none, if there is none.
    """

    name: str
    number: str
    label: str
    target: str
    looks_at: Literal["outputs", "parts"]
    needs: tuple[Need, ...]
    reference: str
    function: RelationFunction
    loss: Loss | None
    without_loss: str

    def score(self, encounter: Encounter) -> Score:
        """Score of an encounter; undefined, with what is missing, if H does not state the needs."""
        return encounter.missing(self.needs) or self.function(encounter)

    @property
    def summary(self) -> str:
        """First sentence of its description."""
        return (self.function.__doc__ or self.label).strip().splitlines()[0]


_CATALOGUE: dict[str, Relation] = {}


def relation(
    *,
    name: str,
    number: str,
    label: str,
    target: str,
    looks_at: Literal["outputs", "parts"],
    reference: str,
    needs: tuple[Need, ...] = (),
    loss: Loss | None = None,
    without_loss: str = "",
) -> Callable[[RelationFunction], RelationFunction]:
    """Declare a function from an `Encounter` to a `Score` as a relation; it enters the catalogue.

    The parameters are the attributes of `Relation`. A relation has a training loss or says why it
    has none.
    """

    def declare(function: RelationFunction) -> RelationFunction:
        known = _CATALOGUE.get(name)
        if known is not None and not _same(known.function, function):
            raise RelationError(
                f"a second relation {name!r}", "a name of its own", "rename one of the two"
            )
        if (loss is None) == (not without_loss):
            raise RelationError(
                f"relation {name!r} with {'both' if loss else 'neither'} a loss and a reason",
                "a training loss, or the reason why there is none",
                "give one of loss and without_loss",
            )
        _CATALOGUE[name] = Relation(
            name, number, label, target, looks_at, needs, reference, function, loss, without_loss
        )
        return function

    return declare


def catalogue() -> tuple[Relation, ...]:
    """Return every declared relation, shipped ones first, R1 to R9."""
    return tuple(sorted(_CATALOGUE.values(), key=lambda known: known.number))


def find(name: str) -> Relation:
    """Look up a relation by its name, or by its number.

    Raises
    ------
    RelationError
        It is unknown; the nearest names are given.

    Examples
    --------
    >>> find("no-veto").label, find("R5").name
    ('Satisfaction of every part', 'no-veto')
    >>> find("no-vetos")
    Traceback (most recent call last):
    dissensus.system.relations.catalogue.RelationError: unknown relation 'no-vetos'
      needed: the name of a relation
      mend:   did you mean 'no-veto'?
    """
    for known in _CATALOGUE.values():
        if name in (known.name, known.number):
            return known
    raise RelationError(
        f"unknown relation {name!r}",
        "the name of a relation",
        nearest(name, _CATALOGUE),
        relation=name,
    )


def chosen(names: Sequence[str] | str | None) -> tuple[Relation, ...]:
    """Relations by name, or all."""
    if names is None:
        return catalogue()
    return tuple(find(name) for name in ([names] if isinstance(names, str) else names))


def _same(a: Any, b: Any) -> bool:
    """Whether a definition is run again, as in a notebook."""
    return (a.__module__, a.__qualname__) == (b.__module__, b.__qualname__)
