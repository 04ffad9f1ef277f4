"""What is audited: a system, and what may be read differently about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dissensus.errors import DissensusError, nearest
from dissensus.system.part import Part
from dissensus.system.system import System

__all__ = ["AuditError", "Case", "Reading", "Value"]

Value = str | float
"""A value of an axis."""


class AuditError(DissensusError, ValueError):
    """An audit that cannot be done as it was asked for."""


@dataclass(frozen=True)
class Reading:
    """One way to read "what the system wants", stated in words: some parts, and a rule for them.

    Attributes
    ----------
    name : str
        In words: ``"Microsoft's instructions, safety first"``.
    parts : tuple of str
        Names of the parts that count; all if empty.
    rule : str, optional
        How they are brought together; by default the system's rule, or the one that is crossed.
    """

    name: str
    parts: tuple[str, ...] = ()
    rule: str | None = None


@dataclass(frozen=True, eq=False)
class Case:
    """A system, with what an audit crosses.

    Attributes
    ----------
    system : System
    deliberated : mapping of str to Part
        Parts as they are after long deliberation, by name; those that do not change are left out.
    readings : tuple of Reading
        Readings that somebody stated, beside those that the axes make.
    today : str, optional
        The action that is taken today.
    axes : mapping of str to sequence, optional
        Axes to cross, each with its values; by default all that the case allows.
    perturbation : float, optional
        Half width, in utils, by which utilities are shaken to see what an answer hangs on; by
        default a tenth of each part's own range.
    dynamics : mapping of str to mapping
        Parameters of mechanisms, by the name of their table (`dissensus.system.dynamics`).

    Raises
    ------
    AuditError
        A name of a part or an action that there is not.

    Examples
    --------
    >>> from dissensus.system import System, World
    >>> two = System([Part("me", [1, 0]), Part("you", [0, 1])], World.of(["sea", "hills"]), "borda")
    >>> Case(two, readings=[Reading("mine alone", ("mee",))])
    Traceback (most recent call last):
    dissensus.system.audit.case.AuditError: part 'mee' of the reading 'mine alone'
      needed: the name of a part
      mend:   did you mean 'me'?
    """

    system: System
    deliberated: Mapping[str, Part] = field(default_factory=dict)
    readings: Sequence[Reading] = ()
    today: str | None = None
    axes: Mapping[str, Sequence[Any]] | None = None
    perturbation: float | None = None
    dynamics: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [part.name for part in self.system.parts]
        for name in self.deliberated:
            _known(name, names, "part", "after deliberation")
        for reading in self.readings:
            for name in reading.parts:
                _known(name, names, "part", f"of the reading {reading.name!r}")
        if self.today is not None:
            _known(self.today, self.system.actions, "action", "taken today")
        titles = [reading.name for reading in self.readings]
        twice = [title for title in titles if titles.count(title) > 1]
        if twice:
            raise AuditError(
                f"two readings {twice[0]!r}", "distinct names", "rename one of the two"
            )
        if self.perturbation is not None and not self.perturbation > 0:
            raise AuditError(
                f"a perturbation of {self.perturbation:g}",
                "a number above 0",
                "leave it out to shake each part by a tenth of its own range",
            )

    def reading(self, name: str | None) -> Reading:
        """Return the reading of a name; without a name, all parts under the system's rule."""
        return next((one for one in self.readings if one.name == name), Reading(""))

    def members(self, name: str | None) -> list[int]:
        """Positions of the parts that count in a reading."""
        chosen = self.reading(name).parts
        parts = self.system.parts
        return [i for i, part in enumerate(parts) if not chosen or part.name in chosen]


def _known(name: str, names: Sequence[str], what: str, where: str) -> None:
    if name not in names:
        raise AuditError(
            f"{what} {name!r} {where}",
            f"the name of {'an action' if what == 'action' else 'a part'}",
            nearest(name, names),
        )
