"""What the study file of a layout cannot say."""

from __future__ import annotations

import narwhals as nw

from dissensus.engine.kinds import goal_as_text
from dissensus.engine.sources import Source, with_rows

__all__ = ["voteview"]

# identifiers of presidents, whose positions stand among the votes of the chambers
_PRESIDENT = r"^99\d{3}$"


def voteview(source: Source) -> Source:
    """Make the identifiers of members alike, and leave out the president, who has no vote.

    Voteview writes an identifier as 14226.0 in one file and as 14226 in another.
    """
    if "icpsr" not in source.schema:
        return source
    spelt = goal_as_text("icpsr", source.schema["icpsr"]).alias("icpsr")
    frame = source.frame.with_columns(spelt)
    frame = frame.with_columns(nw.col("icpsr").str.replace_all(r"\.0+$", ""))
    member = ~nw.col("icpsr").str.contains(_PRESIDENT)
    return with_rows(source, frame.filter(member | nw.col("icpsr").is_null()))
