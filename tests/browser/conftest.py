"""A real browser, and the pages that it opens."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from tests.browsing import HOSTILE, TURNED
from tests.mechanisms import every_mechanism

import dissensus as ds
from dissensus.study.reporting import answers_to

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The shipped Senate and holiday, and data with everything that a page must not trust."""
    folder = tmp_path_factory.mktemp("pages")
    strange = {
        "agent": [f"a{i}" for i in range(40)] * 3,
        "area": [HOSTILE] * 40 + [TURNED] * 40 + ["x" * 10_000] * 40,
        "goal": (["</script><b>yes</b>", "no"] * 20) * 3,
        "party": (["=1+1", HOSTILE] * 10 + ['"><svg onload=alert(3)>'] * 20) * 3,
    }
    results = {
        "senate": answers_to("us-senate"),
        "holiday": answers_to("holiday"),
        "mechanisms": every_mechanism(),
        "strange": [ds.between(strange, by="party"), ds.explain(strange, by="party")],
    }
    return {
        name: ds.report(*answers).save(folder / f"{name}.html") for name, answers in results.items()
    }
