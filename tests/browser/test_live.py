"""An open page follows what happens: over its stream, or by asking now and then, and nobody who reads is disturbed."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from plimsoll.store import notices
from tests.browser import states
from tests.browser.browser import Browser
from tests.dashboards import builders

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def here(server: str, _open_to_visitors: None) -> Iterator[str]:
    """The server's address, with one deployment to see."""
    builders.deployment("ledger", "payments", finished_at=timezone.now() - timedelta(hours=1))
    yield server
    states.empty()


def told(page: Page) -> None:
    """Keep the names of topics that a page was told."""
    page.evaluate(
        """() => {
          window.told = [];
          for (const name of ["metrics", "deployments", "incidents", "topology", "deliveries", "catalog"])
            document.body.addEventListener(`live:${name}`, () => window.told.push(name));
        }"""
    )


def until(page: Page, condition: str) -> None:
    """Wait up to 5 s for a condition of the page; it is asked from outside, as a page may not evaluate words."""
    for _ in range(100):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(condition)


def test_a_list_shows_a_deployment_that_came_while_it_was_open(browser: Browser, here: str) -> None:
    def opened(page: Page) -> None:
        page.goto(f"{here}/deployments/")
        until(page, "performance.getEntriesByType('resource').some((each) => each.name.includes('/live'))")
        # What the opening itself tells.
        page.wait_for_timeout(1_500)

    def sees(page: Page) -> str:
        expect(page.locator("main")).to_contain_text("documents", timeout=10_000)
        return page.locator("main").inner_text()

    with browser.tab() as tab:
        tab(opened)
        builders.deployment("documents", "permits", finished_at=timezone.now())
        notices.changed("deployments", "metrics")
        text = tab(sees)

    assert "ledger" in text
    assert "documents" in text


def test_the_pill_follows_the_beat_and_says_that_the_connection_is_lost(browser: Browser, here: str) -> None:
    builders.calls(at=timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=1))

    def looked(page: Page) -> tuple[str, str]:
        page.clock.install()
        page.goto(f"{here}/deployments/")
        expect(page.locator("#freshness")).to_have_class(re.compile(r"\bok\b"))
        live = page.locator("#freshness").inner_text()
        page.route("**/*", lambda route: route.abort())
        # Its stream is gone, and nothing else answers either.
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        page.clock.fast_forward(16_000)
        expect(page.locator("#freshness")).to_have_class(re.compile(r"\bbad\b"))
        return live, page.locator("#freshness").inner_text()

    live, lost = browser.act(looked)

    assert re.fullmatch(r"●\s*Live\s+\d\d:\d\d", live)
    assert re.fullmatch(r"▲\s*Connection lost", lost)


def test_without_a_stream_the_pill_is_still_right(browser: Browser, here: str) -> None:
    minute = timezone.now().replace(second=0, microsecond=0)
    builders.calls(at=minute - timedelta(minutes=20))

    def opened(page: Page) -> str:
        page.route("**/live?*", lambda route: route.abort())
        page.clock.install()
        page.goto(f"{here}/deployments/")
        return page.locator("#freshness").inner_text()

    def looked(page: Page) -> str:
        page.clock.fast_forward(16_000)
        expect(page.locator("#freshness")).to_have_class(re.compile(r"\bok\b"))
        return page.locator("#freshness").inner_text()

    with browser.tab() as tab:
        before = tab(opened)
        builders.calls(at=minute - timedelta(minutes=1))
        after = tab(looked)

    assert "Stale" in before
    assert "Live" in after


def test_a_page_asks_for_its_parts_when_telemetry_turns_stale(browser: Browser, here: str) -> None:
    minute = timezone.now().replace(second=0, microsecond=0)
    builders.calls(at=minute - timedelta(minutes=1))
    late = f'{{"now":"{minute.isoformat()}","telemetry":"{(minute - timedelta(minutes=6)).isoformat()}"}}'

    def looked(page: Page) -> list[str]:
        page.goto(f"{here}/deployments/")
        expect(page.locator("#freshness")).to_have_class(re.compile(r"\bok\b"))
        told(page)
        page.route(
            "**/live?*",
            lambda route: route.fulfill(content_type="text/event-stream", body=f"event: beat\ndata: {late}\n\n"),
        )
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        until(page, "window.told.length > 0")
        return sorted(set(page.evaluate("window.told")))

    assert browser.act(looked) == ["deployments"]


def test_without_a_stream_a_page_asks_every_15_seconds(browser: Browser, here: str) -> None:
    def looked(page: Page) -> list[str]:
        page.route("**/live?*", lambda route: route.fulfill(status=503, body="no"))
        page.clock.install()
        page.goto(f"{here}/deployments/")
        told(page)
        page.wait_for_timeout(500)
        early: list[str] = page.evaluate("window.told.slice()")
        page.clock.fast_forward(14_000)
        before: list[str] = page.evaluate("window.told.slice()")
        page.clock.fast_forward(2_000)
        until(page, "window.told.includes('deployments')")
        return early + before

    assert browser.act(looked) == []


def test_a_new_release_reloads_the_page(browser: Browser, here: str) -> None:
    def looked(page: Page) -> bool:
        serving = ["one"]

        def stream(route: Route) -> None:
            body = f'retry: 100\nevent: hello\ndata: {{"version":"0.1.0","release":"{serving[-1]}"}}\n\n'
            route.fulfill(status=200, content_type="text/event-stream", body=body)

        page.route("**/live?*", stream)
        page.goto(f"{here}/deployments/")
        page.evaluate("window.isOld = true")
        page.wait_for_timeout(500)
        stayed = page.evaluate("window.isOld === true")
        with page.expect_event("load"):
            serving.append("two")
        return bool(stayed and page.evaluate("window.isOld !== true"))

    assert browser.act(looked)


PARTS = """() => {
  const main = document.querySelector("main");
  main.innerHTML = `<section id="part" hx-get="/fragment" hx-trigger="live:deployments from:body" hx-swap="outerHTML">
    <details id="more"><summary>More</summary><p>words</p></details>
    <div id="scrolling" class="made" tabindex="0"><p id="tall">long</p></div>
    <button id="button">Go</button></section>`;
  document.getElementById("scrolling").style.cssText = "height: 50px; overflow: auto";
  document.getElementById("tall").style.height = "900px";
  document.getElementById("more").open = true;
  document.getElementById("scrolling").scrollTop = 120;
  document.getElementById("button").focus();
  window.htmx.process(main);
}"""
PART = (
    '<section id="part" data-number="{n}" hx-get="/fragment" hx-trigger="live:deployments from:body"'
    ' hx-swap="outerHTML"><details id="more"><summary>More</summary><p>words</p></details>'
    '<div id="scrolling" class="made" tabindex="0"><p id="tall">long</p></div><button id="button">Go</button></section>'
)


REFUSED = "document.addEventListener('htmx:beforeSwap', (event) => (event.detail.shouldSwap = false), { once: true })"


def test_a_swap_keeps_what_is_open_scrolled_and_focused(browser: Browser, here: str) -> None:
    def looked(page: Page) -> tuple[bool, str]:
        page.route("**/fragment", lambda route: route.fulfill(body=PART.format(n=1), content_type="text/html"))
        page.goto(f"{here}/deployments/")
        page.evaluate(PARTS)
        page.evaluate("document.body.dispatchEvent(new CustomEvent('live:deployments'))")
        page.wait_for_selector("#part[data-number='1']")
        page.wait_for_timeout(200)
        return page.evaluate("document.getElementById('more').open"), page.evaluate("document.activeElement.id")

    assert browser.act(looked) == (True, "button")


def test_a_part_that_is_still_the_same_is_left_alone(browser: Browser, here: str) -> None:
    def looked(page: Page) -> tuple[int, int]:
        asked = []

        def answer(route: Route) -> None:
            asked.append(route.request.url)
            route.fulfill(body=PART.format(n=1), content_type="text/html")

        page.route("**/fragment", answer)
        # What others tell is not counted.
        page.route("**/live?*", lambda route: route.abort())
        page.goto(f"{here}/deployments/")
        page.evaluate(PARTS)
        page.evaluate("window.swaps = 0; document.body.addEventListener('htmx:afterSwap', () => window.swaps++)")
        # The first is refused, as while a map is dragged: what was never shown is not the same.
        page.evaluate(REFUSED)
        for count in (1, 2, 3):
            page.evaluate("document.body.dispatchEvent(new CustomEvent('live:deployments'))")
            page.wait_for_timeout(300)
            assert len(asked) == count
        return len(asked), page.evaluate("window.swaps")

    assert browser.act(looked) == (3, 1)


def test_an_answer_has_a_tag_and_the_browser_asks_with_it(browser: Browser, here: str) -> None:
    def looked(page: Page) -> list[int]:
        page.goto(f"{here}/deployments/?range=7d")
        ask = """async () => {
          const headers = { "HX-Request": "true" };
          const first = await fetch("/deployments/?from=2026-01-01&to=2026-02-01", { headers });
          const again = await fetch("/deployments/?from=2026-01-01&to=2026-02-01", {
            headers: { ...headers, "If-None-Match": first.headers.get("ETag") }, cache: "no-store" });
          return [first.status, again.status];
        }"""
        found: list[int] = page.evaluate(ask)
        return found

    assert browser.act(looked) == [200, 304]
