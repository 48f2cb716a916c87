"""The four numbers of a board: now, before, and from day to day."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from plimsoll.insight.board.numbers import Number, numbers, window_until
from plimsoll.insight.dora.reading import Reading
from plimsoll.insight.metrics.definition import STANDARD
from plimsoll.store.facts import CarriedChange, DeliveryFacts, Deployment, Incident
from plimsoll.store.queries.delivery import Series

UTC_ZONE = ZoneInfo("UTC")
NOW = datetime(2026, 11, 24, 9, 30, 20, tzinfo=UTC)
TODAY = NOW.replace(hour=0, minute=0, second=0)
HALF = timedelta(minutes=30)


def shown(facts: DeliveryFacts, team: int | None = None, *, known_days: float = 200) -> dict[str, Number]:
    known = Series(1, 1, 7, "production", NOW - timedelta(days=known_days))
    reading = Reading(NOW - timedelta(days=70), STANDARD, facts, [known])
    found = numbers(reading, window_until(NOW, UTC_ZONE), NOW, None if team is None else [team])
    return {number.metric: number for number in found}


def daily(days: range, *, failed: bool = False) -> list[Deployment]:
    """One deployment a day at noon, so many days ago; each ends the time in which the one before can fail."""
    return [
        Deployment(
            id=ago,
            service_id=1,
            environment_id=1,
            team_id=7,
            started_at=TODAY - timedelta(days=ago) + timedelta(hours=11),
            finished_at=TODAY - timedelta(days=ago) + timedelta(hours=12),
            superseded_at=TODAY - timedelta(days=ago) + timedelta(hours=23),
            failed=failed,
        )
        for ago in days
    ]


def test_the_window_ends_with_the_current_minute() -> None:
    window = window_until(NOW, UTC_ZONE)

    assert (window.start, window.end) == (
        datetime(2026, 10, 27, 9, 31, tzinfo=UTC),
        datetime(2026, 11, 24, 9, 31, tzinfo=UTC),
    )


def test_a_number_is_of_28_days_and_so_is_the_one_before() -> None:
    # Of 28 days ago the window has the hours after 09:31.
    found = shown(DeliveryFacts(deployments=tuple(daily(range(1, 43)))))["deployment_frequency"]

    assert (found.value, found.n, found.before) == (1.0, 28, 14 / 28)


@pytest.mark.parametrize(("known_days", "before"), [(56, 1.0), (55.5, 1.0), (54.5, None), (30, None)])
def test_what_is_known_in_part_alone_is_nothing_to_compare_with(known_days: float, before: float | None) -> None:
    found = shown(DeliveryFacts(deployments=tuple(daily(range(1, 57)))), known_days=known_days)

    assert (found["deployment_frequency"].value, found["deployment_frequency"].before) == (1.0, before)


def test_a_point_is_what_the_number_was_at_the_end_of_a_day_and_the_last_what_it_is() -> None:
    # One of them today, half an hour ago, which no whole day has.
    today = replace(daily(range(1, 2))[0], id=99, started_at=NOW - 2 * HALF, finished_at=NOW - HALF, superseded_at=None)
    facts = DeliveryFacts(deployments=(*daily(range(1, 8)), today))

    found = shown(facts)["deployment_frequency"]

    assert len(found.points) == 29
    assert found.points[-9:] == pytest.approx([n / 28 for n in range(9)])
    assert found.points[-1] == found.value == 8 / 28


def test_a_point_of_lead_time_is_the_median_until_then_and_four_weeks_without_are_a_gap() -> None:
    (deployment,) = daily(range(3, 4))
    wait = timedelta(minutes=40)
    assert deployment.finished_at is not None
    change = CarriedChange(1, deployment.id, 1, deployment.finished_at - wait)

    points = shown(DeliveryFacts((deployment,), (change,)))["lead_time"].points

    assert points[-4:] == (2400.0,) * 4
    assert points[:-4] == (None,) * 25


def test_failures_and_recoveries_are_looked_at_over_four_weeks() -> None:
    deployments = (*daily(range(1, 10)), *daily(range(10, 11), failed=True))
    began = deployments[-1].finished_at
    assert began is not None
    incident = Incident(1, began, began + timedelta(minutes=4), resolved=True, caused_by=10)

    found = shown(DeliveryFacts(deployments, caused=(incident,)))

    assert found["change_failure_rate"].value == 0.1
    assert found["change_failure_rate"].points[-11:] == pytest.approx([*(1 / n for n in range(1, 11)), 0.1])
    assert found["recovery_time"].points[-11:] == (240.0,) * 11
    assert found["recovery_time"].points[:-11] == (None,) * 18


def test_a_team_without_deployments_knows_nothing() -> None:
    found = shown(DeliveryFacts(deployments=tuple(daily(range(1, 10)))), team=8)["deployment_frequency"]

    assert (found.value, found.n) == (None, None)
    assert found.points == (None,) * 29


def test_a_rate_is_no_point_before_it_is_known_over_its_whole_window() -> None:
    found = shown(DeliveryFacts(deployments=tuple(daily(range(1, 31)))), known_days=30)["deployment_frequency"]

    # One a day for thirty days is no climb from zero: three ends of days have 28 known days before them, and now.
    assert found.points == (None,) * 25 + (1.0,) * 4
