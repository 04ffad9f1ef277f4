"""The axes of an audit: choices that are usually left unstated, and the values each can have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, get_args, get_type_hints

import numpy as np

from dissensus.errors import nearest
from dissensus.system.audit.aiming import POINTERS, RELATIONS
from dissensus.system.audit.case import AuditError, Case, Value
from dissensus.system.audit.standing import TODAY, standings_of
from dissensus.system.conventions import Conventions
from dissensus.system.part import PartError, parse_order
from dissensus.system.rules import Rule, RuleError, find, rules
from dissensus.system.world import WorldError

__all__ = ["AXES", "KEPT", "NOTHING", "Axis", "Setting", "can_cross", "chosen_values", "setting_of"]

NOTHING = "nothing"  # what is observed, if nothing is
KEPT = "kept"  # ties that are not broken
COMPUTE = (1.0, 3.0, 10.0, 30.0, 100.0)


class Setting(NamedTuple):
    """One value on every axis; None on an axis that makes no difference there."""

    reading: str | None = None
    beliefs: str | None = "own"
    observation: str | None = NOTHING
    deliberation: str | None = "none"
    standing_after: str | None = TODAY
    compute: float | None = 1.0
    compute_model: str | None = "shrinkage"
    unranked: str | None = "last"
    relation: str | None = "obey"
    pointer: str | None = "output"
    rule: str | None = None
    scale: str | None = "own"
    tie_break: str | None = KEPT


@dataclass(frozen=True)
class Axis:
    """One kind of choice.

    Attributes
    ----------
    name : str
        Key in a scenario file, column of the result.
    label : str
        In words, after "what decides:".
    values : function
        All values that a case allows; of one or none, the axis is not crossed.
    missing : str
        What a case lacks if it allows less than two values, in words.
    checked : function
        The value as it is kept, from what somebody wrote; raises if it cannot be one.
    """

    name: str
    label: str
    values: Callable[[Case], tuple[Value, ...]]
    missing: str
    checked: Callable[[Case, Any], Value]


def setting_of(case: Case) -> Setting:
    """Return the setting that a case itself states.

    Examples
    --------
    >>> from dissensus.system import Part, System, World
    >>> one = System([Part("me", [1, 0])], World.of(["sea", "hills"]), "borda")
    >>> setting_of(Case(one)).rule
    'borda'
    """
    conventions, rule = case.system.conventions, case.system.rule
    return Setting(
        compute_model=conventions.compute_model,
        unranked=conventions.unranked,
        rule=rule if isinstance(rule, str) else find(rule)[0].name,
        scale=conventions.scale,
    )


def chosen_values(
    case: Case, fix: Mapping[str, Any]
) -> tuple[dict[str, tuple[Value, ...]], dict[str, str]]:
    """Values to cross on each axis, and the axes left out with the reason.

    ``fix`` sets an axis to one value, whatever the case says. An axis that the case names without
    allowing it is left out like one that it does not name.

    Raises
    ------
    AuditError
        An axis or a value that there is not, with the nearest names.
    """
    stated = case.axes
    for name in (*(stated or ()), *fix):
        if name not in AXES:
            raise AuditError(f"axis {name!r}", "an axis of the audit", nearest(name, AXES))
    values: dict[str, tuple[Value, ...]] = {}
    left_out: dict[str, str] = {}
    for name, axis in AXES.items():
        allowed = axis.values(case)
        if name in fix:
            values[name] = (axis.checked(case, fix[name]),)
        elif stated is not None and name in stated and can_cross(case, name):
            values[name] = _listed(case, axis, stated[name])
        elif len(allowed) < 2:
            left_out[name] = axis.missing
        elif stated is not None:
            left_out[name] = "the case does not name it"
        else:
            values[name] = allowed
    return values, left_out


def can_cross(case: Case, name: str) -> bool:
    """Whether a case that names an axis has what it needs to cross it."""
    return name in _OPEN or len(AXES[name].values(case)) > 1


def _listed(case: Case, axis: Axis, listed: Any) -> tuple[Value, ...]:
    some = [listed] if isinstance(listed, str | int | float) else list(listed)
    if not some:
        raise AuditError(
            f"axis {axis.name!r} without values", "at least one value", "leave the axis out"
        )
    return tuple(dict.fromkeys(axis.checked(case, value) for value in some))


def default_rules(case: Case) -> tuple[Value, ...]:
    """Rules that choose options by themselves: no lotteries, nothing to be told, no agenda.

    A lottery gives many options a chance, and an agenda needs an order: name such a rule in the
    case to cross it.
    """
    vetoes = {part.aspiration is not None for part in case.system.parts} == {True, False}
    return tuple(
        rule.name for rule in rules() if _is_plain(rule) or (rule.name == "veto" and vetoes)
    )


def _is_plain(rule: Rule) -> bool:
    told = rule.argument is not None or rule.name in ("agenda", "veto")
    return not rule.lotteries and not told


def _rule(case: Case, value: Any) -> Value:
    try:
        found, argument = find(str(value))
    except RuleError as error:
        raise AuditError(f"rule = {value!r}: {error.found}", error.needed, error.mend) from error
    names = [part.name for part in case.system.parts]
    if found.name == "dictator" and argument not in names:
        raise AuditError(f"rule = {value!r}", "the name of a part", nearest(str(argument), names))
    return str(value)


def _compute(_: Case, value: Any) -> Value:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = np.nan
    if not (np.isfinite(number) and number > 0) or isinstance(value, bool):
        raise AuditError(
            f"compute = {value!r}",
            "a number above 0, by which the compute of every part is multiplied",
            "write numbers such as 1, 10, 100",
        )
    return number


def _tie_break(case: Case, value: Any) -> Value:
    if value == KEPT:
        return KEPT
    actions = case.system.actions
    try:
        groups = parse_order(value)
    except (PartError, TypeError):
        groups = ()
    order = [name for group in groups for name in group]
    if len(groups) != len(actions) or sorted(order) != sorted(actions):
        raise AuditError(
            f"tie_break = {value!r}",
            f"{KEPT!r}, or an order of all actions without equals",
            f"write tie_break = {' > '.join(actions)!r}",
        )
    return " > ".join(order)


def _one_of(name: str, listed: Callable[[Case], tuple[Value, ...]]) -> Callable[[Case, Any], Value]:
    def checked(case: Case, value: Any) -> Value:
        known = [str(one) for one in listed(case)]
        if value not in known:
            missing = AXES[name].missing
            raise AuditError(
                f"{name} = {value!r}",
                f"one of {', '.join(known)}" if len(known) > 1 else f"nothing to choose: {missing}",
                nearest(str(value), known) if len(known) > 1 else f"leave {name} out",
            )
        return str(value)

    return checked


def _readings(case: Case) -> tuple[Value, ...]:
    return tuple(reading.name for reading in case.readings)


def _beliefs(case: Case) -> tuple[Value, ...]:
    models = [part.model for part in case.system.parts if part.model is not None]
    if not models:
        return ("own",)
    same = all(model.outcomes == case.system.world.outcomes for model in models)
    rewards = any(
        part.utilities is not None and part.utilities.ndim == 3 for part in case.system.parts
    )
    return ("own", "shared", "pooled") if same and not rewards else ("own",)


def _observations(case: Case) -> tuple[Value, ...]:
    seen = case.system.world.observations
    if len(seen) < 2:
        return (NOTHING,)
    possible = []
    for name in seen:
        try:
            for model in (part.model or case.system.world for part in case.system.parts):
                model.belief(name)
        except WorldError:  # somebody holds it impossible
            continue
        possible.append(name)
    return (NOTHING, *possible)


def _deliberations(case: Case) -> tuple[Value, ...]:
    if not case.deliberated:
        return ("none",)
    return ("none", str(case.dynamics.get("deliberation", {}).get("model", "given")))


def _standings(case: Case) -> tuple[Value, ...]:
    return tuple(standings_of(case))


def _is_hard(case: Case) -> bool:
    return any(part.hardness > 0 for part in case.system.parts)


def _computes(case: Case) -> tuple[Value, ...]:
    return COMPUTE if _is_hard(case) else (1.0,)


def _compute_models(case: Case) -> tuple[Value, ...]:
    return (case.system.conventions.compute_model,)


def _scales(case: Case) -> tuple[Value, ...]:
    return ("own",) if case.system.comparability == "ordinal" else ("raw", "range")


def _words_of(name: str) -> Callable[[Case], tuple[Value, ...]]:
    return lambda _: _words(name)


def _unranked(case: Case) -> tuple[Value, ...]:
    partial = any(
        part.order is not None
        and len([name for group in part.order for name in group]) < len(case.system.actions)
        for part in case.system.parts
    )
    return _words("unranked") if partial else ("last",)


def _words(name: str) -> tuple[Value, ...]:
    """Values of a convention that is one of several words."""
    return tuple(get_args(get_type_hints(Conventions)[name]))


def _relations(case: Case) -> tuple[Value, ...]:
    known = all(part.utilities is not None for part in case.system.parts)
    own_range = known and case.system.comparability != "ordinal"
    return ("obey", "rlhf", "no-veto") if own_range else ("obey", "rlhf")


def _every_relation(_: Case) -> tuple[Value, ...]:
    return tuple(RELATIONS)


def _pointer(_: Case) -> tuple[Value, ...]:
    return ("output",)


def _every_pointer(_: Case) -> tuple[Value, ...]:
    return tuple(POINTERS)


def _kept(_: Case) -> tuple[Value, ...]:
    return (KEPT,)


# what a case may name although it offers one value by itself
_OPEN = ("compute_model", "pointer", "relation", "rule", "scale", "tie_break")

AXES: dict[str, Axis] = {
    axis.name: axis
    for axis in (
        Axis(
            "reading",
            "whose wishes count, and how",
            _readings,
            "no [[readings]]",
            _one_of("reading", _readings),
        ),
        Axis(
            "beliefs",
            "whose beliefs count",
            _beliefs,
            "no part has a model of its own with the world's outcomes",
            _one_of("beliefs", _beliefs),
        ),
        Axis(
            "observation",
            "what has been seen",
            _observations,
            "the world shows nothing",
            _one_of("observation", _observations),
        ),
        Axis(
            "deliberation",
            "whether the parts deliberate first",
            _deliberations,
            "no [deliberation]",
            _one_of("deliberation", _deliberations),
        ),
        Axis(
            "standing_after",
            "whose standing counts",
            _standings,
            "no [meta_preferences] or [drift]",
            _one_of("standing_after", _standings),
        ),
        Axis(
            "compute", "how much the parts compute", _computes, "no part states hardness", _compute
        ),
        Axis(
            "compute_model",
            "what little compute does to a part",
            _compute_models,
            "all but shrinkage draw at random: name it to cross them",
            _one_of("compute_model", _words_of("compute_model")),
        ),
        Axis(
            "unranked",
            "what silence on an option means",
            _unranked,
            "every order is complete",
            _one_of("unranked", _unranked),
        ),
        Axis(
            "relation",
            "what being aligned means",
            _relations,
            "obey and rlhf only: name it to cross other relations",
            _one_of("relation", _every_relation),
        ),
        Axis(
            "pointer",
            "what its wants point to",
            _pointer,
            "the system's own choice (output): name it to cross others",
            _one_of("pointer", _every_pointer),
        ),
        Axis("rule", "the aggregation rule", default_rules, "no rule", _rule),
        Axis(
            "scale",
            "the scale of utilities",
            _scales,
            "parts give orders only",
            _one_of("scale", _words_of("scale")),
        ),
        Axis("tie_break", "how ties are broken", _kept, "ties are kept as they are", _tie_break),
    )
}
