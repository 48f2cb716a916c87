"""Levels of marks are read as people write them, and written so that they can be read again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.settings.values import NotALevel, level, shown


@pytest.mark.parametrize(
    ("metric", "text", "value"),
    [
        ("deployment_frequency", "2", 2.0),
        ("deployment_frequency", " 0,5 ", 0.5),
        ("lead_time", "30 min", 1800.0),
        ("lead_time", "2h", 7200.0),
        ("recovery_time", "45 s", 45.0),
        ("recovery_time", "1.5 D", 129_600.0),
        ("lead_time", "30 分钟", 1800.0),
        ("change_failure_rate", "1.5 %", 0.015),
        ("change_failure_rate", "15", 0.15),
        ("error_rate", "0", 0.0),
        ("error_rate", "100%", 1.0),
        ("p95_ms", "350", 350.0),
        ("p95_ms", "350 ms", 350.0),
        ("p95_ms", "1.2 s", 1200.0),
        ("p95_ms", "1 秒", 1000.0),
    ],
)
def test_a_level_is_what_it_says(metric: str, text: str, value: float) -> None:
    assert level(metric, text) == pytest.approx(value)


@pytest.mark.parametrize(
    ("metric", "text"),
    [
        # Without a unit nobody knows whether minutes or seconds are meant.
        ("lead_time", "30"),
        ("lead_time", "30 %"),
        ("lead_time", "0 min"),
        ("error_rate", "101"),
        ("error_rate", "1 ms"),
        ("p95_ms", "350 min"),
        ("p95_ms", "0"),
        ("deployment_frequency", "2 h"),
        ("deployment_frequency", "-1"),
        ("deployment_frequency", "nan"),
        ("deployment_frequency", "1e9"),
        ("p95_ms", ""),
        ("p95_ms", "9" * 13),
    ],
)
def test_what_is_no_level_is_explained(metric: str, text: str) -> None:
    with pytest.raises(NotALevel, match=r"\w"):
        level(metric, text)


@given(st.sampled_from(["lead_time", "recovery_time", "p95_ms", "deployment_frequency"]), st.integers(1, 999_999))
def test_what_is_shown_is_read_as_the_same(metric: str, value: int) -> None:
    assert level(metric, shown(metric, float(value))) == value


@given(st.sampled_from(["change_failure_rate", "error_rate"]), st.integers(0, 10_000))
def test_a_share_that_is_shown_is_read_as_the_same(metric: str, hundredths: int) -> None:
    value = hundredths / 10_000

    assert level(metric, shown(metric, value)) == pytest.approx(value)


def test_durations_have_the_largest_unit_that_is_exact() -> None:
    assert [shown("lead_time", seconds) for seconds in (90.0, 1800.0, 7200.0, 86_400.0)] == [
        "90 s",
        "30 min",
        "2 h",
        "1 d",
    ]
