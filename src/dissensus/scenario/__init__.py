"""Self-unaligned systems as files: read with all mistakes at once, written, and shipped cases.

>>> from dissensus.scenario import shipped_scenario
>>> shipped_scenario("holiday").case.system.actions
('nice', "partner's favourite", 'ask', 'horrible')
"""

from dissensus.scenario.load import Scenario, ScenarioError, load_scenario
from dissensus.scenario.schema import SCHEMA, scenario_schema
from dissensus.scenario.shipped import scenario_of, shipped_scenario, shipped_scenarios
from dissensus.scenario.writing import write_scenario

__all__ = [
    "SCHEMA",
    "Scenario",
    "ScenarioError",
    "load_scenario",
    "scenario_of",
    "scenario_schema",
    "shipped_scenario",
    "shipped_scenarios",
    "write_scenario",
]
