"""Values as people read them."""

import pytest

from dashboards import words
from dashboards.words import Reading


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, Reading("0", "s")),
        (42.4, Reading("42", "s")),
        (59.6, Reading("1.0", "min")),
        (252, Reading("4.2", "min")),
        (1680, Reading("28", "min")),
        (3599, Reading("1.0", "h")),
        (7200, Reading("2.0", "h")),
        (47 * 3600, Reading("47", "h")),
        (48 * 3600, Reading("2.0", "d")),
        (30 * 86400, Reading("30", "d")),
    ],
)
def test_a_duration_has_the_unit_that_keeps_it_short(seconds: float, expected: Reading) -> None:
    assert words.duration(seconds) == expected


def test_a_share_is_in_percent() -> None:
    assert [words.share(rate).number for rate in (0.0083, 0.0, 1.0, 0.0996)] == ["0.8", "0.0", "100", "10"]


def test_a_small_rate_keeps_a_second_place() -> None:
    assert [words.per_day(rate).number for rate in (17.285, 0.357, 0.0)] == ["17.3", "0.36", "0.0"]


def test_a_count_stays_short() -> None:
    counts = (0, 12_345, 99_999, 100_000, 360_400, 1_250_000, 2.5e9)

    assert [words.number(n) for n in counts] == ["0", "12,345", "99,999", "100 k", "360 k", "1.2 M", "2.5 G"]


def test_a_latency_over_a_second_is_in_seconds() -> None:
    assert [words.milliseconds(ms) for ms in (3.42, 118.0, 1412.0)] == ["3.4 ms", "118 ms", "1.4 s"]
