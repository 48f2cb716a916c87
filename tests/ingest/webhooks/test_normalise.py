"""The worker's side: in order, in batches, a bad delivery alone, and again whenever somebody asks."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from ingest.webhooks import normalise
from plimsoll.store.deliveries import TRIES
from plimsoll.store.models import Deployment, Source, WebhookDelivery
from tests.ingest.webhooks.builders import normalised, outcomes, records, sender

pytestmark = pytest.mark.django_db


def deployment(number: int, **changes: Any) -> dict[str, Any]:
    """Return a generic deployment."""
    place = {"service": "checkout", "environment": "production", "finished_at": "2026-03-02T08:00:00Z"}
    return {"kind": "deployment", "external_id": f"d{number}"} | place | changes


def test_all_pending_deliveries_are_normalised_and_counted() -> None:
    ci = sender("generic")
    for number in range(normalise.BATCH + 5):
        ci.send(deployment(number))

    assert normalised() == normalise.BATCH + 5
    assert normalised() == 0
    assert Deployment.objects.count() == normalise.BATCH + 5
    assert Source.objects.get().last_delivery_at == WebhookDelivery.objects.latest("received_at").received_at


def test_replaying_changes_nothing_when_nothing_changed() -> None:
    ci = sender("generic")
    ci.send([deployment(1), deployment(2)])
    normalised()
    before = records()

    count = normalise.replay(list(WebhookDelivery.objects.values_list("pk", flat=True)))

    assert (count, outcomes()) == (1, [("pending", "")])
    assert normalised() == 1
    assert (records(), outcomes()) == (before, [("applied", "")])


def test_replaying_applies_the_settings_that_the_source_has_now() -> None:
    ci = sender("github")
    run = {
        "action": "completed",
        "workflow_run": {
            "id": 900,
            "name": "deploy",
            "conclusion": "success",
            "head_sha": "1",
            "updated_at": "2026-03-02T08:00:00Z",
        },
        "repository": {"full_name": "acme/checkout"},
    }
    ci.send(run, {"X-GitHub-Event": "workflow_run"})
    normalised()
    assert outcomes() == [("ignored", "workflow deploy is not declared as a deploy workflow")]
    Source.objects.update(settings={"deploy_workflows": ["deploy"]})

    normalise.replay(list(WebhookDelivery.objects.values_list("pk", flat=True)))
    normalised()

    assert outcomes() == [("applied", "")]
    assert len(records()) == 1


def break_one(external_id: str) -> None:
    """Make the database refuse one deployment, as a defect would."""
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE deployment ADD CONSTRAINT refused CHECK (external_id <> 'd1')"
            if external_id == "d1"
            else "ALTER TABLE deployment DROP CONSTRAINT refused"
        )


def test_a_delivery_that_cannot_be_recorded_does_not_hold_up_the_others() -> None:
    ci = sender("generic")
    for number in range(3):
        ci.send(deployment(number))
    break_one("d1")

    normalised()

    bad = WebhookDelivery.objects.get(status="pending")
    assert [status for status, _ in outcomes()] == ["applied", "pending", "applied"]
    assert (bad.attempts, bad.result) == (1, "database refused it (IntegrityError)")
    assert bad.not_before is not None
    assert timedelta(seconds=15) < bad.not_before - datetime.now(UTC) < timedelta(seconds=25)
    assert sorted(Deployment.objects.values_list("external_id", flat=True)) == ["d0", "d2"]


def test_a_delivery_that_fails_eight_times_is_failed_and_can_be_run_again() -> None:
    sender("generic").send(deployment(1))
    break_one("d1")
    for _ in range(TRIES):
        WebhookDelivery.objects.update(not_before=None)
        assert normalised() == 1
    assert outcomes() == [("failed", "database refused it (IntegrityError)")]
    break_one("")

    normalise.replay(list(WebhookDelivery.objects.values_list("pk", flat=True)))
    normalised()

    assert outcomes() == [("applied", "")]
    assert WebhookDelivery.objects.get().attempts == 0


def test_a_delivery_that_waits_is_left_alone_until_its_time() -> None:
    sender("generic").send(deployment(1))
    WebhookDelivery.objects.update(not_before=datetime.now(UTC) + timedelta(minutes=1))

    assert normalised() == 0
    WebhookDelivery.objects.update(not_before=F("not_before") - timedelta(minutes=2))
    assert normalised() == 1


def test_a_delivery_of_a_provider_that_is_not_installed_is_failed() -> None:
    ci = sender("generic")
    ci.send(deployment(1))
    Source.objects.update(provider="gone")

    normalised()

    assert outcomes() == [("failed", "no provider gone is installed")]
