"""Calendar buckets in time zones, across midnight and clock changes."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.insight.metrics.windows import BUCKETS, Bucket, Window, buckets
from tests.insight.builders import window

ZONES = (
    "UTC", "Europe/Berlin", "America/St_Johns", "Asia/Shanghai", "Australia/Lord_Howe", "Pacific/Apia",
    "America/Havana", "Asia/Kathmandu", "America/Sao_Paulo", "Asia/Beirut",
)  # fmt: skip


def starts(of: Window, bucket: Bucket) -> list[str]:
    return [b.start.astimezone(of.zone).strftime("%m-%d %H:%M") for b in buckets(of, bucket)]


def test_one_bucket_is_the_window_itself() -> None:
    assert buckets(window(), "all") == [window()]


def test_weeks_start_on_monday_and_the_edges_are_cut() -> None:
    # 4 March 2026 is a Wednesday.
    assert starts(window("2026-03-04T12:00", "2026-03-18"), "week") == ["03-04 12:00", "03-09 00:00", "03-16 00:00"]


def test_months_are_calendar_months_also_over_the_year() -> None:
    assert starts(window("2025-11-30", "2026-02-02"), "month") == [
        "11-30 00:00",
        "12-01 00:00",
        "01-01 00:00",
        "02-01 00:00",
    ]


def test_days_begin_at_local_midnight() -> None:
    assert starts(window("2026-03-02", "2026-03-04", "Asia/Shanghai"), "day") == ["03-02 00:00", "03-03 00:00"]
    assert buckets(window("2026-03-02", "2026-03-04", "Asia/Shanghai"), "day")[0].start == datetime(
        2026, 3, 1, 16, tzinfo=UTC
    )


def test_the_day_clocks_go_forward_has_23_hours() -> None:
    day = window("2026-03-29", "2026-03-30", "Europe/Berlin")

    assert len(buckets(day, "hour")) == 23
    assert day.days == 1


def test_the_day_clocks_go_back_has_25_hours() -> None:
    day = window("2026-10-25", "2026-10-26", "Europe/Berlin")

    assert len(buckets(day, "hour")) == 25
    assert day.days == 1
    assert buckets(day, "hour")[2].days == pytest.approx(1 / 25)


def test_half_an_hour_of_clock_change_keeps_the_hours_full() -> None:
    day = window("2026-10-04", "2026-10-05", "Australia/Lord_Howe")

    assert starts(day, "hour")[:4] == ["10-04 00:00", "10-04 01:00", "10-04 03:00", "10-04 04:00"]


def test_a_day_that_a_zone_skipped_is_no_bucket() -> None:
    # Samoa went from 29 to 31 December 2011.
    days = window("2011-12-29", "2012-01-01", "Pacific/Apia")

    assert starts(days, "day") == ["12-29 00:00", "12-31 00:00"]
    assert days.days == 2


@given(
    st.sampled_from(ZONES),
    st.sampled_from(BUCKETS),
    st.integers(0, 40 * 365 * 24 * 60),
    st.integers(1, 40 * 24 * 60),
)
def test_buckets_cover_the_window_without_gap_or_overlap(zone: str, bucket: Bucket, start: int, length: int) -> None:
    begin = datetime(1990, 1, 1, tzinfo=UTC) + timedelta(minutes=start)
    whole = Window(begin, begin + timedelta(minutes=length), ZoneInfo(zone))

    parts = buckets(whole, bucket)

    assert parts[0].start == whole.start
    assert parts[-1].end == whole.end
    assert all(one.end == two.start for one, two in pairwise(parts))
    assert all(part.start < part.end for part in parts)
    assert sum(part.days for part in parts) == pytest.approx(whole.days)
