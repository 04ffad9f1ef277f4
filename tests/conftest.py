"""What every test run shares."""

import os

import pytest

# Data that does not ship with the project: what reads it runs where the data is at hand.
NOT_SHIPPED = "not shipped: "

# Neighbours' packages are judges, each in an environment of its own: see tests/judges/run.
collect_ignore = ["judges"]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run with CI=true that skipped anything: what does not run there proves nothing."""
    if os.environ.get("CI", "").lower() != "true":
        return
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    if terminal is not None and _skipped(terminal):
        session.exitstatus = max(session.exitstatus, pytest.ExitCode.TESTS_FAILED)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which tests were skipped, and why, where that fails the run."""
    skipped = _skipped(terminalreporter)
    if skipped and os.environ.get("CI", "").lower() == "true":
        terminalreporter.section("skipped, which fails a run with CI=true", red=True)
        for report in skipped:
            where, line, reason = report.longrepr
            terminalreporter.line(f"{report.nodeid or where}:{line}: {reason}")


def _skipped(terminal: pytest.TerminalReporter) -> list[pytest.TestReport]:
    """Tests that were skipped for want of anything but data that does not ship."""
    reports: list[pytest.TestReport] = terminal.stats.get("skipped", [])
    return [one for one in reports if NOT_SHIPPED not in str(one.longrepr)]
