"""Writes of linkage: only what differs, and what differs is a change of its rows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from plimsoll.store import links
from plimsoll.store.facts import Blame, ChangeLink, DeploymentLink
from plimsoll.store.models import Change, Deployment, DeploymentChange, Incident

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def deployment(name: str) -> Deployment:
    return Deployment.objects.create(external_id=name, updated_at=NOON)


def change(name: str) -> Change:
    return Change.objects.create(external_id=name, grain="commit", repo="pay", sha=name, updated_at=NOON)


def link(of: Deployment, to: Change, **fields: Any) -> ChangeLink:
    said: dict[str, Any] = {"method": "pushed", "started_at": NOON, "start": "authored", "lead_time_s": 60.0}
    return ChangeLink(of.pk, to.pk, **said | fields)


def is_rewritten(row: Deployment | Change | Incident) -> bool:
    row.refresh_from_db()
    return row.updated_at > NOON + timedelta(days=1)


def test_a_deployment_is_written_where_it_differs() -> None:
    first, second, third = deployment("1"), deployment("2"), deployment("3")
    said = [
        DeploymentLink(first.pk, None, "standard", True, "rollback"),
        DeploymentLink(second.pk, first.pk),
        DeploymentLink(third.pk),
    ]

    changed = links.write_deployments(said), links.write_deployments(said)

    assert changed == (2, 0)
    assert [is_rewritten(row) for row in (first, second, third)] == [True, True, False]
    assert (first.kind, first.failed, first.failed_reason) == ("standard", True, "rollback")
    assert second.rollout_of == first


def test_a_cause_is_written_and_taken_back() -> None:
    cause = deployment("1")
    incident = Incident.objects.create(external_id="i", updated_at=NOON)

    changed = [
        links.write_causes({incident.pk: Blame(cause.pk, "window", 0.8)}),
        links.write_causes({incident.pk: Blame(cause.pk, "window", 0.8)}),
        links.write_causes({incident.pk: Blame()}),
    ]

    assert changed == [1, 0, 1]
    assert is_rewritten(incident)
    assert (incident.caused_by, incident.caused_by_method, incident.caused_by_confidence) == (None, None, None)


def test_links_of_changes_are_made_changed_and_removed() -> None:
    first, second = deployment("1"), deployment("2")
    a, b = change("a"), change("b")

    made = links.write_changes([first.pk, second.pk], [link(first, a), link(first, b)])
    kept = links.write_changes([first.pk, second.pk], [link(first, a), link(first, b)])
    moved = links.write_changes([first.pk, second.pk], [link(first, a, lead_time_s=90.0), link(second, b)])

    assert (made, kept, moved) == (2, 0, 3)
    found = DeploymentChange.objects.order_by("change").values_list("deployment", "change", "lead_time_s")
    assert list(found) == [(first.pk, a.pk, 90.0), (second.pk, b.pk, 60.0)]


def test_a_deployment_and_a_change_whose_link_changed_have_changed() -> None:
    carrying, other = deployment("1"), deployment("2")
    carried, free = change("a"), change("b")

    links.write_changes([carrying.pk, other.pk], [link(carrying, carried)])

    assert [is_rewritten(row) for row in (carrying, other, carried, free)] == [True, False, True, False]


def test_links_of_other_deployments_stay() -> None:
    mine, foreign = deployment("1"), deployment("2")
    carried = change("a")
    links.write_changes([foreign.pk], [link(foreign, carried)])

    links.write_changes([mine.pk], [])

    assert DeploymentChange.objects.get().deployment == foreign


def test_nothing_to_say_is_no_statement() -> None:
    assert (links.write_deployments([]), links.write_causes({}), links.write_changes([], [])) == (0, 0, 0)
