"""Lines of prose on a terminal."""

from __future__ import annotations

from rich.console import RenderableType
from rich.constrain import Constrain
from rich.text import Text

from dissensus.model.spelling import visible

__all__ = ["LINE", "prose"]

LINE = 100  # longest line that reads well


def prose(text: str, style: str = "") -> RenderableType:
    """Sentences, wrapped at a length that reads well however wide the terminal is."""
    return Constrain(Text(visible(text), style=style), LINE)
