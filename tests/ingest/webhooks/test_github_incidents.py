"""GitHub's issues that are incidents."""

import itertools

import pytest

from plimsoll.store.models import Incident
from tests.ingest.webhooks.builders import records, sender
from tests.ingest.webhooks.github_bodies import issue, told

pytestmark = pytest.mark.django_db


def test_an_issue_is_an_incident_only_with_the_label() -> None:
    ci = sender("github", {"incident_labels": ["Incident", "sev*"]})

    result = told(ci, ("issues", issue("opened")), ("issues", issue("opened", number=8, labels=[{"name": "bug"}])))

    assert result == [("applied", ""), ("ignored", "the issue has no incident label")]
    assert Incident.objects.get().external_id == "acme/checkout#7"


def test_an_issue_closes_reopens_and_says_its_service_severity_and_cause() -> None:
    labels = [{"name": "incident"}, {"name": "service: till"}, {"name": "severity/high"}]
    closed = {"state": "closed", "closed_at": "2026-03-02T09:00:00Z", "updated_at": "2026-03-02T09:00:00Z"}
    # A reopened issue may still carry the time it was closed at.
    reopened = {"closed_at": "2026-03-02T09:00:00Z", "updated_at": "2026-03-02T09:30:00Z"}
    events = [
        ("issues", issue("opened", labels=labels, body="It began.\n\nCaused by: `1.9.0`.")),
        ("issues", issue("closed", labels=labels, **closed)),
        ("issues", issue("reopened", labels=labels, **reopened)),
    ]
    for index, order in enumerate(itertools.permutations(events)):
        Incident.objects.all().delete()
        told(sender("github", {"incident_labels": ["incident"]}, name=str(index)), *order)

        row = records()[0]
        assert (row["service"], row["severity"], row["caused_by_ref"]) == ("till", "high", "1.9.0")
        assert (row["status"], row["resolved_at"], row["reopen_count"]) == ("open", None, 1)


def test_an_issue_says_who_is_on_it_and_when_nobody_is_any_more() -> None:
    ci = sender("github", {"incident_labels": ["incident"]})
    people = [{"login": "lin-yue"}, {"login": "omar-haddad"}]
    on_it = {"assignees": people, "updated_at": "2026-03-02T09:00:00Z"}
    left = {"assignees": [], "updated_at": "2026-03-02T09:30:00Z"}

    told(ci, ("issues", issue("opened")), ("issues", issue("assigned", **on_it)))

    assert Incident.objects.get().assignees == ["lin-yue", "omar-haddad"]
    told(ci, ("issues", issue("unassigned", **left)))
    assert Incident.objects.get().assignees == []


def test_an_issue_of_a_sender_that_names_no_assignees_leaves_it_open_who_is_on_it() -> None:
    ci = sender("github", {"incident_labels": ["incident"]})

    told(ci, ("issues", issue("opened")))

    assert Incident.objects.get().assignees is None
