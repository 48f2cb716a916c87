"""The states that a panel can be in, all of them in a real browser, in both themes and languages."""

import re
from pathlib import Path

import pytest
from django.conf import settings as own
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from pytest_django import DjangoDbBlocker, Settings

from plimsoll.store.models import Membership
from tests.browser.browser import Browser
from tests.browser.conftest import picture_name
from tests.dashboards.frame import specimen

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("_open_to_visitors"),
    pytest.mark.parametrize("rows", ["few"], indirect=True, scope="module"),
    pytest.mark.parametrize(("theme", "lang"), [("light", "en"), ("dark", "zh-Hans")]),
]


def test_every_state_leaves_nothing_to_complain_about(
    browser: Browser, server: str, rows: Client, theme: str, lang: str, pictures: Path, settings: Settings
) -> None:
    settings.ROOT_URLCONF = specimen.__name__
    (engine,) = settings.TEMPLATES
    settings.TEMPLATES = [{**engine, "DIRS": [*engine["DIRS"], Path(specimen.__file__).parent / "templates"]}]

    picture = pictures / picture_name("states", theme, lang)
    look = browser.look(f"{server}/specimen/", theme=theme, lang=lang, narrow=True, picture=picture)

    assert not look.complaints(), "\n".join(["", *look.complaints()])
    assert look.found["states"] == [each.kind for each in specimen.ALL]


@pytest.fixture(scope="module")
def session(rows: Client, django_db_blocker: DjangoDbBlocker) -> str:
    """The session of a viewer, whom the server knows."""
    with django_db_blocker.unblock():
        viewer = User.objects.create_user("viewer", password="not used here")
        Membership.objects.create(user=viewer, role="viewer")
        client = Client()
        client.force_login(viewer)
        connection.close()
    return client.cookies[own.SESSION_COOKIE_NAME].value


@pytest.mark.parametrize("path", ["/settings/tokens/", "/settings/audit/"])
def test_who_may_not_see_a_page_is_told_who_can_grant_it(
    browser: Browser, server: str, session: str, theme: str, lang: str, path: str, pictures: Path
) -> None:
    picture = pictures / picture_name(path, "viewer", theme, lang)
    look = browser.look(server + path, theme=theme, lang=lang, session=session, picture=picture)

    assert not look.complaints(), "\n".join(["", *look.complaints()])
    assert look.found["states"] == ["no_permission"]
    assert any(re.search(r"\blin\b", words) for _where, words in look.words)
    # It was not the visitor from this machine who read.
    assert {"en": "Sign out", "zh-Hans": "退出登录"}[lang] in [words for _where, words in look.words]
