"""Bodies without a delivery id: what is the same delivery again, and what is a new turn of events."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from django.db import connection, transaction

from plimsoll.store import locks
from plimsoll.store.locks import Kind
from plimsoll.store.models import Deployment, Incident, WebhookDelivery
from plimsoll.store.sources import add_source
from tests.ingest.webhooks.builders import Sender, normalised

pytestmark = pytest.mark.django_db

Record = dict[str, object]


def unsigned(name: str = "script") -> Sender:
    """Return a sender that gives its deliveries no id."""
    return Sender(add_source("generic", name, settings={"allow_unsigned": True}))


def turn(status: str, name: str = "INC-1", **more: object) -> Record:
    return {"kind": "incident", "external_id": name, "service": "pay", "status": status, **more}


def answers(script: Sender, *bodies: Record | list[Record]) -> list[str]:
    """Return what the sender hears, each body being normalised before the next comes."""
    heard = []
    for body in bodies:
        heard.append(script.post(json.dumps(body).encode(), {}).body["status"])
        normalised()
    return heard


def test_an_incident_that_turns_and_turns_again_is_followed() -> None:
    turns = [turn(status) for status in ("open", "resolved", "open", "resolved", "open")]

    assert answers(unsigned(), *turns) == ["accepted"] * 5
    row = Incident.objects.get()
    assert (row.status, row.resolved_at) == ("open", None)


def test_the_same_body_again_is_a_duplicate_until_another_word_of_the_same_record() -> None:
    heard = answers(unsigned(), turn("open"), turn("open", "INC-2"), turn("open"), turn("resolved"), turn("open"))

    assert heard == ["accepted", "accepted", "duplicate", "accepted", "accepted"]


def test_a_word_with_a_time_or_an_id_ends_the_turn_too() -> None:
    script = unsigned()
    timed = turn("resolved", resolved_at="2026-03-02T08:00:00Z")

    assert answers(script, turn("open"), timed, turn("open")) == ["accepted"] * 3
    named = script.post(json.dumps(turn("resolved")).encode(), {"webhook-id": "m-1"})
    assert named.body["status"] == "accepted"
    assert answers(script, turn("open")) == ["accepted"]


def test_a_body_with_a_time_is_known_by_what_it_says() -> None:
    early, late = turn("open", at="2026-03-02T08:00:00Z"), turn("resolved", at="2026-03-02T09:00:00Z")

    assert answers(unsigned(), early, late, early) == ["accepted", "accepted", "duplicate"]


def test_a_list_repeats_only_what_came_just_before() -> None:
    both = [turn("open"), turn("open", "INC-2")]

    heard = answers(unsigned(), both, both, turn("resolved"), both, turn("resolved"))

    assert heard == ["accepted", "duplicate", "accepted", "accepted", "accepted"]
    assert set(Incident.objects.values_list("external_id", "status")) == {("INC-1", "resolved"), ("INC-2", "open")}


def test_a_list_of_one_is_that_one() -> None:
    assert answers(unsigned(), turn("open"), [turn("resolved")], turn("open")) == ["accepted"] * 3


def test_a_duplicate_ends_nobodys_turn() -> None:
    script = unsigned()
    both = [turn("open"), turn("open", "INC-2")]
    raw = json.dumps(turn("open", "INC-3", at="2026-03-02T08:00:00Z")).encode()
    script.post(raw, {"webhook-id": "m-1"})

    assert answers(script, both) == ["accepted"]
    assert script.post(raw, {"webhook-id": "m-1"}).body["status"] == "duplicate"
    assert answers(script, both) == ["duplicate"]


def test_a_retried_deployment_keeps_the_time_it_came_first() -> None:
    script = unsigned()
    body: Record = {"kind": "deployment", "external_id": "42", "service": "pay", "environment": "production"}
    answers(script, body | {"status": "success"})
    (first,) = Deployment.objects.values_list("finished_at", flat=True)

    assert answers(script, body | {"status": "success"}) == ["duplicate"]
    assert list(Deployment.objects.values_list("finished_at", flat=True)) == [first]


def test_sources_do_not_end_each_others_turns() -> None:
    one, other = unsigned("one"), unsigned("other")

    assert answers(one, turn("open")) + answers(other, turn("resolved")) == ["accepted", "accepted"]
    assert answers(one, turn("open")) == ["duplicate"]


@contextmanager
def held(source_id: int) -> Iterator[None]:
    """Make the deliveries of a source wait while the block runs."""
    with transaction.atomic():
        locks.hold(Kind.SOURCE, str(source_id))
        yield


@pytest.mark.django_db(transaction=True)
def test_two_turns_at_one_moment_are_both_stored() -> None:
    script = unsigned()
    answers(script, turn("acknowledged"))

    def post(status: str) -> None:
        try:
            Sender(script.source).post(json.dumps(turn(status)).encode(), {})
        finally:
            connection.close()

    with held(script.source.pk):
        threads = [Thread(target=post, args=(status,)) for status in ("open", "resolved")]
        for thread in threads:
            thread.start()
    for thread in threads:
        thread.join()

    assert WebhookDelivery.objects.count() == 3
