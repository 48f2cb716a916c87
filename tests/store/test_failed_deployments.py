"""The failures of a day as a board names them, and when each was undone."""

from datetime import datetime, timedelta

import pytest

from plimsoll.store.queries.board import failed_deployments
from tests.dashboards.builders import NOON, deployment

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


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
