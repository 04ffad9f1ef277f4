"""What every test run shares."""

import os

import pytest

# Neighbours' packages are judges, each in an environment of its own: see tests/judges/run.
collect_ignore = ["judges"]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run with CI=true that skipped anything: what does not run there proves nothing."""
    if os.environ.get("CI", "").lower() != "true":
        return
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    if terminal is not None and terminal.stats.get("skipped"):
        session.exitstatus = max(session.exitstatus, pytest.ExitCode.TESTS_FAILED)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which tests were skipped, and why, where that fails the run."""
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped and os.environ.get("CI", "").lower() == "true":
        terminalreporter.section("skipped, which fails a run with CI=true", red=True)
        for report in skipped:
            where, line, reason = report.longrepr
            terminalreporter.line(f"{report.nodeid or where}:{line}: {reason}")
