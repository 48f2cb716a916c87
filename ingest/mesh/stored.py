"""The stored form of where a series stands, and the quick way on from it.

Almost every point is the next one of the newest run of a counter, or of a histogram with fixed buckets. That run is
packed at the front of the stored form: it is read, compared and written without the general arithmetic of `series`,
which takes over wherever something else came. What else a series has shown follows as JSON, and is left alone.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from operator import ge
from struct import Struct
from typing import Any, Final

from ingest.mesh.points import COUNT, DELTA, SUM, Bounds, Increment, Numbers, Point, Values, values_of
from ingest.mesh.series import Run, SeriesState, advance

_RUN: Final = 1
_DELTAS: Final = 2
# Kind, how many bounds and numbers, start, first and last time; then the bounds, the first and the last numbers; then
# the rest of the state.
_HEAD: Final = Struct("<BHHqqq")


def advanced(stored: bytes, points: Sequence[Point]) -> tuple[bytes, list[Increment]]:
    """Return the new stored form of one series, and what it grew by; points in order of start and time."""
    if points[0].known.temporality == DELTA:
        state, increments = advance(decoded(stored), points)
        return encoded(state), increments
    increments, at = [], 0
    while at < len(points):
        if stored and stored[0] == _RUN:
            stored, grown, at = _continued(stored, points, at)
            increments += grown
        if at < len(points):
            state, grown = advance(decoded(stored), points[at : at + 1])
            stored, at = encoded(state), at + 1
            increments += grown
    return stored, increments


def _continued(stored: bytes, points: Sequence[Point], at: int) -> tuple[bytes, list[Increment], int]:
    """Return what `advanced` does up to the first point that is not the next one of the run, and where that is."""
    _, n_bounds, n, start_ns, first_ns, last_ns = _HEAD.unpack_from(stored)
    floats = _floats(n_bounds + 2 * n).unpack_from(stored, _HEAD.size)
    bounds, last = floats[:n_bounds], floats[n_bounds + n :]
    increments: list[Increment] = []
    minute, before = points[at].minute, last
    for _, start, time_ns, in_minute, numbers, of_bounds, more, _ in points[at:]:
        if start != start_ns or of_bounds != bounds or more or len(numbers) != n:
            break
        if time_ns <= last_ns:
            if time_ns not in (first_ns, last_ns):
                break
        elif not (numbers[0] >= last[0] if n == 1 else all(map(ge, numbers, last))):
            break
        if in_minute != minute:
            _grew(increments, minute, before, last, bounds)
            minute, before = in_minute, last
        at += 1
        if time_ns > last_ns:
            last_ns, last = time_ns, numbers
    _grew(increments, minute, before, last, bounds)
    run = _packed(bounds, start_ns, first_ns, floats[n_bounds : n_bounds + n], last_ns, last)
    return run + stored[len(run) :], increments, at


def _grew(increments: list[Increment], minute: int, before: Numbers, after: Numbers, bounds: Bounds) -> None:
    n = after[0] - before[0]
    if len(after) == 1:
        if n:
            increments.append(Increment(minute, {COUNT: n}))
    elif after != before:
        grown = {bucket: b - a for bucket, (a, b) in enumerate(zip(before[2:], after[2:], strict=True)) if b != a}
        if grown or n:
            increments.append(Increment(minute, {**grown, COUNT: n, SUM: after[1] - before[1]}, bounds))


def _packed(bounds: Bounds, start_ns: int, first_ns: int, first: Numbers, last_ns: int, last: Numbers) -> bytes:
    head = _HEAD.pack(_RUN, len(bounds), len(last), start_ns, first_ns, last_ns)
    return head + _floats(len(bounds) + 2 * len(last)).pack(*bounds, *first, *last)


@lru_cache(maxsize=1024)
def _floats(n: int) -> Struct:
    return Struct(f"<{n}d")


def encoded(state: SeriesState) -> bytes:
    """Return the stored form of a state; its first byte tells which of them."""
    if state.runs and not state.owed:
        run = state.runs[-1]
        first, last = _numbers(run.first, run.bounds), _numbers(run.last, run.bounds)
        if first and len(first) == len(last):
            packed = _packed(run.bounds, run.start_ns, run.first_ns, first, run.last_ns, last)
            rest = replace(state, runs=state.runs[:-1])
            return packed if rest == SeriesState() else packed + _json(rest)
    elif state == SeriesState(deltas=state.deltas):
        times = [time for interval in state.deltas for time in interval]
        return bytes((_DELTAS,)) + Struct(f"<{len(times)}q").pack(*times)
    return _json(state)


def decoded(stored: bytes) -> SeriesState | None:
    """Return the state that `encoded` stored; None for a series that has none yet."""
    if not stored:
        return None
    if stored[0] == _DELTAS:
        times = Struct(f"<{len(stored) // 8}q").unpack_from(stored, 1)
        return SeriesState(deltas=tuple(zip(times[::2], times[1::2], strict=True)))
    if stored[0] != _RUN:
        return _state(json.loads(stored))
    _, n_bounds, n, start_ns, first_ns, last_ns = _HEAD.unpack_from(stored)
    layout = _floats(n_bounds + 2 * n)
    floats = layout.unpack_from(stored, _HEAD.size)
    first, last = floats[n_bounds : n_bounds + n], floats[n_bounds + n :]
    run = Run(start_ns, floats[:n_bounds], first_ns, values_of(first), last_ns, values_of(last))
    rest = stored[_HEAD.size + layout.size :]
    state = _state(json.loads(rest)) if rest else SeriesState()
    return replace(state, runs=(*state.runs, run))


def _numbers(values: Values, bounds: Bounds) -> Numbers:
    """Return values in the form in which most points come; nothing when they are buckets of the fine sketch."""
    if bounds:
        return values[COUNT], values[SUM], *[values.get(bucket, 0.0) for bucket in range(len(bounds) + 1)]
    if values.keys() <= {COUNT, SUM}:
        return tuple(values[key] for key in (COUNT, SUM) if key in values)
    return ()


def _json(state: SeriesState) -> bytes:
    document: dict[str, Any] = {}
    if state.runs:
        document["runs"] = [_run_document(run) for run in state.runs]
    if state.past is not None:
        document["past"] = _run_document(state.past)
    if state.deltas:
        document["deltas"] = [list(interval) for interval in state.deltas]
    if state.owed:
        document["owed"] = [[list(bounds), _pairs(values)] for bounds, values in state.owed.items()]
    return json.dumps(document, separators=(",", ":")).encode()


def _state(document: Any) -> SeriesState:
    past = document.get("past")
    return SeriesState(
        tuple(_run(run) for run in document.get("runs", ())),
        None if past is None else _run(past),
        tuple((start, end) for start, end in document.get("deltas", ())),
        {tuple(bounds): _values(pairs) for bounds, pairs in document.get("owed", ())},
    )


def _run_document(run: Run) -> list[Any]:
    return [run.start_ns, list(run.bounds), run.first_ns, _pairs(run.first), run.last_ns, _pairs(run.last)]


def _pairs(values: Values) -> list[list[float]]:
    return [[key, n] for key, n in values.items()]


def _run(document: Any) -> Run:
    start_ns, bounds, first_ns, first, last_ns, last = document
    return Run(start_ns, tuple(bounds), first_ns, _values(first), last_ns, _values(last))


def _values(pairs: Any) -> Values:
    return {int(key): n for key, n in pairs}
