"""Rules of aggregation: from what the parts want to what the system does.

A rule is a function from `Ballots` to `Choice` under the decorator `rule`, one a file (families of
simple ones share a file). `rules()` is the catalogue.

>>> [rule.name for rule in rules()][:3]
['dictator', 'random-dictator', 'turn-taking']
"""

# ruff: noqa: F401, I001
# each import declares its rules, in the order in which the catalogue lists them
from dissensus.system.rules.catalogue import Rule, RuleError, choose, find, rule, rules
from dissensus.system.rules import in_charge
from dissensus.system.rules import plurality
from dissensus.system.rules import borda
from dissensus.system.rules import condorcet
from dissensus.system.rules import schulze
from dissensus.system.rules import ranked_pairs
from dissensus.system.rules import kemeny
from dissensus.system.rules import agenda
from dissensus.system.rules import approval
from dissensus.system.rules import utilitarian
from dissensus.system.rules import nash
from dissensus.system.rules import kalai_smorodinsky
from dissensus.system.rules import egalitarian
from dissensus.system.rules import from_pref_voting

__all__ = ["Rule", "RuleError", "choose", "find", "rule", "rules"]
