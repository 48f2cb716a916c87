"""The wallboard on its screen: what is read has its size and its room in every state, and the script keeps watch."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Error, Page, Route

from dashboards.wallboard import measures
from plimsoll.insight.dora import kept
from plimsoll.store.marks import DIRECTIONS
from plimsoll.store.models import Mark, Organisation, Shift
from tests.browser.browser import Browser
from tests.browser.conftest import picture_name
from tests.dashboards import builders

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("_open_to_visitors", "_as_new")]

SCREEN = (1920, 1080)
# In pixels at this size (ux, section 3.7).
LEAST = {"number": 158, "text": 31, "note": 28}
_READ = (Path(__file__).parent / "wall.js").read_text()
LONG = "a-service-with-about-as-long-a-name-as-kubernetes-allows-for"


@pytest.fixture
def _as_new() -> Iterator[None]:
    kept.forget()
    measures.forget()
    yield
    kept.forget()
    measures.forget()


def empty() -> None:
    """Nothing was ever reported."""


def few() -> None:
    """A little of everything: numbers of few events, one failure, one incident that nobody took."""
    now = timezone.now()
    yesterday = now - timedelta(days=1)
    builders.calls("web", "ledger", at=now - timedelta(seconds=30))
    builders.deployment("ledger", "payments", failed=False, finished_at=yesterday)
    failed: dict[str, Any] = {"failed": True, "failed_reason": "rolled_back", "status": "failure", "rolled_back": True}
    builders.deployment("map", "housing", version="v2.1.0", finished_at=yesterday, **failed)
    builders.incident("ledger", title="Payments are late", severity="critical", opened_at=now)


def stale() -> None:
    """The same, and telemetry ended a while ago."""
    few()
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE edge_minute")
        cursor.execute("UPDATE edge SET last_seen = last_seen - interval '12 minutes'")
    builders.calls("web", "ledger", at=timezone.now() - timedelta(minutes=12), cluster="huawei-cn-2")


def full() -> None:
    """More than a board has room for, under names as long as they get."""
    now = timezone.now()
    yesterday = now - timedelta(days=1)
    Organisation.objects.create(name="The Society for the Preservation of Very Long Names, International")
    builders.calls(f"{LONG}-1", f"{LONG}-2", at=now - timedelta(days=3))
    builders.calls(f"{LONG}-1", f"{LONG}-3", at=now - timedelta(seconds=30))
    for number in range(12):
        owner = builders.team(f"team-{number}")
        owner.name = f"The Department of Rather Long Team Names {number}"
        owner.save()
        for count in range(12):
            failed = number < 6 and count == 0
            builders.deployment(
                f"{LONG}-{number}",
                owner.slug,
                version=f"v2026.11.23-build.{number}",
                failed=failed,
                failed_reason="incident" if failed else None,
                finished_at=yesterday - timedelta(minutes=40 * count),
            )
    for number in range(30):
        builders.incident(
            f"{LONG}-{number % 12}",
            f"{LONG}-0",
            title=f"Everything that can go wrong went wrong in several places at the same time, number {number}",
            severity=f"SEV {1 + number % 4}",
            opened_at=now - timedelta(hours=7 * number),
            assignees=["Wolfeschlegelsteinhausenbergerdorff the Elder", "Omar Haddad"],
        )
    for number in range(3):
        running: dict[str, Any] = {
            "status": "running",
            "finished_at": None,
            "kind": None,
            "traffic_percent": 12.5 * number,
        }
        version = f"v2026.11.24-build.{number}"
        builders.deployment(f"{LONG}-{number}", started_at=now - timedelta(minutes=5), version=version, **running)
    for duty in ("on_call", "captain"):
        span = {"starts_at": now - timedelta(hours=1), "ends_at": now + timedelta(hours=9)}
        Shift.objects.create(duty=duty, person="Hubert Blaine Wolfeschlegelsteinhausenbergerdorff Senior", **span)
    for metric in DIRECTIONS:
        Mark.objects.create(metric=metric, value=0.02 if metric.endswith("rate") else 900)


def broken() -> None:
    """Every region fails, whose rows are there."""
    few()


STATES: dict[str, Callable[[], None]] = {"empty": empty, "few": few, "stale": stale, "full": full, "broken": broken}


@pytest.mark.parametrize(
    ("state", "theme", "lang"),
    [
        ("empty", "dark", "en"),
        ("empty", "light", "zh-Hans"),
        ("few", "light", "en"),
        ("few", "dark", "zh-Hans"),
        ("stale", "dark", "en"),
        ("stale", "light", "zh-Hans"),
        ("full", "dark", "en"),
        ("full", "light", "zh-Hans"),
        ("broken", "dark", "en"),
        ("broken", "light", "zh-Hans"),
    ],
)
def test_everything_can_be_read_from_three_metres_and_has_its_room(
    browser: Browser, server: str, pictures: Path, state: str, theme: str, lang: str,
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    STATES[state]()
    if state == "broken":
        for name in ("fresh", "reading", "_incidents", "_rolling_out", "_news", "_on_call"):
            monkeypatch.setattr(f"dashboards.wallboard.board.{name}", None)
    url = f"{server}/wall/all/?theme={theme}&lang={lang.lower()}"
    picture = pictures / picture_name("wall_sizes", state, theme, lang)

    def read(page: Page) -> dict[str, Any]:
        silent(page)
        page.goto(url)
        page.evaluate("document.fonts.ready")
        until(page, "document.querySelector('.clock time').textContent.length === 5")
        page.screenshot(path=picture)
        found: dict[str, Any] = page.evaluate(_READ)
        return found

    found = browser.act(read, theme=theme, lang=lang, size=SCREEN)
    assert ("a panel failed" in caplog.text) is (state == "broken")
    caplog.clear()

    small = [text for text in found["texts"] if text["size"] < LEAST[text["where"]] - 0.01]
    assert small == []
    assert (found["overlaps"], found["outside"], found["cut"], found["scrolls"]) == ([], [], [], False)
    assert len(found["texts"]) > 15


# What a board says of its lists: rows shown, rows counted, and the number of the panel's head; whether a team that
# needs a look is left out while one that needs none is shown; and headings that are cut.
_TOLD = """() => {
  const rows = (list) => [...document.querySelectorAll(`${list} li:not(.more)`)].map((each) => each.className);
  const more = (list) => Number(document.querySelector(`${list} .more`)?.textContent.match(/\\d+/)[0] ?? 0);
  const told = (list) => rows(list).length + more(list);
  return {
    incidents: [told(".incidents"), Number(document.querySelector(".total").textContent)],
    failures: [told(".failures"), Number(document.querySelector(".chip.bad").textContent.match(/\\d+/)[0])],
    teams: told(".teams"), shown: rows(".teams"), marks: document.querySelectorAll(".mark").length,
    plain: [...document.querySelectorAll(".more")].map((each) => each.textContent),
    cut: [...document.querySelectorAll("h2, .head")].filter((each) => each.scrollWidth > each.clientWidth + 1)
      .map((each) => each.textContent),
  };
}"""


@pytest.mark.parametrize(("scale", "is_stale"), [("1.0", True), ("1.2", False), ("1.4", True), ("1.6", False)])
@pytest.mark.parametrize("lang", ["en", "zh-Hans"])
def test_what_has_no_room_is_counted_and_the_gravest_stay(
    browser: Browser, server: str, scale: str, is_stale: bool, lang: str
) -> None:
    (stale if is_stale else few)()
    now = timezone.now()
    for number in range(2):
        builders.incident("ledger", title=f"Payments are late, number {number}", severity="SEV 2", opened_at=now)
    for metric in DIRECTIONS:
        Mark.objects.create(metric=metric, value=900)
    for number in range(6):
        for failed in (number > 2, False):
            kwargs: dict[str, Any] = {"failed": failed, "failed_reason": "incident" if failed else None}
            builders.deployment(f"service-{number}", f"team-{number}", finished_at=now - timedelta(days=1), **kwargs)
        Mark.objects.create(metric="change_failure_rate", value=0.02, team=builders.team(f"team-{number}"))

    def read(page: Page) -> dict[str, Any]:
        silent(page)
        page.goto(f"{server}/wall/all/?scale={scale}&lang={lang.lower()}")
        page.evaluate("document.fonts.ready")
        until(page, "document.querySelector('.clock time').textContent.length === 5")
        found: dict[str, Any] = {**page.evaluate(_READ), **page.evaluate(_TOLD)}
        return found

    found = browser.act(read, theme="dark", lang=lang, size=SCREEN)

    assert (found["incidents"], found["failures"], found["teams"]) == ([3, 3], [4, 4], 8)
    assert found["shown"].count("bad") == 3
    assert found["marks"] == 4
    assert all(("and" in text) is (lang == "en") for text in found["plain"])
    assert found["cut"] == []
    assert (found["overlaps"], found["outside"], found["scrolls"]) == ([], [], False)
    small = [text for text in found["texts"] if text["size"] < LEAST[text["where"]] - 0.01]
    assert small == []


def test_the_page_weighs_little(browser: Browser, server: str) -> None:
    full()

    look = browser.look(f"{server}/wall/all/", theme="dark", size=SCREEN)

    assert sum(look.weights.values()) <= 90_000, look.weights


def silent(page: Page) -> None:
    """Let nothing happen on a page but what its clock says."""
    page.route(re.compile("/live"), lambda route: route.abort())


def until(page: Page, what: str) -> None:
    """Wait until an expression holds; the page's policy forbids what Playwright has for that."""
    for _ in range(100):
        # A page that is being loaded anew has nothing to say yet.
        with suppress(Error):
            if page.evaluate(what):
                return
        page.wait_for_timeout(50)
    raise AssertionError(what)


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
    few()

    def play(page: Page) -> list[str]:
        before = page.inner_text(".pill")
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


def test_without_scripts_the_page_says_the_same_and_asks_again_by_itself(browser: Browser, server: str) -> None:
    few()

    look = browser.look(f"{server}/wall/all/", theme="dark", size=SCREEN, scripts=False)

    assert look.status == 200
