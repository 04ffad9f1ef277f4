"""The audit: every reading of "aligned with this system", and what would come of each.

>>> from dissensus.system import Part, System, World
>>> parts = [Part("me", order="sea > hills > town"), Part("you", order="hills > sea > town"),
...          Part("child", order="town > sea > hills")]
>>> family = System(parts, World.of(["sea", "hills", "town"]), "plurality")
>>> crossed = cross(Case(family, axes={"rule": ["plurality", "borda"]}))
>>> [choice.winner_names for choice in crossed.choices]
[('sea', 'hills', 'town'), ('sea',)]
"""

from dissensus.system.audit.axes import AXES, Axis, Setting, can_cross
from dissensus.system.audit.case import AuditError, Case, Reading, Value
from dissensus.system.audit.commitments import Commitment, Settling, commitments, settling
from dissensus.system.audit.counts import (
    Importance,
    Spread,
    eligible_actions,
    importances,
    reach,
    spread,
)
from dissensus.system.audit.crossing import LARGEST, Crossed, cross
from dissensus.system.audit.robustness import Robustness, shake
from dissensus.system.audit.verdict import Verdict, verdict_of

__all__ = [
    "AXES",
    "LARGEST",
    "AuditError",
    "Axis",
    "Case",
    "Commitment",
    "Crossed",
    "Importance",
    "Reading",
    "Robustness",
    "Setting",
    "Settling",
    "Spread",
    "Value",
    "Verdict",
    "can_cross",
    "commitments",
    "cross",
    "eligible_actions",
    "importances",
    "reach",
    "settling",
    "shake",
    "spread",
    "verdict_of",
]
