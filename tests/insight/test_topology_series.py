"""Figures minute by minute, and since when they are over a mark."""

from datetime import UTC, datetime, timedelta

import pytest

from plimsoll.insight import sketch
from plimsoll.insight.topology.series import MINUTE, Onset, Point, excess, onset, read, series
from plimsoll.store.cells import METRIC_CLIENT, SPAN_CLIENT_PROXY, Cells
from plimsoll.store.models import Edge
from plimsoll.store.queries.minutes import Minute
from tests.insight.traffic import calls, written

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def minute(n: int, requests: float = 60, failed: float = 0, **fields: object) -> Minute:
    """Counts of the n-th minute after noon, as metrics tell them."""
    told = {"weight_unknown": 0, "weighted_requests": requests, "weighted_failed": failed, **fields}
    return Minute(NOON + n * MINUTE, requests, failed, **told)  # type: ignore[arg-type]


def test_a_minute_without_a_word_is_unknown_and_one_without_a_call_is_zero() -> None:
    told = {NOON, NOON + MINUTE}

    points = series([minute(0, 120, 3)], NOON, NOON + 3 * MINUTE, told)

    assert [(point.requests, point.error_rate) for point in points] == [(120, 0.025), (0, None), (None, None)]
    assert [point.rate for point in points] == [2, 0, None]


def test_minutes_count_whole_and_no_minute_follows_the_last() -> None:
    points = series([], NOON + timedelta(seconds=30), NOON + 2 * MINUTE, ())

    assert [point.minute for point in points] == [NOON, NOON + MINUTE]


def test_a_known_sample_is_corrected_and_one_unknown_weight_leaves_all_as_counted() -> None:
    known = minute(0, 10, 1, is_metric=False, weighted_requests=40.0, weighted_failed=4.0)
    unknown = minute(1, 10, 1, is_metric=False, weighted_requests=40.0, weighted_failed=4.0, weight_unknown=1)

    assert [p.requests for p in series([known], NOON, NOON + MINUTE, ())] == [40]
    assert [p.requests for p in series([known, unknown], NOON, NOON + 2 * MINUTE, ())] == [10, 10]


def test_latency_is_of_the_form_that_holds_most() -> None:
    stored = sketch.pack({sketch.bucket_of(100.0): 95, sketch.bucket_of(400.0): 5})
    row = minute(0, latency={(): stored, (10.0, 1000.0): [(1 << 40) | 3]})

    (point,) = series([row], NOON, NOON + MINUTE, ())

    assert point.p50_ms == pytest.approx(100, rel=0.02)
    assert point.p95_ms == pytest.approx(100, rel=0.02)


def since(*over: float | None) -> int | None:
    """The number of the minute from which on something is over its mark, given by how much each minute is."""
    found = onset([(NOON + n * MINUTE, value) for n, value in enumerate(over)])
    return None if found is None else (found.since - NOON) // MINUTE


def test_the_onset_is_where_the_excess_begins_to_add_up() -> None:
    assert since(-1, -1, -1, 5, 5, 5) == 3


def test_one_failure_long_before_does_not_begin_it() -> None:
    assert since(-0.5, 0.5, -0.5, -0.5, 5, 5) == 4


@pytest.mark.parametrize("between", [(-1.0, -1.0), (None, None), (-2.0, None)])
def test_lucky_or_unknown_minutes_in_between_do_not_end_it(between: tuple[float | None, ...]) -> None:
    assert since(-1, 5, *between, 5) == 1


def test_what_is_over_for_three_minutes_is_over() -> None:
    assert since(9, 9, 9, -1, -1) == 0
    assert since(9, 9, 9, -1, -1, -1) is None


def test_without_an_excess_there_is_no_onset() -> None:
    assert [since(0, 0, 0), since(None, None), since(), since(-5, -5, 1)] == [None, None, None, 2]


def test_what_was_over_it_from_the_first_known_minute_may_have_begun_earlier() -> None:
    first, second = ((NOON, 9.0), (NOON + MINUTE, 9.0))

    assert onset([first, second]) == Onset(NOON, is_earlier=True)
    assert onset([(NOON, None), second]) == Onset(NOON + MINUTE, is_earlier=True)
    assert onset([(NOON, -1.0), second]) == Onset(NOON + MINUTE, is_earlier=False)


def test_the_excess_of_errors_is_what_failed_beyond_the_mark() -> None:
    points = [Point(NOON, 600, 60), Point(NOON, 600, 0), Point(NOON, 0, 0), Point(NOON)]

    assert excess(points, "error_rate", 0.01) == [pytest.approx(54), pytest.approx(-6), None, None]


def test_the_excess_of_latency_is_the_part_of_the_mark_beyond_it_to_twice_the_mark() -> None:
    points = [Point(NOON, 60, 0, p95_ms=ms) for ms in (350.0, 525.0, 3500.0, 175.0, None)]

    assert excess(points, "p95_ms", 350.0) == [0.0, 30.0, 60.0, -30.0, None]


@pytest.mark.django_db
def test_the_minutes_of_an_edge_are_read_at_the_vantage_that_is_shown() -> None:
    cells = Cells()
    calls(cells, METRIC_CLIENT, 60, failed=6).add_latency({sketch.bucket_of(20.0): 60}, 1200.0)
    calls(cells, SPAN_CLIENT_PROXY, 7)
    end = written(cells)
    (edge,) = Edge.objects.values_list("pk", flat=True)

    points = read(end - 3 * MINUTE, end, [(edge, METRIC_CLIENT)])

    (point,) = [point for point in points if point.requests]
    assert (point.requests, point.failed, point.rate) == (60, 6, 1)
    assert point.p95_ms == pytest.approx(20, rel=0.02)
    assert {point.requests for point in points} <= {None, 60}


@pytest.mark.django_db
def test_a_quiet_edge_beside_one_that_speaks_had_no_requests() -> None:
    cells = Cells()
    calls(cells, METRIC_CLIENT, 60)
    end = written(cells)

    points = read(end - 3 * MINUTE, end, [(0, METRIC_CLIENT)])

    assert [point for point in points if point.requests is not None] == [
        Point(point.minute, 0.0, 0.0) for point in points if point.requests is not None
    ]
    assert any(point.requests == 0 for point in points)


@pytest.mark.django_db
def test_without_edges_nothing_is_asked() -> None:
    assert [point.requests for point in read(NOON, NOON + 2 * MINUTE, [])] == [None, None]
