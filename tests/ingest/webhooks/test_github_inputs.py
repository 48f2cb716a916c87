"""Useless, unusable and hostile deliveries of GitHub."""

from copy import deepcopy
from typing import Any

import pytest

from plimsoll.store.models import Deployment
from tests.ingest.webhooks.builders import records, sender
from tests.ingest.webhooks.github_bodies import REPOSITORY, deployment, push, sha, status, told

pytestmark = pytest.mark.django_db


def test_events_of_ignored_actors_are_ignored() -> None:
    ci = sender("github", {"ignore_actors": ["dependabot[bot]"]})

    assert told(ci, ("push", push(1) | {"sender": {"login": "dependabot[bot]"}})) == [
        ("ignored", "events of dependabot[bot] are ignored by this source")
    ]


@pytest.mark.parametrize(
    ("event", "body", "reason"),
    [
        ("star", {"repository": REPOSITORY}, "event star is not used"),
        ("push", {"ref": "refs/heads/main"}, "the delivery names no repository"),
        ("deployment", {"repository": REPOSITORY, "action": "vanished"}, "action vanished is not used"),
        ("push", [], "the delivery names no repository"),
    ],
)
def test_what_is_known_but_useless_is_accepted_and_ignored(event: str, body: Any, reason: str) -> None:
    assert told(sender("github"), (event, body)) == [("ignored", reason)]


@pytest.mark.parametrize(
    ("event", "body", "reason"),
    [
        ("deployment", deployment(id=None), "deployment.id is missing"),
        ("deployment", deployment(created_at="yesterday"), "deployment.created_at: 'yesterday' is not a time"),
        ("deployment", deployment(created_at="0000-01-01T00:00:00Z"), "is not a time"),
        ("deployment", deployment(created_at="2026-03-02T08:00:00"), "has no zone"),
        ("push", push(1) | {"commits": [{"id": sha(1)}]}, "timestamp is missing"),
        ("deployment", deployment(ref="x" * 501), "deployment.ref is longer than 500 characters"),
        ("pull_request", {"action": "opened", "repository": REPOSITORY}, "pull_request.number is missing"),
    ],
)
def test_what_cannot_be_used_is_kept_and_says_why(event: str, body: Any, reason: str) -> None:
    ((state, words),) = told(sender("github"), (event, body))

    assert state == "failed"
    assert reason in words


def test_a_time_in_the_year_9999_becomes_the_time_of_receipt_and_is_flagged() -> None:
    body = status("success", "08:00:00")
    body["deployment_status"]["created_at"] = "9999-12-31T00:00:00Z"

    told(sender("github"), ("deployment_status", body))

    row = Deployment.objects.get()
    assert row.finished_at is not None
    assert row.finished_at.year < 9999
    assert row.flags == ["future_event_time", "future_finished_at"]


def test_a_finish_before_the_start_is_put_in_order() -> None:
    told(sender("github"), ("deployment_status", status("success", "07:00:00")))

    row = Deployment.objects.get()
    assert (str(row.started_at)[11:16], str(row.finished_at)[11:16]) == ("07:00", "08:00")
    assert row.flags == ["finished_before_started"]


@pytest.mark.parametrize("ref", ["../../etc/passwd", "a'; DROP TABLE change; --", "\u202egnp.exe", "🚢", "<b>", 'a"b'])
def test_hostile_names_are_kept_as_text(ref: str) -> None:
    told(sender("github"), ("deployment", deployment(ref=ref)))

    assert Deployment.objects.get().ref == ref


def test_text_that_no_database_can_hold_is_cleaned() -> None:
    told(sender("github"), ("deployment", deployment(ref="a\x00b\ud800c")))

    assert Deployment.objects.get().ref == "a\ufffdb\ufffdc"


def test_old_servers_leave_keys_out() -> None:
    body = deepcopy(status("success", "08:04:00"))
    del body["action"], body["deployment_status"]["environment"], body["deployment_status"]["log_url"]

    assert told(sender("github"), ("deployment_status", body)) == [("applied", "")]
    assert records()[0]["environment"] == "production"
