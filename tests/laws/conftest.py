"""The engines again: a law holds on each."""

from tests.engines.conftest import frame

__all__ = ["frame"]
