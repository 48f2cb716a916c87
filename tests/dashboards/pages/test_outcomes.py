"""A deployment's outcome in a list is what the change failure rate makes of it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from plimsoll.insight import dora
from plimsoll.store.queries.datasets.facts import DEPLOYMENTS
from plimsoll.store.queries.pages.deployments import WHOLE, deployments, outcomes
from plimsoll.store.queries.records import Wanted
from tests.dashboards import builders

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
EVERYTHING = Wanted(DEPLOYMENTS, filters=WHOLE)


def outcome_of(**fields: Any) -> str:
    """Write a deployment and return its outcome."""
    builders.deployment(**fields)
    (shown,) = deployments(EVERYTHING, "at", descending=True, offset=0, size=1)
    return shown.outcome


def ago(hours: float) -> datetime:
    return timezone.now() - timedelta(hours=hours)


def test_a_deployment_with_evidence_against_it_failed() -> None:
    assert outcome_of(failed=True, finished_at=ago(1)) == "failed"


def test_one_that_nothing_speaks_against_held_when_a_day_has_passed() -> None:
    assert outcome_of(failed=False, finished_at=ago(25)) == "held"


def test_one_of_today_may_still_fail() -> None:
    assert outcome_of(failed=False, finished_at=ago(23)) == "pending"


def test_a_rollback_of_today_has_nothing_to_wait_for() -> None:
    assert outcome_of(failed=False, finished_at=ago(1), kind="rollback") == "held"


def test_one_that_has_not_ended_is_running() -> None:
    assert outcome_of(failed=None, status="running", started_at=ago(1), finished_at=None) == "running"


def test_an_attempt_that_died_before_it_touched_anything_is_undecided() -> None:
    assert outcome_of(failed=None, status="failure", finished_at=ago(30)) == "undecided"


def test_outcomes_are_those_that_the_failure_rate_counts() -> None:
    rows = [
        builders.deployment("a", failed=False, finished_at=ago(60)),
        builders.deployment("a", failed=True, finished_at=ago(50)),
        # Superseded: nothing can be blamed on it by time any more.
        builders.deployment("b", failed=False, finished_at=ago(5)),
        builders.deployment("b", failed=False, finished_at=ago(3)),
        builders.deployment("b", failed=True, finished_at=ago(2)),
        builders.deployment("c", failed=False, finished_at=ago(4)),
        builders.deployment("c", failed=None, status="running", started_at=ago(2), finished_at=None),
        builders.deployment("d", failed=False, finished_at=ago(4)),
        builders.deployment("d", failed=None, status="failure", started_at=ago(2), finished_at=ago(1)),
        builders.deployment("e", failed=False, finished_at=ago(2), kind="hotfix"),
    ]
    # A rollout to a second cluster ended a moment ago: the deployment is as young as that.
    late = builders.deployment("f", failed=False, finished_at=ago(24.5), cluster="one")
    builders.deployment("f", failed=None, finished_at=ago(23.8), cluster="two", rollout_of=late)
    # So did one of a deployment that began to be rolled out a week ago.
    slow = builders.deployment("g", failed=False, finished_at=ago(79), started_at=ago(170), cluster="one")
    builders.deployment("g", failed=None, finished_at=ago(3), cluster="two", rollout_of=slow)
    now = timezone.now()

    parts = dora.parts_of(dora.figure("change_failure_rate", start=now - 80 * HOUR, end=now, now=now))
    shown = {each.id: each.outcome for each in deployments(EVERYTHING, "at", descending=True, offset=0, size=50)}

    failed = {*parts["failed"], *parts["pending_failed"]}
    assert {id_ for id_, word in shown.items() if word == "failed"} == failed == {rows[1].pk, rows[4].pk}
    assert {id_ for id_, word in shown.items() if word == "pending"} == set(parts["pending"]) - failed
    assert {id_ for id_, word in shown.items() if word == "held"} == set(parts["counted"]) - failed
    assert {late.pk, slow.pk} <= set(parts["pending"])
    assert outcomes(EVERYTHING) == {"failed": 2, "held": 4, "pending": 4, "running": 1, "undecided": 1}
