"""How much of its marks somebody uses."""

from math import inf

import pytest

from plimsoll.insight.board.load import load, worst


@pytest.mark.parametrize(
    ("metric", "value", "mark", "ratio"),
    [
        ("lead_time", 1680.0, 3600.0, 28 / 60),
        ("lead_time", 3600.0, 3600.0, 1.0),
        ("change_failure_rate", 0.03, 0.02, 1.5),
        ("deployment_frequency", 20.0, 10.0, 0.5),
        ("deployment_frequency", 5.0, 10.0, 2.0),
        ("deployment_frequency", 0.0, 10.0, inf),
        ("change_failure_rate", 0.01, 0.0, inf),
        ("change_failure_rate", 0.0, 0.0, 1.0),
    ],
)
def test_a_limit_is_reached_from_below_and_a_goal_from_above(
    metric: str, value: float, mark: float, ratio: float
) -> None:
    found = load(metric, value, mark)

    assert found is not None
    assert found.ratio == pytest.approx(ratio)


def test_the_figure_that_stands_worst_counts() -> None:
    values = {"lead_time": 1800.0, "change_failure_rate": 0.03, "recovery_time": None}

    found = worst(values, {"lead_time": 3600.0, "change_failure_rate": 0.02, "recovery_time": 300.0})

    assert found is not None
    assert found.metric == "change_failure_rate"
    assert found.ratio == pytest.approx(1.5)


def test_without_a_value_or_a_mark_nothing_is_known() -> None:
    assert load("lead_time", None, 60.0) is None
    assert load("lead_time", 60.0, None) is None
    assert worst({"lead_time": 60.0}, {}) is None
