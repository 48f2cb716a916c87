"""Levels are read off a table, and a trend is good in the metric's own direction."""

import pytest

from plimsoll.insight.levels import Trend, level, trend

DAY = 86_400.0


@pytest.mark.parametrize(
    ("metric", "value", "expected"),
    [
        ("deployment_frequency", 17.3, "elite"),
        ("deployment_frequency", 1.0, "high"),
        ("deployment_frequency", 1 / 7, "high"),
        ("deployment_frequency", 0.1, "medium"),
        ("deployment_frequency", 1 / 31, "low"),
        ("deployment_frequency", 0.0, "low"),
        ("lead_time", DAY - 1, "elite"),
        ("lead_time", DAY, "high"),
        ("lead_time", 7 * DAY, "medium"),
        ("lead_time", 30 * DAY, "low"),
        ("change_failure_rate", 0.0, "elite"),
        ("change_failure_rate", 0.05, "elite"),
        ("change_failure_rate", 0.10, "high"),
        ("change_failure_rate", 0.15, "medium"),
        ("change_failure_rate", 0.151, "low"),
        ("recovery_time", 252.0, "elite"),
        ("recovery_time", 3600.0, "high"),
        ("recovery_time", DAY, "medium"),
        ("recovery_time", 7 * DAY, "low"),
        ("rework_rate", 0.0, None),
    ],
)
def test_a_level_is_read_off_the_table_of_2023(metric: str, value: float, expected: str | None) -> None:
    assert level(metric, value, 100) == expected


def test_fewer_than_five_events_earn_no_level() -> None:
    assert level("change_failure_rate", 0.0, 4) is None
    assert level("change_failure_rate", 0.0, 5) == "elite"
    assert level("lead_time", 60.0, None) is None


def test_few_deployments_still_have_a_frequency() -> None:
    assert level("deployment_frequency", 2 / 28, 2) == "medium"


def test_the_unknown_has_neither_level_nor_trend() -> None:
    assert level("lead_time", None, 0) is None
    assert trend("lead_time", None, 60.0) is None
    assert trend("lead_time", 60.0, None) is None


def test_more_deployments_and_less_of_all_else_are_better() -> None:
    assert trend("deployment_frequency", 17.5, 15.0) == Trend(2.5, "better")
    assert trend("deployment_frequency", 15.0, 17.5) == Trend(-2.5, "worse")
    assert trend("lead_time", 1680.0, 2040.0) == Trend(-360.0, "better")
    assert trend("recovery_time", 252.0, 228.0) == Trend(24.0, "worse")
    assert trend("change_failure_rate", 0.0, 0.0) == Trend(0.0, "same")
