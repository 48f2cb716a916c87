"""The board of the design, told through the front doors and read off the page (ux, section 3.7)."""

import html
import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from pytest_django import Settings

from tests.dashboards.builders import reading
from tests.dashboards.wallboard.test_page import counted
from tests.stories.stand_up import StandUp
from tests.stories.telling import set_clocks, told

pytestmark = pytest.mark.django_db(transaction=True)

ZONE = "Asia/Shanghai"
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=ZoneInfo(ZONE))


# What is on the picture, in reading order; shapes and signs are drawings.
PICTURE = """
City Services Cloud / All teams / Daily stand-up / Tuesday 24 November / Live data through 09:30 / 09:30
Deployments per day / 17.3 / Elite 2.1 ≥ 10
Lead time, median / 28 min / Elite 6 min ≤ 60
Change failure rate / 0.8 % / Elite 0.3 pt ≤ 2.0
Recovery time, P90 / 4.2 min / Elite 0.4 min ≤ 5
Yesterday / 19 deployments / 18 held 1 failed
08:00 / 10:00 / 12:00 / 14:00 / 16:00 / 18:00 / 20:00
permits-api v2.14.0 P95 412 ms, mark 350 ms · rolled back in 3 min 40 s
Open incidents 2
SEV 2 / Payment confirmations delayed / ledger · 41 min LY Lin Yue
SEV 3 / Map tiles slow in huawei-cn-2 / map-tiles · 2 h 05 OH Omar Haddad
Rolling out / identity v8.2.1 / canary 25 % · P95 287 ms · errors 0.1 %
New dependency / permits-api documents / first seen yesterday 16:20
On call / Chen Wei / until 18:00 · captain Ana Pires
vs prior 28 d / Identity / Permits / Payments / Housing / Transport / Health
"""


def said(page: str) -> str:
    """What a page says, as plain words."""
    page = page[page.index("<body") :]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


@pytest.mark.usefixtures("traffic")
def test_the_board_says_what_the_picture_says(
    address: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TIME_ZONE = ZONE
    set_clocks(monkeypatch, NOW)
    told(StandUp(NOW), address)

    page = Client().get("/wall/all/", headers=reading()).content.decode()

    assert said(page) == " ".join(PICTURE.replace("/", " ").split())
    changes = re.findall(r'class="change (\w+)"><i class="shape (\w+)"', page)
    assert changes == [("better", "up"), ("better", "down"), ("better", "down"), ("worse", "up")]
    assert re.findall(r'class="pin (\w+)"', page) == ["held"] * 18 + ["failed"]
    assert re.findall(r'class="severity (\w+)"', page) == ["bad", "warn"]
    teams = re.findall(r'<li class="(\w+)" data-rank="\d" title="[^"]*"><p class="team">', page)
    assert teams == ["ok", "bad", "warn", "ok", "ok", "ok"]
    assert re.findall(r'data-name="([^"]*)"', page)[:3] == ["All teams", "Permits", "Payments"]
    assert page.count('class="spark"') == 4
    assert [counted(each) for each in evidence(page)] == [484, 484, 475, 5, 19, 1, 2]


def evidence(page: str) -> list[str]:
    """The addresses of the lists behind all numbers."""
    return [html.unescape(each) for each in re.findall(r'href="(/[^"]*[?][^"]*)"', page)]


@pytest.mark.usefixtures("traffic")
def test_a_silent_collector_is_named_and_the_numbers_are_marked_as_old(
    address: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TIME_ZONE = ZONE
    set_clocks(monkeypatch, NOW)
    story = StandUp(NOW)
    told(story, address, until=story.at("09:18"))

    page = Client().get("/wall/all/", headers=reading()).content.decode()

    assert "Stale data ends 09:18 09:30 No new data for 12 min. The numbers below end at 09:18." in said(page)
    assert "Collector huawei-cn-2 is silent; webhooks still arrive." in said(page)
    assert 'class="wall stale"' in page
