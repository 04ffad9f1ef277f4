"""The one form of an error that the user can mend: what was found, is needed, and mends it."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["DissensusError", "nearest", "quoted"]


class DissensusError(Exception):
    """Something in the user's data or options that the user can mend.

    Every room derives its own errors from this class and from the builtin that fits
    (``ValueError``, ``KeyError`` ...). Anything else that is raised is a bug of ours.

    Parameters
    ----------
    found : str
        What is wrong, with the offending value.
    needed : str
        What would be right.
    mend : str
        What to type or change.
    **values
        The offending values, kept as attributes for programs.

    Examples
    --------
    >>> print(DissensusError("share 1.2", "a number in [0, 1]", "divide by 100"))
    share 1.2
      needed: a number in [0, 1]
      mend:   divide by 100
    """

    def __init__(self, found: str, needed: str, mend: str, **values: object) -> None:
        super().__init__(found, needed, mend)
        self.found, self.needed, self.mend = found, needed, mend
        self.values = dict(values)

    def __str__(self) -> str:
        return f"{self.found}\n  needed: {self.needed}\n  mend:   {self.mend}"


def quoted(values: Iterable[object], limit: int = 3) -> str:
    """First ``limit`` values in quotes, comma separated, and how many more there are.

    Examples
    --------
    >>> quoted(["a", "b", "c", "d"])
    "'a', 'b', 'c' and 1 more"
    """
    listed = list(values)
    shown = ", ".join(repr(value) for value in listed[:limit])
    hidden = len(listed) - limit
    return f"{shown} and {hidden} more" if hidden > 0 else shown


def nearest(word: str, known: Iterable[str]) -> str:
    """Words that a reader may have meant, else all that are known.

    Examples
    --------
    >>> nearest("pary", ["party", "state"])
    "did you mean 'party'?"
    >>> nearest("x", ["party", "state"])
    "known: 'party', 'state'"
    """
    names = list(known)
    folded = {name.casefold(): name for name in names}
    close = get_close_matches(word.casefold(), folded, n=3, cutoff=0.6)
    if close:
        return f"did you mean {' or '.join(repr(folded[name]) for name in close)}?"
    return f"known: {quoted(names, 12)}" if names else "there are none"
