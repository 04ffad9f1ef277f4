"""The command line: parses, asks the study, hands the answer to the display. No arithmetic."""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """Run the command line; the process ends with 0 done, 2 the user can mend it, 1 a bug."""
    from dissensus.cli.app import run

    run()
