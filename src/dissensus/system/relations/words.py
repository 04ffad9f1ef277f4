"""Frames, lotteries and menus in plain words."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dissensus.system.conventions import Frame
from dissensus.system.relations.conduct import Menu

__all__ = ["all_of", "frame_in_words", "in_words", "menu_in_words"]

Floats = npt.NDArray[np.float64]


def frame_in_words(frame: Frame) -> str:
    """What is special about a frame.

    Examples
    --------
    >>> frame_in_words(Frame(agenda=("a", "b"), turn="me"))
    "with the agenda a, b and in the turn of 'me'"
    """
    words = []
    if frame.agenda is not None:
        words.append(f"with the agenda {', '.join(frame.agenda)}")
    if frame.turn is not None:
        words.append(f"in the turn of {frame.turn!r}")
    if frame.tie_break is not None:
        words.append(f"with ties broken in the order {', '.join(frame.tie_break)}")
    return " and ".join(words) or "as it stands"


def in_words(names: tuple[str, ...], dist: Floats) -> str:
    """Lottery in words.

    Examples
    --------
    >>> in_words(("a", "b"), np.array([1.0, 0.0])), in_words(("a", "b"), np.array([0.4, 0.6]))
    ("'a'", "'b' 60 %, 'a' 40 %")
    """
    held = [int(a) for a in np.argsort(-dist, kind="stable") if dist[a] > 1e-9]
    if len(held) == 1:
        return repr(names[held[0]])
    return ", ".join(f"{names[a]!r} {100 * dist[a]:.3g} %" for a in held)


def menu_in_words(names: tuple[str, ...], menu: Menu) -> str:
    """Menu in words.

    Examples
    --------
    >>> menu_in_words(("a", "b", "c"), (0, 2))
    "'a' and 'c'"
    """
    quoted = [repr(names[a]) for a in menu]
    return f"{', '.join(quoted[:-1])} and {quoted[-1]}" if len(quoted) > 1 else quoted[0]


def all_of(names: list[str]) -> str:
    """Names in quotes, joined by "and".

    Examples
    --------
    >>> all_of(["a", "b", "c"])
    "'a', 'b' and 'c'"
    """
    return menu_in_words(tuple(names), tuple(range(len(names)))) if names else "nothing"
