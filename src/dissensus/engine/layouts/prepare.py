"""What the study file of a layout cannot say."""

from __future__ import annotations

import narwhals as nw

from dissensus.engine.sources import Source, with_rows

__all__ = ["voteview"]

# identifiers of presidents, whose positions stand among the votes of the chambers
_PRESIDENTS = 99_000


def voteview(source: Source) -> Source:
    """Make the identifiers of members alike, and leave out the president, who has no vote.

    Voteview writes an identifier as 14226.0 in one file and as 14226 in another.
    """
    if "icpsr" not in source.schema:
        return source
    number = nw.col("icpsr").cast(nw.Float64).cast(nw.Int64)
    frame = source.frame.filter(number < _PRESIDENTS)
    frame = frame.with_columns(number.cast(nw.String).alias("icpsr"))
    return with_rows(source, frame)
