"""Every change leaves a line, and no secret in it."""

import pytest
from django.db import connection

from plimsoll.store.audit import PAGE, Actor, audited, events, record, words_used
from plimsoll.store.models import AuditEvent, Team

pytestmark = pytest.mark.django_db

LIN = Actor("lin", address="192.0.2.7")


def test_a_change_leaves_what_differs() -> None:
    with audited(LIN, "change", "team payments") as change:
        change.before = {"name": "Pay", "zone": "UTC"}
        change.after = {"name": "Payments", "zone": "UTC"}

    (event,) = events().events
    assert (event.actor, event.action, event.target) == ("lin", "change", "team payments")
    assert event.before == {"name": "Pay"}
    assert event.after == {"name": "Payments", "address": "192.0.2.7"}


def test_a_change_that_changes_nothing_leaves_nothing() -> None:
    with audited(LIN, "change", "team payments") as change:
        change.before = change.after = {"name": "Pay"}

    assert events().events == ()


def test_an_action_without_fields_leaves_a_line() -> None:
    with audited(LIN, "revoke", "token plm_1"):
        pass

    assert [event.action for event in events().events] == ["revoke"]


def test_a_change_that_fails_leaves_neither_itself_nor_a_line() -> None:
    def fail() -> None:
        with audited(LIN, "add", "team games"):
            Team.objects.create(slug="games", name="Games")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert not Team.objects.exists()
    assert not AuditEvent.objects.exists()


def test_secrets_are_left_out_whoever_hands_them_over() -> None:
    record(LIN, "add", "source ci", after={"secret": "s3cr3t", "webhook_secret": "x", "Password": "y", "team": "pay"})

    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_event::text FROM audit_event")
        (row,) = cursor.fetchone()
    assert "s3cr3t" not in row
    assert set(AuditEvent.objects.get().after) == {"team", "address"}


def test_lines_are_found_by_who_and_what_newest_first() -> None:
    record(Actor("lin"), "add", "team a")
    record(Actor("mei"), "add", "team b")
    record(Actor("lin"), "change", "team b")

    assert [event.target for event in events(actor="lin").events] == ["team b", "team a"]
    assert [event.actor for event in events(action="add").events] == ["mei", "lin"]
    assert [event.action for event in events(target="TEAM B").events] == ["change", "add"]
    assert words_used() == (["lin", "mei"], ["add", "change"])


def test_pages_go_on_where_the_last_one_ended() -> None:
    for number in range(PAGE + 2):
        record(LIN, "add", f"team {number}")

    first = events()
    second = events(after=first.after)

    assert [event.target for event in first.events] == [f"team {n}" for n in range(PAGE + 1, 1, -1)]
    assert [event.target for event in second.events] == ["team 1", "team 0"]
    assert second.after is None
