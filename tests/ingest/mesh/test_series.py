"""The arithmetic of metric series: totals equal what was generated."""

import json
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.mesh.points import COUNT, CUMULATIVE, DELTA, SUM, Bounds, Known, Meaning, Point, repaired_start
from ingest.mesh.series import MOST_DELTAS, SeriesState, advance, total_of
from ingest.mesh.stored import advanced, decoded, encoded

SECOND_NS = 1_000_000_000
MINUTE_NS = 60 * SECOND_NS
NOON_NS = 1_795_409_600 * SECOND_NS


def _point(
    start_ns: int, time_ns: int, numbers: tuple[float, ...], *, temporality: int = CUMULATIVE, bounds: Bounds = ()
) -> Point:
    known = Known(b"series", "calls", temporality, Meaning())
    return Point(known, start_ns, time_ns, time_ns // MINUTE_NS, numbers, bounds)


def _sum(start_s: int, time_s: int, value: float, temporality: int = CUMULATIVE) -> Point:
    """Return a point of a sum whose times are seconds after noon."""
    return _point(NOON_NS + start_s * SECOND_NS, NOON_NS + time_s * SECOND_NS, (value,), temporality=temporality)


def _total(points: Sequence[Point], key: int = COUNT) -> float:
    """Return what points add up to, each in a transaction of its own."""
    stored, total = b"", 0.0
    for point in points:
        stored, increments = advanced(stored, [point])
        total += sum(increment.values.get(key, 0.0) for increment in increments)
    return total


def test_the_first_point_counts_when_its_series_began_within_five_minutes() -> None:
    young, old, unknown = _sum(0, 300, 7), _sum(0, 301, 7), _point(0, NOON_NS, (7.0,))

    assert [_total([young]), _total([old]), _total([unknown])] == [7, 0, 0]


def test_a_start_at_the_time_of_the_first_point_counts_nothing() -> None:
    assert _total([_sum(0, 0, 1_000_000), _sum(0, 15, 1_000_004)]) == 4


def test_a_collector_that_starts_again_goes_on_from_the_values_before() -> None:
    assert _total([_sum(0, 0, 1_000), _sum(0, 15, 1_004), _sum(60, 60, 1_010), _sum(60, 75, 1_011)]) == 11


def test_growth_is_counted_in_the_minute_of_its_point() -> None:
    _, increments = advance(None, [_sum(0, 10, 2), _sum(0, 70, 5)])

    minutes = [(increment.minute - NOON_NS // MINUTE_NS, increment.values[COUNT]) for increment in increments]
    assert minutes == [(0, 2), (1, 3)]


def test_a_value_that_falls_is_a_reset_and_counts_whole() -> None:
    assert _total([_sum(0, 10, 5), _sum(0, 20, 9), _sum(0, 30, 2), _sum(0, 40, 3)]) == 12


def test_a_newer_start_is_a_reset_even_when_the_value_did_not_fall() -> None:
    assert _total([_sum(0, 10, 5), _sum(20, 30, 8)]) == 13


def test_a_late_point_of_a_former_start_is_no_reset() -> None:
    assert _total([_sum(0, 10, 5), _sum(20, 30, 1), _sum(0, 15, 6), _sum(20, 40, 2)]) == 8


def test_a_point_before_the_baseline_moves_it_back() -> None:
    assert _total([_sum(-900, 60, 100), _sum(-900, 30, 90)]) == 10


def test_a_point_between_two_known_ones_adds_nothing() -> None:
    assert _total([_sum(0, 10, 4), _sum(0, 30, 9), _sum(0, 20, 6)]) == 9


def test_a_delta_point_counts_once_an_interval() -> None:
    points = [_sum(0, 10, 4, DELTA), _sum(10, 20, 3, DELTA), _sum(0, 10, 4, DELTA)]

    assert _total(points) == 7


def test_delta_points_without_a_start_count() -> None:
    first = _point(0, NOON_NS, (2.0,), temporality=DELTA)
    second = _point(0, NOON_NS + SECOND_NS, (3.0,), temporality=DELTA)

    assert _total([first, second, first]) == 5


def test_the_last_delta_intervals_are_remembered_and_no_more() -> None:
    state, _ = advance(None, [_sum(n, n + 1, 1, DELTA) for n in range(100)])

    assert len(state.deltas) == MOST_DELTAS


def test_a_late_point_that_shows_too_much_was_counted_takes_it_from_what_comes_next() -> None:
    # Alone, 7 in the first minute of its life counts. Then 5 of it turn out to be older, their start unknown.
    points = [_sum(0, 60, 7), _point(0, NOON_NS + 30 * SECOND_NS, (5.0,)), _sum(0, 75, 8), _sum(0, 90, 20)]

    stored, increments = b"", []
    for point in points:
        stored, grown = advanced(stored, [point])
        increments += [increment.values[COUNT] for increment in grown]

    assert increments == [7, 8]
    assert sum(increments) == 20 - 5


# Points with starts known and unknown, in order or not, whose values rise and fall.
_ANY_POINTS = st.lists(st.tuples(st.sampled_from([None, 0, 40, 400]), st.integers(1, 100), st.integers(0, 9)))


@settings(max_examples=300, deadline=None)
@given(_ANY_POINTS)
def test_no_increment_is_negative_and_what_is_owed_makes_up_the_difference(
    rows: list[tuple[int | None, int, int]],
) -> None:
    state, increments = SeriesState(), []
    for start_s, time_s, value in rows:
        start_ns = 0 if start_s is None else NOON_NS + start_s * SECOND_NS
        late = 400 if start_s == 400 else 0
        point = _point(start_ns, NOON_NS + (time_s + late) * SECOND_NS, (value,))
        state, grown = advance(decoded(encoded(state)), [point])
        increments += [increment.values[COUNT] for increment in grown]

    owed = sum(values[COUNT] for values in state.owed.values())
    total = sum(values[COUNT] for values in total_of(state).values())
    assert all(n > 0 for n in increments)
    if state.past is None:
        assert sum(increments) - owed == total


def test_histograms_grow_by_bucket_and_start_anew_with_other_bounds() -> None:
    bounds, others = (5.0, 10.0), (5.0, 20.0)
    first = _point(NOON_NS, NOON_NS + SECOND_NS, (3.0, 30.0, 1.0, 2.0, 0.0), bounds=bounds)
    second = _point(NOON_NS, NOON_NS + 2 * SECOND_NS, (6.0, 60.0, 4.0, 2.0, 0.0), bounds=bounds)
    third = _point(NOON_NS, NOON_NS + 3 * SECOND_NS, (1.0, 10.0, 1.0, 0.0, 0.0), bounds=others)

    _, increments = advance(None, [first, second, third])

    grown = [(increment.bounds, increment.values) for increment in increments]
    assert grown == [
        (bounds, {0: 1, 1: 2, COUNT: 3, SUM: 30}),
        (bounds, {0: 3, COUNT: 3, SUM: 30}),
        (others, {0: 1, COUNT: 1, SUM: 10}),
    ]


def test_starts_in_other_units_are_repaired() -> None:
    start_ns = NOON_NS - 20 * SECOND_NS

    repaired = [repaired_start(start_ns // unit, NOON_NS) for unit in (1, 10**3, 10**6, 10**9)]
    assert repaired == [start_ns] * 4


def test_an_impossible_start_is_unknown() -> None:
    assert [repaired_start(0, NOON_NS), repaired_start(7, NOON_NS), repaired_start(NOON_NS * 3, NOON_NS)] == [0, 0, 0]


# Lives of a process: what it counted in each interval of 15 s.
_LIVES = st.lists(st.lists(st.integers(0, 50), min_size=1, max_size=6), min_size=1, max_size=5)


def _cumulative(lives: list[list[int]]) -> list[Point]:
    points, at = [], 0
    for counts in lives:
        start, value = at, 0
        for n in counts:
            at, value = at + 15, value + n
            points.append(_sum(start, at, value))
        at += 5
    return points


def _deltas(lives: list[list[int]]) -> list[Point]:
    points, at = [], 0
    for counts in lives:
        for n in counts:
            points.append(_sum(at, at + 15, n, DELTA))
            at += 15
        at += 5
    return points


@settings(max_examples=150, deadline=None)
@given(_LIVES, st.randoms(use_true_random=False))
def test_totals_equal_what_was_counted_in_any_order_with_repetitions_and_for_both_temporalities(
    lives: list[list[int]], random: object
) -> None:
    counted = sum(map(sum, lives))
    cumulative, deltas = _cumulative(lives) * 2, _deltas(lives) * 2
    random.shuffle(cumulative)  # type: ignore[attr-defined]
    random.shuffle(deltas)  # type: ignore[attr-defined]

    assert _total(cumulative) == counted
    assert _total(deltas) == counted


@settings(max_examples=100, deadline=None)
@given(_LIVES, st.data())
def test_gaps_lose_nothing_while_each_life_s_last_point_arrives(lives: list[list[int]], data: st.DataObject) -> None:
    points = _cumulative(lives)
    lasts = {
        max(point.time_ns for point in points if point.start_ns == start) for start in {p.start_ns for p in points}
    }
    kept = [point for point in points if point.time_ns in lasts or data.draw(st.booleans())]

    assert _total(data.draw(st.permutations(kept))) == sum(map(sum, lives))


def test_states_that_were_stored_as_json_go_on() -> None:
    run = [NOON_NS, [], NOON_NS + 10 * SECOND_NS, [[COUNT, 5.0]], NOON_NS + 20 * SECOND_NS, [[COUNT, 9.0]]]
    stored = json.dumps({"runs": [run]}).encode()

    _, increments = advanced(stored, [_sum(0, 30, 11)])

    assert [increment.values for increment in increments] == [{COUNT: 2}]


def test_the_stored_form_is_read_as_it_was_written() -> None:
    points = [_sum(0, 10, 5), _sum(0, 20, 3), _point(0, NOON_NS, (2.0,)), _sum(40, 50, 1), _sum(0, 15, 4)]
    histogram = _point(NOON_NS, NOON_NS + SECOND_NS, (3.0, 30.0, 1.0, 2.0, 0.0), bounds=(5.0, 10.0))

    for count in range(1, len(points) + 1):
        state, _ = advance(None, points[:count])
        assert decoded(encoded(state)) == state
    with_bounds, _ = advance(None, [histogram])
    assert decoded(encoded(with_bounds)) == with_bounds
