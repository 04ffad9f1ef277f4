"""One visual language for charts and pages: few colours, direct labels, quiet axes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["PAGE", "PAPER", "RAMP", "Look", "configuration"]

# light to dark in one hue, so that it holds in grey and for the colour-blind
RAMP = ("#eaf1f7", "#b8d2e6", "#7fb0d3", "#3f84b5", "#175a8c", "#062f55")


@dataclass(frozen=True)
class Look:
    """Colours of a chart.

    Attributes
    ----------
    ink, quiet, rule : str
        Of words, of what stands back, of lines.
    accent, second : str
        Of what is meant, and of what it is compared with.
    series : tuple of str
        Of several lines, told apart by everyone (Okabe and Ito's palette).
    """

    ink: str
    quiet: str
    rule: str
    accent: str
    second: str
    series: tuple[str, ...]


_SERIES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")

# for paper and slides
PAPER = Look("#1b1b1b", "#5c6166", "#d8dadd", "#175a8c", "#b45309", _SERIES)
# a page sets these itself, one way by day and another by night
PAGE = Look(
    "var(--ink)",
    "var(--quiet)",
    "var(--rule)",
    "var(--accent)",
    "var(--second)",
    tuple(f"var(--series-{i})" for i in range(1, 7)),
)


def configuration(look: Look) -> dict[str, Any]:
    """Vega-Lite's ``config`` of a look."""
    words = {"labelColor": look.ink, "titleColor": look.quiet}
    return {
        "background": "transparent" if look is PAGE else "white",
        "font": "system-ui, sans-serif",
        "view": {"stroke": None},
        # the page says in words what a chart shows
        "aria": look is not PAGE,
        "axis": {
            **words,
            "labelFontSize": 12,
            "titleFontSize": 12,
            "titleFontWeight": "normal",
            "gridColor": look.rule,
            "domain": False,
            "tickColor": look.rule,
            "labelLimit": 260,
        },
        "axisY": {"ticks": False, "grid": False, "labelPadding": 6},
        "header": {"labelColor": look.ink, "titleColor": look.quiet, "labelFontSize": 12},
        "legend": {**words, "labelFontSize": 12, "titleFontWeight": "normal"},
        "title": {"color": look.ink, "anchor": "start", "fontSize": 14},
        "text": {"color": look.ink, "fontSize": 12},
    }
