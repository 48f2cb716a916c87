"""Parts that are asked for while a page is open: what they show meanwhile, and when the answer does not come."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, Route, expect

from tests.browser.browser import Browser
from tests.browser.conftest import picture_name
from tests.browser.pages import pages

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("_open_to_visitors"),
    pytest.mark.parametrize("rows", ["few"], indirect=True, scope="module"),
]

# The page, the part of it that follows what happens, and how it is looked at.
LIVE = {
    "overview": ("#overview", "light", "en"),
    "teams": ("#teams", "dark", "zh-Hans"),
    "team": ("#measures", "dark", "en"),
    "services": ("#rows", "light", "zh-Hans"),
    "service": ("#now", "dark", "zh-Hans"),
    "deployments": ("#rows", "light", "en"),
    "deployment": ("#deployment", "light", "zh-Hans"),
    "incidents": ("#rows", "dark", "en"),
    "incident": ("#incident", "light", "en"),
    "topology": ("#topology", "dark", "zh-Hans"),
    "setup": ("#asks", "light", "en"),
}
PATHS = {page.name: page for page in pages() if not page.view}
CHANGED = """() => ["metrics", "deployments", "incidents", "topology", "deliveries", "catalog"]
  .forEach((name) => document.body.dispatchEvent(new CustomEvent(`live:${name}`)))"""

# A stream that a test tells of a topic by.
STREAM = """window.EventSource = class {
  constructor() { window.heard = {}; }
  addEventListener(name, act) { window.heard[name] = act; }
  close() {}
};"""
TOLD = "() => window.heard.changed({ data: 'metrics' })"


class Answers:
    """What a page's parts are answered; until then they wait. All of them are answered the same, early or late."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.held: list[Route] = []
        self.answer: Callable[[Route], None] | None = None
        self.count = 0
        # What is live would ask by itself.
        page.route("**/live?*", lambda route: route.abort())
        page.route(lambda _url: True, self._hold)

    def _hold(self, route: Route) -> None:
        if not route.request.headers.get("hx-request"):
            route.fallback()
            return
        self.count += 1
        if self.answer is None:
            self.held.append(route)
        else:
            self.answer(route)

    def changed(self, part: str) -> None:
        """Have the page ask for its parts, and wait until it has for this one."""
        self.hold()
        self.page.evaluate(CHANGED)
        while part not in {f"#{route.request.headers['hx-target']}" for route in self.held}:
            self.page.wait_for_timeout(20)

    def hold(self) -> None:
        """Have parts wait again."""
        self.answer = None

    def give(self, **answer: Any) -> None:
        """Answer what is held; without an answer the server does."""
        self._all(lambda route: route.fulfill(**answer) if answer else route.continue_())

    def lose(self) -> None:
        """Lose the connection."""
        self._all(lambda route: route.abort())

    def _all(self, answer: Callable[[Route], None]) -> None:
        self.answer = answer
        routes, self.held = self.held, []
        for route in routes:
            answer(route)

    def end(self) -> None:
        """Leave nobody waiting."""
        self.lose()
        self.page.unroute_all(behavior="ignoreErrors")


@pytest.mark.parametrize("name", LIVE)
def test_a_part_is_busy_then_says_that_it_failed_and_goes_on(
    browser: Browser, server: str, rows: Client, name: str, pictures: Path
) -> None:
    part, theme, lang = LIVE[name]
    said = {
        "en": ("This part could not be updated. It is as it was at ", "Ask about it as 7f3a."),
        "zh-Hans": ("此部分无法更新，仍为 ", "咨询时请提供编号 7f3a。"),
    }[lang]
    path = PATHS[name].path()

    def looked(page: Page) -> Mapping[str, object]:
        answers = Answers(page)
        page.goto(server + path)
        here, note = page.locator(part), page.locator(f"{part}-failed")
        before = here.inner_text()
        answers.changed(part)
        expect(here).to_have_attribute("aria-busy", "true")
        page.screenshot(path=pictures / picture_name(name, "waiting", theme, lang))
        while_busy = here.inner_text()
        answers.give(status=503, headers={"X-Request-ID": "7f3a"}, body="no")
        expect(note).to_contain_text(said[0])
        expect(note).to_contain_text(said[1])
        expect(here).not_to_have_attribute("aria-busy", "true")
        page.screenshot(path=pictures / picture_name(name, "failed", theme, lang))
        kept = before == while_busy == here.inner_text()
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        answers.changed(part)
        answers.give()
        expect(note).to_have_count(0)
        answers.changed(part)
        answers.lose()
        expect(note).to_contain_text(said[0])
        expect(note.locator(".quiet")).to_have_count(0)
        again = note.locator("a.button").get_attribute("href")
        answers.end()
        return {
            "kept": kept,
            "again": again,
            "overflow": overflow,
            "violations": page.evaluate("window.__violations"),
        }

    assert browser.act(looked, theme=theme, lang=lang) == {
        "kept": True, "again": path, "overflow": 0, "violations": [],
    }  # fmt: skip


def test_a_part_is_kept_when_its_reader_is_sent_to_sign_in(browser: Browser, server: str, rows: Client) -> None:
    def looked(page: Page) -> str:
        answers = Answers(page)
        page.goto(f"{server}/deployments/")
        before = page.inner_text("#rows")
        answers.changed("#rows")
        answers.give(status=302, headers={"Location": "/sign-in/"})
        expect(page.locator("#rows-failed")).to_be_visible()
        answers.end()
        return "kept" if page.inner_text("#rows") == before else "lost"

    assert browser.act(looked) == "kept"


@pytest.mark.parametrize("moment", ["while it is asked for", "while it is put in"])
def test_a_part_is_asked_for_again_after_what_happened_meanwhile(
    browser: Browser, server: str, rows: Client, moment: str
) -> None:
    def looked(page: Page) -> int:
        answers = Answers(page)
        page.add_init_script(STREAM)
        page.goto(f"{server}/")
        page.evaluate(TOLD)
        if moment == "while it is asked for":
            page.evaluate(TOLD)
        else:
            page.evaluate(f"addEventListener('htmx:afterSwap', {TOLD}, {{ once: true }})")
        # Before the page asks by itself.
        with page.expect_request(lambda each: each.headers.get("hx-target") == "overview", timeout=5_000):
            answers.give()
        page.wait_for_timeout(300)
        count = answers.count
        answers.end()
        return count

    assert browser.act(looked) == 2


@pytest.mark.parametrize(("theme", "lang"), [("light", "en"), ("dark", "zh-Hans")])
def test_the_drawer_opens_with_a_skeleton_and_with_what_went_wrong(
    browser: Browser, server: str, rows: Client, theme: str, lang: str, pictures: Path
) -> None:
    def looked(page: Page) -> list[str]:
        answers = Answers(page)
        page.goto(f"{server}/")
        page.locator(".why-link").first.click()
        drawer = page.locator("#drawer")
        expect(drawer.locator(".loading[aria-busy=true]")).to_be_visible()
        page.screenshot(path=pictures / picture_name("drawer", "waiting", theme, lang))
        answers.give(status=500, headers={"X-Request-ID": "7f3a"}, body="no")
        expect(drawer.locator(".state.failed")).to_contain_text("7f3a")
        page.screenshot(path=pictures / picture_name("drawer", "failed", theme, lang))
        href = drawer.locator("a.button").get_attribute("href") or ""
        drawer.locator(".close").click()
        answers.give()
        page.locator(".why-link").first.click()
        expect(drawer.locator("#why-title")).to_be_visible()
        expect(drawer.locator(".state.loading")).to_have_count(0)
        answers.end()
        violations: list[str] = page.evaluate("window.__violations")
        return [href.partition("?")[0], *violations]

    assert browser.act(looked, theme=theme, lang=lang) == ["/why/deployment_frequency/"]
