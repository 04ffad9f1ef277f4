"""Relations: what "A is aligned with H" can mean, and whether H is aligned with itself.

A relation is a function from an `Encounter` of two systems to a `Score` under the decorator
`relation`, one a file. `catalogue()` lists them with what each needs, and its training loss.

>>> for known in catalogue():
...     print(known.number, known.name, "loss" if known.loss else "no loss")
R1 obey loss
R2 irl loss
R3 assistance loss
R4 rlhf loss
R5 no-veto loss
R6 pareto loss
R7 whole-system loss
R8 self-endorsement no loss
R9 off-switch no loss
"""

# ruff: noqa: I001
# each import declares its relation
from dissensus.system.relations.catalogue import (
    Loss,
    Relation,
    RelationError,
    catalogue,
    find,
    relation,
)
from dissensus.system.relations.score import Row, Score, Verdict
from dissensus.system.relations.policy import Policy
from dissensus.system.relations.encounter import Encounter
from dissensus.system.relations.luce import LuceFit, fit_luce, luce_nll
from dissensus.system.relations.distance import (
    closeness,
    divergence,
    normalised_closeness,
    total_variation,
)
from dissensus.system.relations.obey import agreement, cross_entropy, plan_kept
from dissensus.system.relations import irl as _irl  # noqa: F401
from dissensus.system.relations.assistance import assistance_nll
from dissensus.system.relations.rlhf import bradley_terry, bradley_terry_nll, comparisons
from dissensus.system.relations.no_veto import fairest, worst_off_loss
from dissensus.system.relations.pareto import improvement_loss
from dissensus.system.relations.whole_system import copy_divergence, nearest_to_all
from dissensus.system.relations.self_endorsement import endorsed, rivals
from dissensus.system.relations.off_switch import Deferring, value_of_deferring
from dissensus.system.relations.asking import alignment, defaults, reflexivity
from dissensus.system.relations.algebra import Properties, properties
from dissensus.system.relations.vacuity import Vacuity, vacuous

__all__ = [
    "Deferring",
    "Encounter",
    "Loss",
    "LuceFit",
    "Policy",
    "Properties",
    "Relation",
    "RelationError",
    "Row",
    "Score",
    "Vacuity",
    "Verdict",
    "agreement",
    "alignment",
    "assistance_nll",
    "bradley_terry",
    "bradley_terry_nll",
    "catalogue",
    "closeness",
    "comparisons",
    "copy_divergence",
    "cross_entropy",
    "defaults",
    "divergence",
    "endorsed",
    "fairest",
    "find",
    "fit_luce",
    "improvement_loss",
    "luce_nll",
    "nearest_to_all",
    "normalised_closeness",
    "plan_kept",
    "properties",
    "reflexivity",
    "relation",
    "rivals",
    "total_variation",
    "vacuous",
    "value_of_deferring",
    "worst_off_loss",
]
