"""The failures of a day as a board names them, and when each was undone."""

from datetime import datetime, timedelta

import pytest

from plimsoll.store.queries.board import failed_deployments
from tests.dashboards.builders import NOON, deployment

pytestmark = pytest.mark.django_db

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def undone_at() -> datetime | None:
    (found,) = failed_deployments(NOON - HOUR, NOON + HOUR, None)
    return found.undone_at


def test_a_rollback_that_follows_undid_it() -> None:
    deployment(failed=True)
    deployment(kind="rollback", finished_at=NOON + 2 * HOUR)
    deployment(finished_at=NOON + 3 * HOUR)
    deployment(kind="rollback", finished_at=NOON + 4 * HOUR)

    assert undone_at() == NOON + 2 * HOUR


@pytest.mark.parametrize(("reason", "is_undone"), [("incident", False), ("explicit", False), ("rollback", True)])
def test_a_rollback_of_something_newer_undid_that_unless_versions_say_otherwise(reason: str, is_undone: bool) -> None:
    deployment(failed=True, failed_reason=reason)
    deployment(kind="hotfix", finished_at=NOON + 2 * HOUR)
    deployment(kind="rollback", finished_at=NOON + 20 * HOUR)

    assert undone_at() == (NOON + 20 * HOUR if is_undone else None)


def test_what_is_elsewhere_or_never_went_live_undid_nothing() -> None:
    deployment(failed=True)
    deployment("other", kind="rollback", finished_at=NOON + HOUR)
    deployment(place="staging", kind="rollback", finished_at=NOON + HOUR)
    deployment(kind="rollback", status="failure", finished_at=NOON + HOUR)
    deployment(kind="rollback", is_deleted=True, finished_at=NOON + HOUR)

    assert undone_at() is None


def test_one_that_was_undone_in_its_last_cluster_lasted_until_then() -> None:
    first = deployment(failed=True, failed_reason="rolled_back", started_at=NOON - 5 * MINUTE)
    deployment(rollout_of=first, status="failure", rolled_back=True, started_at=NOON, finished_at=NOON + 10 * MINUTE)

    (found,) = failed_deployments(NOON - HOUR, NOON + HOUR, None)

    assert found.undone_s == 15 * 60
