"""The log of webhook deliveries, and reading one again."""

import pytest
from django.test import Client

from plimsoll.store.models import Team, WebhookDelivery
from tests.dashboards import builders
from tests.dashboards.builders import administrating, reading

pytestmark = pytest.mark.django_db


def test_deliveries_are_listed_with_what_became_of_them() -> None:
    builders.delivery(status="failed", result="no such service", headers={"X-Secret": "hidden"}, body=b"hidden")
    builders.delivery(status="applied", result="")

    answer = Client().get("/api/v1/deliveries/?status=failed", headers=administrating())

    (shown,) = answer.json()["results"]
    assert (shown["status"], shown["result"], shown["provider"]) == ("failed", "no such service", "generic")
    assert b"hidden" not in answer.content


def test_deliveries_are_for_administrators() -> None:
    assert Client().get("/api/v1/deliveries/", headers=reading()).status_code == 403


def test_a_delivery_is_read_again_on_request() -> None:
    failed = builders.delivery(attempts=8)

    response = Client().post(f"/api/v1/deliveries/{failed.pk}/replay/", headers=administrating())

    again = WebhookDelivery.objects.get()
    assert response.status_code == 202
    assert response.json() == {"id": str(failed.pk), "status": "pending"}
    assert (again.status, again.result, again.attempts) == ("pending", "", 0)


def test_a_delivery_that_does_not_exist_is_not_found() -> None:
    response = Client().post("/api/v1/deliveries/999/replay/", headers=administrating())

    assert response.status_code == 404


def test_a_teams_administrator_reads_and_replays_its_own_sources_only() -> None:
    mine = builders.delivery(builders.source("ours", "payments"))
    theirs = builders.delivery(builders.source("theirs", "housing"))
    headers = administrating(Team.objects.get(slug="payments"))

    answer = Client().get("/api/v1/deliveries/", headers=headers).json()
    refused = Client().post(f"/api/v1/deliveries/{theirs.pk}/replay/", headers=headers)

    assert [row["id"] for row in answer["results"]] == [str(mine.pk)]
    assert refused.status_code == 404
    assert WebhookDelivery.objects.get(pk=theirs.pk).status == "failed"
