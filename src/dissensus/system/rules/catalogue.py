"""The catalogue of rules: what each is called and needs, declared where it is defined."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from dissensus.errors import DissensusError, nearest, quoted
from dissensus.system.ballots import Ballots
from dissensus.system.choice import Choice, Status
from dissensus.system.conventions import COMPARABILITY, Comparability, ComparabilityError

__all__ = ["Rule", "RuleError", "choose", "find", "rule", "rules", "scaled"]

Floats = npt.NDArray[np.float64]
RuleFunction = Callable[..., Choice]
Scale = Literal["raw", "range", "range unless full"]
Claim = Literal["condorcet", "efficient", "unmanipulable"]


class RuleError(DissensusError, ValueError):
    """A rule that nobody declared, or one that lacks its argument."""


@dataclass(frozen=True)
class Rule:
    """What is declared about a rule, and its function.

    Attributes
    ----------
    name : str
        As written in Python, files and output: ``"ranked-pairs"``.
    label : str
        For people.
    needs : {'ordinal', 'range', 'unit', 'full'}
        Least comparability that it makes sense with, on utilities as given.
    reference : str
        Key of its source.
    lotteries : bool
        Whether it means lotteries; otherwise it chooses pure options, or ties.
    scale : {'raw', 'range', 'range unless full'}, optional
        How utilities enter by themselves, for rules that the convention ``scale`` can change.
    argument : str, optional
        What stands after the colon, as in ``"dictator:work"``.
    default : str, optional
        The argument if there is none; without a default it must be given.
    claims : tuple of {'condorcet', 'efficient', 'unmanipulable'}
        What tests hold it to: it elects an option that beats every other; a lottery or option that
        it chooses cannot be improved for all; no part gains by misreporting.
    """

    name: str
    label: str
    needs: Comparability
    reference: str
    function: RuleFunction
    lotteries: bool = False
    scale: Scale | None = None
    argument: str | None = None
    default: str | None = None
    claims: tuple[Claim, ...] = ()

    @property
    def summary(self) -> str:
        """First sentence of its description."""
        return (self.function.__doc__ or self.label).strip().splitlines()[0]

    def scaling(self, ballots: Ballots) -> Literal["raw", "range"]:
        """How utilities enter here: ``raw`` as given, or stretched to each part's own ``range``."""
        stated = ballots.conventions.scale
        if self.scale is None or (stated == "own" and self.scale == "raw"):
            return "raw"
        if stated != "own":
            return stated
        full = self.scale == "range unless full" and ballots.comparability == "full"
        return "raw" if full else "range"

    def needed(self, ballots: Ballots) -> Comparability:
        """Least comparability that it makes sense with under these ballots' conventions."""
        return "range" if self.scaling(ballots) == "range" else self.needs

    def check(self, ballots: Ballots) -> None:
        """Refuse ballots that say less than the rule needs.

        Raises
        ------
        ComparabilityError
            The comparability declared is too weak, or a part gives only an order.
        """
        needed = self.needed(ballots)
        if COMPARABILITY.index(ballots.comparability) < COMPARABILITY.index(needed):
            ways = [f"declare comparability = {needed!r} if that is so"]
            if self.scale is not None and ballots.comparability == "range":
                ways.append("state the convention scale = 'range'")
            raise ComparabilityError(
                f"rule {self.name!r} with comparability {ballots.comparability!r}",
                f"comparability {needed!r}: {_MEANING[needed]}",
                ", or ".join([*ways, "choose a rule that needs less"]),
                rule=self.name,
                comparability=needed,
            )
        silent = np.isnan(ballots.utilities).any(axis=1)
        if needed != "ordinal" and silent.any():
            names = [ballots.parts[i] for i in np.flatnonzero(silent)]
            raise ComparabilityError(
                f"rule {self.name!r}, and part {quoted(names)} gives no utilities",
                "utilities of every part",
                "give utilities, or choose a rule that needs only orders",
                rule=self.name,
                parts=names,
            )


_MEANING = {
    "ordinal": "each part's order",
    "range": "each part's utilities say how much better one option is than another for it",
    "unit": "differences of utility compare between parts",
    "full": "levels of utility compare between parts",
}
_CATALOGUE: dict[str, Rule] = {}


def rule(
    *,
    name: str,
    label: str,
    needs: Comparability,
    reference: str,
    lotteries: bool = False,
    scale: Scale | None = None,
    argument: str | None = None,
    default: str | None = None,
    claims: tuple[Claim, ...] = (),
) -> Callable[[RuleFunction], RuleFunction]:
    """Declare a function from `Ballots` to `Choice` as a rule; it enters the catalogue.

    A rule with an ``argument`` is a function of the ballots and of that text. The other
    parameters are the attributes of `Rule`.

    Examples
    --------
    >>> from dissensus.system.rules import choose, rule
    >>> @rule(name="last", label="The last option", needs="ordinal", reference="ours")
    ... def last(ballots):
    ...     return Choice.among(ballots.actions, [len(ballots.actions) - 1], ["it is the last"])
    >>> choose("last", Ballots.from_orders({"a > b": 1}))
    Choice: OK, 'b'
    >>> del _CATALOGUE["last"]
    """

    def declare(function: RuleFunction) -> RuleFunction:
        known = _CATALOGUE.get(name)
        if known is not None and not _same(known.function, function):
            raise RuleError(f"a second rule {name!r}", "a name of its own", "rename one of the two")
        if needs not in COMPARABILITY:
            raise RuleError(
                f"rule {name!r} needs {needs!r}", f"one of {', '.join(COMPARABILITY)}", "choose one"
            )
        _CATALOGUE[name] = Rule(
            name, label, needs, reference, function, lotteries, scale, argument, default, claims
        )
        return function

    return declare


def _same(a: Any, b: Any) -> bool:
    """Whether a definition is run again, as in a notebook."""
    return (a.__module__, a.__qualname__) == (b.__module__, b.__qualname__)


def rules() -> tuple[Rule, ...]:
    """Return the catalogue: every declared rule, shipped ones first."""
    return tuple(_CATALOGUE.values())


def find(name: str | RuleFunction) -> tuple[Rule, str | None]:
    """Look up a rule by name, by name and argument (``"dictator:work"``), or by its function.

    Raises
    ------
    RuleError
        Unknown (with the nearest names), not declared, or an argument too many or too few.

    Examples
    --------
    >>> found, argument = find("dictator:work")
    >>> found.label, argument
    ('Dictator', 'work')
    >>> find("bordo")
    Traceback (most recent call last):
    dissensus.system.rules.catalogue.RuleError: unknown rule 'bordo'
      needed: the name of a rule
      mend:   did you mean 'borda'?
    """
    if not isinstance(name, str):
        declared = [known for known in _CATALOGUE.values() if known.function is name]
        if declared:
            return declared[0], declared[0].default
        raise RuleError(
            f"{getattr(name, '__name__', name)!r} is not declared as a rule",
            "a function under the decorator rule(...)",
            "put @rule(name=..., label=..., needs=..., reference=...) above it",
        )
    word, colon, argument = name.partition(":")
    found = _CATALOGUE.get(word)
    if found is None:
        raise RuleError(
            f"unknown rule {name!r}", "the name of a rule", nearest(word, _CATALOGUE), rule=name
        )
    if colon and (found.argument is None or not argument):
        raise RuleError(
            f"rule {name!r}",
            f"{word!r} followed by a colon and {found.argument}"
            if found.argument
            else f"{word!r} alone: it takes no argument",
            f"write {word}:... with {found.argument}" if found.argument else f"write {word}",
            rule=name,
        )
    if not colon and found.argument is not None and found.default is None:
        raise RuleError(
            f"rule {name!r} alone",
            f"{found.argument} after a colon",
            f"write {word}:... with {found.argument}",
            rule=name,
        )
    return found, argument or found.default


def choose(name: str | RuleFunction, ballots: Ballots) -> Choice:
    """Apply a rule to ballots: enforce what it needs, and break ties only by a stated order.

    Raises
    ------
    RuleError
        The rule is unknown.
    ComparabilityError
        The ballots say less than the rule needs.

    Examples
    --------
    >>> ballots = Ballots.from_orders({"a > b > c": 3, "b > c > a": 2})
    >>> choose("plurality", ballots), choose("borda", ballots)
    (Choice: OK, 'a', Choice: OK, 'b')
    """
    found, argument = find(name)
    found.check(ballots)
    if found.needs == "ordinal" and not ballots.speaking.any():
        return Choice.none(ballots.actions, Status.EMPTY, ["no part ranks anything"])
    choice = (
        found.function(ballots) if found.argument is None else found.function(ballots, argument)
    )
    order = ballots.frame.tie_break
    return choice if order is None else choice.broken_by(order)


def scaled(function: RuleFunction, ballots: Ballots) -> tuple[Floats, str]:
    """Return utilities as they enter a rule here, and words for it if they are stretched."""
    if find(function)[0].scaling(ballots) == "range":
        return ballots.stretched, " on each part's own range"
    return ballots.utilities, ""
