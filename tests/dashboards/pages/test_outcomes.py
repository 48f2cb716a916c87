"""A deployment's outcome in a list is the same as on every other page."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from plimsoll.insight.dora import kept
from plimsoll.insight.metrics.windows import Window
from plimsoll.insight.outcome import outcome
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


def test_one_that_nothing_speaks_against_held_when_an_hour_has_passed() -> None:
    assert outcome_of(failed=False, finished_at=ago(1.1)) == "held"


def test_one_of_this_hour_is_watched() -> None:
    assert outcome_of(failed=False, finished_at=ago(0.9)) == "pending"


def test_a_rollback_has_nothing_to_wait_for() -> None:
    assert outcome_of(failed=False, finished_at=ago(0.5), kind="rollback") == "held"


def test_one_that_has_not_ended_is_running() -> None:
    assert outcome_of(failed=None, status="running", started_at=ago(1), finished_at=None) == "running"


def test_an_attempt_that_died_before_it_touched_anything_is_undecided() -> None:
    assert outcome_of(failed=None, status="failure", finished_at=ago(30)) == "undecided"


def test_outcomes_are_those_of_every_other_page() -> None:
    builders.deployment("a", failed=False, finished_at=ago(60))
    builders.deployment("a", failed=True, finished_at=ago(50))
    # Superseded: its watch is over.
    builders.deployment("b", failed=False, finished_at=ago(0.9))
    builders.deployment("b", failed=False, finished_at=ago(0.8))
    builders.deployment("b", failed=True, finished_at=ago(0.7))
    builders.deployment("c", failed=False, finished_at=ago(0.5))
    builders.deployment("c", failed=None, status="running", started_at=ago(0.4), finished_at=None)
    builders.deployment("d", failed=False, finished_at=ago(0.5))
    builders.deployment("d", failed=None, status="failure", started_at=ago(0.4), finished_at=ago(0.3))
    builders.deployment("e", failed=False, finished_at=ago(0.4), kind="hotfix")
    builders.deployment("h", failed=False, finished_at=ago(23))
    # A run that failed was run again: it went live after the one before it.
    builders.deployment("i", failed=False, finished_at=ago(0.9))
    died = builders.deployment("i", failed=False, status="failure", started_at=ago(0.7), finished_at=ago(0.6))
    builders.deployment("i", failed=None, started_at=ago(0.5), finished_at=ago(0.4), rollout_of=died)
    # A rollout to a second cluster ended a moment ago: the deployment is as young as that.
    late = builders.deployment("f", failed=False, finished_at=ago(1.2), cluster="one")
    builders.deployment("f", failed=None, finished_at=ago(0.8), cluster="two", rollout_of=late)
    # So did one of a deployment that began to be rolled out a week ago.
    slow = builders.deployment("g", failed=False, finished_at=ago(79), started_at=ago(170), cluster="one")
    builders.deployment("g", failed=None, finished_at=ago(0.1), cluster="two", rollout_of=slow)
    # A run that hung was taken back long after the same version was live by another one.
    hung = builders.deployment("j", failed=False, status="cancelled", started_at=ago(3), finished_at=ago(0.5))
    builders.deployment("j", failed=None, finished_at=ago(2.5), cluster="two", rollout_of=hung)
    now = timezone.now()

    kept.forget()
    begin = now - 200 * HOUR
    facts = kept.reading(start=begin, now=now).facts(Window(begin, now, ZoneInfo("UTC")), None).deployments
    shown = {each.id: each.outcome for each in deployments(EVERYTHING, "at", descending=True, offset=0, size=50)}

    assert {id_: "undecided" if word == "running" else word for id_, word in shown.items()} == {
        each.id: outcome(each, now) for each in facts
    }
    assert shown[late.pk] == shown[slow.pk] == "pending"
    assert outcomes(EVERYTHING) == {"failed": 2, "held": 7, "pending": 5, "running": 1, "undecided": 1}
