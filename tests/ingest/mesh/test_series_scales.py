"""Cumulative exponential histograms that become coarser as they grow: nothing counts twice."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.metrics.v1.metrics_pb2 import ExponentialHistogramDataPoint

from ingest.mesh.points import COUNT, CUMULATIVE, Bounds, Known, Meaning, Point, apply
from ingest.mesh.scales import bounds_of, coarsened, scale_of
from ingest.mesh.stored import advanced
from ingest.otlp.histograms import numbers_of
from plimsoll.store.cells import METRIC_CLIENT, Cells, Lane, Ref

SECOND_NS = 1_000_000_000
NOON_NS = 1_795_409_600 * SECOND_NS
LATENCY = Meaning(
    lane=Lane("", Ref("", "", "a", "service"), Ref("", "", "b", "service"), "http", METRIC_CLIENT), is_latency=True
)
SERIES = Known(b"series", "durations", CUMULATIVE, LATENCY)


def _point(at_s: int, scale: int, buckets: dict[int, int]) -> Point:
    """Return a point of calls by bucket at a scale."""
    first, last = min(buckets), max(buckets)
    said = ExponentialHistogramDataPoint(scale=scale, count=sum(buckets.values()), sum=10.0)
    said.positive.offset = first
    said.positive.bucket_counts.extend(buckets.get(index, 0) for index in range(first, last + 1))
    return Point(SERIES, NOON_NS, NOON_NS + at_s * SECOND_NS, 0, *numbers_of(said, "exponential_histogram", 1.0))


def _counted(points: list[Point]) -> dict[Bounds, dict[int, int]]:
    """Return the buckets that points add to cells, by their bounds, each point in a transaction of its own."""
    stored, cells = b"", Cells()
    for point in points:
        stored, increments = advanced(stored, [point])
        for increment in increments:
            apply(increment, LATENCY, cells)
    return {bounds: cell.latency for (_, _, bounds), cell in cells.edges.items()}


def _total(points: list[Point]) -> int:
    return sum(sum(buckets.values()) for buckets in _counted(points).values())


def test_a_histogram_that_becomes_coarser_counts_what_is_new() -> None:
    # At scale 5 bucket 96 is 8 to 8.18 ms; at scale 0 bucket 3 is 8 to 16 ms and bucket 5 is 32 to 64 ms.
    counted = _counted([_point(10, 5, {96: 4}), _point(20, 0, {3: 5, 5: 2})])

    coarse = {low: n for bucket, n in counted[bounds_of(0)].items() for low in [bounds_of(0)[bucket - 1]]}
    assert counted[()] == {96: 4}
    assert coarse == {8.0: 1, 32.0: 2}


def test_a_finer_point_that_comes_late_adds_nothing() -> None:
    points = [_point(20, 0, {3: 5, 5: 2}), _point(10, 5, {96: 4}), _point(30, 0, {3: 6, 5: 2})]

    assert _total(points) == 8


def test_a_histogram_that_starts_anew_at_a_finer_scale_counts_whole() -> None:
    later = _point(40, 5, {96: 4})._replace(start_ns=NOON_NS + 30 * SECOND_NS)

    assert _total([_point(20, 0, {3: 5, 5: 2}), later]) == 7 + 4


def test_values_are_the_same_at_a_coarser_scale_in_one_step_or_two() -> None:
    fine = {-200: 1.0, -1: 2.0, 0: 3.0, 31: 4.0, 32: 5.0, 690: 6.0, COUNT: 21.0}

    two_steps = coarsened(coarsened(fine, 5, 2), 2, -1)

    assert coarsened(fine, 5, -1) == two_steps
    assert scale_of(bounds_of(-1)) == -1


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.integers(-60, 400), min_size=1, max_size=4), min_size=2, max_size=6), st.data())
def test_totals_are_right_at_any_scale_in_any_order_and_twice(calls: list[list[int]], data: st.DataObject) -> None:
    points, total, scale = [], Counter[int](), 6
    for number, buckets in enumerate(calls):
        # Buckets at scale 6; the histogram only ever becomes coarser.
        scale = data.draw(st.integers(-2, scale))
        total.update(buckets)
        at_scale: Counter[int] = Counter()
        for bucket, n in total.items():
            at_scale[bucket >> (6 - scale)] += n
        points.append(_point(10 * number + 10, scale, dict(at_scale)))

    assert _total(data.draw(st.permutations(points * 2))) == total.total()
