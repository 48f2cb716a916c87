"""How a figure stands to its mark."""

import pytest

from dashboards.frame.marks import status
from plimsoll.store.marks import Marks


@pytest.mark.parametrize(
    ("value", "mark", "metric", "expected"),
    [
        (280.0, 350.0, "p95_ms", "ok"),
        (281.0, 350.0, "p95_ms", "warn"),
        (350.0, 350.0, "p95_ms", "warn"),
        (351.0, 350.0, "p95_ms", "bad"),
        (17.3, 10.0, "deployment_frequency", "ok"),
        (12.0, 10.0, "deployment_frequency", "warn"),
        (9.9, 10.0, "deployment_frequency", "bad"),
        (None, 10.0, "deployment_frequency", "unk"),
        (9.9, None, "deployment_frequency", "unk"),
        (0.0, 0.0, "error_rate", "ok"),
    ],
)
def test_a_figure_is_well_near_over_or_unknown(
    value: float | None, mark: float | None, metric: str, expected: str
) -> None:
    assert status(value, mark, metric) == expected


def test_the_most_special_mark_counts() -> None:
    marks = Marks(
        {
            ("p95_ms", None, None, None): 500.0,
            ("p95_ms", "permits", None, None): 400.0,
            ("p95_ms", None, "documents", None): 350.0,
            ("p95_ms", None, "documents", "permits-api"): 300.0,
        }
    )

    assert marks.of("p95_ms", team="permits", service="documents", client="permits-api") == 300.0
    assert marks.of("p95_ms", team="permits", service="documents") == 350.0
    assert marks.of("p95_ms", team="permits", service="rules") == 400.0
    assert marks.of("p95_ms", team="health") == 500.0
    assert marks.of("error_rate", team="health") is None


def test_the_goal_of_all_teams_together_is_no_goal_of_each() -> None:
    marks = Marks(
        {
            ("deployment_frequency", None, None, None): 10.0,
            ("deployment_frequency", "permits", None, None): 2.0,
        }
    )

    assert marks.of("deployment_frequency") == 10.0
    assert marks.of("deployment_frequency", team="permits") == 2.0
    assert marks.of("deployment_frequency", team="health") is None
    assert marks.of("deployment_frequency", team="permits", service="permits-api") is None


def test_what_several_add_up_to_has_no_mark_and_what_each_must_keep_has_theirs() -> None:
    marks = Marks(
        {
            ("deployment_frequency", None, None, None): 10.0,
            ("deployment_frequency", "permits", None, None): 2.0,
            ("lead_time", None, None, None): 3600.0,
            ("lead_time", "permits", None, None): 1800.0,
        }
    )

    assert marks.of_those("deployment_frequency", [], []) == 10.0
    assert marks.of_those("deployment_frequency", ["permits"], []) == 2.0
    assert marks.of_those("deployment_frequency", ["permits", "health"], []) is None
    assert marks.of_those("deployment_frequency", [], ["ledger", "maps"]) is None
    assert marks.of_those("deployment_frequency", ["permits"], ["ledger", "maps"]) is None
    assert marks.of_those("lead_time", ["permits"], ["ledger", "maps"]) == 1800.0
    assert marks.of_those("lead_time", ["permits", "health"], []) == 3600.0
