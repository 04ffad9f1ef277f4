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
from dissensus.system.belief_map import BeliefChange, BeliefMap, least_belief_change
from dissensus.system.beliefs import pooled_belief, spurious_unanimity
from dissensus.system.checks import (
    Finding,
    contraction_consistency,
    deciders,
    majority_winner,
    unanimity,
)
from dissensus.system.choice import Choice, Status, Trace
from dissensus.system.conventions import Comparability, ComparabilityError, Conventions, Frame
from dissensus.system.judgment import discursive_dilemma
from dissensus.system.manipulation import manipulability
from dissensus.system.pareto import efficient_actions, improvement, improving_steps, is_efficient
from dissensus.system.part import Part, PartError
from dissensus.system.pointers import Pointers
from dissensus.system.rules import Rule, RuleError, choose, rule
from dissensus.system.scale import at_scale, flips, scale_profile
from dissensus.system.system import System, SystemDescriptionError, expected_utilities
from dissensus.system.world import World, WorldError

__all__ = [
    "Ballots",
    "BeliefChange",
    "BeliefMap",
    "Choice",
    "Comparability",
    "ComparabilityError",
    "Conventions",
    "Finding",
    "Frame",
    "Part",
    "PartError",
    "Pointers",
    "Rule",
    "RuleError",
    "Status",
    "System",
    "SystemDescriptionError",
    "Trace",
    "World",
    "WorldError",
    "at_scale",
    "choose",
    "contraction_consistency",
    "deciders",
    "discursive_dilemma",
    "efficient_actions",
    "expected_utilities",
    "flips",
    "improvement",
    "improving_steps",
    "is_efficient",
    "least_belief_change",
    "majority_winner",
    "manipulability",
    "pooled_belief",
    "rule",
    "scale_profile",
    "spurious_unanimity",
    "unanimity",
]
