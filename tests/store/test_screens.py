"""Screens: a token opens until it is taken back, and a copy of the table opens nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from plimsoll.errors import PlimsollError
from plimsoll.store.access import new_token, token_for
from plimsoll.store.models import Screen, Team
from plimsoll.store.screens import MARK, new_screen, revoke_screen, screen_for, screens

pytestmark = pytest.mark.django_db


def test_a_token_opens_its_screen() -> None:
    Team.objects.create(slug="permits", name="Permits")
    hall, desk = new_screen("Hall"), new_screen("Desk", "permits")

    opened = [screen_for(clear) for clear in (hall, desk)]

    assert [(screen.name, screen.team and screen.team.slug) for screen in opened if screen] == [
        ("Hall", None),
        ("Desk", "permits"),
    ]


def test_nothing_else_opens_a_screen() -> None:
    clear = new_screen("Hall")

    assert screen_for(clear + "x") is None
    assert screen_for("") is None
    assert screen_for(clear.removeprefix(MARK)) is None
    assert screen_for(MARK + "x" * 1000) is None
    assert screen_for(new_token("reader", ["read"])) is None


def test_a_screens_token_is_no_token_of_the_api() -> None:
    assert token_for(new_screen("Hall")) is None


def test_the_table_does_not_hold_the_token() -> None:
    clear = new_screen("Hall")

    row = Screen.objects.get()
    assert clear.startswith(row.prefix)
    assert len(row.prefix) == len(MARK) + 8
    assert clear.encode() not in bytes(row.digest)


def test_a_revoked_token_opens_nothing_and_is_revoked_once() -> None:
    clear = new_screen("Hall")
    number = Screen.objects.get().pk

    assert revoke_screen(number) is True
    assert screen_for(clear) is None
    assert revoke_screen(number) is False
    assert revoke_screen(number + 1) is False


def test_screens_are_listed_by_name_and_the_revoked_ones_last() -> None:
    for name in ("Hall", "Atrium", "Desk"):
        new_screen(name)
    revoke_screen(Screen.objects.get(name="Atrium").pk)

    assert [screen.name for screen in screens()] == ["Desk", "Hall", "Atrium"]


def test_last_contact_is_written_at_most_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    clear, start = new_screen("Hall"), datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    seen = []
    for seconds in (0, 59, 60):
        at = start + timedelta(seconds=seconds)
        monkeypatch.setattr(timezone, "now", lambda at=at: at)
        screen_for(clear)
        last = Screen.objects.get().last_seen_at
        assert last is not None
        seen.append((last - start).seconds)

    assert seen == [0, 0, 60]


@pytest.mark.parametrize("name", ["", "   ", "x" * 201])
def test_a_screen_needs_a_name(name: str) -> None:
    with pytest.raises(PlimsollError, match="needs a name"):
        new_screen(name)


def test_a_name_is_given_once() -> None:
    new_screen("Hall")

    with pytest.raises(PlimsollError, match="already"):
        new_screen(" Hall ")


def test_a_screen_of_an_unknown_team_is_refused() -> None:
    with pytest.raises(PlimsollError, match="nobody"):
        new_screen("Hall", "nobody")
