"""Who may send telemetry, by its token (reliability, section 3)."""

import asyncio
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from ingest.otlp.callers import OPEN, Caller, Callers, Forbidden, Unauthenticated
from plimsoll.store.access import new_token
from plimsoll.store.models import Token

pytestmark = pytest.mark.django_db(transaction=True)


def caller(authorization: str) -> Caller:
    return asyncio.run(Callers().caller(authorization))


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", " Bearer "])
def test_a_token_says_where_telemetry_comes_from(scheme: str) -> None:
    clear = new_token("mesh", ["ingest"], cluster="eu-1", environment="prod")

    found = caller(f"{scheme} {clear}")

    assert (found.cluster, found.environment) == ("eu-1", "prod")
    assert found.source == f"token:{Token.objects.get().pk}"


def test_expired_and_revoked_tokens_and_those_never_made_are_not_known() -> None:
    past = timezone.now() - timedelta(seconds=1)
    expired, revoked = new_token("old", ["ingest"], expires_at=past), new_token("stolen", ["ingest"])
    Token.objects.filter(name="stolen").update(revoked_at=past)

    for clear in (expired, revoked, expired[:-1], "plm_", "x" * 10_000):
        with pytest.raises(Unauthenticated, match="not known"):
            caller(f"Bearer {clear}")


@pytest.mark.parametrize("scope", ["read", "write", "admin"])
def test_only_the_scope_ingest_may_send(scope: str) -> None:
    clear = new_token("reader", [scope])

    with pytest.raises(Forbidden, match="lacks the scope ingest"):
        caller(f"Bearer {clear}")


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz"])
def test_without_a_token_only_an_open_receiver_takes_anything(authorization: str, settings: Settings) -> None:
    settings.OTLP_AUTH = "open"
    assert caller(authorization) == OPEN

    settings.OTLP_AUTH = "token"
    with pytest.raises(Unauthenticated, match="plimsoll token new"):
        caller(authorization)


def test_a_wrong_token_is_refused_where_none_is_needed(settings: Settings) -> None:
    settings.OTLP_AUTH = "open"

    with pytest.raises(Unauthenticated):
        caller("Bearer plm_wrong")
