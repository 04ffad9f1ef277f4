"""Conflict models by name: one a file, declared with its words, what it needs and takes.

>>> list(CATALOGUE)[4:]
['ranking', 'budget', 'utility', 'co-holding', 'judged']
"""

# ruff: noqa: F401, I001
# each import declares its model, in the order in which the catalogue lists them
from dissensus.study.conflict_models.catalogue import CATALOGUE, Declared, Degrees, check_options
from dissensus.study.conflict_models.area_tables import Remembered, worked_out
from dissensus.study.conflict_models import ranking
from dissensus.study.conflict_models import budget
from dissensus.study.conflict_models import utility
from dissensus.study.conflict_models import co_holding
from dissensus.study.conflict_models import judged

__all__ = ["CATALOGUE", "Declared", "Degrees", "Remembered", "check_options", "worked_out"]
