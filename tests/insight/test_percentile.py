"""The continuous percentile."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.insight.metrics.percentile import percentile, ratio

numbers = st.lists(st.floats(0, 1e9), min_size=1, max_size=50)


def test_no_values_have_no_percentile() -> None:
    assert percentile([], 0.5) is None


@pytest.mark.parametrize(("share", "expected"), [(0, 10), (0.5, 25), (0.75, 32.5), (0.9, 37), (1, 40)])
def test_values_between_two_are_interpolated_as_percentile_cont_does(share: float, expected: float) -> None:
    assert percentile([40, 10, 30, 20], share) == pytest.approx(expected)


def test_one_value_is_every_percentile() -> None:
    assert [percentile([7], share) for share in (0, 0.5, 0.9, 1)] == [7, 7, 7, 7]


@given(numbers)
def test_the_median_splits_the_sorted_values(values: list[float]) -> None:
    ordered = sorted(values)
    middle = len(ordered) // 2
    expected = ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2

    assert percentile(values, 0.5) == pytest.approx(expected)


@given(numbers, st.floats(0, 1), st.floats(0, 1), st.randoms())
def test_percentiles_rise_with_the_share_and_do_not_depend_on_order(
    values: list[float], one: float, two: float, random: object
) -> None:
    low, high = sorted((one, two))
    lower, upper = percentile(values, low), percentile(values, high)

    assert lower is not None
    assert upper is not None
    assert lower <= upper * (1 + 1e-12)
    assert min(values) <= lower
    assert percentile(list(reversed(values)), low) == lower


def test_a_ratio_of_nothing_is_unknown() -> None:
    assert ratio(0, 0) is None
    assert ratio(0, 4) == 0
    assert ratio(1, 4) == 0.25
