"""Levels as people write them."""

import pytest

from plimsoll.store.catalog_file.units import duration_ms, duration_s, per_day, share


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("60 min", 3600.0),
        ("1 h 30 min", 5400.0),
        ("90s", 90.0),
        ("2 days", 172800.0),
        ("1 W", 604800.0),
        (".5 h", 1800.0),
        ("60", None),
        ("0 min", None),
        ("-5 min", None),
        ("5 moons", None),
        ("5 min or so", None),
        ("9e9 w", None),
    ],
)
def test_a_duration_is_numbers_with_units(text: str, seconds: float | None) -> None:
    assert duration_s(text) == seconds


def test_a_latency_is_in_milliseconds() -> None:
    assert [duration_ms(text) for text in ("350 ms", "1.2 s", "350")] == [350.0, 1200.0, None]


@pytest.mark.parametrize(
    ("text", "ratio"), [("1 %", 0.01), ("0.1%", 0.001), ("0 %", 0.0), ("101 %", None), ("1", None)]
)
def test_a_share_has_its_percent_sign(text: str, ratio: float | None) -> None:
    assert share(text) == ratio


@pytest.mark.parametrize(
    ("text", "rate"),
    [("3 a day", 3.0), ("14/week", 2.0), ("1 per month", 1 / 30), ("1 an hour", 24.0), ("3", None), ("3 days", None)],
)
def test_a_frequency_says_per_what(text: str, rate: float | None) -> None:
    assert per_day(text) == pytest.approx(rate) if rate else per_day(text) is None
