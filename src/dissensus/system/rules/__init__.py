"""Rules of aggregation: from what the parts want to what the system does.

A rule is a function from `Ballots` to `Choice` under the decorator `rule`, one a file (families of
simple ones share a file). `rules()` is the catalogue.

>>> [rule.name for rule in rules()][:3]
['dictator', 'random-dictator', 'turn-taking']
"""

from dissensus.system.rules.catalogue import Rule, RuleError, choose, find, rule, rules

# each import declares its rules, in the order in which the catalogue lists them
from dissensus.system.rules import in_charge  # noqa: F401  isort: skip
from dissensus.system.rules import plurality  # noqa: F401  isort: skip
from dissensus.system.rules import borda  # noqa: F401  isort: skip
from dissensus.system.rules import utilitarian  # noqa: F401  isort: skip

__all__ = ["Rule", "RuleError", "choose", "find", "rule", "rules"]
