"""The wallboard on its screen: what is read has its size and its room in every state."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from plimsoll.store.marks import DIRECTIONS
from plimsoll.store.models import Mark, Organisation, Shift
from tests.browser.browser import Browser
from tests.browser.conftest import picture_name
from tests.browser.wall import SCREEN, few, silent, until
from tests.dashboards import builders

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("_open_to_visitors", "_as_new")]

# In pixels at this size (ux, section 3.7).
LEAST = {"number": 158, "text": 31, "note": 28}
_READ = (Path(__file__).parent / "wall.js").read_text()
LONG = "a-service-with-about-as-long-a-name-as-kubernetes-allows-for"


def empty() -> None:
    """Nothing was ever reported."""


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
    over: [...document.querySelectorAll(".mark.bad > .shape.bad[role=img]")].filter((each) => each.clientWidth > 15)
      .map((each) => `${each.closest(".card").querySelector("h2").textContent}: ${each.getAttribute("aria-label")}`),
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
    assert found["over"] == [
        {"en": "Deployments per day: over the mark", "zh-Hans": "部署频率（次/天）: 超过载重线"}[lang]
    ]
    assert all(("and" in text) is (lang == "en") for text in found["plain"])
    assert found["cut"] == []
    assert (found["overlaps"], found["outside"], found["scrolls"]) == ([], [], False)
    small = [text for text in found["texts"] if text["size"] < LEAST[text["where"]] - 0.01]
    assert small == []


# How much of its card the line under a number takes, and names that are cut.
_ROOM = """() => ({
  lines: [...document.querySelectorAll(".card .limit")].map((each) =>
    each.getBoundingClientRect().width / each.closest(".card").clientWidth),
  cut: [...document.querySelectorAll(".about [translate]")].filter((each) => each.scrollWidth > each.clientWidth)
    .map((each) => each.textContent),
})"""


def test_many_words_cut_neither_a_line_nor_a_name(browser: Browser, server: str) -> None:
    now = timezone.now()
    for day in (*range(2, 8), *range(32, 38), 60):
        builders.deployment("ledger", "payments", finished_at=now - timedelta(days=day), failed=False)
    Mark.objects.create(metric="change_failure_rate", value=0.02)
    opened: dict[str, Any] = {"opened_at": now - timedelta(minutes=68), "assignees": ["Jonas Berg"]}
    builders.incident("housing-api", title="A vendor answers slowly", severity="SEV 2", **opened)

    def read(page: Page) -> list[Any]:
        silent(page)
        found = []
        for lang, words in (("en", "no change"), ("zh-hans", "housing-api")):
            page.goto(f"{server}/wall/all/?lang={lang}")
            page.evaluate("document.fonts.ready")
            until(page, "document.querySelector('.clock time').textContent.length === 5")
            assert words in page.inner_text("#board")
            found.append(page.evaluate(_ROOM))
        return found

    for found in browser.act(read, theme="dark", size=SCREEN):
        (line,) = found["lines"]
        assert line > 0.75
        assert found["cut"] == []


def test_the_page_weighs_little(browser: Browser, server: str) -> None:
    full()

    look = browser.look(f"{server}/wall/all/", theme="dark", size=SCREEN)

    assert sum(look.weights.values()) <= 90_000, look.weights


def test_without_scripts_the_page_says_the_same_and_asks_again_by_itself(browser: Browser, server: str) -> None:
    few()

    look = browser.look(f"{server}/wall/all/", theme="dark", size=SCREEN, scripts=False)

    assert look.status == 200
