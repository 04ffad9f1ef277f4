"""What becomes of a self-unaligned system: one mechanism a file, each with a verdict.

>>> from dissensus.scenario import shipped_scenario
>>> from dissensus.system.dynamics import find
>>> print(find("boundary").simulate(shipped_scenario("productivity").case).words)
by what it says (balanced), work gets 0% of what it could have.
"""

from dissensus.system.dynamics.bargaining import bargaining
from dissensus.system.dynamics.boundary import boundary
from dissensus.system.dynamics.catalogue import Mechanism, find, mechanism, mechanisms
from dissensus.system.dynamics.cev import cev
from dissensus.system.dynamics.critch import critch
from dissensus.system.dynamics.deliberation import deliberation
from dissensus.system.dynamics.drift import drift
from dissensus.system.dynamics.information import information
from dissensus.system.dynamics.levels import levels
from dissensus.system.dynamics.market import market
from dissensus.system.dynamics.meta_preferences import meta_preferences
from dissensus.system.dynamics.negotiation import negotiation
from dissensus.system.dynamics.parameters import MechanismError, Parameter, parameter
from dissensus.system.dynamics.rationality import rationality
from dissensus.system.dynamics.scaling import scale
from dissensus.system.dynamics.self_improvement import self_improvement
from dissensus.system.dynamics.simulation import Simulation, Table

__all__ = [
    "Mechanism",
    "MechanismError",
    "Parameter",
    "Simulation",
    "Table",
    "bargaining",
    "boundary",
    "cev",
    "critch",
    "deliberation",
    "drift",
    "find",
    "information",
    "levels",
    "market",
    "mechanism",
    "mechanisms",
    "meta_preferences",
    "negotiation",
    "parameter",
    "rationality",
    "scale",
    "self_improvement",
]
