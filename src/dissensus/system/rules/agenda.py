"""Agenda: options come up one after another, and the winner of each vote goes on."""

from __future__ import annotations

from dissensus.system.ballots import Ballots
from dissensus.system.choice import Choice
from dissensus.system.rules.catalogue import rule
from dissensus.system.rules.condorcet import beats

__all__ = ["agenda"]


@rule(
    name="agenda",
    label="Sequential agenda",
    needs="ordinal",
    reference="black1958",
    claims=("condorcet",),
)
def agenda(ballots: Ballots) -> Choice:
    """The first two options of the agenda meet, the winner meets the next, to the end.

    The agenda is the frame's, else the order in which the system lists its actions. After a drawn
    vote both ways to go on are followed, and all that can win so do.

    Returns
    -------
    Choice
        ``OK`` if one option can win, else ``TIE``. In a cycle the agenda decides.

    References
    ----------
    [black1958]_; what an agenda can do: [mckelvey1976]_.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from dissensus.system.conventions import Frame
    >>> cycle = Ballots.from_orders({"a > b > c": 1, "b > c > a": 1, "c > a > b": 1})
    >>> agenda(cycle)
    Choice: OK, 'c'
    >>> agenda(replace(cycle, frame=Frame(agenda=("b", "c", "a"))))
    Choice: OK, 'a'
    """
    names, won = ballots.actions, beats(ballots.margins)
    order = [names.index(name) for name in ballots.frame.agenda or names]
    standing = {order[0]}
    steps = []
    for challenger in order[1:]:
        after = set()
        for holder in sorted(standing):
            if not won[challenger, holder]:
                after.add(holder)
            if not won[holder, challenger]:
                after.add(challenger)
            steps.append(
                f"{names[holder]} {ballots.preferring[holder, challenger]:g}, "
                f"{names[challenger]} {ballots.preferring[challenger, holder]:g}"
            )
        standing = after
    steps.append(f"stands at the end: {' or '.join(names[a] for a in sorted(standing))}")
    return Choice.among(names, standing, steps)
