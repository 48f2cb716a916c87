"""Latency sketches: bounded error, and merging that loses nothing (mesh-dialects, section 11)."""

from collections import Counter
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.insight.sketch import (
    HIGHEST,
    LOWEST,
    bounded_quantile,
    bucket_of,
    buckets_of_ns,
    merge,
    pack,
    quantile,
    quantiles,
    unpack,
)

latencies_ms = st.floats(min_value=0.011, max_value=3_500_000)
samples = st.lists(latencies_ms, min_size=1, max_size=300)
sketches = st.dictionaries(st.integers(LOWEST, HIGHEST), st.integers(1, 1 << 30), max_size=60)


def sketch_of(values: list[float]) -> dict[int, int]:
    return merge({bucket_of(value): 1} for value in values)


@given(st.lists(samples, min_size=1, max_size=6), st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_a_quantile_of_merged_sketches_is_within_1_1_percent_of_the_sorted_data(
    parts: list[list[float]], q: float
) -> None:
    everything = sorted(value for part in parts for value in part)
    exact = everything[max(1, ceil(q * len(everything))) - 1]

    found = quantile(merge(sketch_of(part) for part in parts), q)

    assert found is not None
    assert found.value_ms == pytest.approx(exact, rel=0.0110)
    assert found.lower_ms <= exact * 1.000001
    assert exact <= found.upper_ms * 1.000001


@given(st.lists(sketches, max_size=5))
def test_merging_is_the_same_in_any_order(parts: list[dict[int, int]]) -> None:
    assert merge(parts) == merge(reversed(parts))


@given(sketches)
def test_the_stored_form_reads_back(sketch: dict[int, int]) -> None:
    assert unpack(pack(sketch)) == sketch


@given(st.lists(st.integers(11_000, 3_599_000_000_000), min_size=1, max_size=50))
def test_durations_in_nanoseconds_fall_into_the_bucket_of_their_milliseconds(durations: list[int]) -> None:
    by_ms = sketch_of([ns / 1e6 for ns in durations])
    by_ns = dict(buckets_of_ns(durations))

    # A value on the very edge of a bucket may fall on either side of it by rounding.
    assert sum(by_ns.values()) == len(durations)
    assert abs(sum(b * n for b, n in by_ms.items()) - sum(b * n for b, n in by_ns.items())) <= len(durations)


def test_one_millisecond_is_the_last_of_its_bucket() -> None:
    assert (bucket_of(1.0), bucket_of(1.0001)) == (-1, 0)


def test_what_lies_outside_the_range_goes_to_its_ends() -> None:
    assert (bucket_of(0.0), bucket_of(10**9)) == (LOWEST, HIGHEST)
    assert dict(buckets_of_ns([0, 10_000, 10**18])) == {LOWEST: 2, HIGHEST: 1}


def test_an_empty_sketch_has_no_quantile() -> None:
    assert quantile({}, 0.5) is None


def test_a_coarse_histogram_gives_an_interval_and_interpolates_in_it() -> None:
    found = bounded_quantile({0: 50, 1: 50}, (250.0, 500.0), 0.75)

    assert found is not None
    assert (found.lower_ms, found.value_ms, found.upper_ms) == (250.0, 375.0, 500.0)


def test_above_the_last_bound_only_the_bound_is_known() -> None:
    found = bounded_quantile({2: 4}, (250.0, 500.0), 0.5)

    assert found is not None
    assert (found.value_ms, found.upper_ms) == (500.0, float("inf"))


@pytest.mark.parametrize("values", [[5.0], [1.0, 2.0, 400.0], [float(n) for n in range(1, 200)]])
def test_several_quantiles_at_once_are_the_same_as_one_by_one(values: list[float]) -> None:
    buckets = Counter(bucket_of(value) for value in values)

    assert quantiles(buckets, (0.5, 0.95, 0.99)) == [quantile(buckets, q) for q in (0.5, 0.95, 0.99)]


def test_an_empty_sketch_has_no_quantiles() -> None:
    assert quantiles({}, (0.5, 0.95)) == [None, None]
