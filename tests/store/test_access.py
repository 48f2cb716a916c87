"""Tokens open what they may, and only while they may."""

import hashlib
from datetime import timedelta

import pytest
from django.utils import timezone

from plimsoll.errors import PlimsollError
from plimsoll.store.access import allows, new_token, token_for
from plimsoll.store.models import Team, Token

pytestmark = pytest.mark.django_db


def test_a_token_is_found_by_its_clear_text_and_only_its_hash_is_kept() -> None:
    clear = new_token("grafana", ["read"])

    kept = Token.objects.get()
    found = token_for(clear)

    assert found == kept
    assert bytes(kept.digest) == hashlib.sha256(clear.encode()).digest()
    assert clear.startswith(kept.prefix + "_")
    assert clear[:4] == "plm_"
    assert len(kept.prefix) == 12
    assert clear not in repr(Token.objects.values())


def test_a_token_that_was_never_made_opens_nothing() -> None:
    clear = new_token("grafana", ["read"])

    assert token_for(clear[:-1] + ("A" if clear[-1] != "A" else "B")) is None
    assert token_for(clear + "A" * 200) is None
    assert token_for("") is None
    assert token_for("plm_\ud800") is None


def test_an_expired_token_opens_nothing() -> None:
    clear = new_token("old", ["read"], expires_at=timezone.now() - timedelta(seconds=1))

    assert token_for(clear) is None


def test_a_token_opens_until_it_expires() -> None:
    clear = new_token("new", ["read"], expires_at=timezone.now() + timedelta(minutes=1))

    assert token_for(clear) is not None


def test_a_revoked_token_opens_nothing() -> None:
    clear = new_token("lost", ["read"])
    Token.objects.update(revoked_at=timezone.now())

    assert token_for(clear) is None


def test_the_last_use_is_written_at_most_once_a_minute() -> None:
    clear = new_token("busy", ["read"])
    token_for(clear)
    first = Token.objects.get().last_used_at
    token_for(clear)
    second = Token.objects.get().last_used_at
    Token.objects.update(last_used_at=timezone.now() - timedelta(seconds=61))
    token_for(clear)
    third = Token.objects.get().last_used_at

    assert first is not None
    assert second == first
    assert third is not None
    assert third >= first


@pytest.mark.parametrize(
    ("has", "wanted", "may"),
    [
        ("read", "read", True),
        ("read", "write", False),
        ("read", "ingest", False),
        ("write", "read", False),
        ("ingest", "read", False),
        ("admin", "read", True),
        ("admin", "write", True),
        ("admin", "ingest", False),
    ],
)
def test_admin_implies_read_and_write_but_not_ingest(has: str, wanted: str, may: bool) -> None:
    token = token_for(new_token("some", [has]))

    assert token is not None
    assert allows(token, wanted) is may


def test_a_token_may_be_limited_to_a_team() -> None:
    team = Team.objects.create(slug="permits", name="Permits")

    token = token_for(new_token("permits", ["read"], team="permits"))

    assert token is not None
    assert token.team == team


def test_a_token_of_an_unknown_team_is_refused() -> None:
    with pytest.raises(PlimsollError, match="no team 'nobody'"):
        new_token("x", ["read"], team="nobody")


@pytest.mark.parametrize("scopes", [[], ["owner"], ["read", "root"]])
def test_a_token_needs_known_scopes(scopes: list[str]) -> None:
    with pytest.raises(PlimsollError, match="scope is one or more of ingest, read, write, admin"):
        new_token("x", scopes)


def test_a_token_needs_a_name() -> None:
    with pytest.raises(PlimsollError, match="needs a name"):
        new_token("  ", ["read"])
