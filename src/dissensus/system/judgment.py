"""Judgments: majorities that are consistent one by one and contradict each other together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from dissensus.errors import DissensusError
from dissensus.system.checks import Finding

__all__ = ["JudgmentError", "discursive_dilemma"]


class JudgmentError(DissensusError, ValueError):
    """Judgments that do not fit together."""


def discursive_dilemma(
    judgments: npt.ArrayLike,
    conclusion: Callable[..., bool],
    standing: npt.ArrayLike | None = None,
    propositions: Sequence[str] | None = None,
) -> Finding:
    r"""Whether the majorities on premises and conclusion contradict each other.

    Parameters
    ----------
    judgments : (n, p + 1) array of bool
        Each part's judgment on p premises, and on the conclusion in the last column.
    conclusion : function
        What the premises imply, as in ``lambda p, q: p and q``.
    standing : (n,) array, optional
        Weight of each part; equal by default.
    propositions : sequence of str, optional
        Names of the p + 1 propositions.

    Returns
    -------
    Finding
        Fails if the majority's judgments are inconsistent; the witness holds the majority on each
        proposition, and the two ways out: the conclusion that the majority's premises imply
        (``premise_based``), and the majority's conclusion (``conclusion_based``). None if a
        proposition has no majority.

    Raises
    ------
    JudgmentError
        A part contradicts itself, or the table has the wrong shape.

    References
    ----------
    [list2002]_

    Examples
    --------
    >>> found = discursive_dilemma(
    ...     [[True, True, True], [True, False, False], [False, True, False]],
    ...     lambda p, q: p and q, propositions=["p", "q", "p and q"])
    >>> found.words
    'majorities accept p, q and reject p and q, which the premises imply'
    >>> found.witness["premise_based"], found.witness["conclusion_based"]
    (True, False)
    """
    table = np.asarray(judgments)
    if table.ndim != 2 or not len(table) or table.shape[1] < 2:
        raise JudgmentError(
            f"judgments of shape {table.shape}",
            "one row a part; premises, and the conclusion last",
            "give at least one part, one premise and the conclusion",
        )
    table = table.astype(bool)
    n, m = table.shape
    names = list(propositions) if propositions else [f"proposition {j + 1}" for j in range(m)]
    weight = np.ones(n) if standing is None else np.asarray(standing, dtype=np.float64)
    for i, row in enumerate(table):
        implied = bool(conclusion(*row[:-1].tolist()))
        if implied != row[-1]:
            raise JudgmentError(
                f"part {i + 1} judges the conclusion {bool(row[-1])}, its premises say {implied}",
                "parts that do not contradict themselves",
                "correct its judgments, or split it into parts",
                part=i,
            )
    lead = weight @ np.where(table, 1.0, -1.0)
    if (np.abs(lead) <= 1e-9 * weight.sum()).any():
        drawn = names[int(np.argmin(np.abs(lead)))]
        return Finding("discursive_dilemma", None, f"no majority on {drawn}")
    majority = (lead > 0).tolist()
    implied = bool(conclusion(*majority[:-1]))
    witness = {
        "majority": dict(zip(names, majority, strict=True)),
        "premise_based": implied,
        "conclusion_based": majority[-1],
    }
    if implied == majority[-1]:
        return Finding("discursive_dilemma", True, "the majority's judgments agree", witness)
    yes = ", ".join(name for name, said in zip(names[:-1], majority, strict=False) if said)
    no = ", ".join(name for name, said in zip(names[:-1], majority, strict=False) if not said)
    premises = " and ".join(
        text for text in (f"accept {yes}" if yes else "", f"reject {no}" if no else "") if text
    )
    words = (
        f"majorities {premises} and {'accept' if majority[-1] else 'reject'} {names[-1]}, "
        f"{'which' if implied else 'whose opposite'} the premises imply"
    )
    return Finding("discursive_dilemma", False, words, witness)
