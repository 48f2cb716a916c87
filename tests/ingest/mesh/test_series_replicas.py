"""Several collectors that send the same series: each call counts once (mesh-dialects, section 6.7)."""

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.mesh.points import COUNT, CUMULATIVE, DELTA, Known, Meaning, Point
from ingest.mesh.replicas import advanced

SECOND_NS = 1_000_000_000
NOON_NS = 1_795_409_600 * SECOND_NS


def _point(replica: str, start_s: float, time_s: float, value: float, temporality: int = CUMULATIVE) -> Point:
    """Return what a collector said; times are seconds after noon."""
    start_ns, time_ns = (NOON_NS + round(at * SECOND_NS) for at in (start_s, time_s))
    known = Known(b"series", "calls", temporality, Meaning(), replica=replica)
    return Point(known, start_ns, time_ns, time_ns // (60 * SECOND_NS), (value,))


def _delta(replica: str, start_s: float, time_s: float, value: float) -> Point:
    return _point(replica, start_s, time_s, value, DELTA)


def _total(points: Iterable[Point]) -> float:
    """Return what points add up to, each in a transaction of its own."""
    stored, total = b"", 0.0
    for point in points:
        stored, (increments, _) = advanced(stored, [point])
        total += sum(increment.values[COUNT] for increment in increments)
    return total


def test_deltas_of_two_collectors_count_once() -> None:
    points = [_delta(name, at, at + 15, 3) for at in range(0, 600, 15) for name in ("a", "b")]

    assert _total(points) == 40 * 3


def test_deltas_in_one_request_count_once_too() -> None:
    points = [_delta(name, at, at + 15, 3) for name in ("a", "b") for at in range(0, 60, 15)]

    _, (increments, ignored) = advanced(b"", points)

    assert sum(increment.values[COUNT] for increment in increments) == 12
    assert ignored == 4


def test_another_collector_takes_over_after_three_missed_intervals_and_fills_the_gap() -> None:
    both = [_delta(name, at, at + 15, 1) for at in range(0, 60, 15) for name in ("a", "b")]
    alone = [_delta("b", at, at + 15, 1) for at in range(60, 180, 15)]

    # The third interval after the last point of `a` ends at 105 s.
    assert _total([*both, *alone[:3]]) == 4
    assert _total([*both, *alone[:4]]) == 8
    assert _total([*both, *alone]) == 12


def test_the_first_collector_does_not_count_again_when_it_returns_with_what_it_had_kept() -> None:
    a = [_delta("a", at, at + 15, 1) for at in range(0, 180, 15)]
    b = [_delta("b", at, at + 15, 1) for at in range(0, 180, 15)]

    assert _total([*a[:4], *b, *a[4:]]) == 12


def test_a_part_of_one_interval_is_lost_where_intervals_do_not_meet() -> None:
    a = [_delta("a", at, at + 15, 15) for at in range(0, 60, 15)]
    b = [_delta("b", at + 7, at + 22, 15) for at in range(0, 180, 15)]

    # `a` counted until 60 s and `b` from 67 s to 187 s: its interval from 52 s to 67 s overlaps.
    assert _total(sorted([*a, *b], key=lambda point: point.time_ns)) == 60 + 120


def test_deltas_without_a_start_are_switched_too() -> None:
    points = [_delta("a", -NOON_NS / SECOND_NS, at, 1) for at in (15, 30, 45)]
    later = [_delta("b", -NOON_NS / SECOND_NS, at, 1) for at in (30, 45, 60, 75, 90, 105)]

    assert _total([*points, *later]) == 3 + 4


def test_one_count_of_one_start_counts_whoever_sends_it() -> None:
    points = [_point("a", 0, 10, 5), _point("b", 0, 12, 6), _point("a", 0, 25, 9), _point("b", 0, 27, 9)]

    assert _total(points) == 9
    assert _total(reversed(points)) == 9


@pytest.mark.parametrize("start_of_b", [-900, -300, 5, 44])
def test_a_count_goes_on_where_the_other_collector_gives_it_a_start_of_its_own(start_of_b: int) -> None:
    a = [_point("a", 0, at, 1_000 + at) for at in range(0, 60, 15)]
    b = [_point("b", start_of_b, at, 1_000 + at) for at in range(50, 200, 15)]

    # From the first point of `a`, a baseline, to the last one of `b`.
    assert _total([*a, *b]) == 185


def test_a_collector_that_begins_to_look_after_the_other_ended_goes_on_from_its_values() -> None:
    a = [_point("a", 0, at, 1_000 + at) for at in range(0, 60, 15)]
    b = [_point("b", 50, at, 1_000 + at) for at in range(50, 200, 15)]

    assert _total([*a, *b]) == 185


def test_a_process_that_starts_anew_while_no_collector_looks_counts_whole() -> None:
    a = [_point("a", -60, at, 1_000 + at) for at in range(0, 60, 15)]
    b = [_point("b", 100, at, at - 100) for at in range(110, 200, 15)]

    assert _total([*a, *b]) == 1_000 - 1_000 + _total(a) + 85


def test_a_process_that_starts_anew_is_counted_once_though_both_saw_it() -> None:
    first = [_point(name, 0, at, at) for at in (15, 30, 45) for name in ("a", "b")]
    second = [_point(name, start, at, at - 46) for at in (60, 75) for name, start in (("a", 46.5), ("b", 46))]

    assert _total([*first, *second]) == 45 + 29


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 30), st.lists(st.integers(0, 9), min_size=40, max_size=40), st.integers(0, 14))
def test_whenever_a_collector_ends_at_most_one_interval_is_lost_and_nothing_is_doubled(
    ends: int, calls: list[int], offset: int
) -> None:
    a = [_delta("a", at * 15, at * 15 + 15, calls[at]) for at in range(ends)]
    # The other one's intervals begin later; it counts the same calls, which all come as a quarter minute begins.
    shift = 1 if offset else 0
    b = [_delta("b", at * 15 + offset, at * 15 + 15 + offset, calls[at + shift]) for at in range(40 - shift)]

    total = _total(sorted([*a, *b], key=lambda point: (point.time_ns, point.known.replica)))

    assert sum(calls) - (9 if offset else 0) <= total <= sum(calls)
