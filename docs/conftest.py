"""Examples in the pages run as tests; what builds the pages is no test, nor is what was built."""

import pytest

from dissensus.system.rules import catalogue

collect_ignore_glob = ["*.py", "_build/*", "_extensions/*"]


@pytest.fixture(autouse=True)
def same_rules_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that a page declares is known on that page only."""
    monkeypatch.setattr(catalogue, "_CATALOGUE", dict(catalogue._CATALOGUE))
