"""The arithmetic of cumulative histograms: buckets in cells equal what was generated, whatever happened on the way."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.mesh.points import CUMULATIVE, Known, Meaning, Point, apply, repaired_start
from ingest.mesh.series import MOST_RUNS
from ingest.mesh.stored import advanced
from plimsoll.store.cells import METRIC_CLIENT, Cells, Lane, Ref

SECOND_NS = 1_000_000_000
NOON_NS = 1_795_409_600 * SECOND_NS
BOUNDS = (5.0, 10.0, 25.0)
LATENCY = Meaning(
    lane=Lane("", Ref("", "", "a", "service"), Ref("", "", "b", "service"), "http", METRIC_CLIENT), is_latency=True
)
SERIES = Known(b"series", "durations", CUMULATIVE, LATENCY)
# Calls by bucket that a process answered in each of its intervals, and how long each interval was in seconds.
_INTERVAL = st.tuples(st.lists(st.integers(0, 3), max_size=5), st.integers(1, 60))
_LIVES = st.lists(st.lists(_INTERVAL, min_size=1, max_size=5), min_size=1, max_size=6)


def _point(start_ns: int, time_ns: int, buckets: Counter[int], sent_start: int | None = None) -> Point:
    """Return a point of calls that took 3 ms each; `sent_start` is the start in the unit that the sender used."""
    numbers = (buckets.total(), 3.0 * buckets.total(), *(buckets[bucket] for bucket in range(4)))
    start_ns = start_ns if sent_start is None else repaired_start(sent_start, time_ns)
    return Point(SERIES, start_ns, time_ns, time_ns // (60 * SECOND_NS), numbers, BOUNDS)


def _points(lives: list[list[tuple[list[int], int]]]) -> list[Point]:
    """Return a point an interval; the first of each life has its start in microseconds, as Envoy sends it."""
    points, at_ns = [], NOON_NS
    for life in lives:
        start_ns, total = at_ns, Counter[int]()
        for number, (calls, seconds) in enumerate(life):
            at_ns += seconds * SECOND_NS
            total.update(calls)
            points.append(_point(start_ns, at_ns, total, start_ns // 1_000 if number == 0 else None))
        at_ns += SECOND_NS
    return points


def _counted(points: list[Point]) -> tuple[dict[int, int], float]:
    """Return the buckets and the sum of latencies that points add to cells, each in a transaction of its own."""
    stored, cells = b"", Cells()
    for point in points:
        stored, increments = advanced(stored, [point])
        for increment in increments:
            apply(increment, LATENCY, cells)
    buckets: Counter[int] = Counter()
    for cell in cells.edges.values():
        buckets.update(cell.latency)
    return dict(+buckets), sum(cell.latency_sum_ms for cell in cells.edges.values())


@settings(max_examples=150, deadline=None)
@given(_LIVES, st.randoms(use_true_random=False))
def test_buckets_equal_what_was_counted_in_any_order_and_twice(
    lives: list[list[tuple[list[int], int]]], random: object
) -> None:
    calls = Counter(call for life in lives for counted, _ in life for call in counted)
    points = _points(lives) * 2
    random.shuffle(points)  # type: ignore[attr-defined]

    assert _counted(points) == (dict(calls), 3.0 * calls.total())


def test_many_lives_in_order_lose_nothing_though_few_are_remembered() -> None:
    lives = [[([1, 2], 15), ([0], 15)] for _ in range(5 * MOST_RUNS)]
    points = _points(lives)
    # Each point again, a while after it first came.
    repeated = [point for at in range(len(points)) for point in (points[at], points[max(0, at - 30)])]

    assert _counted(repeated)[0] == {0: 40, 1: 40, 2: 40}


def test_one_bucket_that_falls_is_a_reset_of_all() -> None:
    before = _point(NOON_NS, NOON_NS + SECOND_NS, Counter({0: 2, 1: 1}))
    after = _point(NOON_NS, NOON_NS + 2 * SECOND_NS, Counter({1: 4}))

    assert _counted([before, after])[0] == {0: 2, 1: 5}
