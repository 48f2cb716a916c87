"""What the generic endpoint takes of who is on an incident, and how far a rollout is."""

import itertools
from typing import Any

import pytest

from plimsoll.store.models import Deployment, Incident
from tests.ingest.webhooks.builders import normalised, sender

pytestmark = pytest.mark.django_db
DEPLOYMENT: dict[str, Any] = {
    "kind": "deployment",
    "external_id": "release-8.2.1",
    "service": "identity",
    "environment": "production",
}
INCIDENT: dict[str, Any] = {"kind": "incident", "external_id": "INC-1", "service": "ledger"}


def test_the_latest_word_on_who_is_on_an_incident_stays_in_any_order() -> None:
    parts: list[dict[str, Any]] = [
        {"at": "2026-03-02T08:00:00Z", "assignees": []},
        {"at": "2026-03-02T08:05:00Z", "assignees": ["Lin Yue"]},
        {"at": "2026-03-02T08:09:00Z", "assignees": ["Omar Haddad", "Lin Yue", "Omar Haddad"]},
        {"at": "2026-03-02T08:20:00Z", "title": "It says nothing of people"},
    ]
    for index, order in enumerate(itertools.permutations(parts)):
        Incident.objects.all().delete()
        ci = sender("generic", name=str(index))
        for part in order:
            assert ci.send(INCIDENT | part).status == 202
        normalised()

        assert Incident.objects.get().assignees == ["Omar Haddad", "Lin Yue"]


def test_nobody_is_not_the_same_as_not_known() -> None:
    ci = sender("generic")
    ci.send(INCIDENT)
    ci.send(INCIDENT | {"external_id": "INC-2", "assignees": []})
    normalised()

    assert dict(Incident.objects.values_list("external_id", "assignees")) == {"INC-1": None, "INC-2": []}


def test_a_rollout_tells_how_much_traffic_it_has_reached() -> None:
    ci = sender("generic")
    steps = ((10, "08:00"), (25, "08:05"), (12.5, "08:02"))
    for percent, clock in steps:
        body = {"status": "running", "at": f"2026-03-02T{clock}:00Z", "traffic_percent": percent}
        assert ci.send(DEPLOYMENT | body).status == 202
    normalised()

    row = Deployment.objects.get()
    assert (row.status, row.traffic_percent) == ("running", 25.0)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (DEPLOYMENT | {"traffic_percent": 101}, "/traffic_percent"),
        (DEPLOYMENT | {"traffic_percent": -1}, "/traffic_percent"),
        (DEPLOYMENT | {"traffic_percent": "half"}, "/traffic_percent"),
        (INCIDENT | {"assignees": "Lin Yue"}, "/assignees"),
        (INCIDENT | {"assignees": [""]}, "/assignees/0"),
    ],
)
def test_what_is_no_share_and_no_list_of_names_is_refused(body: dict[str, Any], pointer: str) -> None:
    answer = sender("generic").send(body)

    assert answer.status == 422
    assert [fault["pointer"] for fault in answer.body["errors"]] == [pointer]
