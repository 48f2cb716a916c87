"""Every page in every state, both themes and both languages: a real browser has nothing to complain about."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from playwright.sync_api import Page
from pytest_django import DjangoDbBlocker

from tests.browser import states
from tests.browser.browser import Browser, Look, unnamed
from tests.browser.conftest import picture_name, signed_in
from tests.browser.pages import PageRoute, pages

# The rows are committed by `shown`; a test itself writes nothing.
pytestmark = pytest.mark.django_db

# State, theme and language: what differs between states seldom differs between themes, too.
SCENES = {
    "full-light-en": ("full", "light", "en"),
    "full-dark-zh": ("full", "dark", "zh-Hans"),
    "few-dark-en": ("few", "dark", "en"),
    "stale-light-zh": ("stale", "light", "zh-Hans"),
    "part-dark-en": ("part", "dark", "en"),
    "empty-light-en": ("empty", "light", "en"),
}
# The canvas of a wall is a screen, and never scrolls.
SIZES = {"wall": (1920, 1080), "topology": (1440, 900)}
# What is drawn for one width: walls, and the map, whose list is for small screens.
WIDE_ONLY = {"wall", "topology"}
PAGES = pages()


@dataclass(frozen=True, slots=True)
class Shown:
    """A server with rows of a state, and somebody who may see all of it."""

    address: str
    state: str
    theme: str
    lang: str
    session: str


@pytest.fixture(scope="module")
def shown(
    request: pytest.FixtureRequest, server: str, django_db_blocker: DjangoDbBlocker, _open_to_visitors: None
) -> Iterator[Shown]:
    """The server, with the rows of a state in its database."""
    state, theme, lang = SCENES[request.param]
    with django_db_blocker.unblock():
        states.STATES[state]()
        try:
            yield Shown(server, state, theme, lang, signed_in().cookies[settings.SESSION_COOKIE_NAME].value)
        finally:
            states.empty()
            connection.close()


def looked(browser: Browser, shown: Shown, page: PageRoute, picture: Path | None = None) -> Look:
    """Return what there is to see on a page."""
    return browser.look(
        shown.address + page.path(),
        theme=shown.theme,
        lang=shown.lang,
        size=SIZES.get(page.name, (1280, 900)),
        session=shown.session,
        picture=picture,
        narrow=page.name not in WIDE_ONLY,
    )


def check(browser: Browser, shown: Shown, page: PageRoute, pictures: Path) -> None:
    """Fail with what there is to complain about."""
    picture = pictures / picture_name(str(page), shown.state, shown.theme, shown.lang)
    look = looked(browser, shown, page, picture)
    complaints = look.complaints()
    assert not complaints, "\n".join(["", *complaints])
    # With nothing in the database there may be no such thing, and the page says so.
    missing = (shown.state == "empty" and page.parts) or (shown.state == "part" and page.name == "incident")
    assert look.status == 200 or (look.status == 404 and missing)
    assert picture.stat().st_size > 5_000


@pytest.mark.parametrize("shown", SCENES, indirect=True, scope="module")
@pytest.mark.parametrize("page", [page for page in PAGES if not page.is_plain], ids=str)
def test_a_page_leaves_nothing_to_complain_about(
    browser: Browser, shown: Shown, page: PageRoute, pictures: Path
) -> None:
    check(browser, shown, page, pictures)


@pytest.mark.parametrize("shown", ["full-dark-zh", "empty-light-en"], indirect=True, scope="module")
@pytest.mark.parametrize("page", [page for page in PAGES if page.is_plain], ids=str)
def test_a_form_leaves_nothing_to_complain_about(
    browser: Browser, shown: Shown, page: PageRoute, pictures: Path
) -> None:
    check(browser, shown, page, pictures)


def test_a_control_that_says_nothing_is_complained_of(browser: Browser) -> None:
    def nameless(page: Page) -> list[str]:
        page.set_content(
            "<a href='/'></a><button></button><details><summary> <i aria-hidden='true'>x</i></summary></details>"
            "<a href='/'>Go</a><button aria-label='Close'></button><details><summary>More</summary></details>"
        )
        return [each.split()[1] for each in unnamed(page.context, page)]

    assert browser.act(nameless) == ["<a", "<button", "<summary"]
