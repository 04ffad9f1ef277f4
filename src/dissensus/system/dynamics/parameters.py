"""Parameters of a mechanism: declared once, read by files, flags, checks and documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import numpy as np
import numpy.typing as npt

from dissensus.errors import DissensusError, nearest, quoted

if TYPE_CHECKING:
    from dissensus.system.system import System

__all__ = ["Kind", "MechanismError", "Parameter", "parameter", "parameters_of", "read"]

Kind = Literal[
    "integer", "number", "text", "switch", "choice", "numbers", "names", "by part", "wishes"
]
P = TypeVar("P")


class MechanismError(DissensusError, ValueError):
    """A mechanism that nobody declared, or that cannot run on what it is given."""


@dataclass(frozen=True)
class Parameter:
    """What is declared about a parameter of a mechanism.

    Attributes
    ----------
    name : str
        Key of the scenario table, Python argument; with dashes the flag.
    meaning : str
        In a sentence.
    kind : str
        How a value is written: ``numbers`` is a list, or a list of rows; ``by part`` maps names
        of parts to numbers, ``wishes`` to utilities or an order.
    default : object
        Value if it is left out; `is_needed` if there is none.
    choices : tuple of str
        Words of a ``choice``.
    shape : tuple of str or int
        Lengths of ``numbers``: ``parts``, ``actions``, ``outcomes`` ... of the system, or a number.
    least, above, most : float, optional
        Bounds of each number: at least, more than, at most.
    """

    name: str
    meaning: str
    kind: Kind
    default: Any
    choices: tuple[str, ...] = ()
    shape: tuple[str | int, ...] = ()
    least: float | None = None
    above: float | None = None
    most: float | None = None

    @property
    def is_needed(self) -> bool:
        """Whether it must be given."""
        return self.default is MISSING


def parameter(
    meaning: str,
    default: Any = MISSING,
    *,
    shape: tuple[str | int, ...] = (),
    least: float | None = None,
    above: float | None = None,
    most: float | None = None,
) -> Any:
    """Declare a field of a mechanism's parameters; its kind follows from its annotation.

    The arguments are the attributes of `Parameter`.

    Examples
    --------
    >>> @dataclass(frozen=True)
    ... class Walk:
    ...     steps: int = parameter("Steps that are walked.", 8, least=1)
    >>> parameters_of(Walk)[0].kind, parameters_of(Walk)[0].default
    ('integer', 8)
    """
    about = {"meaning": meaning, "shape": shape, "least": least, "above": above, "most": most}
    return field(default=default, metadata=about)


def parameters_of(model: type[Any]) -> tuple[Parameter, ...]:
    """Parameters that a model declares, in its order."""
    hints = get_type_hints(model)
    found = []
    for one in fields(model):
        kind, choices = _kind(hints[one.name])
        found.append(
            Parameter(one.name, kind=kind, default=one.default, choices=choices, **one.metadata)
        )
    return tuple(found)


def _kind(hint: Any) -> tuple[Kind, tuple[str, ...]]:
    if isinstance(hint, UnionType):  # None stands for left out
        (hint,) = (one for one in get_args(hint) if one is not type(None))
    if get_origin(hint) is Literal:
        return "choice", get_args(hint)
    plain: dict[Any, Kind] = {int: "integer", float: "number", str: "text", bool: "switch"}
    if hint in plain:
        return plain[hint], ()
    if get_origin(hint) is tuple:
        return "names", ()
    if get_origin(hint) is Mapping:
        return ("by part" if get_args(hint)[1] is float else "wishes"), ()
    return "numbers", ()


def read(model: type[P], mechanism: str, given: Mapping[str, Any], system: System) -> P:
    """Parameters from what a file or a caller says, checked against the system.

    Parameters
    ----------
    model : dataclass
        The mechanism's parameters.
    mechanism : str
        Its name, for messages.
    given : mapping
        Values by name.
    system : System
        Whose parts and actions shapes and names are checked against.

    Raises
    ------
    MechanismError
        All that is missing at once; else the first value that cannot be.
    """
    known = {one.name: one for one in parameters_of(model)}
    table = mechanism.replace("-", "_")
    for name in given:
        if name not in known:
            raise MechanismError(
                f"parameter {name!r} of mechanism {mechanism!r}",
                f"one of {', '.join(known)}" if known else "no parameter: it has none",
                nearest(name, known) if known else "leave it out",
            )
    missing = [one for one in known.values() if one.is_needed and one.name not in given]
    if missing:
        flags = [f"--{one.name.replace('_', '-')}" for one in missing]
        raise MechanismError(
            f"mechanism {mechanism!r} lacks {', '.join(one.name for one in missing)}",
            "; ".join(f"{one.name}: {one.meaning}" for one in missing),
            f"write {'them' if len(missing) > 1 else 'it'} under [{table}] in the scenario file, "
            f"or pass {', '.join(flags)}",
            missing=[one.name for one in missing],
        )
    told = {
        name: _checked(known[name], value, system)
        for name, value in given.items()
        if value is not None
    }
    return model(**told)


def _checked(one: Parameter, value: Any, system: System) -> Any:
    if one.kind == "choice":
        if value not in one.choices:
            raise _refused(
                one, value, f"one of {', '.join(one.choices)}", nearest(str(value), one.choices)
            )
        return value
    if one.kind in ("integer", "number"):
        return _number(one, value)
    if one.kind == "numbers":
        return _numbers(one, value, system)
    if one.kind in ("by part", "wishes"):
        return _by_part(one, value, system)
    if one.kind == "names":
        names = (value,) if isinstance(value, str) else tuple(value)
        if not all(isinstance(name, str) for name in names):
            raise _refused(one, value, "names", "write a list of names")
        return names
    wanted = {"text": str, "switch": bool}[one.kind]
    if not isinstance(value, wanted):
        raise _refused(
            one, value, {"text": "text", "switch": "true or false"}[one.kind], "correct it"
        )
    return value


def _number(one: Parameter, value: Any) -> float | int:
    whole = one.kind == "integer"
    good = isinstance(value, int | float) and not isinstance(value, bool) and np.isfinite(value)
    if not good or (whole and value != int(value)):
        raise _refused(one, value, "a whole number" if whole else "a number", "correct it")
    _within(one, np.asarray(float(value)), value)
    return int(value) if whole else float(value)


def _numbers(one: Parameter, value: Any, system: System) -> npt.NDArray[np.float64]:
    try:
        numbers = np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        numbers = np.full(1, np.nan)
    if not np.isfinite(numbers).all():
        raise _refused(one, value, "finite numbers, in rows of one length", "correct it")
    sizes: dict[str | int, int] = {
        "parts": len(system.parts),
        "actions": len(system.actions),
        "outcomes": len(system.world.outcomes),
        "states": len(system.world.states),
        "observations": len(system.world.observations),
    }
    # a name that is no list of the system may have any length
    wanted = [sizes.get(length, length) for length in one.shape]
    fits = len(wanted) == numbers.ndim and all(
        isinstance(length, str) or length == size
        for length, size in zip(wanted, numbers.shape, strict=True)
    )
    if one.shape and not fits:
        told = " x ".join(
            f"{length} {name}" if isinstance(length, int) and isinstance(name, str) else str(name)
            for name, length in zip(one.shape, wanted, strict=True)
        )
        raise _refused(
            one,
            f"of shape {' x '.join(map(str, numbers.shape)) or 'one number'}",
            f"numbers of shape {told}",
            "give one row a part, in their order" if "parts" in one.shape else "correct it",
        )
    _within(one, numbers, value)
    numbers.flags.writeable = False
    return numbers


def _by_part(one: Parameter, value: Any, system: System) -> Mapping[str, Any]:
    names = [part.name for part in system.parts]
    if not isinstance(value, Mapping):
        raise _refused(
            one, value, "values by name of a part", f"write {one.name} = {{ {names[0]!r} = ... }}"
        )
    for name, single in value.items() if one.kind == "by part" else ():
        if name not in names:
            raise _refused(one, f"of part {name!r}", "the name of a part", nearest(name, names))
        good = isinstance(single, int | float) and not isinstance(single, bool)
        if not good or not np.isfinite(single):
            raise _refused(one, f"{single!r} of part {name!r}", "a number", "correct it")
        _within(one, np.asarray(float(single)), single)
    return dict(value)


def _within(one: Parameter, numbers: npt.NDArray[np.float64], value: Any) -> None:
    bounds: list[tuple[bool, str]] = []
    if one.least is not None:
        bounds.append((bool((numbers >= one.least).all()), f"at least {one.least:g}"))
    if one.above is not None:
        bounds.append((bool((numbers > one.above).all()), f"above {one.above:g}"))
    if one.most is not None:
        bounds.append((bool((numbers <= one.most).all()), f"at most {one.most:g}"))
    if not all(held for held, _ in bounds):
        words = " and ".join(words for _, words in bounds)
        raise _refused(
            one,
            value,
            f"{'numbers' if numbers.ndim else 'a number'} {words}",
            f"correct {one.name}",
        )


def _refused(one: Parameter, value: Any, needed: str, mend: str) -> MechanismError:
    shown = value if isinstance(value, str) and one.kind != "choice" else _short(value)
    return MechanismError(f"{one.name} {shown}", f"{needed}: {one.meaning}", mend)


def _short(value: Any) -> str:
    listed = isinstance(value, Sequence) and not isinstance(value, str)
    if isinstance(value, float):
        return f"{value:g}"
    return quoted(value) if listed else repr(value)
