"""Schulze: beats along paths."""

from __future__ import annotations

import numpy as np

from dissensus.system.ballots import Ballots
from dissensus.system.choice import Choice
from dissensus.system.conventions import as_good_as
from dissensus.system.rules.catalogue import rule
from dissensus.system.rules.condorcet import beats

__all__ = ["schulze"]


@rule(
    name="schulze",
    label="Schulze (beat path)",
    needs="ordinal",
    reference="schulze2011",
    claims=("condorcet",),
)
def schulze(ballots: Ballots) -> Choice:
    r"""An option wins if no other has a stronger path of majorities to it than it has back.

    .. math:: s_{ab} = \max_{\text{paths } a \to b} \; \min_{(x, y) \text{ on it}} m_{xy},
        \qquad \text{winners} = \{a : s_{ab} \ge s_{ba} \text{ for all } b\}

    Paths go along majorities :math:`m_{xy} > 0`; their strength is their smallest margin, 0 if
    there is no path.

    Returns
    -------
    Choice
        ``OK`` if one option wins, else ``TIE``; there is always a winner.

    References
    ----------
    [schulze2011]_, with margins.

    Examples
    --------
    >>> ballots = Ballots.from_orders({"a > b > c": 4, "b > c > a": 3, "c > a > b": 2})
    >>> schulze(ballots)
    Choice: OK, 'a'
    >>> schulze(ballots).trace.numbers["strength"].tolist()
    [[0.0, 3.0, 3.0], [1.0, 0.0, 5.0], [1.0, 1.0, 0.0]]
    """
    margins, names = ballots.margins, ballots.actions
    strength = np.where(beats(margins), margins, 0.0)
    for middle in range(len(names)):
        through = np.minimum(strength[:, middle, None], strength[None, middle, :])
        strength = np.maximum(strength, through)
    np.fill_diagonal(strength, 0.0)
    ahead = as_good_as(strength, strength.T)
    winners = np.flatnonzero(ahead.all(axis=1))
    steps = [
        f"{names[a]} loses to {names[b]}: paths of strength {strength[a, b]:g} and "
        f"{strength[b, a]:g} back"
        for a, b in ((a, int(np.argmin(ahead[a]))) for a in range(len(names)))
        if not ahead[a].all()
    ]
    steps.append(f"no stronger path leads to: {', '.join(names[a] for a in winners)}")
    return Choice.among(names, winners, steps, strength=strength)
