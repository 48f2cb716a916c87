"""Values of metric points, above all of exponential histograms."""

import pytest
from opentelemetry.proto.metrics.v1.metrics_pb2 import ExponentialHistogramDataPoint, HistogramDataPoint

from ingest.mesh.points import Bounds, Buckets
from ingest.otlp.histograms import Unreadable, numbers_of
from plimsoll.insight.sketch import LOWEST, bucket_of


def _exponential(scale: int, offset: int, counts: list[int], zeros: int = 0) -> ExponentialHistogramDataPoint:
    point = ExponentialHistogramDataPoint(scale=scale, zero_count=zeros, count=sum(counts) + zeros, sum=50.0)
    point.positive.offset = offset
    point.positive.bucket_counts.extend(counts)
    return point


def _read(scale: int, offset: int, counts: list[int], zeros: int = 0) -> tuple[Buckets, Bounds]:
    """Return the buckets of an exponential histogram and their bounds."""
    numbers, bounds, buckets = numbers_of(_exponential(scale, offset, counts, zeros), "exponential_histogram", 1.0)
    assert numbers == (sum(counts) + zeros, 50.0)
    return buckets, bounds


def test_a_finer_scale_is_merged_exactly_into_the_sketch() -> None:
    # At scale 6 there are 64 buckets an octave, two in each of the 32 at scale 5; 64 begins at 2 ms.
    assert _read(6, 64, [3, 4, 5]) == ({32: 7, 33: 5}, ())
    assert bucket_of(2.01) == 32


def test_a_finer_scale_is_merged_exactly_below_a_millisecond() -> None:
    # Bucket -1 at scale 7 is (2^(-1/128), 1] ms and lies in bucket -1 at scale 5, as do the three below it.
    assert _read(7, -5, [1, 1, 1, 1, 1, 1]) == ({-2: 1, -1: 4, 0: 1}, ())


@pytest.mark.parametrize(
    ("scale", "bucket", "low", "high"),
    # Bucket i holds (base^i, base^(i+1)] with base = 2^(2^-scale).
    [
        (4, 64, 16.0, 16.0 * 2 ** (1 / 16)),
        (1, 6, 8.0, 8.0 * 2**0.5),
        (0, 3, 8.0, 16.0),
        (-1, 2, 16.0, 64.0),
        (-2, 1, 16.0, 256.0),
    ],
)
def test_a_coarser_scale_keeps_its_own_bounds(scale: int, bucket: int, low: float, high: float) -> None:
    buckets, bounds = _read(scale, bucket, [6])

    ((kept, n),) = buckets.items()
    assert [bounds[kept - 1], bounds[kept], n] == pytest.approx([low, high, 6])


def test_a_coarser_scale_has_the_same_bounds_wherever_its_buckets_begin() -> None:
    assert _read(0, 3, [6])[1] is _read(0, -2, [1, 1])[1]


def test_a_scale_at_which_everything_is_one_bucket_is_refused() -> None:
    with pytest.raises(Unreadable, match="too coarse"):
        _read(-3, 0, [1])


def test_zeros_are_in_the_lowest_bucket() -> None:
    assert _read(5, 0, [], zeros=2) == ({LOWEST: 2}, ())
    assert _read(0, 0, [], zeros=2)[0] == {0: 2}


def test_seconds_become_milliseconds() -> None:
    point = HistogramDataPoint(count=3, sum=0.5, explicit_bounds=[0.1, 0.25], bucket_counts=[1, 2, 0])

    assert numbers_of(point, "histogram", 1000.0) == ((3, 500.0, 1, 2, 0), (100.0, 250.0), {})


def test_a_histogram_without_buckets_has_a_count_and_a_sum() -> None:
    assert numbers_of(HistogramDataPoint(count=3, sum=7.0), "histogram", 1.0) == ((3, 7.0), (), {})


MOST = 2**53


@pytest.mark.parametrize(
    "point",
    [
        HistogramDataPoint(count=MOST + 1),
        HistogramDataPoint(count=7, explicit_bounds=[1, 2], bucket_counts=[0, 2**64 - 1, 0]),
        HistogramDataPoint(count=7, explicit_bounds=[1, 2], bucket_counts=[MOST, 1, 0]),
    ],
)
def test_a_histogram_of_more_than_can_be_counted_exactly_is_refused(point: HistogramDataPoint) -> None:
    with pytest.raises(Unreadable, match=r"above 2\^53"):
        numbers_of(point, "histogram", 1.0)


@pytest.mark.parametrize(("counts", "zeros"), [([1, 2**64 - 2], 0), ([MOST, 1], 0), ([1], MOST + 1)])
def test_an_exponential_histogram_of_more_than_can_be_counted_exactly_is_refused(counts: list[int], zeros: int) -> None:
    point = _exponential(5, 0, counts)
    point.count, point.zero_count = 7, zeros

    with pytest.raises(Unreadable, match=r"above 2\^53"):
        numbers_of(point, "exponential_histogram", 1.0)


@pytest.mark.parametrize("total", [float("nan"), float("inf"), -1.0, 1e300, 1e306])
def test_a_sum_that_no_durations_have_is_not_known_and_the_buckets_are(total: float) -> None:
    point = HistogramDataPoint(count=3, sum=total, explicit_bounds=[0.1], bucket_counts=[1, 2])

    assert numbers_of(point, "histogram", 1000.0) == ((3, 0.0, 1, 2), (100.0,), {})


def test_a_histogram_may_have_as_much_as_can_be_counted_exactly() -> None:
    assert numbers_of(HistogramDataPoint(count=MOST), "histogram", 1.0) == ((MOST, 0.0), (), {})


@pytest.mark.parametrize(
    "point",
    [
        HistogramDataPoint(count=3, explicit_bounds=[1, 2], bucket_counts=[1, 2]),
        HistogramDataPoint(count=3, explicit_bounds=[2, 1], bucket_counts=[1, 1, 1]),
        HistogramDataPoint(count=3, explicit_bounds=[1, float("nan")], bucket_counts=[1, 1, 1]),
    ],
)
def test_a_histogram_that_contradicts_itself_is_refused(point: HistogramDataPoint) -> None:
    with pytest.raises(Unreadable, match="bounds do not fit"):
        numbers_of(point, "histogram", 1.0)


def test_a_bound_that_is_no_number_in_milliseconds_is_refused() -> None:
    point = HistogramDataPoint(count=3, explicit_bounds=[1, 1e307], bucket_counts=[1, 1, 1])

    with pytest.raises(Unreadable, match="bounds do not fit"):
        numbers_of(point, "histogram", 1000.0)
