"""Failed deployment recovery time, checked by hand."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from plimsoll.insight.metrics import recovery_time
from plimsoll.insight.metrics.intervals import union
from tests.insight.builders import LATER, NOON, deployment, facts, incident, minutes, window

FAILED = deployment(1, failed=True)


def test_recovery_runs_from_the_incident_to_its_resolution() -> None:
    figure = recovery_time(facts(FAILED, incident(1, NOON, NOON + minutes(12), caused_by=1)), window(), LATER)

    assert figure.values["p50_s"] == 12 * 60
    assert figure.counted == (1,)


def test_no_failed_deployment_has_no_recovery_time() -> None:
    figure = recovery_time(facts(deployment(1)), window(), LATER)

    assert figure.values["p50_s"] is None
    assert (figure.n, figure.left_out_n, figure.values["censored"]) == (0, 0, 0)


def test_overlapping_incidents_of_a_deployment_hurt_once() -> None:
    # 0-10 and 5-20 are 20 minutes, and 30-35 are 5 more.
    stretches = [(0, 10), (5, 20), (30, 35)]
    incidents = [
        incident(n, NOON + minutes(start), NOON + minutes(end), caused_by=1) for n, (start, end) in enumerate(stretches)
    ]

    assert recovery_time(facts(FAILED, *incidents), window(), LATER).values["p50_s"] == 25 * 60


def test_recovery_does_not_begin_before_the_deployment() -> None:
    # The deployment began at 11:55; an incident from 11:00 that is blamed on it hurt 20 minutes of its time.
    earlier = incident(1, NOON - minutes(60), NOON + minutes(15), caused_by=1)

    assert recovery_time(facts(FAILED, earlier), window(), LATER).values["p50_s"] == 20 * 60


def test_a_rollback_ends_the_recovery_before_the_incident_is_closed() -> None:
    remedied = incident(1, NOON, NOON + minutes(90), caused_by=1, remedied_at=NOON + minutes(7))

    figure = recovery_time(facts(FAILED, remedied), window(), LATER)

    assert figure.values["p50_s"] == 7 * 60


def test_a_rollback_ends_the_recovery_of_an_incident_nobody_closed() -> None:
    remedied = incident(1, NOON, caused_by=1, remedied_at=NOON + minutes(7))

    figure = recovery_time(facts(FAILED, remedied), window(), LATER)

    assert (figure.values["p50_s"], figure.values["censored"]) == (7 * 60, 0)


def test_a_remedy_before_the_incident_does_not_end_it() -> None:
    remedied = incident(1, NOON + minutes(10), NOON + minutes(30), caused_by=1, remedied_at=NOON + minutes(7))

    figure = recovery_time(facts(FAILED, remedied), window(), LATER)

    assert figure.values["p50_s"] == 20 * 60


def test_an_open_one_is_censored_and_shown_as_at_least() -> None:
    other = deployment(2, failed=True)
    two = facts(FAILED, other, incident(1, NOON, caused_by=1), incident(2, NOON, NOON + minutes(4), caused_by=2))

    figure = recovery_time(two, window(), NOON + minutes(40))

    assert figure.counted == (2,)
    assert figure.values["p90_s"] == 4 * 60
    assert figure.subsets == {"censored": (1,)}
    assert figure.values["open_at_least_s"] == 40 * 60


def test_a_failure_without_a_usable_incident_is_left_out_with_the_reason() -> None:
    failed = [deployment(n, failed=True) for n in (1, 2, 3)]
    incidents = [
        incident(1, None, NOON, caused_by=2),
        incident(2, NOON, None, resolved=True, caused_by=3),
    ]

    figure = recovery_time(facts(*failed, *incidents), window(), LATER)

    assert figure.left_out == {"no_incident": (1,), "no_start_time": (2,), "no_end_time": (3,)}


def test_the_percentiles_are_over_deployments() -> None:
    failed = [deployment(n, failed=True) for n in range(1, 12)]
    incidents = [incident(n, NOON, NOON + minutes(n), caused_by=n) for n in range(1, 12)]

    figure = recovery_time(facts(*failed, *incidents), window(), LATER)

    assert (figure.values["p50_s"], figure.values["p90_s"]) == (6 * 60, 10 * 60)


spans = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 60)), max_size=12)


@given(spans, st.randoms(use_true_random=False))
def test_a_union_is_the_minutes_that_any_interval_covers(stretches: list[tuple[int, int]], random: object) -> None:
    covered = {m for start, length in stretches for m in range(start, start + length)}
    intervals = [(NOON + minutes(start), NOON + minutes(start + length)) for start, length in stretches]

    assert union(intervals) == union(reversed(intervals)) == timedelta(minutes=len(covered))
