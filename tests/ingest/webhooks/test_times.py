"""Times in the ways senders write them."""

from datetime import UTC, datetime

import pytest

from ingest.webhooks.times import instant

EIGHT = datetime(2026, 3, 2, 8, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-02T08:16:00Z",
        "2026-03-02t08:16:00z".upper(),
        "2026-03-02T16:16:00+08:00",
        "2026-03-02T16:16:00+0800",
        "2026-03-02 08:16:00 UTC",
        "2026-03-02 10:16:00 +0200",
        "2026-03-02T08:16Z",
        " 2026-03-02T08:16:00.000000000Z ",
        1772439360,
        1772439360000,
        "1772439360",
        "1772439360000",
        1772439360.0,
    ],
)
def test_one_moment_in_many_spellings(written: object) -> None:
    assert instant(written) == EIGHT


def test_fractions_are_cut_to_microseconds() -> None:
    assert instant("2026-03-02T16:16:00.123456789+08:00") == EIGHT.replace(microsecond=123456)
    assert instant("2026-03-02T08:16:00.5Z") == EIGHT.replace(microsecond=500000)


@pytest.mark.parametrize("absent", [None, "", 0, "0", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00"])
def test_absent_times(absent: object) -> None:
    assert instant(absent) is None


@pytest.mark.parametrize(
    "wrong",
    [
        *("2026-03-02T08:16:00", "2026-13-45T00:00:00Z", "yesterday", "2026-03-02", "0000-01-01T00:00:00Z"),
        *("9999-12-31T23:59:59-08:00", "２０２６-03-02T08:16:00Z", True, [], {}, 10**17, -5),
    ],
)
def test_what_is_no_time_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"is not a time|has no zone"):
        instant(wrong)


def test_a_time_without_a_zone_is_utc_where_the_provider_says_so() -> None:
    assert instant("2026-03-02T08:16:00", naive_is_utc=True) == EIGHT
