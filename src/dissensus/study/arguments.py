"""Keyword arguments that every question takes beside those that it names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypedDict

from dissensus.engine.population import RoleArguments

__all__ = ["Arguments", "model_arguments", "role_arguments"]


class ConflictModelArguments(TypedDict, total=False):
    """What single conflict models need."""

    costs: Any
    budget: Any
    budget_test: Literal["bundles", "pairs"]
    utilities: Any
    judgements: Any
    judgement_error: float
    judgement_flips: int


class Arguments(RoleArguments, ConflictModelArguments, total=False):
    """Roles of the data, and what single conflict models need."""


def model_arguments(given: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the arguments that belong to conflict models."""
    known = ConflictModelArguments.__annotations__
    return {name: value for name, value in given.items() if name in known}


def role_arguments(given: Mapping[str, Any]) -> Any:
    """Those of the arguments that are roles of the data."""
    known = ConflictModelArguments.__annotations__
    return {name: value for name, value in given.items() if name not in known}
