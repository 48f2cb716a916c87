"""Time to restore, checked by hand."""

import pytest

from plimsoll.insight.metrics import time_to_restore
from tests.insight.builders import LATER, NOON, facts, incident, minutes, window


def test_every_incident_counts_whether_or_not_a_change_caused_it() -> None:
    incidents = [incident(1, NOON, NOON + minutes(10), caused_by=7), incident(2, NOON, NOON + minutes(30))]

    figure = time_to_restore(facts(*incidents), window(), LATER)

    assert figure.values["p50_s"] == 20 * 60
    assert figure.values["p90_s"] == pytest.approx(28 * 60)
    assert figure.values["mean_s"] == 20 * 60
    assert figure.n == 2


def test_no_incident_has_no_time_to_restore() -> None:
    assert time_to_restore(facts(), window(), LATER).values["p50_s"] is None


def test_open_and_unusable_incidents_are_named() -> None:
    incidents = [
        incident(1, NOON),
        incident(2, NOON, None, resolved=True),
        incident(3, None, NOON),
        incident(4, NOON, NOON - minutes(1)),
        incident(5, NOON, NOON + minutes(1), environment_class="staging"),
        incident(6, NOON, NOON + minutes(1), environment_class=None),
    ]

    figure = time_to_restore(facts(*incidents), window(), NOON + minutes(5))

    assert figure.counted == (6,)
    assert figure.subsets == {"censored": (1,)}
    assert figure.values["open_at_least_s"] == 5 * 60
    assert figure.left_out == {
        "no_end_time": (2,),
        "no_start_time": (3,),
        "start_after_end": (4,),
        "not_production": (5,),
    }
