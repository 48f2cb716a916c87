"""A day of deployments: what counts, what became of each, and how long its line is."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from plimsoll.insight.board.day import Day, day_of
from plimsoll.insight.metrics.definition import STANDARD
from plimsoll.store.facts import Deployment

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=SHANGHAI)


def landed(clock: str, **fields: Any) -> Deployment:
    """A deployment that went live at a time of Monday in Shanghai."""
    hour, minute = map(int, clock.split(":"))
    at = datetime(2026, 11, 23, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)
    return Deployment(**{"id": hour * 60 + minute, "finished_at": at, **fields})


def day(*deployments: Deployment, now: datetime = NOW) -> Day:
    return day_of(MONDAY, SHANGHAI, deployments, now, STANDARD)


def test_a_day_is_the_organisations_day_in_order() -> None:
    found = day(landed("23:59"), landed("00:00"), landed("10:00", finished_at=NOW), landed("09:05"))

    assert [f"{each.at.astimezone(SHANGHAI):%H:%M}" for each in found.landings] == ["00:00", "09:05", "23:59"]


def test_what_brought_nothing_new_or_never_touched_production_is_not_on_the_line() -> None:
    found = day(
        landed("10:00", kind="rollback"),
        landed("10:01", kind=None),
        landed("10:02", environment_class="staging"),
        landed("10:03", succeeded=False, failed=None),
        landed("10:04", succeeded=False, exposed=True, failed=True),
        landed("10:05", kind="hotfix"),
    )

    assert [(each.id, each.outcome) for each in found.landings] == [(604, "failed"), (605, "held")]


@pytest.mark.parametrize(
    ("fields", "minutes_later", "outcome"),
    [
        ({}, 59, "undecided"),
        ({}, 60, "held"),
        ({"failed": True}, 1, "failed"),
        ({"failed": None}, 600, "undecided"),
        ({"superseded_at": datetime(2026, 11, 23, 10, 20, tzinfo=SHANGHAI)}, 19, "undecided"),
        ({"superseded_at": datetime(2026, 11, 23, 10, 20, tzinfo=SHANGHAI)}, 20, "held"),
    ],
)
def test_it_held_when_its_watch_is_over_without_a_failure(
    fields: dict[str, Any], minutes_later: int, outcome: str
) -> None:
    now = datetime(2026, 11, 23, 10, tzinfo=SHANGHAI) + timedelta(minutes=minutes_later)

    assert day(landed("10:00", **fields), now=now).landings[0].outcome == outcome


@pytest.mark.parametrize(
    ("clocks", "hours"),
    [
        ((), (8, 20)),
        (("08:00", "20:00"), (8, 20)),
        (("07:59",), (6, 20)),
        (("05:10", "20:01"), (4, 22)),
        (("00:00", "23:59"), (0, 24)),
    ],
)
def test_the_line_is_the_working_day_or_wider_by_even_hours(clocks: tuple[str, ...], hours: tuple[int, int]) -> None:
    assert day(*(landed(clock) for clock in clocks)).hours == hours


def test_outcomes_are_counted() -> None:
    found = day(landed("09:00"), landed("10:00", failed=True), landed("11:00"))

    assert [found.count(outcome) for outcome in ("held", "failed", "undecided")] == [2, 1, 0]
