"""Lines of prose on a terminal."""

from __future__ import annotations

from rich.console import RenderableType
from rich.constrain import Constrain
from rich.padding import Padding
from rich.text import Text

from dissensus.model.spelling import visible

__all__ = ["LINE", "prose"]

LINE = 100  # longest line that reads well


def prose(text: str, style: str = "") -> RenderableType:
    """Sentences, wrapped at a length that reads well however wide the terminal is.

    Spaces at the start indent every line.
    """
    words = visible(text)
    indent = len(words) - len(words.lstrip(" "))
    lines = Constrain(Text(words[indent:], style=style), LINE)
    return Padding(lines, (0, 0, 0, indent)) if indent else lines
