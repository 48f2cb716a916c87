"""How much a metric series grew: the arithmetic of cumulative and delta points (mesh-dialects, section 6).

What a series has shown is kept as runs: stretches of points of one start time whose values never fell. The total of a
series is a function of its runs, and a point's increment is what it changes in that total. So neither the order of
points nor repeating them matters; only a value that falls without a new start time has to arrive in order.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from ingest.mesh.points import COUNT, DELTA, START_NS, SUM, Bounds, Increment, Point, Values
from ingest.mesh.scales import coarsened, scale_of

FIRST_POINT_NS: Final = 5 * 60 * 1_000_000_000
MOST_RUNS: Final = 8
MOST_DELTAS: Final = 32


@dataclass(frozen=True, slots=True)
class Run:
    """Points of one start time between the first and the last of which nothing fell."""

    start_ns: int
    bounds: Bounds
    first_ns: int
    first: Values
    last_ns: int
    last: Values


@dataclass(frozen=True, slots=True)
class SeriesState:
    """Where a series stands: `runs` in order of time, or the intervals of the last delta points.

    `past` is the run before the oldest one kept; points older than its end are known already, or come too late. `owed`
    is what was counted too much, by bucket, until the series grows by as much.
    """

    runs: tuple[Run, ...] = ()
    past: Run | None = None
    deltas: tuple[tuple[int, int], ...] = ()
    owed: Mapping[Bounds, Values] = field(default_factory=dict)


def advance(state: SeriesState | None, points: Iterable[Point]) -> tuple[SeriesState, list[Increment]]:
    """Return the new state of one series, and what it grew by."""
    state = state or SeriesState()
    increments: list[Increment] = []
    for point in points:
        if point.known.temporality == DELTA:
            state, grown = _delta(state, point)
        else:
            state, grown = _cumulative(state, point)
        increments += grown
    if state.owed or any(n < 0 for increment in increments for n in increment.values.values()):
        return _paid(state, increments)
    return state, increments


def _paid(state: SeriesState, increments: Iterable[Increment]) -> tuple[SeriesState, list[Increment]]:
    """Return the state and what is left of its increments once nothing of them is negative.

    A late point may show that others were counted for too much: those that seemed the first of their series, when a
    point of unknown start had come before. No minute must show less than nothing, and which minutes have too much is no
    longer known; so the series counts on when it has grown by what it owes.
    """
    owed = {bounds: dict(values) for bounds, values in state.owed.items()}
    paid = []
    for increment in increments:
        of_bounds = owed.setdefault(increment.bounds, {})
        left = _minus(increment.values, of_bounds)
        owed[increment.bounds] = {key: -n for key, n in left.items() if n < 0}
        paid += _increments(increment.minute, {increment.bounds: {key: n for key, n in left.items() if n > 0}})
    return replace(state, owed={bounds: values for bounds, values in owed.items() if values}), paid


def _delta(state: SeriesState, point: Point) -> tuple[SeriesState, list[Increment]]:
    """Add a delta point, unless its interval was seen (section 6.4)."""
    interval = (point.start_ns, point.time_ns)
    if interval in state.deltas:
        return state, []
    seen = (*state.deltas, interval)[-MOST_DELTAS:]
    return replace(state, deltas=seen), [Increment(point.minute, point.values, point.bounds)]


def _cumulative(state: SeriesState, point: Point) -> tuple[SeriesState, list[Increment]]:
    state, point = _at_one_scale(state, point)
    runs = state.runs
    if runs and _continues(runs[-1], point):
        # By far the most frequent: the next point of the newest run.
        last = runs[-1]
        grown = _minus(point.values, last.last)
        longer = replace(last, last_ns=point.time_ns, last=point.values)
        return replace(state, runs=(*runs[:-1], longer)), _increments(point.minute, {point.bounds: grown})
    newest = runs[-1] if runs else state.past
    if newest is None or _order(point) > (newest.start_ns, newest.last_ns):
        # The first point, or a reset: no other run changes what it counts for.
        alone = _alone(point)
        grown = _first_value(alone, newest)
        return _shortened(state, (*runs, alone)), _increments(point.minute, {point.bounds: grown})
    if state.past is not None and _order(point) <= (state.past.start_ns, state.past.last_ns):
        return state, []
    after = _with(runs, point)
    if after == runs:
        return state, []
    before_total, after_total = total_of(state), total_of(replace(state, runs=after))
    grown_by = {
        bounds: _minus(after_total.get(bounds, {}), before_total.get(bounds, {}))
        for bounds in {**before_total, **after_total}
    }
    return _shortened(state, after), _increments(point.minute, grown_by)


def _at_one_scale(state: SeriesState, point: Point) -> tuple[SeriesState, Point]:
    """Return a state and a point that can be compared.

    An exponential histogram becomes coarser as its range grows, with the same start: that is no reset, and what it had
    counted is the same at the coarser scale.
    """
    runs = tuple(run for run in state.runs if run.start_ns == point.start_ns and run.bounds != point.bounds)
    scale = scale_of(point.bounds) if runs else None
    for run in runs:
        of_run = scale_of(run.bounds)
        if scale is None or of_run is None:
            continue
        if of_run < scale:
            numbers = dict(coarsened(point.values, scale, of_run))
            total = numbers.pop(COUNT), numbers.pop(SUM)
            point, scale = point._replace(numbers=total, bounds=run.bounds, more=numbers), of_run
        else:
            coarser = replace(
                run,
                bounds=point.bounds,
                first=coarsened(run.first, of_run, scale),
                last=coarsened(run.last, of_run, scale),
            )
            state = replace(state, runs=tuple(coarser if each is run else each for each in state.runs))
    return state, point


def _shortened(state: SeriesState, runs: tuple[Run, ...]) -> SeriesState:
    """Return the state with other runs, the oldest of them forgotten."""
    if len(runs) > MOST_RUNS:
        return replace(state, runs=runs[-MOST_RUNS:], past=runs[-MOST_RUNS - 1])
    return replace(state, runs=runs)


def _alone(point: Point) -> Run:
    return Run(point.start_ns, point.bounds, point.time_ns, point.values, point.time_ns, point.values)


def _continues(run: Run, point: Point) -> bool:
    return (
        run.start_ns == point.start_ns
        and run.last_ns < point.time_ns
        and run.bounds == point.bounds
        and _grows(run.last, point.values)
    )


def _order(point: Point) -> tuple[int, int]:
    return point.start_ns, point.time_ns


def _with(runs: tuple[Run, ...], point: Point) -> tuple[Run, ...]:
    """Return the runs with a point put where it belongs."""
    before = [run for run in runs if (run.start_ns, run.first_ns) <= _order(point)]
    after = list(runs[len(before) :])
    alone = _alone(point)
    earlier = before[-1] if before and before[-1].start_ns == point.start_ns else None
    if earlier is not None and point.time_ns <= earlier.last_ns:
        return (*before[:-1], *_within(earlier, alone), *after)
    if earlier is not None and _continues(earlier, point):
        return (*before[:-1], replace(earlier, last_ns=point.time_ns, last=point.values), *after)
    if after and after[0].start_ns == point.start_ns and after[0].bounds == point.bounds:
        later = after[0]
        if _grows(point.values, later.first):
            return (*before, replace(later, first_ns=point.time_ns, first=point.values), *after[1:])
    return (*before, alone, *after)


def _within(run: Run, alone: Run) -> list[Run]:
    """Return a run with a point inside its time: the same, or split where a value must have fallen."""
    if alone.first_ns in (run.first_ns, run.last_ns):
        return [run]
    fits_before = run.bounds == alone.bounds and _grows(run.first, alone.first)
    fits_after = run.bounds == alone.bounds and _grows(alone.first, run.last)
    if fits_before and fits_after:
        return [run]
    head = replace(run, last_ns=run.first_ns, last=run.first)
    tail = replace(run, first_ns=run.last_ns, first=run.last)
    if fits_before:
        return [replace(run, last_ns=alone.last_ns, last=alone.last), tail]
    if fits_after:
        return [head, replace(run, first_ns=alone.first_ns, first=alone.first)]
    return [head, alone, tail]


def total_of(state: SeriesState) -> dict[Bounds, Values]:
    """Return all that the runs of a series have counted, by the bounds of the buckets."""
    totals: dict[Bounds, Values] = {}
    previous = state.past
    for run in state.runs:
        total = totals.setdefault(run.bounds, {})
        _add(total, _minus(run.last, run.first))
        _add(total, _first_value(run, previous))
        previous = run
    return totals


def _first_value(run: Run, previous: Run | None) -> Values:
    """Return what a run's first value counts for (section 6.2).

    The first run of a series counts it if the start is within five minutes before, else it is the baseline. After a
    reset it counts whole. A start at the very time of the point is a collector's that began to look (the Prometheus
    receiver): nothing can have been counted since, so the values go on from the run before.
    """
    if previous is None:
        age = run.first_ns - run.start_ns
        return run.first if run.start_ns and START_NS < age <= FIRST_POINT_NS else {}
    if previous.start_ns == run.start_ns:
        return run.first
    looked_first = run.first_ns - run.start_ns <= START_NS or previous.start_ns == 0
    if looked_first and previous.bounds == run.bounds and _grows(previous.last, run.first):
        return _minus(run.first, previous.last)
    return run.first


def _grows(earlier: Values, later: Values) -> bool:
    """Whether no count fell."""
    return all(later.get(key, 0.0) >= n for key, n in earlier.items() if key != SUM)


def _minus(later: Values, earlier: Values) -> Values:
    difference = dict(later)
    for key, n in earlier.items():
        difference[key] = difference.get(key, 0.0) - n
    return difference


def _add(total: Values, more: Values) -> None:
    for key, n in more.items():
        total[key] = total.get(key, 0.0) + n


def _increments(minute: int, grown: dict[Bounds, Values]) -> list[Increment]:
    found = []
    for bounds, values in grown.items():
        changed = {key: n for key, n in values.items() if n}
        if any(key != SUM for key in changed):
            found.append(Increment(minute, changed, bounds))
    return found
