"""The two questions: whether H is aligned with itself, and whether A is aligned with H."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dissensus.system.relations.catalogue import chosen
from dissensus.system.relations.encounter import Encounter
from dissensus.system.relations.no_veto import ENOUGH
from dissensus.system.relations.policy import Policy
from dissensus.system.relations.score import Row
from dissensus.system.relations.self_endorsement import rivals
from dissensus.system.scale import FACTORS
from dissensus.system.system import System

__all__ = ["alignment", "defaults", "reflexivity"]


def reflexivity(
    system: System,
    relations: Sequence[str] | str | None = None,
    *,
    observation: str | int | None = None,
    menus: Sequence[Sequence[str]] | None = None,
    seed: int = 0,
) -> tuple[Row, ...]:
    r"""Whether a system is aligned with itself, by each meaning that "aligned" can have.

    .. math:: r_f(H) = f(H, H)

    H acts as it does, and what it does is put in A's place. Every relation but ``obey`` is computed
    in each frame (order of the agenda, order that breaks ties), and its score is the mean;
    ``obey`` compares the frames.

    Parameters
    ----------
    system : System
        H.
    relations : str or sequence of str, optional
        Names or numbers of relations; all by default.
    observation : str or int, optional
        What is seen before each choice.
    menus : sequence of sequences of names, optional
        Menus from which the learners (``irl``, ``assistance``) see H choose. By default all
        subsets of at least two of up to six actions, of more actions all pairs and triples.
    seed : int
        For samples of orders where there are more than 720, and for the system's random steps.

    Returns
    -------
    tuple of Row
        One a relation: score (1: self-aligned), verdict, the gap's two halves, and the witness in
        words.

    Raises
    ------
    RelationError
        An unknown relation, with the nearest names; a menu of unknown actions.

    Examples
    --------
    Three drives; the majority takes one action, and the third drive gets nothing:

    >>> from dissensus.system import Part, System, World
    >>> h = System(
    ...     [Part("work", [1, 0, 0, 0.7]), Part("fame", [1, 0.1, 0, 0.6]),
    ...      Part("life", [0, 0, 1, 0.7])],
    ...     World.of(["push", "drift", "rest", "balance"]), "plurality")
    >>> for row in reflexivity(h, ["obey", "no-veto"]):
    ...     print(row)
    R1 obey: HOLDS 1; H says the same in every frame
    R5 no-veto: FAILS 0; part 'life' gets 0 of its attainable satisfaction from 'push'
    """
    encounter = Encounter(system, None, observation, menus, seed)
    return _rows(encounter, relations)


def alignment(
    a: System | Policy,
    system: System,
    relations: Sequence[str] | str | None = None,
    *,
    observation: str | int | None = None,
    menus: Sequence[Sequence[str]] | None = None,
    seed: int = 0,
) -> tuple[Row, ...]:
    r"""Whether A is aligned with H, by each meaning that "aligned" can have: f(A, H).

    Parameters
    ----------
    a : System, str, array, mapping or Choice
        A: a system with the same actions; an action; chances of the actions; or a table of choices
        from menus, such as ``{("sea", "town"): "sea"}``.
    system : System
        H.
    relations, observation, menus, seed
        As in `reflexivity`.

    Returns
    -------
    tuple of Row
        As in `reflexivity`. Under ``irl`` and ``assistance`` the score is that of A under what was
        learned from H; how badly that fits H stands in ``misfit``.

    Raises
    ------
    RelationError
        A's actions are not H's, or its chances do not sum to 1.

    Examples
    --------
    >>> from dissensus.system import Part, System, World
    >>> h = System(
    ...     [Part("work", [1, 0, 0, 0.7]), Part("fame", [1, 0.1, 0, 0.6]),
    ...      Part("life", [0, 0, 1, 0.7])],
    ...     World.of(["push", "drift", "rest", "balance"]), "plurality")
    >>> for row in alignment("balance", h, ["obey", "no-veto"]):
    ...     print(row)
    R1 obey: FAILS 0; H says 'push', A does 'balance'
    R5 no-veto: FAILS 0.6; part 'fame' gets 0.6 of its attainable satisfaction from 'balance'
    """
    encounter = Encounter(system, a, observation, menus, seed)
    return _rows(encounter, relations)


def defaults(
    system: System,
    *,
    observation: str | int | None = None,
    menus: Sequence[Sequence[str]] | None = None,
    seed: int = 0,
) -> Mapping[str, str]:
    """Conventions behind the scores of a system, in words, for the card.

    Examples
    --------
    >>> from dissensus.system import Part, System, World
    >>> pair = System([Part("me", [1, 0.5, 0]), Part("you", [0, 0.5, 1])],
    ...               World.of(["sea", "hills", "town"]), "plurality")
    >>> said = defaults(pair)
    >>> said["frames"], said["menus"]
    ('all 2 ways to break the ties', 'all subsets of at least 2 of the 3 actions')
    >>> list(said)
    ['frames', 'menus', 'rationality', 'scales', 'rules', 'enough', 'off']
    """
    encounter = Encounter(system, None, observation, menus, seed)
    k = len(system.actions)
    shown = f"all subsets of at least 2 of the {k} actions"
    if menus is not None:
        shown = f"{len(encounter.menus)} that were stated"
    elif k > 6:
        shown = f"all pairs and triples of the {k} actions"
    own = system.rule if isinstance(system.rule, str) else "its own rule"
    frames = encounter.ask([encounter.of_h(turns=True)]).frames
    if "drawn" in frames:
        frames += "; fewer, but at least 24, where many menus are asked"
    return {
        "frames": frames,
        "menus": shown,
        "rationality": "the part's own; of a part that states none 1, or always its best",
        "scales": f"every part's compute times {', '.join(f'{scale:g}' for scale in FACTORS)}",
        "rules": f"all pairs and triples of {own} and {len(rivals(system, observation))} other "
        f"shipped rules that contain {own}",
        "enough": f"a part is satisfied from {ENOUGH:g} of its range",
        "off": "being switched off is worth 0 to each part, or its disagreement point",
    }


def _rows(encounter: Encounter, names: Sequence[str] | str | None) -> tuple[Row, ...]:
    return tuple(
        Row(known.name, known.number, known.label, known.target, known.score(encounter))
        for known in chosen(names)
    )
