"""From what a file says to a system: every block is made, and every mistake is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any

from dissensus.errors import DissensusError
from dissensus.scenario.places import Place
from dissensus.scenario.schema import PartTable, ScenarioFile, SystemTable, WorldTable
from dissensus.system import Conventions, Part, System, World
from dissensus.system.audit import AXES, Case, Reading, can_cross
from dissensus.system.dynamics import mechanisms
from dissensus.system.dynamics.deliberation import Deliberation, deliberate
from dissensus.system.dynamics.parameters import read
from dissensus.system.rules import find

__all__ = ["Builder", "Mistake"]


@dataclass(frozen=True, order=True)
class Mistake:
    """What is wrong, and where: keys and positions from the top of the file."""

    place: Place = field(compare=False)
    words: str


class Builder:
    """Makes a case from a file; what cannot be made is a mistake.

    Attributes
    ----------
    mistakes : list of Mistake
        All that were found so far.
    """

    def __init__(self, file: ScenarioFile, inner: Callable[[str], System]) -> None:
        self.mistakes: list[Mistake] = []
        self._file, self._inner = file, inner

    def case(self) -> Case | None:
        """Return the case; None if there are mistakes."""
        file, actions = self._file, tuple(self._file.actions)
        world = self._world(file.world, actions, ("world",))
        system = self._system(file, world, (), file.name)
        # what is left is checked against a system that stands in for a broken one
        checked = system or self._stand_in(world)
        if checked is None:
            return None
        dynamics = self._dynamics(checked)
        deliberated = self._deliberated(checked, dynamics.get("deliberation"))
        readings = self._readings(checked)
        today = None
        with self._at("today"):
            today = Case(checked, today=file.today).today
        table = file.audit
        width = None if table is None else table.perturbation
        with self._at("audit", "perturbation"):
            Case(checked, perturbation=width)
        stated = {} if table is None else table.model_dump(exclude={"perturbation"})
        axes = {name: some for name, some in stated.items() if some is not None}
        case = Case(checked, deliberated, readings, today, axes or None, dynamics=dynamics)
        self._check_axes(case, axes)
        return None if self.mistakes else replace(case, perturbation=width)

    def _at(self, *place: str | int) -> _Kept:
        """Keep what goes wrong inside as a mistake at a place."""
        return _Kept(self.mistakes, place)

    def _world(self, table: WorldTable, actions: tuple[str, ...], place: Place) -> World | None:
        given = {name: value for name, value in table if value is not None}
        with self._at(*place):
            return World(actions, **given)
        return None

    def _system(
        self, table: SystemTable, world: World | None, place: Place, name: str
    ) -> System | None:
        before = len(self.mistakes)
        with self._at(*place, "rule"):
            find(table.rule)
        conventions = Conventions()
        with self._at(*place, "conventions"):
            conventions = Conventions(**dict(table.conventions))
        parts = [self._part(one, world, (*place, "parts", i)) for i, one in enumerate(table.parts)]
        if world is None or len(self.mistakes) > before:
            return None
        with self._at(*place):
            system = System(
                [part for part in parts if part is not None],
                world,
                table.rule,
                table.comparability,
                conventions,
                table.disagreement,
                name,
            )
            with self._at(*place, "rule"):
                find(table.rule)[0].check(system.ballots())
            return system if len(self.mistakes) == before else None
        return None

    def _part(self, table: PartTable, world: World | None, place: Place) -> Part | None:
        before = len(self.mistakes)
        given: dict[str, Any] = {
            name: value for name, value in table if name not in ("model", "inner", "name")
        }
        # orders and systems inside can be checked without the world's other tables
        plain = world or _plain_world(self._file.actions)
        if table.model is not None and plain is not None:
            given["model"] = self._world(table.model, plain.actions, (*place, "model"))
        if table.inner is not None:
            given["inner"] = self._inside(table, plain, (*place, "inner"))
        if len(self.mistakes) > before or plain is None:
            return None
        voice: dict[str, Any] = {
            name: given.get(name) for name in ("utilities", "order", "inner", "model")
        }
        with self._at(*place):
            spoken = Part(table.name, **voice)
            if world is not None or table.utilities is None:
                System([spoken], plain, "plurality")  # does it fit into this world?
        with self._at(*place):
            part = Part(table.name, **given)
            return part if len(self.mistakes) == before else None
        return None

    def _inside(self, table: PartTable, world: World | None, place: Place) -> System | None:
        """Return the system that speaks as a part."""
        if isinstance(table.inner, str):
            with self._at(*place):
                return self._inner(table.inner)
        elif table.inner is not None and world is not None:
            own = table.inner.world
            made = world if own is None else self._world(own, world.actions, (*place, "world"))
            return self._system(table.inner, made, place, table.name)
        return None

    def _stand_in(self, world: World | None) -> System | None:
        """Return a system of the same names, where the real one cannot be made."""
        plain = world or _plain_world(self._file.actions)
        if plain is None or not self._file.parts:
            return None
        silent = Builder(self._file, self._inner)
        parts = [
            silent._part(one, plain, ()) or Part(one.name, order=[plain.actions[0]])
            for one in self._file.parts
        ]
        with self._at("parts"):
            return System(parts, plain, "plurality", self._file.comparability)
        return None

    def _readings(self, system: System) -> list[Reading]:
        good: list[Reading] = []
        for i, table in enumerate(self._file.readings):
            one = Reading(table.name, tuple(table.parts), table.rule)
            before = len(self.mistakes)
            with self._at("readings", i, "rule"):
                find(one.rule or "plurality")
            with self._at("readings", i):
                Case(system, readings=[*good, one])
            if len(self.mistakes) == before:
                good.append(one)
        return good

    def _deliberated(self, system: System, given: Mapping[str, Any] | None) -> Mapping[str, Part]:
        """Parts as they are after deliberation; each that is stated wrongly is a mistake."""
        if not given or "model" not in given:
            return {}
        stated = given.get("after")
        if given["model"] != "given" or not stated:
            with self._at("deliberation"):
                parameters = read(Deliberation, "deliberation", given, system)
                return deliberate(system, parameters).parts
            return {}
        out: dict[str, Part] = {}
        for name, wish in stated.items():
            with self._at("deliberation", "after", name):
                one = Deliberation(model="given", after={name: wish})
                out |= deliberate(system, one).parts
        return out

    def _dynamics(self, system: System) -> dict[str, dict[str, Any]]:
        """Parameters that the file states; those that it leaves out may be given later."""
        stated: dict[str, dict[str, Any]] = {}
        for one in mechanisms():
            table = getattr(self._file, one.table, None)
            if table is None:
                continue
            given = {name: value for name, value in table if value is not None}
            stated[one.table] = given
            with self._at(one.table):
                if all(p.name in given or not p.is_needed for p in one.parameters):
                    read(one.model, one.name, given, system)
        return stated

    def _check_axes(self, case: Case, axes: Mapping[str, Any]) -> None:
        for name, listed in axes.items():
            some = listed if isinstance(listed, list) else [listed]
            for value in some if can_cross(case, name) else ():
                with self._at("audit", name):
                    AXES[name].checked(case, value)


class _Kept:
    """A block whose error becomes a mistake; a mistake is told once."""

    def __init__(self, mistakes: list[Mistake], place: Place) -> None:
        self._mistakes, self._place = mistakes, place

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if not isinstance(error, DissensusError):
            return False
        inside = error.values.get("mistakes")  # those of a file that this one names
        told = (
            [f"{error.values['file']}, {words}" for words in inside]
            if isinstance(inside, list)
            else [f"{error.found}; needed: {error.needed}; {error.mend}".replace("\n", " ")]
        )
        known = {one.words for one in self._mistakes}
        self._mistakes += [Mistake(self._place, words) for words in told if words not in known]
        return True


def _plain_world(actions: list[str]) -> World | None:
    """World in which actions are outcomes; None if they are no actions."""
    try:
        return World.of(actions)
    except DissensusError:
        return None


def _is_numbers(value: Any) -> bool:
    """Whether what a part wants is told in numbers, not as an order."""
    while isinstance(value, list) and value:
        value = value[0]
    return isinstance(value, int | float)
