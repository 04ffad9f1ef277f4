"""The conflict models that can be named: their words, the options that each takes and needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from dissensus.engine.population import Population
from dissensus.errors import quoted
from dissensus.model.conflict import ConflictError
from dissensus.study.options import ConflictOptions

__all__ = ["CATALOGUE", "Declared", "Degrees", "check_options", "declared_as"]

Floats = npt.NDArray[np.float64]


class Degrees(Protocol):
    """What a named model makes of its options: the conflict between any goals of an area."""

    @property
    def declared(self) -> tuple[str, ...]:
        """Goals that the model declares for all areas."""

    @property
    def words(self) -> str:
        """What the options add to the words of the model; may be empty."""

    @property
    def by_area(self) -> bool:
        """Whether the same goals may conflict otherwise in another area."""

    def between(self, goals: Sequence[str], area: str | None, /) -> Floats:
        """Conflict between goals of an area, (k, k) in [0, 1] with a zero diagonal."""


Reader = Callable[[ConflictOptions, Population], Degrees]


@dataclass(frozen=True)
class Declared:
    """A conflict model as it is declared.

    Attributes
    ----------
    name, words : str
        What it is called, and what it says of two goals.
    needs : tuple of str
        Options without which it cannot work.
    takes : tuple of str
        Further options that belong to it.
    reference : str
        Key of its source in the bibliography.
    read : callable, optional
        From the options and the population to its degrees; None for a form that the conflict of
        an area has itself.
    """

    name: str
    words: str
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    reference: str = ""
    read: Reader | None = None


_FORMS = (
    Declared("exclusive", "every two different goals conflict fully", reference="kierans2022"),
    Declared("ordinal", "goals conflict by the distance of their ranks", takes=("level", "levels")),
    Declared(
        "interval", "goals conflict by the distance of their values", takes=("level", "range")
    ),
    Declared(
        "matrix",
        "goals conflict as the given table says; a pair that it does not list is compatible",
        takes=("symmetrise", "directed"),
    ),
)

CATALOGUE: dict[str, Declared] = {one.name: one for one in _FORMS}

# what an option that a model lacks would be
_MEANT = {
    "budget": "budget: what there is to spend, a number or one for each area",
    "costs": "costs: what each goal costs, a table or a column",
    "utilities": "utilities: what each outcome is worth to each goal, a table",
    "judgements": "judgements: a file with judgements; or, in Python, conflict=a callable",
}


def declared_as(name: str, words: str, **about: Any) -> Callable[[Reader], Reader]:
    """Put a reader of options into the catalogue."""

    def declare(read: Reader) -> Reader:
        CATALOGUE[name] = Declared(name, words, **about, read=read)
        return read

    return declare


def check_options(model: Declared, options: ConflictOptions, stood_in: Sequence[str] = ()) -> None:
    """Refuse options of other models, and the lack of what this one needs.

    ``stood_in`` are needs for which something else stands in.

    Raises
    ------
    ConflictError
        All that is lacking, or the first option that does not belong here.
    """
    own = {*model.needs, *model.takes}
    belonging = {name for one in CATALOGUE.values() for name in (*one.needs, *one.takes)}
    default = ConflictOptions()
    for name in sorted(belonging - own):
        if getattr(options, name) is not None and getattr(options, name) != getattr(default, name):
            homes = [one.name for one in CATALOGUE.values() if name in (*one.needs, *one.takes)]
            raise ConflictError(
                f"{name} with conflict={model.name!r}",
                "options that belong to the conflict model",
                f"leave out {name}, or name the model that it belongs to: {quoted(homes)}",
            )
    needed = [name for name in model.needs if name not in stood_in]
    missing = [name for name in needed if getattr(options, name) is None]
    if missing:
        raise ConflictError(
            f"conflict={model.name!r} without {' and '.join(missing)}",
            "; ".join(_MEANT[name] for name in missing),
            f"pass {', '.join(f'{name}=...' for name in missing)}",
        )
