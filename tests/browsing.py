"""A page in a browser with no network, and what it does that it should not."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

__all__ = ["HOSTILE", "TURNED", "UPDATE", "Opened", "everything_drawn", "opened"]

HOSTILE = "<script>alert(1)</script>"
TURNED = "\u202e\u05e9\u05dc\u05d5\u05dd <img src=x onerror=alert(2)>"


# rewrites what the screens are compared with
UPDATE = os.environ.get("UPDATE_GOLDEN") == "1"


@dataclass
class Opened:
    """A page in the browser, and what it did that it should not."""

    page: Page
    path: Path
    faults: list[str] = field(default_factory=list)


def opened(context: BrowserContext, path: Path) -> Opened:
    """Open a page with the network off; note every request, error and word on the console."""
    context.set_offline(True)
    page = context.new_page()
    found = Opened(page, path)
    page.on("console", lambda message: found.faults.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: found.faults.append(f"error: {error}"))
    page.on("dialog", lambda dialog: (found.faults.append("dialog"), dialog.dismiss()))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith(("file:", "data:", "blob:"))
            else found.faults.append(f"request: {request.url}")
        ),
    )
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready=true]")
    return found


def everything_drawn(page: Page) -> None:
    """Unfold all tables, and have all charts drawn."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    drawings = page.locator(".drawing").count()
    page.wait_for_function(
        f"document.querySelectorAll('.drawing svg').length === {drawings}", timeout=20_000
    )
