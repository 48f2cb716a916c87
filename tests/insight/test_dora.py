"""The rows of delivery metrics from a real database, checked by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from plimsoll.insight import dora
from plimsoll.store.models import Deployment, Incident, Service, Source, Team, WebhookDelivery
from tests.insight.builders import LATER, NOON, minutes
from tests.insight.stories import broke, merged, pushed, ran, tell

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 2, tzinfo=UTC)
END = datetime(2026, 3, 9, tzinfo=UTC)


def rows(**asked: Any) -> list[dict[str, Any]]:
    """Return rows of the week of NOON, as known a month later."""
    question: dict[str, Any] = {"start": START, "end": END, "bucket": "all", "group_by": (), "tz": "UTC", "now": LATER}
    return dora.rows(**question | asked)


def evidence(metric: str, **asked: Any) -> dict[str, list[str]]:
    """Return the external ids of the deployments behind a metric."""
    question: dict[str, Any] = {"start": START, "end": END, "now": LATER}
    names = dict(Deployment.objects.values_list("pk", "external_id"))
    return {
        part: [names[id_] for id_ in ids]
        for part, ids in dora.parts_of(dora.figure(metric, **question | asked)).items()
    }


def tell_the_week() -> None:
    """Version 2 fails and is rolled back, a hotfix follows; one run dies, one is to staging."""
    tell(
        ran("d1", -60, "1"),
        pushed("a", "1", -30),
        pushed("2", "a", -20),
        ran("d2", 0, "2"),
        broke("slow", 10, 50),
        ran("d3", 30, "1"),
        pushed("3", "2", 100),
        ran("d4", 120, "3", unplanned=True),
        ran("dead", 240, "4", status="failure"),
        ran("s1", 300, "3", environment="staging"),
        ran("d5", 2000, "3"),
        broke("disk", 4000, 4020),
        broke("open", 4100),
    )


def test_a_week_has_the_numbers_that_can_be_worked_out_by_hand() -> None:
    tell_the_week()

    (row,) = rows()

    # d1, d2 and d4 count; d3 rolls back, d5 is d4's version again.
    assert (row["deployments"], row["sample_size"], row["deploying_days"]) == (3, 3, 1)
    assert row["deployments_per_day"] == pytest.approx(3 / 7)
    assert row["time_between_deployments_p50_s"] == 90 * 60
    assert (row["rollbacks"], row["redeploys"], row["failed_attempts"]) == (1, 1, 1)
    assert row["deployments_left_out"] == 4
    assert row["deployments_left_out_reasons"] == "failed_attempt=1; not_production=1; redeploy=1; rollback=1"
    # Commits a, 2 and 3 waited 35, 25 and 25 minutes.
    assert (row["lead_time_p50_s"], row["lead_time_p75_s"], row["lead_time_n"]) == (25 * 60, 30 * 60, 3)
    assert row["lead_time_p90_s"] == pytest.approx(33 * 60)
    assert row["lead_time_left_out_reasons"] == "first_deployment=1"
    assert (row["change_failure_rate"], row["failed_deployments"], row["change_failure_n"]) == (1 / 3, 1, 3)
    assert (row["change_failure_pending"], row["change_failure_pending_failed"]) == (0, 0)
    # The incident opened at 12:10 and the rollback was live at 12:35.
    assert (row["recovery_p50_s"], row["recovery_n"], row["recovery_censored"]) == (25 * 60, 1, 0)
    # 40 minutes, 20 minutes, and one that is open.
    assert (row["time_to_restore_p50_s"], row["time_to_restore_n"], row["time_to_restore_censored"]) == (1800, 2, 1)
    assert (row["rework_rate"], row["rework_deployments"], row["rework_n"]) == (2 / 5, 2, 5)
    assert (row["definition"], row["timezone"]) == ("standard", "UTC")
    assert (row["team"], row["service"], row["environment"]) == (None, None, None)


def test_every_count_has_its_evidence() -> None:
    tell_the_week()

    assert evidence("deployment_frequency") == {
        "counted": ["d1", "d2", "d4"],
        "rollback": ["d3"],
        "redeploy": ["d5"],
        "failed_attempt": ["dead"],
        "not_production": ["s1"],
    }
    assert evidence("change_failure_rate")["failed"] == ["d2"]
    assert evidence("recovery_time") == {"counted": ["d2"]}
    assert evidence("rework_rate")["rework"] == ["d3", "d4"]
    assert len(dora.parts_of(dora.figure("lead_time", start=START, end=END, now=LATER))["counted"]) == 3
    restored = dora.parts_of(dora.figure("time_to_restore", start=START, end=END, now=LATER))
    assert set(restored) == {"counted", "censored"}
    assert Incident.objects.get(pk__in=restored["censored"]).external_id == "open"


def test_evidence_has_the_kind_of_id_it_says() -> None:
    tell_the_week()

    parts = dora.parts_of(dora.figure("lead_time", start=START, end=END, now=LATER))

    # The first deployment is left out too, but it is no change.
    assert "first_deployment" not in parts


def test_pending_deployments_are_in_neither_count() -> None:
    tell(ran("d1", -60, "1"), ran("d2", 0, "2"), broke("slow", 10))

    (row,) = rows(now=NOON + minutes(20))

    assert (row["change_failure_rate"], row["change_failure_n"]) == (0, 1)
    assert (row["change_failure_pending"], row["change_failure_pending_failed"]) == (1, 1)
    assert (row["recovery_n"], row["recovery_censored"]) == (0, 1)


def test_an_aborted_canary_fails_and_is_no_deployment_that_went_live() -> None:
    tell(ran("d1", -60, "1"), ran("d2", 0, "2", status="failure", rolled_back=True))

    (row,) = rows()

    assert (row["deployments"], row["failed_attempts"]) == (1, 0)
    assert (row["failed_deployments"], row["change_failure_n"]) == (1, 2)
    assert row["recovery_left_out_reasons"] == "no_incident=1"


def test_nothing_is_known_where_nobody_reports() -> None:
    (row,) = rows()

    assert row["deployments"] is None
    assert row["deployments_per_day"] is None
    assert row["failed_deployments"] is None
    assert row["change_failure_rate"] is None
    assert row["lead_time_p50_s"] is None
    assert row["recovery_p50_s"] is None
    assert row["data_through"] is None
    assert (row["sample_size"], row["lead_time_n"], row["change_failure_n"]) == (0, 0, 0)


def test_days_before_the_first_report_and_after_now_are_unknown_and_quiet_days_are_zero() -> None:
    tell(ran("d1", 0, "1"))

    found = rows(bucket="day", now=NOON + timedelta(days=2))

    assert [row["deployments"] for row in found] == [None, None, 1, 0, 0, None, None]
    assert [row["rework_rate"] for row in found] == [None, None, 0, None, None, None, None]


def test_a_day_is_the_zones_day() -> None:
    tell(ran("d1", 15 * 60, "1"))

    (row,) = [row for row in rows(bucket="day", tz="Asia/Shanghai") if row["deployments"]]

    # 03:05 UTC on 5 March is 11:05 in Shanghai, whose day begins at 16:00 UTC.
    assert (row["bucket_start"], row["bucket_end"]) == (
        datetime(2026, 3, 4, 16, tzinfo=UTC),
        datetime(2026, 3, 5, 16, tzinfo=UTC),
    )


def test_rows_are_by_team_service_and_environment() -> None:
    tell(
        ran("p1", 0, "1"),
        ran("l1", 0, "1", service="ledger"),
        ran("l2", 120, "2", service="ledger"),
        ran("e1", 0, "1", environment="prod-eu", environment_class="production"),
        broke("slow", 130, 140, services=["ledger"], environment=None),
    )
    Service.objects.filter(name="pay").update(team=Team.objects.create(slug="payments", name="Payments"))

    by_service = rows(group_by=("service",))
    by_all = rows(group_by=("environment", "team", "service"))
    (payments,) = rows(teams=("payments",))

    assert [(row["service"], row["deployments"], row["recovery_n"]) for row in by_service] == [
        ("ledger", 2, 1),
        ("pay", 2, 0),
    ]
    assert [(row["team"], row["service"], row["environment"], row["deployments"]) for row in by_all] == [
        (None, "ledger", "production", 2),
        ("payments", "pay", "prod-eu", 1),
        ("payments", "pay", "production", 1),
    ]
    assert (payments["deployments"], payments["time_to_restore_n"]) == (2, 0)


def test_services_and_environments_can_be_chosen() -> None:
    tell_the_week()
    tell(ran("l1", 0, "1", service="ledger"))

    assert rows(services=("ledger",))[0]["deployments"] == 1
    assert rows(services=("pay", "ledger"))[0]["deployments"] == 4
    assert rows(environments=("staging",), environment_classes=("staging",))[0]["deployments"] == 1
    assert rows(environments=("staging",))[0]["deployments"] is None


def test_commits_nobody_told_us_of_are_counted_as_left_out() -> None:
    unknown = "ab" * 20
    tell(ran("d1", 0, "1"), ran("d2", 120, "2", commits=["cd" * 20, unknown]), pushed("x", None, 0))

    (row,) = rows()

    assert row["lead_time_left_out_reasons"] == "first_deployment=1; unknown_commit=2"


def test_merge_commits_and_approximate_starts_are_said() -> None:
    tell(
        ran("d1", -600, "1"),
        pushed("f", "1", -90),
        pushed("2", "f", -30),
        merged(7, "2", "f", -60, -30),
        ran("d2", 0, "2"),
    )

    (row,) = rows()
    parts = dora.parts_of(dora.figure("lead_time", start=START, end=END, now=LATER))

    assert (row["lead_time_n"], row["lead_time_left_out_reasons"]) == (1, "first_deployment=1; merge_commit=1")
    assert len(parts["from_authored"]) == 1


def test_the_numbers_are_complete_until_the_oldest_delivery_that_waits() -> None:
    source = Source.objects.create(provider="generic", name="x", public_id="x")
    for number, status in enumerate(("applied", "pending", "pending", "applied")):
        at = NOON + minutes(number)
        WebhookDelivery.objects.create(source=source, key=str(number), received_at=at, body=b"", status=status)

    waiting = rows()[0]["data_through"]
    WebhookDelivery.objects.update(status="applied")

    assert waiting == NOON + minutes(1)
    assert rows()[0]["data_through"] == NOON + minutes(3)


def test_the_number_of_questions_does_not_grow_with_buckets_and_groups() -> None:
    tell_the_week()

    with CaptureQueriesContext(
        connection,
    ) as few:
        rows()
    with CaptureQueriesContext(connection) as many:
        rows(bucket="hour", group_by=("team", "service", "environment"))

    assert len(few) == len(many) <= 8


def test_hours_add_up_to_days_and_days_to_the_week() -> None:
    tell_the_week()

    def total(bucket: str) -> list[int]:
        found = rows(bucket=bucket, tz="Europe/Berlin")
        names = ("deployments", "rollbacks", "lead_time_n", "failed_deployments", "recovery_n", "time_to_restore_n")
        return [sum(row[name] or 0 for row in found) for name in names]

    assert total("hour") == total("day") == total("week") == total("all") == [3, 1, 3, 1, 1, 2]


def test_a_remedy_long_after_the_window_still_ends_a_recovery() -> None:
    tell(ran("d1", -60, "1"), ran("d2", 0, "2"), broke("slow", 10), ran("d3", 14_400, "1"))

    (row,) = rows()

    assert row["recovery_p50_s"] == (14_405 - 10) * 60


def test_the_remedy_is_the_first_after_the_incident_opened() -> None:
    tell(
        ran("d1", -60, "1"),
        ran("d2", 0, "2"),
        ran("d3", 60, "3", unplanned=True),
        broke("late", 1500, 1800, caused_by_ref="d2"),
        ran("d4", 1560, "4", unplanned=True),
    )

    (row,) = rows()

    # The hotfix of 13:05 was for something else; the one after the incident was live 65 minutes after its opening.
    assert (row["recovery_p50_s"], row["recovery_n"]) == (65 * 60, 1)


def test_a_canary_is_recovered_when_the_rollback_that_ended_it_was_live() -> None:
    tell(
        ran("d1", -60, "1"),
        ran("canary", 0, "2", status="failure", traffic_percent=16.0, rolled_back=True, finished_at=NOON + minutes(8)),
        ran("back", 3, "1", is_rollback=True),
        broke("slow", 2, 20, caused_by_ref="canary"),
    )

    (row,) = rows()

    # Both ended at 12:08: six minutes after the incident opened, twelve before it was resolved.
    assert (row["recovery_p50_s"], row["recovery_n"]) == (6 * 60, 1)


def test_what_was_under_way_before_its_cause_is_no_remedy_of_it() -> None:
    tell(
        ran("d1", -60, "1"),
        ran("other", -2, "2", unplanned=True, finished_at=NOON + minutes(8)),
        ran("d3", 3, "3"),
        broke("slow", 6, 20, caused_by_ref="d3"),
    )

    (row,) = rows()

    # Both were live at 12:08; the incident of 12:06 ended at 12:20, when it was resolved.
    assert (row["recovery_p50_s"], row["recovery_n"]) == (14 * 60, 1)


@pytest.mark.parametrize("asked", [{"bucket": "year"}, {"tz": "Mars/Olympus"}, {"definition": "fourkeys"}])
def test_what_is_not_known_is_refused(asked: dict[str, str]) -> None:
    with pytest.raises((ValueError, KeyError)):
        rows(**asked)
