"""What was received lately, from all doors in one list."""

from datetime import timedelta

import pytest
from django.utils import timezone

from plimsoll.store import refusals
from plimsoll.store.access import new_token
from plimsoll.store.models import IngestHealth, Token
from plimsoll.store.queries import setup
from tests.ingest.webhooks.builders import github, normalised, sender

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(second=0, microsecond=0)


def counted(source: str, counter: str, reason: str, count: int, minutes_ago: int = 1) -> None:
    """Have the receiver have counted something."""
    minute = NOW - timedelta(minutes=minutes_ago)
    IngestHealth.objects.create(minute=minute, source=source, counter=counter, reason=reason, count=count)


def test_telemetry_that_tells_of_no_call_is_counted_with_its_reasons() -> None:
    counted("open", "received", "spans", 40)
    counted("open", "dropped", "an exporter's own call", 2)
    counted("open", "dropped", "parent in the same process", 20)

    (item,) = setup.received(20, NOW)

    assert dict(item.counts) == {"spans": 40, "dropped": 22}
    assert item.reason == "parent in the same process (20), an exporter's own call (2)"


def test_telemetry_is_a_line_a_minute_and_sender_with_what_was_refused_of_it() -> None:
    new_token("eu-1", ["ingest"])
    token = f"token:{Token.objects.get().pk}"
    counted(token, "received", "spans", 512)
    counted(token, "received", "points", 7)
    counted(token, "rejected", "spans without a name", 3)
    counted("open", "received", "spans", 5, minutes_ago=2)
    counted("token:999999", "received", "spans", 2, minutes_ago=3)

    items = setup.received(20, NOW)

    assert [(item.sender, dict(item.counts), item.is_sender_gone) for item in items] == [
        ("eu-1", {"spans": 512, "points": 7, "refused": 3}, False),
        ("", {"spans": 5}, False),
        ("", {"spans": 2}, True),
    ]


def test_deliveries_and_refusals_stand_in_the_order_of_their_times() -> None:
    ci = sender("github")
    ci.send({"zen": "x", "hook_id": 1}, github("ping"))
    ci.send({"action": "created", "repository": {"full_name": "a/b"}}, github("star"))
    normalised()
    refusals.note(refusals.sender_of(ci.source), "mismatch", "", timezone.now())
    refusals.note("otlp", "no_token", "", timezone.now() - timedelta(hours=1), 9)

    items = setup.received(20, timezone.now())

    assert [(item.kind, item.outcome, item.what, item.code, item.count) for item in items] == [
        ("webhook", "refused", "", "mismatch", 1),
        ("webhook", "unused", "star.created", "", 1),
        ("webhook", "unused", "ping", "", 1),
        ("telemetry", "refused", "", "no_token", 9),
    ]


def test_only_so_many_are_asked_for() -> None:
    for _ in range(5):
        refusals.note("otlp", "no_token", "", timezone.now())

    assert len(setup.received(3, timezone.now())) == 3
