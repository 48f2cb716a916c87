"""What one deployment counts towards is what the metrics themselves count, whatever the deployment is like."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from plimsoll.insight import dora
from plimsoll.insight.around.facts import facts_around
from plimsoll.insight.around.standing import FOUR, Standing, standings
from plimsoll.store.models import Deployment
from tests.dashboards import builders

pytestmark = pytest.mark.django_db


def ago(hours: float) -> datetime:
    return timezone.now() - timedelta(hours=hours)


def company() -> list[Deployment]:
    """Deployments of every kind that a metric treats differently."""
    rows = [
        builders.deployment("a", failed=False, finished_at=ago(100)),
        builders.deployment("a", failed=False, finished_at=ago(90)),
        builders.deployment("a", failed=False, finished_at=ago(80)),
        builders.deployment("a", failed=True, finished_at=ago(70), failed_reason="incident"),
        builders.deployment("a", failed=False, finished_at=ago(69), kind="rollback"),
        builders.deployment("a", failed=True, finished_at=ago(60), failed_reason="incident"),
        builders.deployment("a", failed=True, finished_at=ago(50), failed_reason="revert"),
        builders.deployment("a", failed=False, finished_at=ago(40), kind="config"),
        builders.deployment("a", failed=False, finished_at=ago(30), place="staging"),
        builders.deployment("b", failed=None, status="failure", finished_at=ago(20)),
        builders.deployment("b", failed=True, status="failure", rolled_back=True, finished_at=ago(15)),
        builders.deployment("b", failed=None, status="running", started_at=ago(2), finished_at=None),
        builders.deployment("c", failed=False, finished_at=ago(3)),
        builders.deployment("d", failed=True, finished_at=ago(2), failed_reason="explicit"),
        builders.deployment("e", failed=False, finished_at=ago(9), commits=["f" * 40], repo="shop"),
    ]
    builders.carried(rows[1], builders.change(authored_at=ago(91)), 3600.0)
    builders.carried(rows[1], builders.change(authored_at=ago(92)), 7200.0)
    builders.carried(rows[2], builders.change(authored_at=None))
    builders.incident("a", caused_by=rows[3], opened_at=ago(69.5), resolved_at=ago(69.25), status="resolved")
    builders.incident("a", caused_by=rows[5], opened_at=ago(59), status="open")
    builders.incident("d", caused_by=rows[13], opened_at=None, status="open")
    return rows


def standing_of(row: Deployment) -> dict[str, Standing]:
    at = row.finished_at or row.started_at
    assert row.service is not None
    assert at is not None
    return {each.metric: each for each in standings(facts_around(row.service.name, at), row.pk, timezone.now())}


def test_each_deployment_stands_where_the_evidence_of_each_metric_has_it() -> None:
    rows = company()
    now = timezone.now()
    window = {"start": now - timedelta(hours=200), "end": now + timedelta(hours=1), "now": now}
    for metric in FOUR:
        parts = dora.parts_of(dora.figure(metric, **window), of_deployments=metric == "lead_time")  # type: ignore[arg-type]
        for row in rows:
            word = standing_of(row)[metric].word
            inside = {name for name, ids in parts.items() if row.pk in ids}

            if metric == "lead_time" and word not in ("first_deployment", "no_known_changes", "unknown_commit"):
                # What the metric counts, and leaves out otherwise, are changes and no deployments.
                assert not inside
            elif word == "none":
                assert not inside
            else:
                assert word in inside, (metric, row.pk, word, inside)


def test_the_value_is_what_the_metric_makes_of_this_deployment_alone() -> None:
    rows = company()

    waits, hurt, open_one = (standing_of(rows[n]) for n in (1, 3, 5))

    assert waits["lead_time"].n == 2
    assert waits["lead_time"].value == pytest.approx(1.5 * 3600, abs=5)
    assert hurt["recovery_time"].value == pytest.approx(900, abs=5)
    assert (hurt["change_failure_rate"].value, waits["change_failure_rate"].value) == (1, 0)
    assert open_one["recovery_time"].word == "censored"


def test_a_deployment_without_any_time_counts_nowhere() -> None:
    row = builders.deployment("z", started_at=None, finished_at=None, status="unknown")

    found = standings(facts_around("z", ago(1)), row.pk, timezone.now())

    assert {each.word for each in found} == {"no_time"}
