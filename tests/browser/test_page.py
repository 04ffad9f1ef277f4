"""The pages in a real browser, its network off."""

import csv
import io
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import Browser
from tests.browsing import HOSTILE, UPDATE, everything_drawn, opened

NAMES = ("senate", "holiday", "strange", "mechanisms")


@pytest.mark.parametrize("name", NAMES)
def test_all_of_it_renders_and_asks_for_nothing(browser: Browser, pages, name):
    context = browser.new_context()
    found = opened(context, pages[name])
    everything_drawn(found.page)
    for section in found.page.locator("main > section").all():
        assert section.locator("h2").inner_text()
        assert section.inner_text().strip() != section.locator("h2").inner_text()
    for table in found.page.locator(".listing").all():
        assert table.locator("thead th").count() > 1
        assert table.locator("tbody tr").count() > 0
    for drawing in found.page.locator(".drawing svg").all():
        assert drawing.locator("path, rect, text").count() > 5
    assert found.faults == []
    context.close()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(browser: Browser, pages, name, scheme):
    # the inspector itself is a script that the page's own policy would refuse
    context = browser.new_context(color_scheme=scheme, bypass_csp=True)
    found = opened(context, pages[name])
    everything_drawn(found.page)
    # by night only the colours are others
    only = {"runOnly": ["color-contrast"]} if scheme == "dark" else {}
    violations = Axe().run(found.page, options=only).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in violations] == []
    context.close()


def test_tables_sort_search_turn_and_download(browser: Browser, pages):
    context = browser.new_context(accept_downloads=True)
    page = opened(context, pages["senate"]).page
    everything_drawn(page)
    table = page.locator('.listing[data-name="between-rows"]')
    names = table.locator("thead th").all_inner_texts()
    place = names.index("misalignment") + 1
    head = table.locator(f"thead th:nth-child({place})")
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "descending"

    def values() -> list[float]:
        return [float(t) for t in table.locator(f"tbody td:nth-child({place})").all_inner_texts()]

    highest = values()
    assert highest == sorted(highest, reverse=True)
    assert highest[0] > 0.9
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    assert values()[0] == 0
    table.get_by_text("Next").click()
    assert table.locator(".count").inner_text().startswith("51 to 100 of ")
    table.locator("input").fill("117-0001")
    assert table.locator("tbody tr").count() == 3
    with page.expect_download() as loading:
        table.get_by_text("Download CSV").click()
    text = Path(loading.value.path()).read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert loading.value.suggested_filename == "between-rows.csv"
    assert len(rows) == 3
    assert {row["area"] for row in rows} == {"117-0001"}
    assert all(0 <= float(row["misalignment"]) <= 1 for row in rows)
    table.locator("input").fill("no such words")
    assert table.locator(".count").inner_text() == "no row with these words"
    context.close()


def test_the_reader_changes_the_reading(browser: Browser, pages):
    context = browser.new_context()
    page = opened(context, pages["senate"]).page
    views = page.locator(".switch").first.locator(".view")
    assert [one.is_visible() for one in views.all()] == [True, False, False]
    first = page.locator(".switch input").first
    first.focus()
    page.keyboard.press("ArrowRight")
    assert [one.is_visible() for one in views.all()] == [False, True, False]
    page.wait_for_selector(".view:not([hidden]) svg")
    context.close()


def test_the_reader_looks_at_one_area_after_another(browser: Browser, pages):
    context = browser.new_context()
    page = opened(context, pages["senate"]).page
    group = page.locator(".switch").nth(1)
    names = group.locator("label").all_inner_texts()
    assert len(names) == 12
    group.locator("input").nth(3).check()
    visible = [one.is_visible() for one in group.locator(".view").all()]
    assert visible == [place == 3 for place in range(12)]
    group.locator(".view:not([hidden]) svg").wait_for()
    context.close()


def test_mechanisms_have_their_pictures(browser: Browser, pages):
    context = browser.new_context()
    page = opened(context, pages["mechanisms"]).page
    everything_drawn(page)
    words = page.locator(".drawing").all_inner_texts()
    for seen in ("times harder", "what y gets", "opinion", "share of the starts"):
        assert any(seen in one for one in words), seen
    context.close()


def test_fixing_a_choice_shrinks_what_is_left(browser: Browser, pages):
    context = browser.new_context()
    page = opened(context, pages["holiday"]).page
    verdict = page.locator(".verdict")
    assert verdict.inner_text() == "6 outcomes are left in 30 readings."
    page.locator('select[name="rule"]').select_option("egalitarian")
    assert verdict.inner_text() == "Settled: ask, in all 6 readings left."
    page.get_by_text("Leave all open").click()
    assert verdict.inner_text() == "6 outcomes are left in 30 readings."
    context.close()


def test_the_keyboard_alone_is_enough(browser: Browser, pages):
    context = browser.new_context()
    page = opened(context, pages["senate"]).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the answer"
    summary = page.locator("summary").first
    for _ in range(40):
        page.keyboard.press("Tab")
        if summary.evaluate("(one) => one === document.activeElement"):
            break
    page.keyboard.press("Enter")
    details = page.locator("details").first
    assert details.evaluate("(one) => one.open")
    page.keyboard.press("Tab")
    assert details.evaluate("(one) => one.contains(document.activeElement)")
    context.close()


def test_what_the_data_says_is_never_markup(browser: Browser, pages):
    context = browser.new_context()
    found = opened(context, pages["strange"])
    everything_drawn(found.page)
    assert HOSTILE in found.page.locator("body").inner_text()
    assert found.page.locator("main script, main img, main b").count() == 0
    assert "alert" not in "".join(found.faults)
    with found.page.expect_download() as loading:
        found.page.locator('.listing[data-name="between-overall"] .download').click()
    text = Path(loading.value.path()).read_text(encoding="utf-8")
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert not [cell for cell in cells if cell.startswith("=")]
    context.close()


def test_a_script_that_is_not_its_own_does_not_run(browser: Browser, pages):
    context = browser.new_context()
    page = opened(context, pages["senate"]).page
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.intruded = true";
            document.body.append(script);
        }"""
    )
    assert page.evaluate("window.intruded") is None
    context.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_phone_and_a_printer_can_read_it(browser: Browser, pages, name):
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = opened(context, pages[name]).page
    everything_drawn(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert page.locator("h1").is_visible()
    context.close()


@pytest.mark.parametrize("name", ["senate", "holiday"])
def test_it_looks_as_it_did(browser: Browser, pages, name, tmp_path):
    """First screens, small, with room for other fonts."""
    context = browser.new_context(viewport={"width": 900, "height": 900})
    page = opened(context, pages[name]).page
    page.wait_for_selector(".drawing svg")
    page.screenshot(path=tmp_path / "now.png")
    now = Image.open(tmp_path / "now.png").convert("L").resize((150, 150), Image.Resampling.BOX)
    known = Path(__file__).parent / "screens" / f"{name}.png"
    if UPDATE:
        known.parent.mkdir(exist_ok=True)
        now.save(known)
    difference = ImageStat.Stat(ImageChops.difference(now, Image.open(known))).mean[0]
    assert difference < 8
    context.close()
