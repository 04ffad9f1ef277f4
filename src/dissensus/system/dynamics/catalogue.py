"""The catalogue of mechanisms: what each is called and needs, declared where it is defined."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from dissensus.errors import nearest
from dissensus.system.conventions import COMPARABILITY, Comparability
from dissensus.system.dynamics.parameters import MechanismError, Parameter, parameters_of, read
from dissensus.system.dynamics.simulation import Simulation

if TYPE_CHECKING:
    from dissensus.system.audit.case import Case

__all__ = ["Mechanism", "Need", "find", "mechanism", "mechanisms"]

MechanismFunction = Callable[..., Simulation]
Need = Literal[
    "utilities", "range", "unit", "full", "hardness", "several parts", "inner", "models", "states"
]


@dataclass(frozen=True)
class Mechanism:
    """What is declared about a mechanism, and its function.

    Attributes
    ----------
    name : str
        As written on the command line: ``"meta-preferences"``; with ``_`` the scenario's table.
    label : str
        For people.
    question : str
        What it asks of a system.
    symbol : str
        Of its main quantity.
    reference : str
        Keys of its sources.
    needs : tuple of str
        What a system must have: ``utilities`` of every part; a level of comparability (``range``,
        ``unit``, ``full``); ``hardness`` of some part; ``several parts``; an ``inner`` system; some
        part's own beliefs (``models``).
    model : dataclass
        Its parameters.
    function : function
        From a case, the parameters and a seed to a `Simulation`.
    """

    name: str
    label: str
    question: str
    symbol: str
    reference: str
    needs: tuple[Need, ...]
    model: type[Any]
    function: MechanismFunction

    @property
    def table(self) -> str:
        """Name of its table in a scenario file."""
        return self.name.replace("-", "_")

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Its parameters, in their order."""
        return parameters_of(self.model)

    @property
    def summary(self) -> str:
        """First sentence of its description."""
        return (self.function.__doc__ or self.label).strip().splitlines()[0]

    def missing(self, case: Case, given: Mapping[str, Any] | None = None) -> tuple[str, ...]:
        """What a case would need, in words: of the system first, then parameters."""
        told = {**case.dynamics.get(self.table, {}), **(given or {})}
        lacks = [_NEEDS[need][1] for need in self.needs if not _NEEDS[need][0](case)]
        absent = [one.name for one in self.parameters if one.is_needed and one.name not in told]
        if absent:
            lacks.append(f"[{self.table}] with {', '.join(absent)}")
        return tuple(lacks)

    def defaults(self, case: Case, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Parameters that nobody stated and that stand at their defaults."""
        told = {**case.dynamics.get(self.table, {}), **(given or {})}
        return {
            one.name: one.default
            for one in self.parameters
            if one.name not in told and one.default is not None and not one.is_needed
        }

    def simulate(
        self, case: Case, given: Mapping[str, Any] | None = None, seed: int = 0
    ) -> Simulation:
        """Run it on a case.

        Parameters
        ----------
        case : Case
            With the parameters that its file states.
        given : mapping, optional
            Parameters that go before those of the case.
        seed : int
            Of everything random.

        Raises
        ------
        MechanismError
            What the system lacks, or all parameters that are missing.
        """
        told = {**case.dynamics.get(self.table, {}), **(given or {})}
        lacks = [_NEEDS[need] for need in self.needs if not _NEEDS[need][0](case)]
        if lacks:
            raise MechanismError(
                f"mechanism {self.name!r} on a system without {' and '.join(n[2] for n in lacks)}",
                "; ".join(need[1] for need in lacks),
                lacks[0][3],
            )
        parameters = read(self.model, self.name, told, case.system)
        return self.function(case, parameters, seed)


_CATALOGUE: dict[str, Mechanism] = {}


def mechanism(
    *,
    name: str,
    label: str,
    question: str,
    symbol: str,
    reference: str,
    parameters: type[Any],
    needs: tuple[Need, ...] = (),
) -> Callable[[MechanismFunction], MechanismFunction]:
    """Declare a function as a mechanism; it enters the catalogue.

    It takes a `Case`, an instance of ``parameters`` and a seed. The other arguments are the
    attributes of `Mechanism`.
    """

    def declare(function: MechanismFunction) -> MechanismFunction:
        known = _CATALOGUE.get(name)
        if known is not None and known.function.__qualname__ != function.__qualname__:
            raise MechanismError(
                f"a second mechanism {name!r}", "a name of its own", "rename one of the two"
            )
        parameters_of(parameters)
        _CATALOGUE[name] = Mechanism(
            name, label, question, symbol, reference, needs, parameters, function
        )
        return function

    return declare


def mechanisms() -> tuple[Mechanism, ...]:
    """Every declared mechanism, in the order in which they are declared."""
    return tuple(_CATALOGUE.values())


def find(name: str) -> Mechanism:
    """Look up a mechanism by its name.

    Raises
    ------
    MechanismError
        It is unknown; the nearest names are given.

    Examples
    --------
    >>> from dissensus.system.dynamics import find
    >>> find("boundary").table
    'boundary'
    >>> find("boundry")
    Traceback (most recent call last):
    dissensus.system.dynamics.parameters.MechanismError: unknown mechanism 'boundry'
      needed: the name of a mechanism
      mend:   did you mean 'boundary'?
    """
    known = _CATALOGUE.get(name.replace("_", "-"))
    if known is None:
        raise MechanismError(
            f"unknown mechanism {name!r}",
            "the name of a mechanism",
            nearest(name, _CATALOGUE),
            mechanism=name,
        )
    return known


def _compares(level: Comparability) -> Callable[[Case], bool]:
    least = COMPARABILITY.index(level)
    return lambda case: COMPARABILITY.index(case.system.comparability) >= least


# whether a case has it; what is needed; what it is without; how to mend it
_NEEDS: dict[str, tuple[Callable[[Case], bool], str, str, str]] = {
    "utilities": (
        lambda case: all(part.utilities is not None for part in case.system.parts),
        "utilities of every part",
        "utilities of every part",
        "give utilities instead of orders",
    ),
    "range": (
        _compares("range"),
        "comparability 'range': how much better one option is than another for a part",
        "utilities that say how much",
        "declare comparability = 'range' if that is so",
    ),
    "unit": (
        _compares("unit"),
        "comparability 'unit': differences of utility compare between parts",
        "utilities that compare between parts",
        "declare comparability = 'unit' if that is so",
    ),
    "full": (
        _compares("full"),
        "comparability 'full': levels of utility compare between parts",
        "levels that compare between parts",
        "declare comparability = 'full' if that is so",
    ),
    "hardness": (
        lambda case: any(part.hardness > 0 for part in case.system.parts),
        "a part with a hardness above 0",
        "hardness",
        "state how hard values are to compute: hardness = 9, say",
    ),
    "several parts": (
        lambda case: len(case.system.parts) > 1,
        "at least two parts",
        "several parts",
        "add a part",
    ),
    "inner": (
        lambda case: any(part.inner is not None for part in case.system.parts),
        "a part that is a system itself (inner)",
        "systems inside",
        "describe a part by inner = {...} or another scenario file",
    ),
    "models": (
        lambda case: any(part.model is not None for part in case.system.parts),
        "a part with beliefs of its own ([parts.model])",
        "beliefs of its parts",
        "give a part a model",
    ),
    "states": (
        lambda case: len(case.system.world.states) > 1,
        "a world of at least two states ([world])",
        "anything to be uncertain about",
        "name what is uncertain as states",
    ),
}
