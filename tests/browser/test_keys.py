"""Whoever has no mouse gets everywhere: past the bars, with a ring on what has the focus, and by keys."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import states
from tests.browser.browser import Browser
from tests.dashboards import builders

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def here(server: str, _open_to_visitors: None) -> Iterator[str]:
    """The server's address, with one deployment to see."""
    builders.deployment("ledger", "payments")
    yield server
    states.empty()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_first_stop_is_the_way_past_the_bars(browser: Browser, here: str, theme: str) -> None:
    def walked(page: Page) -> tuple[str, str, str]:
        page.goto(f"{here}/deployments/")
        page.keyboard.press("Tab")
        first = page.evaluate("document.activeElement.getAttribute('href')")
        page.keyboard.press("Enter")
        landed = page.evaluate("document.activeElement.id")
        page.keyboard.press("Tab")
        ring = page.evaluate("getComputedStyle(document.activeElement).outline")
        return first, landed, ring

    first, landed, ring = browser.act(walked, theme=theme)

    assert (first, landed) == ("#content", "content")
    assert "3px" in ring


def test_every_stop_shows_where_it_is(browser: Browser, here: str) -> None:
    def walked(page: Page) -> list[str]:
        page.goto(f"{here}/deployments/")
        found = []
        for _ in range(25):
            page.keyboard.press("Tab")
            found.append(
                page.evaluate(
                    """() => {
                      const now = document.activeElement, style = getComputedStyle(now);
                      const box = now.getBoundingClientRect();
                      if (now === document.body) return "";
                      const ringed = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
                      const seen = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
                      return ringed && seen ? "" : now.outerHTML.slice(0, 120);
                    }"""
                )
            )
        return [each for each in found if each]

    assert browser.act(walked) == []


def test_keys_lead_to_search_help_and_pages(browser: Browser, here: str) -> None:
    def pressed(page: Page) -> tuple[bool, str, str]:
        page.goto(f"{here}/deployments/")
        page.keyboard.press("?")
        expect(page.locator("#keys")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("#keys")).to_be_hidden()
        page.keyboard.press("/")
        searching = page.evaluate("document.activeElement.matches('input')")
        page.keyboard.press("Escape")
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("]")
        page.wait_for_url("**/deployments/?*range=90d*")
        longer = page.url
        page.goto(f"{here}/teams/payments/")
        page.keyboard.press("[")
        page.wait_for_url("**/teams/payments/?*range=7d*")
        page.goto(f"{here}/teams/payments/")
        page.keyboard.press("]")
        page.wait_for_url("**/teams/payments/?*range=90d*")
        # From times of one's own to the next shorter and the next longer range.
        for key, query in (("[", "?range=7d"), ("]", "?range=90d")):
            page.goto(f"{here}/deployments/?from=2026-09-01&to=2026-{'09-10' if key == '[' else '10-10'}")
            page.keyboard.press(key)
            page.wait_for_url(f"{here}/deployments/{query}")
        page.keyboard.press("g")
        page.keyboard.press("m")
        page.wait_for_url("**/topology/*")
        return searching, longer, page.url

    searching, longer, page = browser.act(pressed)

    assert searching
    assert "range=90d" in longer
    # The range goes along.
    assert "range=90d" in page


NO_CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', {value: undefined})"
HEARD = "document.addEventListener('copy', () => { window.copied = getSelection().toString(); })"


def test_a_link_is_copied_without_a_clipboard_and_a_failure_is_said(browser: Browser, here: str) -> None:
    def copied(page: Page) -> str:
        page.add_init_script(f"{NO_CLIPBOARD}; {HEARD}")
        page.goto(f"{here}/deployments/")
        page.locator(".menu:has(.between) summary").click()
        button = page.locator("[data-copies-link]")
        button.click()
        expect(button).to_have_text("Copied")
        text: str = page.evaluate("window.copied")
        page.evaluate("document.execCommand = () => false")
        expect(button).to_have_text("Copy a link with these times")
        button.click()
        expect(button).to_have_text("Copy it by hand")
        return text

    assert browser.act(copied).startswith(f"{here}/deployments/?from=")
