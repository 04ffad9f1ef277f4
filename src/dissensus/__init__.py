"""Who is misaligned with whom, on what: measured in populations of people and AI systems.

>>> import dissensus as ds
>>> ds.misalignment({"agent": [1, 2], "goal": ["ban", "allow"]}).rows["misalignment"].to_pylist()
[0.5]
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from dissensus._version import __version__

if TYPE_CHECKING:
    from dissensus.display.page.page import report
    from dissensus.display.plotting import plot
    from dissensus.engine.population import Population
    from dissensus.errors import DissensusError
    from dissensus.measure.between import misalignment_between_shares
    from dissensus.measure.friction import friction
    from dissensus.measure.misalignment import misalignment_of_shares
    from dissensus.model.result import Result
    from dissensus.study.audits import alignment, audit, reflexivity
    from dissensus.study.comparing import compare
    from dissensus.study.conflict_models.judgements import Judge
    from dissensus.study.explaining import explain
    from dissensus.study.mixing import mix
    from dissensus.study.questions import between, describe, misalignment
    from dissensus.study.shipped import example
    from dissensus.study.simulating import simulate
    from dissensus.study.systems import system_from
    from dissensus.study.targeting import target
    from dissensus.system.part import Part
    from dissensus.system.system import System
    from dissensus.system.world import World

__all__ = [
    "DissensusError",
    "Judge",
    "Part",
    "Population",
    "Result",
    "System",
    "World",
    "__version__",
    "alignment",
    "audit",
    "between",
    "compare",
    "describe",
    "example",
    "explain",
    "friction",
    "misalignment",
    "misalignment_between_shares",
    "misalignment_of_shares",
    "mix",
    "plot",
    "reflexivity",
    "report",
    "simulate",
    "system_from",
    "target",
]

# loaded when first asked for, so that `import dissensus` stays quick
_HOMES = {
    "DissensusError": "errors",
    "Judge": "study.conflict_models.judgements",
    "Part": "system.part",
    "Population": "engine.population",
    "Result": "model.result",
    "System": "system.system",
    "World": "system.world",
    "alignment": "study.audits",
    "audit": "study.audits",
    "between": "study.questions",
    "compare": "study.comparing",
    "describe": "study.questions",
    "example": "study.shipped",
    "explain": "study.explaining",
    "friction": "measure.friction",
    "misalignment": "study.questions",
    "misalignment_between_shares": "measure.between",
    "misalignment_of_shares": "measure.misalignment",
    "mix": "study.mixing",
    "plot": "display.plotting",
    "reflexivity": "study.audits",
    "report": "display.page.page",
    "simulate": "study.simulating",
    "system_from": "study.systems",
    "target": "study.targeting",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'dissensus' has no attribute {name!r}")
    value = getattr(import_module(f"dissensus.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
