"""Deployments as the map's time rail and panel need them."""

from datetime import timedelta
from typing import Any

import pytest

from plimsoll.store.queries.rollouts import Cargo, Rollout, cargo, rollout, rollouts
from tests.dashboards.builders import NOON, carried, change, deployment

pytestmark = pytest.mark.django_db

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def found(**scope: Any) -> list[Rollout]:
    return rollouts(NOON - HOUR, NOON + HOUR, now=NOON + HOUR, **scope)


def test_they_are_in_the_window_that_they_began_in_the_first_one_first() -> None:
    late = deployment(started_at=NOON + 10 * MINUTE, finished_at=NOON + 2 * HOUR)
    early = deployment(started_at=NOON - 10 * MINUTE, finished_at=NOON)
    deployment(started_at=NOON - HOUR - MINUTE, finished_at=NOON)
    deployment(started_at=NOON + HOUR, finished_at=NOON + 2 * HOUR)

    assert [each.id for each in found()] == [early.pk, late.pk]


def test_one_without_a_beginning_began_when_it_was_over() -> None:
    deployment(started_at=None, finished_at=NOON)

    assert [(each.began_at, each.ended_at) for each in found()] == [(NOON, NOON)]


def test_all_attempts_and_clusters_are_one() -> None:
    head = deployment(started_at=NOON, finished_at=NOON + MINUTE)
    deployment(started_at=NOON - MINUTE, finished_at=NOON + 5 * MINUTE, rollout_of=head)
    deployment(started_at=NOON - 9 * MINUTE, finished_at=NOON + 9 * MINUTE, rollout_of=head, is_deleted=True)

    (one,) = found()

    assert (one.id, one.began_at, one.ended_at) == (head.pk, NOON - MINUTE, NOON + 5 * MINUTE)


@pytest.mark.parametrize(
    "first", [{}, {"status": "pending", "queued_at": NOON, "started_at": None, "finished_at": None}]
)
def test_while_any_part_runs_it_is_running(first: dict[str, Any]) -> None:
    head = deployment(**first)
    deployment(status="running", finished_at=None, rollout_of=head)

    (one,) = found()

    assert (one.outcome, one.ended_at) == ("running", None)


def test_what_never_told_its_end_is_not_running_for_ever() -> None:
    deployment(status="running", started_at=NOON, finished_at=None)

    (early,) = rollouts(NOON - HOUR, NOON + HOUR, now=NOON + 23 * HOUR)
    (late,) = rollouts(NOON - HOUR, NOON + HOUR, now=NOON + 24 * HOUR)

    assert (early.outcome, late.outcome) == ("running", "undecided")


@pytest.mark.parametrize(
    ("failed", "rolled_back", "outcome"),
    [(True, None, "failed"), (False, None, "held"), (None, None, "undecided"), (None, True, "failed")],
)
def test_it_held_or_failed_as_linkage_says(failed: bool | None, rolled_back: bool | None, outcome: str) -> None:
    deployment(failed=failed, rolled_back=rolled_back)

    assert [each.outcome for each in found()] == [outcome]


def test_without_an_environment_they_are_productions() -> None:
    deployment("ledger")
    deployment("ledger", place="staging")

    assert [each.environment for each in found()] == ["production"]
    assert [each.environment for each in found(environments=("staging",))] == ["staging"]


def test_they_can_be_a_teams_or_of_services() -> None:
    deployment("ledger", "payments")
    deployment("documents", "permits")

    assert [each.service for each in found(teams=("payments",))] == ["ledger"]
    assert [each.service for each in found(services=("documents", "notify"))] == ["documents"]


def test_a_part_leads_to_the_whole() -> None:
    head = deployment("ledger", "payments")
    part = deployment(rollout_of=head)

    assert [getattr(rollout(pk, now=NOON), "id", None) for pk in (head.pk, part.pk)] == [head.pk, head.pk]
    assert rollout(head.pk, now=NOON, team="permits") is None
    assert [rollout(pk, now=NOON) for pk in (0, -1, 2**63, part.pk + 1)] == [None] * 4


def test_they_carry_changes_of_people_that_waited() -> None:
    one, empty = deployment(), deployment()
    for author, wait in (("Ana Pires", 60.0), ("Lin Yue", 600.0), ("Ana Pires", None)):
        carried(one, change(author=author), wait)

    assert cargo([one.pk, empty.pk]) == {one.pk: Cargo(3, ("Ana Pires", "Lin Yue"), 330.0)}
