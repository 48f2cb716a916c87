"""While the database is away every page says so: what failed, what still works, under which number, and what to do."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django import DjangoDbBlocker

from tests.browser import states
from tests.browser.browser import Browser
from tests.browser.conftest import picture_name, signed_in
from tests.browser.pages import PageRoute, pages
from tests.databases import refusing

PAGES = pages()
# Walls have a page of their own for this, all others one together.
LIGHT = [page for page in PAGES if page.name in ("overview", "wall")]


@contextmanager
def impatient(share: float) -> Iterator[None]:
    """Have requests wait but a share of their time for the database."""
    pool = connection.pool  # type: ignore[attr-defined]
    connection.close()
    before = pool.timeout, pool.reconnect_timeout
    pool.timeout, pool.reconnect_timeout = (each * share for each in before)
    try:
        yield
    finally:
        pool.timeout, pool.reconnect_timeout = before


@pytest.fixture(scope="module")
def away(server: str, django_db_blocker: DjangoDbBlocker, _open_to_visitors: None) -> Iterator[Mapping[str, str]]:
    """Where each page is; what it would show is in a database that lets nobody in."""
    with django_db_blocker.unblock():
        states.STATES["few"]()
        session = signed_in().cookies[settings.SESSION_COOKIE_NAME].value
        addresses = {str(page): server + page.path() for page in PAGES}
        try:
            with impatient(0.01), refusing():
                yield {"session": session, **addresses}
        finally:
            states.empty()
            connection.close()


def check(browser: Browser, away: Mapping[str, str], page: PageRoute, theme: str, lang: str, pictures: Path) -> None:
    """Fail with what there is to complain about."""
    picture = pictures / picture_name(str(page), "broken", theme, lang)
    size = (1920, 1080) if page.name == "wall" else (1280, 900)
    look = browser.look(
        away[str(page)], theme=theme, lang=lang, size=size, picture=picture, narrow=page.name != "wall",
        session=away["session"],
    )  # fmt: skip

    said = {"en": "The database is away.", "zh-Hans": "数据库暂时无法连接。"}[lang]
    assert look.status == 503
    assert not look.complaints(), "\n".join(["", *look.complaints()])
    assert look.found["h1"] == [said]
    assert any(re.search(r"\b[0-9a-f]{10}\b", words) for _where, words in look.words)


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_page_without_its_database_says_so_in_the_dark_in_chinese(
    browser: Browser, away: Mapping[str, str], page: PageRoute, pictures: Path
) -> None:
    check(browser, away, page, "dark", "zh-Hans", pictures)


@pytest.mark.parametrize("page", LIGHT, ids=str)
def test_a_page_without_its_database_says_so_in_the_light_in_english(
    browser: Browser, away: Mapping[str, str], page: PageRoute, pictures: Path
) -> None:
    check(browser, away, page, "light", "en", pictures)


# Of each page with several panels, what all that can fail alone are computed by.
PANELS = {
    "overview": ("overview.figures", "overview.lately", "overview.latest", "overview.team_rows"),
    "team": ("team.figures", "team.points", "team.stage_bars", "team.hours", "team._failures", "team.services_of_team"),
    "service": ("service.figures", "service.measured", "service.latest", "service._incidents"),
    "deployment": ("deployment.measured", "deployment._counts", "deployment.told", "deployment.raw_events"),
    "incident": ("incident._possible", "incident._hurt", "incident._blast", "incident.told", "incident.raw_events"),
}


@pytest.mark.django_db
@pytest.mark.usefixtures("_open_to_visitors")
@pytest.mark.parametrize("rows", ["few"], indirect=True, scope="module")
@pytest.mark.parametrize("name", PANELS)
def test_a_page_whose_panels_fail_still_is_one(
    browser: Browser, server: str, rows: Client, name: str, pictures: Path,
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    def broken(*_: object, **__: object) -> None:
        raise ArithmeticError("as arranged")

    for each in PANELS[name]:
        monkeypatch.setattr(f"dashboards.pages.{each}", broken)
    path = next(page for page in PAGES if page.name == name).path()
    theme, lang = ("light", "en") if name in ("overview", "incident") else ("dark", "zh-Hans")

    look = browser.look(
        server + path, theme=theme, lang=lang, narrow=True, picture=pictures / picture_name(name, "panels", theme, lang)
    )
    assert "as arranged" in caplog.text
    caplog.clear()

    assert look.status == 200
    assert not look.complaints(), "\n".join(["", *look.complaints()])
    assert sum(bool(re.search(r"\b[0-9a-f]{10}\b", words)) for _where, words in look.words) >= len(PANELS[name])


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_open_to_visitors")
def test_trying_again_shows_the_page_once_the_database_is_back(browser: Browser, server: str) -> None:
    def opened(page: Page) -> str:
        page.goto(f"{server}/deployments/?range=7d")
        again = page.get_by_role("link", name="Try again").get_attribute("href")
        return f"{page.inner_text('main')} {again} {page.locator('meta[http-equiv=refresh]').get_attribute('content')}"

    def tried_again(page: Page) -> str:
        page.get_by_role("link", name="Try again").click()
        expect(page.locator("h1")).to_have_text("Deployments")
        return page.url

    with browser.tab() as tab, impatient(0.2):
        with refusing():
            said = tab(opened)
        url = tab(tried_again)

    assert "Open pages keep what they show" in said
    assert said.endswith("/deployments/?range=7d 15")
    assert url == f"{server}/deployments/?range=7d"
