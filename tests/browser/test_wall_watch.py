"""The wallboard's script keeps watch: boards take turns, and a lost connection, an alarm or a new release is seen."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route

from tests.browser.browser import Browser
from tests.browser.wall import SCREEN, silent, until
from tests.dashboards import builders

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("_open_to_visitors", "_as_new")]


def played(browser: Browser, server: str, play: Callable[[Page], Any], query: str = "") -> Any:
    """Have a page, whose clock stands still, do something."""

    def act(page: Page) -> Any:
        page.clock.install()
        silent(page)
        page.goto(f"{server}/wall/all/{query}")
        found = play(page)
        # What is still being asked would stand in the way of emptying the tables.
        page.wait_for_timeout(400)
        return found

    return browser.act(act, theme="dark", size=SCREEN)


def slug(page: Page) -> str:
    return str(page.evaluate("document.getElementById('board').dataset.slug"))


def becomes(page: Page, wanted: str) -> None:
    until(page, f"document.getElementById('board').dataset.slug === '{wanted}'")


def two_teams() -> None:
    builders.team("housing")
    builders.team("permits")


def test_boards_take_turns_and_begin_again(browser: Browser, server: str) -> None:
    two_teams()

    def play(page: Page) -> list[str]:
        seen = [slug(page), page.inner_text(".next")]
        for wanted in ("housing", "permits", "all"):
            page.clock.run_for(31_000)
            becomes(page, wanted)
            seen.append(page.inner_text("h1"))
        return seen

    assert played(browser, server, play) == ["all", "Housing in 30 s", "Housing", "Permits", "All teams"]


def test_space_stops_the_turns_and_arrows_step(browser: Browser, server: str) -> None:
    two_teams()

    def play(page: Page) -> list[str]:
        page.keyboard.press("Space")
        paused = page.inner_text(".next")
        page.clock.run_for(120_000)
        still = slug(page)
        page.keyboard.press("ArrowLeft")
        becomes(page, "permits")
        page.keyboard.press("ArrowRight")
        becomes(page, "all")
        return [paused, still]

    assert played(browser, server, play) == ["paused", "all"]


def test_a_board_that_does_not_turn_says_nothing_of_turns(browser: Browser, server: str) -> None:
    two_teams()

    def play(page: Page) -> tuple[int, str]:
        page.clock.run_for(120_000)
        return page.locator(".turn").count(), slug(page)

    assert played(browser, server, play, "?rotate=0") == (0, "all")


def test_a_lost_connection_is_said_with_its_time_and_taken_back(browser: Browser, server: str) -> None:
    # Nothing that grows older on the board.
    builders.calls("web", "ledger", at=timezone.now() - timedelta(seconds=90))

    def play(page: Page) -> list[str]:
        before = page.inner_text(".pill")
        # Asked for once it is the same afterwards, and the answer says no more than that.
        page.evaluate("document.getElementById('board').className = 'old'")
        page.clock.run_for(15_500)
        until(page, "document.getElementById('board').className !== 'old'")
        page.route(re.compile("/(live|wall)"), lambda route: route.abort())
        page.evaluate("window.stop()")
        page.clock.run_for(44_000)
        early = page.locator(".lost").is_visible()
        page.clock.run_for(3_000)
        lost = page.inner_text(".lost")
        pill = page.inner_text(".pill")
        page.unroute(re.compile("/(live|wall)"))
        page.clock.run_for(16_000)
        until(page, "document.querySelector('.lost').hidden")
        return [before.split()[0], str(early), re.sub(r"\d\d:\d\d", "TIME", lost), " ".join(pill.split()[:2])]

    live, early, lost, pill = played(browser, server, play)

    assert (live, early) == ("Live", "False")
    assert lost == "Connection lost since TIME. What is below is as it was then; this page keeps trying."
    assert pill == "Connection lost"


def test_a_new_grave_incident_brings_the_organisations_board_and_holds_it(browser: Browser, server: str) -> None:
    two_teams()
    alarm = {"now": ""}

    def altered(route: Route) -> None:
        answer = route.fetch()
        text = answer.text().replace('data-alarming=""', f'data-alarming="{alarm["now"]}"')
        route.fulfill(response=answer, body=text, headers={**answer.headers, "etag": f'"{alarm["now"]}{len(text)}"'})

    def play(page: Page) -> tuple[str, str, str]:
        page.route(re.compile("/wall/"), altered)
        page.keyboard.press("ArrowRight")
        becomes(page, "housing")
        page.clock.run_for(20_000)
        before = slug(page)
        alarm["now"] = "17"
        for _ in range(6):
            page.clock.run_for(16_000)
            page.wait_for_timeout(150)
        becomes(page, "all")
        held = page.inner_text(".next")
        page.clock.run_for(200_000)
        page.wait_for_timeout(150)
        after = slug(page)
        page.unroute_all(behavior="ignoreErrors")
        return before, held, after

    before, held, after = played(browser, server, play, "?rotate=3600")

    assert (before, held, after) == ("housing", "held for a new incident", "all")


def test_a_new_release_loads_the_page_anew(browser: Browser, server: str) -> None:
    def newer(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=re.sub('data-version="[^"]*"', 'data-version="newer"', answer.text()))

    def play(page: Page) -> bool:
        page.route(re.compile("/wall/"), newer)
        page.evaluate("window.first = true")
        page.clock.run_for(20_000)
        until(page, "!window.first")
        page.unroute_all(behavior="ignoreErrors")
        return True

    assert played(browser, server, play)


def test_the_canvas_moves_a_little_so_that_nothing_burns_in_and_dims_at_night(browser: Browser, server: str) -> None:
    def play(page: Page) -> tuple[str, str, str]:
        before = page.evaluate("document.body.style.transform")
        page.clock.run_for(601_000)
        after = page.evaluate("document.body.style.transform")
        return before, after, page.evaluate("getComputedStyle(document.getElementById('board')).filter")

    hour = timezone.now().hour
    before, after, dimmed = played(browser, server, play, f"?night={hour}-{(hour + 2) % 24}")

    x, y = (abs(int(px)) for px in re.findall(r"(-?\d+)px", after))
    assert before == ""
    assert 0 < max(x, y) <= 4
    assert dimmed == "brightness(0.4)"
