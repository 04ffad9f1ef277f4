"""R8: whether H, asked by which rule to decide, chooses the rule that it has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from dissensus.errors import DissensusError
from dissensus.system.conventions import Frame, dense_ranks
from dissensus.system.relations.catalogue import relation
from dissensus.system.relations.conduct import Conduct, Menu
from dissensus.system.relations.encounter import Encounter
from dissensus.system.relations.occasions import Occasion, Occasions, Question, occasions, orders_of
from dissensus.system.relations.score import Score, averaged
from dissensus.system.relations.words import all_of, in_words
from dissensus.system.rules import choose, find, rules
from dissensus.system.system import System

__all__ = ["endorsed", "rivals", "self_endorsement"]

Floats = npt.NDArray[np.float64]
Name = str | Callable[..., Any]
Elections = dict[frozenset[bytes], dict[bytes, float]]
HOME = "dissensus.system.rules"
DRAWS = 120


def rivals(system: System, observation: str | int | None = None) -> tuple[str, ...]:
    """Shipped rules that H could have instead: those that can be used with what it states.

    Rules that need an argument (a dictator's name) are left out; so are rules that mean lotteries
    if some part gives no utilities, since it cannot say which lottery it prefers.

    Examples
    --------
    >>> from dissensus.system import Part, World
    >>> pair = System([Part("x", order="a > b"), Part("y", order="b > a")],
    ...               World.of(["a", "b"]), "plurality")
    >>> rivals(pair)[:3]
    ('runoff', 'instant-runoff', 'borda')
    """
    return _usable(Conduct(system, observation))


def endorsed(
    system: System,
    menu: Sequence[str],
    observation: str | int | None = None,
    seed: int = 0,
) -> dict[str, float]:
    """Chance of each rule's outcome if H decides by its own rule which of some rules to have.

    The parts vote on rules by their outcomes: a rule is as good as what it would choose. Rules
    with the same outcome are the same thing to them, and each gets its chance.

    Examples
    --------
    >>> from dissensus.system import Part, World
    >>> town = System(
    ...     [Part("x", order="a > b > c", standing=3), Part("y", order="b > c > a", standing=2)],
    ...     World.of(["a", "b", "c"]), "borda")
    >>> endorsed(town, ["borda", "plurality"])
    {'borda': 0.0, 'plurality': 1.0}
    """
    conduct = Conduct(system, observation, seed)
    for name in menu:
        find(name)
    asked = {name: Question(conduct, conduct.everything, name) for name in menu}
    found = _in_all_frames(conduct, list(asked.values()), seed)
    chances: dict[str, list[float]] = {name: [] for name in menu}
    for occasion in found.each:
        outcomes = {name: occasion.dist(question) for name, question in asked.items()}
        said = _asked(conduct, occasion, [d for d in outcomes.values() if d is not None], {})
        for name, dist in outcomes.items():
            chances[name].append(0.0 if dist is None else said.get(_key(dist), 0.0))
    return {name: float(found.weights @ np.array(row)) for name, row in chances.items()}


@relation(
    name="self-endorsement",
    number="R8",
    label="Self-endorsement",
    target="the rule that H chooses when it is asked by which rule to decide",
    looks_at="outputs",
    reference="koray2000",
    without_loss="a choice among rules is a discrete act of H: there is nothing to differentiate",
)
def self_endorsement(encounter: Encounter) -> Score:
    r"""How often H's rule, asked which rule to have, chooses itself; for an A, A's rule.

    .. math:: f(A, H) = \frac{1}{|M|} \sum_{m \in M} P(\Sigma_H \text{ picks from } m
        \text{ the outcome of } \Sigma_A)

    ================== =========================================================================
    symbol             meaning
    ================== =========================================================================
    :math:`\Sigma_H`   H's rule
    :math:`M`          all pairs and triples of shipped rules that contain H's own, and A's
    ================== =========================================================================

    The parts vote on rules by what each rule would choose: rules with one outcome are alike.

    Returns
    -------
    Score
        1 if no rival's outcome beats that of H's own rule by that very rule. The intrinsic gap is
        what is left by the rival that H endorses most. A menu on which every rule has an outcome
        of its own and all outcomes are there endorses each rule trivially: it is the sub-menus
        that tell.

    References
    ----------
    [koray2000]_: universally self-selective, neutral and unanimous rules are dictatorial;
    [hermidarivera2025]_: with a strong Condorcet winner exactly Condorcet's rule is;
    [barbera2004]_. The averaged score is ours.
    """
    conduct = encounter.conduct
    own = encounter.of_h()
    others = {
        name: Question(conduct, encounter.everything, name)
        for name in _usable(conduct)
        if len(encounter.actions) > 1
    }
    favoured = own
    if not encounter.alone:
        if encounter.other is None:
            return Score.undefined("missing: rule", "A is a policy, not a system with a rule")
        named = encounter.other.system.rule
        favoured = Question(conduct, encounter.everything, named)
        if _same_rule(named, encounter.system.rule):
            favoured = own
        else:
            others = {n: q for n, q in others.items() if not _same_rule(n, named)}
            others[_name(named)] = favoured
    if not others:
        return Score.undefined("missing: rivals", "no other rule can be used with what H states")
    labels = {own: _name(encounter.system.rule)} | {q: name for name, q in others.items()}
    try:
        found = _in_all_frames(conduct, list(labels), encounter.seed, own)
    except DissensusError as error:
        return Score.undefined("missing: rule", f"A's rule cannot decide for H: {error.found}")
    mixed: Elections = {}
    scores = [_judged(encounter, occasion, labels, own, favoured, mixed) for occasion in found.each]
    return averaged(scores, found.weights)


def _judged(
    encounter: Encounter,
    occasion: Occasion,
    labels: dict[Question, str],
    own: Question,
    favoured: Question,
    mixed: Elections,
) -> Score:
    """Score in one frame. Rules with one outcome are a class, and every menu a set of classes."""
    conduct, names = encounter.conduct, encounter.actions
    outcomes = {q: dist for q in labels if (dist := occasion.dist(q)) is not None}
    for question in (own, favoured):
        if question not in outcomes:
            status = str(occasion.said[question].status)
            return Score.undefined(status, f"{labels[question]} makes no choice")
    drawn = any(not _is_pure(dist) for dist in outcomes.values())
    if drawn and np.isnan(conduct.ballots.utilities).any():
        return Score.undefined(
            "missing: utilities", "a rule draws lots, and a part gives only an order"
        )
    if len(outcomes) < 2:
        return Score.undefined("missing: rivals", "no other rule makes a choice here")
    kinds = {question: _key(dist) for question, dist in outcomes.items()}
    rest = Counter(kinds[question] for question in outcomes if question is not own)
    of_kind = {kind: outcomes[q] for q, kind in kinds.items()}
    known: Elections = {}

    def said(*offered: bytes) -> dict[bytes, float]:
        menu = frozenset(offered)
        if menu not in known:
            known[menu] = _asked(conduct, occasion, [of_kind[kind] for kind in menu], mixed)
        return known[menu]

    mine, total = kinds[own], len(outcomes) - 1

    def endorsed_share(kind: bytes, *, itself: bool) -> float:
        """Mean over the menus that contain H's rule and one of a kind, or H's rule itself."""
        if itself:
            pairs = sum(n * said(mine, c).get(mine, 0.0) for c, n in rest.items())
            triples = sum(
                (n * m if c != d else n * (n - 1)) / 2 * said(mine, c, d).get(mine, 0.0)
                for c, n in rest.items()
                for d, m in rest.items()
            )
            return (pairs + triples) / (total + total * (total - 1) / 2)
        more = sum((m - (d == kind)) * said(mine, kind, d).get(kind, 0.0) for d, m in rest.items())
        return (said(mine, kind).get(kind, 0.0) + more) / total

    shares = {kind: endorsed_share(kind, itself=False) for kind in rest}
    itself = endorsed_share(mine, itself=True)
    value = itself if favoured is own else shares[kinds[favoured]]
    means = {q: itself if q is own else shares[kinds[q]] for q in outcomes}
    witness: dict[str, Any] = {"endorsed": {labels[q]: mean for q, mean in means.items()}}
    sentence = f"{labels[own]} chooses {labels[favoured]} from every menu of rules"
    base = {mine, kinds[favoured]}
    found = min(
        (
            (said(*base, c).get(kinds[favoured], 0.0), place, c)
            for place, c in enumerate(rest)
            if favoured is own or c != kinds[favoured] or mine != kinds[favoured]
        ),
        default=None,
    )
    if value < 1 - 1e-9 and found is not None:
        offered = said(*base, found[2])
        rival = next(q for q in outcomes if q is not own and kinds[q] == found[2])
        menu = list(dict.fromkeys([own, favoured, rival]))
        picked = max(menu, key=lambda q: offered.get(kinds[q], 0.0))
        among = all_of([labels[q] for q in menu])
        witness |= {"menu": [labels[q] for q in menu], "picked": labels[picked]}
        beaten = in_words(names, outcomes[favoured])
        sentence = f"asked to choose among the rules {among}, {labels[own]} "
        if not any(offered.values()):
            sentence += "makes no choice"
        elif kinds[picked] == kinds[favoured]:
            chance = offered[kinds[favoured]]
            sentence += f"picks {labels[favoured]} only in {100 * chance:.3g} % of cases"
        else:
            better = in_words(names, outcomes[picked])
            sentence += f"picks {labels[picked]}: {better} beats {beaten}"
    return Score.of(value, ceiling=max(means.values()), witness=witness, sentence=sentence)


def _usable(conduct: Conduct) -> tuple[str, ...]:
    silent = bool(np.isnan(conduct.ballots.utilities).any())
    own, _ = find(conduct.system.rule)
    usable = []
    for known in rules():
        shipped = known.function.__module__.startswith(HOME)
        bare = known.argument is None or known.default is not None
        if known is own or not shipped or not bare or (known.lotteries and silent):
            continue
        try:
            conduct.answer(conduct.everything, rule=known.name)
        except DissensusError:
            continue
        usable.append(known.name)
    return tuple(usable)


def _in_all_frames(
    conduct: Conduct, questions: list[Question], seed: int, own: Question | None = None
) -> Occasions:
    """Ask what each rule chooses, and H to choose among what came out, in the same frames.

    Among all that came out in a frame; or, of one rule of its own, from all pairs and triples with
    its outcome.
    """
    menus: set[Menu] = set()
    for occasion in occasions(questions, seed, DRAWS).each:
        pure = {q: d for q in questions if (d := occasion.dist(q)) is not None and _is_pure(d)}
        came = sorted({int(dist.argmax()) for dist in pure.values()})
        if own is None:
            menus.add(tuple(came))
        elif own in pure:
            mine = int(pure[own].argmax())
            rest = [action for action in came if action != mine]
            more = [group for size in (1, 2) for group in combinations(rest, size)]
            menus |= {tuple(sorted((mine, *group))) for group in more}
    asked = [Question(conduct, menu) for menu in sorted(menus) if len(menu) > 1]
    return occasions([*questions, *asked], seed, DRAWS)


def _asked(
    conduct: Conduct, occasion: Occasion, outcomes: list[Floats], mixed: Elections
) -> dict[bytes, float]:
    """Chance of each outcome when H's own rule chooses among them.

    ``mixed`` remembers elections with lotteries on the menu, which no frame touches.
    """
    distinct = {_key(dist): dist for dist in outcomes}
    if len(distinct) == 1:
        return dict.fromkeys(distinct, 1.0)
    if all(_is_pure(dist) for dist in distinct.values()):
        menu = tuple(sorted(int(dist.argmax()) for dist in distinct.values()))
        said = occasion.dist(Question(conduct, menu))
        if said is None:
            return {}
        return {key: float(said[dist.argmax()]) for key, dist in distinct.items()}
    if frozenset(distinct) not in mixed:
        mixed[frozenset(distinct)] = _elected(conduct, distinct)
    return mixed[frozenset(distinct)]


def _elected(conduct: Conduct, distinct: dict[bytes, Floats]) -> dict[bytes, float]:
    """Chance of each lottery in an election among them; on an agenda, in every order."""
    ballots = conduct.ballots
    values = ballots.utilities @ np.array(list(distinct.values())).T
    ranks = np.where(ballots.speaking[:, None], dense_ranks(values), np.nan)
    names = tuple(f"outcome {place + 1}" for place in range(len(distinct)))
    asked = replace(ballots, actions=names, utilities=values, ranks=ranks)
    looks = "agenda" in conduct.reads(conduct.everything)
    orders = orders_of(range(len(names)), conduct.seed).tolist() if looks else [None]
    chances = np.zeros(len(names))
    for order in orders:
        agenda = None if order is None else tuple(names[place] for place in order)
        choice = choose(conduct.system.rule, replace(asked, frame=Frame(agenda=agenda)))
        if choice.dist is not None:
            chances += choice.dist / len(orders)
    return dict(zip(distinct, chances.tolist(), strict=True))


def _is_pure(dist: Floats) -> bool:
    return bool(dist.max() > 1 - 1e-9)


def _key(dist: Floats) -> bytes:
    return (np.round(dist, 9) + 0.0).tobytes()


def _name(rule: Name) -> str:
    return rule if isinstance(rule, str) else find(rule)[0].name


def _same_rule(a: Name, b: Name) -> bool:
    return find(a) == find(b)
