"""Self-unaligned systems: parts, a world and a rule; what "aligned with it" can mean.

>>> from dissensus.system import Part, System, World
>>> couple = System(
...     parts=[Part("me", order="sea > hills > town"), Part("you", order="hills > sea > town"),
...            Part("child", order="sea > town > hills")],
...     world=World.of(["sea", "hills", "town"]),
...     rule="plurality",
... )
>>> couple.choice().winner_names
('sea',)
"""

from dissensus.system.ballots import Ballots
from dissensus.system.choice import Choice, Status, Trace
from dissensus.system.conventions import Comparability, ComparabilityError, Conventions, Frame
from dissensus.system.part import Part, PartError
from dissensus.system.rules import Rule, RuleError, choose, rule, rules
from dissensus.system.system import System, SystemDescriptionError, expected_utilities
from dissensus.system.world import World, WorldError

__all__ = [
    "Ballots",
    "Choice",
    "Comparability",
    "ComparabilityError",
    "Conventions",
    "Frame",
    "Part",
    "PartError",
    "Rule",
    "RuleError",
    "Status",
    "System",
    "SystemDescriptionError",
    "Trace",
    "World",
    "WorldError",
    "choose",
    "expected_utilities",
    "rule",
    "rules",
]
