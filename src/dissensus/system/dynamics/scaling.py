"""The whole system, thought faster: where the answer flips as its compute grows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dissensus.system.choice import Choice
from dissensus.system.conventions import COMPARABILITY, range_normalised
from dissensus.system.dynamics.catalogue import mechanism
from dissensus.system.dynamics.copying import Copy, copy_of_levels, copy_of_rank
from dissensus.system.dynamics.parameters import parameter
from dissensus.system.dynamics.reflection import softmax
from dissensus.system.dynamics.simulation import Simulation, Table
from dissensus.system.ladder import LADDER
from dissensus.system.rules import choose, find
from dissensus.system.scale import Flip, at_scale, flips, scale_profile
from dissensus.system.system import System, expected_utilities
from dissensus.system.world import World

if TYPE_CHECKING:
    from dissensus.system.audit.case import Case

__all__ = ["Scale", "path_ends", "scale", "with_hardness_spread"]

Floats = npt.NDArray[np.float64]
SPREADS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5)
RUNGS = (*LADDER[:-1], "utilitarian", "egalitarian")
MODELS = ("shrinkage", "noisy", "search")
STRENGTHS = (0.0, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
POINTS = 7


@dataclass(frozen=True)
class Scale:
    """Parameters of `scale`."""

    compute: Floats | None = parameter(
        "Factors between which the compute of every part is multiplied; 1:1000 if left out.",
        None,
        shape=(2,),
        above=0,
    )
    exponents: Mapping[str, float] | None = parameter(
        "How a part takes part in scaling: its compute grows with the factor to this power; 1.",
        None,
    )
    world_hardness: float = parameter(
        "Evaluations until the world model is half belief, half even guess.", 0.0, least=0
    )
    rule: str | None = parameter(
        "The less bounded rule that it comes to use, for path dependence; nash if left out.", None
    )
    draws: int = parameter("Draws of the compute models that draw at random.", 20, least=1)


def with_hardness_spread(system: System, spread: float) -> System:
    r"""Return the system with its parts' hardness drawn apart or together.

    .. math:: h_i \to \bar h \left(\frac{h_i}{\bar h}\right)^s

    with :math:`\bar h` the geometric mean of those above 0: all equally hard at s = 0, as stated
    at 1.

    Examples
    --------
    >>> from dissensus.system import Part, System, World
    >>> h = System([Part("easy", [1, 0], hardness=1), Part("hard", [0, 1], hardness=9)],
    ...            World.of(["a", "b"]), "plurality")
    >>> [round(part.hardness, 6) for part in with_hardness_spread(h, 0).parts]
    [3.0, 3.0]
    """
    hardness = np.array([part.hardness for part in system.parts])
    hard = hardness > 0
    if not hard.any():
        return system
    middle = float(np.exp(np.log(hardness[hard]).mean()))
    parts = tuple(
        replace(part, hardness=middle * (part.hardness / middle) ** spread) if is_hard else part
        for part, is_hard in zip(system.parts, hard.tolist(), strict=True)
    )
    return replace(system, parts=parts)


def path_ends(system: System, factor: float, rule: str, seed: int = 0) -> tuple[Choice, Choice]:
    """Where it ends if the parts are scaled first and then the rule, and the other way round.

    After the first step what is chosen becomes what parts fall back on; where the second step
    chooses nothing, that stays.

    Examples
    --------
    >>> from dissensus.system import Part, System, World
    >>> h = System([Part("x", [5, 0, 4]), Part("y", [0, 5, 4], hardness=1)],
    ...            World.of(["a", "b", "c"]), "dictator:x")
    >>> [choice.winner_names for choice in path_ends(h, 100, "nash")]
    [('a',), ('c',)]
    """
    large = at_scale(system, factor)
    middle = (large.choice(seed=seed), system.choice(rule=rule, seed=seed))
    return tuple(_next(large, one, rule, seed) for one in middle)  # type: ignore[return-value]


def _next(system: System, before: Choice, rule: str, seed: int) -> Choice:
    if before.dist is None:
        return system.choice(rule=rule, seed=seed)
    ballots = system.ballots(seed=seed)
    fallback = ballots.utilities @ before.dist
    after = choose(rule, replace(ballots, disagreement=fallback))
    gains = ballots.utilities @ after.dist - fallback if after.dist is not None else None
    # nobody would agree to a step that costs it something
    return before if gains is None or (gains < -1e-9).any() else after


@mechanism(
    name="scale",
    label="The whole system, scaled",
    question="Does the system do the same when it thinks faster?",
    symbol="a(\u03ba)",
    reference="ortega2013, lieder2020",
    parameters=Scale,
    needs=("utilities", "hardness"),
)
def scale(case: Case, parameters: Scale, seed: int) -> Simulation:
    r"""What the same system does with more compute, what it hangs on, and where it flips.

    .. math:: c_i = \kappa^{\gamma_i} c_i^0, \qquad \rho_i = \frac{c_i}{c_i + h_i}

    Returns
    -------
    Simulation
        ``FLIPS`` if the answer changes with compute, else ``STABLE``.

    References
    ----------
    [ortega2013]_, [lieder2020]_; the compute models are ours.
    """
    system = case.system
    low, high = (1.0, 1000.0) if parameters.compute is None else map(float, parameters.compute)
    told = parameters.exponents or {}
    exponents = [told.get(part.name, 1.0) for part in system.parts]
    if parameters.world_hardness:
        found, phases = _gridded(system, low, high, exponents, parameters.world_hardness, seed)
    else:
        found = list(flips(system, low, high, exponents=exponents, seed=seed))
        phases = _phases(system, found, low, high, exponents, seed)
    factors = np.geomspace(low, high, POINTS)
    profile = scale_profile(system, factors.tolist(), exponents=exponents, seed=seed)
    outcomes = list(dict.fromkeys(_named(one) for one, _, _ in phases))
    ends = _paths(system, high, parameters.rule, seed)
    tables = {
        "rungs": _rungs(system, low, high, exponents, seed),
        "ratios": _ratios(system, low, high, exponents, seed),
        "diagram": _diagram(system, factors, exponents, seed),
        "models": _models(system, factors, exponents, parameters.draws, seed),
        **_copies(system, seed),
    }
    if COMPARABILITY.index(system.comparability) >= COMPARABILITY.index("unit"):
        tables["strength"] = _strength(system, seed)
    count = len(found)
    times = {0: "does not change", 1: "changes once", 2: "changes twice"}.get(
        count, f"changes {count} times"
    )
    return Simulation(
        "FLIPS" if count else "STABLE",
        f"the answer {times} between {low:g}x and {high:g}x: {', then '.join(outcomes)}."
        if count
        else f"the answer {times} between {low:g}x and {high:g}x: {outcomes[0]}.",
        _phase_rows(phases),
        tables,
        numbers={
            "flips": count,
            "reached_share": profile.reach,
            "mean_distance": profile.mean_distance,
            "depends_on_path": None if ends is None else _named(ends[0]) != _named(ends[1]),
        },
        reasons={
            "mean_distance": "at some scale the system makes no choice",
            "depends_on_path": "the less bounded rule asks more than the comparability declared",
        },
        trace=()
        if ends is None
        else (
            f"parts scaled first, then the rule: {_named(ends[0])}",
            f"the rule first, then the parts: {_named(ends[1])}",
        ),
        conventions={
            "compute model": f"{system.conventions.compute_model}; others in the table of models",
            "flips": "found on an even grid of 200 factors, then by bisection: what comes and goes "
            "between two neighbours is missed",
        },
    )


Phase = tuple[Choice, float, float]


def _phases(
    system: System,
    found: Sequence[Flip],
    low: float,
    high: float,
    exponents: Sequence[float],
    seed: int,
) -> list[Phase]:
    """What is done, from which factor to which."""
    edges = [low, *(flip.factor for flip in found), high]
    first = at_scale(system, low, exponents).choice(seed=seed)
    choices = [first, *(flip.above for flip in found)]
    return list(zip(choices, edges[:-1], edges[1:], strict=True))


def _gridded(
    system: System,
    low: float,
    high: float,
    exponents: Sequence[float],
    world_hardness: float,
    seed: int,
) -> tuple[list[Flip], list[Phase]]:
    """The same with a world model that sharpens too, on a grid."""
    factors = np.geomspace(low, high, 200)
    choices = [
        _with_belief(at_scale(system, f, exponents), f / (f + world_hardness)).choice(seed=seed)
        for f in factors.tolist()
    ]
    found = [
        Flip(float(np.sqrt(a * b)), one, other)
        for a, b, one, other in zip(factors, factors[1:], choices, choices[1:], strict=False)
        if _named(one) != _named(other)
    ]
    edges = [low, *(flip.factor for flip in found), high]
    kept = [choices[0], *(flip.above for flip in found)]
    return found, list(zip(kept, edges[:-1], edges[1:], strict=True))


def _with_belief(system: System, sharpness: float) -> System:
    """Beliefs tempered towards an even guess: b to the power of sharpness."""

    def tempered(world: World) -> World:
        belief = world.initial_belief**sharpness
        return replace(world, initial_belief=belief / belief.sum())

    parts = tuple(
        part if part.model is None else replace(part, model=tempered(part.model))
        for part in system.parts
    )
    return replace(system, parts=parts, world=tempered(system.world))


def _phase_rows(phases: list[Phase]) -> Table:
    return Table(
        "What it does, by how much it computes",
        {
            "compute_from": [start for _, start, _ in phases],
            "compute_to": [end for _, _, end in phases],
            "outcome": [list(one.winner_names) or None for one, _, _ in phases],
            "status": [str(one.status) for one, _, _ in phases],
        },
        {"outcome": "the system makes no choice"},
    )


def _ratios(
    system: System, low: float, high: float, exponents: Sequence[float], seed: int
) -> Table:
    """Phases by how unequal the parts' values are to compute."""
    ratios, words = [], []
    for spread in SPREADS:
        one = with_hardness_spread(system, spread)
        hard = [part.hardness for part in one.parts if part.hardness > 0]
        ratios.append(max(hard) / min(hard))
        found = flips(one, low, high, steps=40, exponents=exponents, seed=seed)
        phases = _phases(one, found, low, high, exponents, seed)
        words.append(_told(phases))
    return Table(
        "Phase diagram: by how much harder the hardest part is",
        {"hardness_ratio": ratios, "phases": words},
    )


def _rungs(system: System, low: float, high: float, exponents: Sequence[float], seed: int) -> Table:
    """Phases under less and less bounded rules."""
    ballots = system.ballots(seed=seed)
    level = COMPARABILITY.index(system.comparability)
    allowed = [
        rule for rule in RUNGS if COMPARABILITY.index(find(rule)[0].needed(ballots)) <= level
    ]
    words = []
    for rule in allowed:
        one = replace(system, rule=rule)
        found = flips(one, low, high, steps=40, exponents=exponents, seed=seed)
        words.append(_told(_phases(one, found, low, high, exponents, seed)))
    return Table("Under other rules", {"rule": allowed, "phases": words})


def _told(phases: Sequence[Phase]) -> str:
    """Phases in words: ``nice to 5.2, horrible to 1000``."""
    return ", ".join(f"{_named(one)} to {float(f'{end:.3g}'):g}" for one, _, end in phases)


def _diagram(system: System, factors: Floats, exponents: Sequence[float], seed: int) -> Table:
    columns: dict[str, list[Any]] = {"compute": [], "hardness_ratio": [], "outcome": []}
    for spread in SPREADS:
        one = with_hardness_spread(system, spread)
        hard = [part.hardness for part in one.parts if part.hardness > 0]
        for factor in factors.tolist():
            choice = at_scale(one, factor, exponents).choice(seed=seed)
            for name, value in zip(
                columns,
                (factor, max(hard) / min(hard), list(choice.winner_names) or None),
                strict=True,
            ):
                columns[name].append(value)
    return Table("", columns, {"outcome": "the system makes no choice"})


def _models(
    system: System, factors: Floats, exponents: Sequence[float], draws: int, seed: int
) -> Table:
    """What comes out most often under each compute model."""
    columns: dict[str, list[Any]] = {
        name: [] for name in ("compute_model", "compute", "outcome", "draws_share")
    }
    for model in MODELS:
        stated = replace(system.conventions, compute_model=model)  # type: ignore[arg-type]
        one = replace(system, conventions=stated)
        count = 1 if model == "shrinkage" else draws
        for factor in factors.tolist():
            large = at_scale(one, factor, exponents)
            drawn = Counter(large.choice(seed=seed + draw).winner_names for draw in range(count))
            names, often = drawn.most_common(1)[0]
            for name, value in zip(
                columns, (model, factor, list(names) or None, often / count), strict=True
            ):
                columns[name].append(value)
    return Table(
        "Another model of little compute: what comes out most often",
        columns,
        {"outcome": "the system makes no choice"},
    )


def _paths(
    system: System, factor: float, rule: str | None, seed: int
) -> tuple[Choice, Choice] | None:
    name = rule or "nash"
    declared = find(name)[0]
    ballots = system.ballots(seed=seed)
    if COMPARABILITY.index(declared.needed(ballots)) > COMPARABILITY.index(system.comparability):
        return None
    return path_ends(system, factor, name, seed)


def _copies(system: System, seed: int) -> dict[str, Table]:
    """What copies of limited capacity hold, and what they would do with no end of compute."""
    u = expected_utilities(system)
    if COMPARABILITY.index(system.comparability) < COMPARABILITY.index("unit"):
        u = range_normalised(u)
    names = [part.name for part in system.parts]
    endless = replace(system, parts=tuple(replace(part, hardness=0.0) for part in system.parts))
    made: list[tuple[str, int, Copy]] = [
        ("rank", size, copy_of_rank(u, size)) for size in range(1, int(min(u.shape)))
    ]
    made += [("levels", size, copy_of_levels(u, size)) for size in range(2, u.shape[1] + 1)]
    choices = [
        choose(system.rule, endless.ballots(seed=seed, utilities=copy.utilities))
        for _, _, copy in made
    ]
    whole = Table(
        "A copy of limited capacity, with no end of compute",
        {
            "capacity_kind": [kind for kind, _, _ in made],
            "capacity": [size for _, size, _ in made],
            "copy_fidelity": [_mean(copy.fidelity) for _, _, copy in made],
            "outcome": [list(one.winner_names) or None for one in choices],
        },
        {
            "outcome": "the system makes no choice",
            "copy_fidelity": "all options are alike to every part",
        },
    )
    parts = Table(
        "",
        {
            "capacity_kind": [kind for kind, _, _ in made for _ in names],
            "capacity": [size for _, size, _ in made for _ in names],
            "part": names * len(made),
            "copy_fidelity": np.concatenate([copy.fidelity for _, _, copy in made])
            if made
            else np.empty(0),
        },
        {"copy_fidelity": "all options are alike to the part"},
    )
    return {"copies": whole, "represented": parts}


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def _strength(system: System, seed: int) -> Table:
    """An AI of bounded strength that pursues what the system perceives as good for its parts."""
    ballots = system.ballots(seed=seed)
    worth = ballots.shares @ ballots.utilities
    spread = float(worth.std())
    columns: dict[str, list[Any]] = {"strength": [], "action": [], "chance": []}
    for strength in STRENGTHS:
        sharp = strength / spread if spread > 0 else 0.0
        for name, chance in zip(system.actions, softmax(sharp * worth).tolist(), strict=True):
            for column, value in zip(columns, (strength, name, chance), strict=True):
                columns[column].append(value)
    return Table("An AI that optimises the sum, by how strongly", columns)


def _named(choice: Choice) -> str:
    return " or ".join(choice.winner_names) or f"nothing ({choice.status})"
