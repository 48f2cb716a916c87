"""Values of metric points, above all of exponential histograms."""

import pytest
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    ExponentialHistogramDataPoint,
    HistogramDataPoint,
    NumberDataPoint,
)

from ingest.mesh.points import COUNT, SUM
from ingest.otlp.histograms import Unreadable, values_of
from plimsoll.insight.sketch import LOWEST, bucket_of


def _exponential(scale: int, offset: int, counts: list[int], zeros: int = 0) -> ExponentialHistogramDataPoint:
    point = ExponentialHistogramDataPoint(scale=scale, zero_count=zeros, count=sum(counts) + zeros, sum=50.0)
    point.positive.offset = offset
    point.positive.bucket_counts.extend(counts)
    return point


def test_a_finer_scale_is_merged_exactly_into_the_sketch() -> None:
    # At scale 6 there are 64 buckets an octave, two in each of the 32 at scale 5; 64 begins at 2 ms.
    values, bounds = values_of(_exponential(6, 64, [3, 4, 5]), "exponential_histogram", 1.0)

    assert bounds == ()
    assert values == {32: 7, 33: 5, COUNT: 12, SUM: 50.0}
    assert bucket_of(2.01) == 32


def test_a_coarser_scale_keeps_its_own_bounds() -> None:
    # At scale 0 bucket 3 is 8 to 16 ms.
    values, bounds = values_of(_exponential(0, 3, [6]), "exponential_histogram", 1.0)

    (bucket,) = (bucket for bucket in values if bucket < COUNT)
    assert (bounds[bucket - 1], bounds[bucket], values[bucket]) == (8.0, 16.0, 6)


def test_zeros_are_in_the_lowest_bucket() -> None:
    values, _ = values_of(_exponential(5, 0, [], zeros=2), "exponential_histogram", 1.0)

    assert values[LOWEST] == 2


def test_seconds_become_milliseconds() -> None:
    point = HistogramDataPoint(count=3, sum=0.5, explicit_bounds=[0.1, 0.25], bucket_counts=[1, 2, 0])

    assert values_of(point, "histogram", 1000.0) == ({0: 1, 1: 2, COUNT: 3, SUM: 500.0}, (100.0, 250.0))


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
        values_of(point, "histogram", 1.0)


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_a_sum_that_is_no_count_is_refused(value: float) -> None:
    with pytest.raises(Unreadable, match="negative or not finite"):
        values_of(NumberDataPoint(as_double=value), "sum", 1.0)
