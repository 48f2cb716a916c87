"""The generic endpoint: records as their sender writes them, and what it hears when they are wrong."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from plimsoll.store import schema
from plimsoll.store.models import Change, Deployment, Incident
from tests.ingest.webhooks.builders import Sender, normalised, outcomes, records, sender

pytestmark = pytest.mark.django_db
DEPLOYMENT: dict[str, Any] = {
    "kind": "deployment",
    "external_id": "release-1.9.0",
    "service": "checkout",
    "environment": "production",
}
INCIDENT: dict[str, Any] = {"kind": "incident", "external_id": "INC-1", "service": "checkout"}


def told(ci: Sender, *bodies: object) -> list[dict[str, Any]]:
    """Send bodies and return the records."""
    for body in bodies:
        answer = ci.send(body)
        assert answer.status == 202, answer.body
    normalised()
    return records()


def test_the_published_schema_is_a_valid_schema() -> None:
    Draft202012Validator.check_schema(schema.events())


def test_a_deployment_as_it_was_sent() -> None:
    (row,) = told(
        sender("generic"),
        DEPLOYMENT
        | {
            "status": "success",
            "version": "1.9.0",
            "sha": "8c1f2a7",
            "commits": ["8c1f2a7", "9d1f2a7"],
            "previous_sha": "7b1f2a7",
            "unplanned": True,
            "started_at": "2026-03-02T08:00:00Z",
            "finished_at": "2026-03-02T16:04:00+08:00",
        },
    )

    assert (row["service"], row["environment"], row["environment_class"]) == ("checkout", "production", "production")
    assert (row["version"], row["sha"], row["commits"]) == ("1.9.0", "8c1f2a7", ["8c1f2a7", "9d1f2a7"])
    assert (row["previous_sha"], row["unplanned"], row["status"]) == ("7b1f2a7", True, "success")
    assert row["finished_at"] == datetime(2026, 3, 2, 8, 4, tzinfo=UTC)


def test_a_list_of_records() -> None:
    shown = told(sender("generic"), [DEPLOYMENT, INCIDENT, {"kind": "release", "repo": "acme/a", "version": "1"}])

    assert [row["kind"] for row in shown] == ["deployment", "incident", "release"]


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ({}, "unknown"),
        ({"started_at": "2026-03-02T08:00:00Z"}, "running"),
        ({"started_at": "2026-03-02T08:00:00Z", "finished_at": "2026-03-02T08:04:00Z"}, "success"),
    ],
)
def test_the_times_of_a_deployment_tell_its_status(times: dict[str, str], expected: str) -> None:
    assert told(sender("generic"), DEPLOYMENT | times)[0]["status"] == expected


def test_a_deployment_that_ended_without_a_time_ended_now() -> None:
    (row,) = told(sender("generic"), DEPLOYMENT | {"status": "failure"})

    assert abs(row["finished_at"] - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_deployment_told_in_parts() -> None:
    (row,) = told(
        sender("generic"),
        DEPLOYMENT | {"status": "success", "finished_at": "2026-03-02T08:04:00Z"},
        DEPLOYMENT | {"status": "running", "started_at": "2026-03-02T08:00:00Z", "sha": "8c1f2a7"},
    )

    assert (row["status"], row["sha"]) == ("success", "8c1f2a7")
    assert f"{row['started_at']:%H:%M} {row['finished_at']:%H:%M}" == "08:00 08:04"


def test_the_source_knows_what_the_sender_leaves_out() -> None:
    ci = sender("generic", {"default_service": "checkout", "default_environment": "live"})

    (row,) = told(ci, {"kind": "deployment", "external_id": "1", "status": "success"})

    assert (row["service"], row["environment"]) == ("checkout", "live")


def test_an_incident_names_its_cause() -> None:
    told(sender("generic"), INCIDENT | {"opened_at": "2026-03-02T08:00:00Z", "caused_by": "release-1.9.0"})

    assert Incident.objects.get().caused_by_ref == "release-1.9.0"


def test_an_incident_of_several_services() -> None:
    body = {"kind": "incident", "external_id": "INC-1", "services": ["cart", "checkout"]}

    assert told(sender("generic"), body)[0]["services"] == ["cart", "checkout"]


def test_an_incident_opens_is_acknowledged_resolves_and_opens_again() -> None:
    ci = sender("generic")
    parts = [
        {"status": "open", "at": "2026-03-02T08:00:00Z"},
        {"status": "acknowledged", "at": "2026-03-02T08:02:00Z"},
        {"status": "resolved", "at": "2026-03-02T08:10:00Z"},
    ]

    (row,) = told(ci, *(INCIDENT | part for part in reversed(parts)))

    shown = (row["opened_at"], row["acknowledged_at"], row["resolved_at"])
    assert [f"{time:%H:%M}" for time in shown] == ["08:00", "08:02", "08:10"]
    (row,) = told(ci, INCIDENT | {"status": "open", "at": "2026-03-02T09:00:00Z"})
    assert (row["status"], row["resolved_at"], f"{row['opened_at']:%H:%M}") == ("open", None, "08:00")


def test_a_commit_and_a_pull_request_are_changes() -> None:
    told(
        sender("generic"),
        {"kind": "change", "repo": "acme/a", "sha": "2", "parent_sha": "1", "authored_at": "2026-03-02T08:00:00Z"},
        {"kind": "change", "repo": "acme/a", "number": 3, "merge_sha": "2", "merged_at": "2026-03-02T09:00:00Z"},
    )

    commit, request = Change.objects.order_by("-external_id")
    assert (commit.external_id, commit.grain, commit.parent_sha) == ("acme/a@2", "commit", "1")
    assert (request.external_id, request.grain, request.state) == ("acme/a#3", "pull_request", "merged")


def test_unknown_keys_are_no_error() -> None:
    assert len(told(sender("generic"), DEPLOYMENT | {"mood": "good", "labels": {"a": 1}})) == 1


@pytest.mark.parametrize(
    ("body", "pointer", "words"),
    [
        ({}, "", "'kind' is a required property"),
        ({"kind": "party"}, "/kind", "'party' is not one of"),
        ({"kind": "deployment", "service": "a", "environment": "b"}, "", "'external_id' is a required property"),
        (DEPLOYMENT | {"status": "fine"}, "/status", "'fine' is not one of"),
        (DEPLOYMENT | {"finished_at": "yesterday"}, "/finished_at", "is not a time such as"),
        (DEPLOYMENT | {"finished_at": "2026-03-02T08:00:00"}, "/finished_at", "is not a time such as"),
        (DEPLOYMENT | {"commits": ["a", 5]}, "/commits/1", "5 is not of type 'string'"),
        (DEPLOYMENT | {"service": "x" * 501}, "/service", "is too long"),
        ([DEPLOYMENT, DEPLOYMENT | {"attempt": 0}], "/1/attempt", "0 is less than the minimum of 1"),
        ({"kind": "change", "repo": "acme/a"}, "", "needs `sha` (a commit) or `number` (a pull request)"),
        ({"kind": "deployment", "external_id": "1"}, "/service", "has no default_service"),
        ({"kind": "deployment", "external_id": "1"}, "/environment", "has no default_environment"),
        ([], "", "[] should be non-empty"),
        ("text", "", "is not of type 'object'"),
    ],
)
def test_a_wrong_record_is_refused_with_the_path_of_the_field(body: object, pointer: str, words: str) -> None:
    answer = sender("generic").send(body)

    assert (answer.status, answer.body["code"]) == (422, "invalid_record")
    assert [fault for fault in answer.body["errors"] if fault["pointer"] == pointer and words in fault["detail"]]


def test_a_message_id_is_the_delivery_key() -> None:
    ci = sender("generic")
    first = ci.send(DEPLOYMENT, {"webhook-id": "m-1"})
    second = ci.send(DEPLOYMENT | {"status": "success"}, {"webhook-id": "m-1"})

    assert (first.status, second.status) == (202, 200)


@pytest.mark.parametrize("absent", ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+08:00", "", None])
def test_the_year_1_is_no_time_and_no_mistake(absent: str | None) -> None:
    body = DEPLOYMENT | {"status": "running", "started_at": "2026-03-02T08:00:00Z", "finished_at": absent}

    (row,) = told(sender("generic"), body)

    assert (row["status"], row["finished_at"]) == ("running", None)


def test_a_time_far_ahead_is_the_time_of_receipt() -> None:
    told(sender("generic"), DEPLOYMENT | {"status": "success", "finished_at": "2999-01-01T00:00:00Z"})

    row = Deployment.objects.get()
    assert row.finished_at is not None
    assert row.finished_at.year < 2999
    assert row.flags == ["future_event_time", "future_finished_at"]
    assert outcomes() == [("applied", "")]
