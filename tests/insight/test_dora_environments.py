"""Lead time of services that run in several environments, from a real database."""

from datetime import UTC, datetime
from typing import Any

import pytest

from plimsoll.insight import dora
from tests.insight.builders import LATER, NOON, minutes
from tests.insight.stories import pushed, ran, tell

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 2, tzinfo=UTC)
END = datetime(2026, 3, 9, tzinfo=UTC)


def rows(**asked: Any) -> list[dict[str, Any]]:
    """Return rows of the week of NOON, as known a month later."""
    question: dict[str, Any] = {"start": START, "end": END, "bucket": "all", "group_by": (), "tz": "UTC", "now": LATER}
    return dora.rows(**question | asked)


def tell_two_regions() -> None:
    """Commits 2, 3 and 4, made 60 minutes before noon, are live in prod-eu at 12:05 and in prod-us a day later."""
    tell(pushed("1", None, -90), *(pushed(str(n), str(n - 1), -60) for n in (2, 3, 4)))
    for environment, late in (("prod-us", 1440), ("prod-eu", 0)):
        place = {"environment": environment, "environment_class": "production"}
        tell(ran(f"{environment}-1", late - 80, "1", **place), ran(f"{environment}-4", late, "4", **place))


def test_a_commit_waits_until_the_first_environment_of_its_service_has_it() -> None:
    tell_two_regions()

    (row,) = rows()
    parts = dora.parts_of(dora.figure("lead_time", start=START, end=END, now=LATER))
    (second_day,) = rows(start=NOON + minutes(600))

    assert (row["lead_time_n"], row["lead_time_p50_s"], row["lead_time_p90_s"]) == (3, 65 * 60, 65 * 60)
    assert row["lead_time_left_out_reasons"] == "already_live=3; first_deployment=2"
    assert (len(parts["counted"]), len(parts["already_live"])) == (3, 3)
    # That they were live before the window is known too.
    assert (second_day["lead_time_n"], second_day["lead_time_p50_s"]) == (0, None)


def test_a_question_about_one_environment_counts_what_came_there() -> None:
    tell_two_regions()

    (us,) = rows(environments=("prod-us",))
    evidence_of_us = dora.parts_of(dora.figure("lead_time", start=START, end=END, now=LATER, environments=("prod-us",)))
    (both,) = rows(environments=("prod-us", "prod-eu"))
    by_environment = rows(group_by=("environment",))

    assert (us["lead_time_n"], us["lead_time_p50_s"], len(evidence_of_us["counted"])) == (3, 1505 * 60, 3)
    assert both["lead_time_n"] == 3
    assert [(row["environment"], row["lead_time_n"]) for row in by_environment] == [("prod-eu", 3), ("prod-us", 3)]


def test_each_service_of_a_repository_has_its_own_wait() -> None:
    tell_two_regions()
    tell(ran("l1", -80, "1", service="ledger"), ran("l4", 60, "4", service="ledger"))

    assert [(row["service"], row["lead_time_n"]) for row in rows(group_by=("service",))] == [("ledger", 3), ("pay", 3)]
    assert rows()[0]["lead_time_n"] == 6


def test_a_commit_that_staging_had_before_is_new_to_production() -> None:
    tell(pushed("1", None, -90), pushed("2", "1", -60))
    tell(ran("s1", -80, "1", environment="staging"), ran("s2", -30, "2", environment="staging"))
    tell(ran("d1", -80, "1"), ran("d2", 0, "2"))

    (row,) = rows()

    assert (row["lead_time_n"], row["lead_time_p50_s"]) == (1, 65 * 60)
