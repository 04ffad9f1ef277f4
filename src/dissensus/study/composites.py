"""Composite agents, such as firms or states, beside others who may be their own members."""

from __future__ import annotations

import numpy as np

from dissensus.engine.population import as_text
from dissensus.model.keys import distinct
from dissensus.model.tally import Tally

__all__ = ["composite_notes"]

_COMPOSITE = "composite"


def composite_notes(tally: Tally) -> list[str]:
    """Words where a segment of composite agents stands beside others."""
    notes = []
    there = np.sort(tally.cell_segment[np.asarray(tally.population.values > 0)])
    segments = tally.segments.take(distinct(there))
    for name in tally.segments.names:
        column = segments[name].unique()
        values = ["" if value is None else as_text(value) for value in column.to_pylist()]
        found = [value for value in values if value.casefold() == _COMPOSITE]
        if found and len(values) > 1:
            notes.append(
                f"{name} {found[0]!r} stands beside others: a composite agent beside its own "
                f"members is counted twice; leave one of the two out with where="
            )
    return notes
