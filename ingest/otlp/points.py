"""Metric points in the writer's transaction: what each series grew by, added to cells."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

from ingest.mesh.points import COUNT, Increment, Meaning, Point, apply
from ingest.mesh.series import advance, decoded, encoded
from plimsoll.store import series_state
from plimsoll.store.cells import Cells
from plimsoll.store.connections import Connection

_LONGEST_WAIT: Final = 15
_MINUTES_PER_DAY: Final = 1440


def apply_points(connection: Connection, points: Iterable[Point], cells: Cells) -> None:
    """Add what series grew by to cells, and store where they stand; in the caller's transaction.

    The series stay locked to its end, so of two receivers that have points of one series the second sees the first's.
    """
    by_series: dict[bytes, list[Point]] = defaultdict(list)
    upstreams: dict[bytes, list[Point]] = defaultdict(list)
    for point in points:
        if point.meaning.counters or point.meaning.is_latency or point.meaning.node is not None:
            by_series[point.key].append(point)
        if point.upstream:
            upstreams[point.upstream].append(point)
    states = series_state.locked(connection, [*by_series, *upstreams])
    changed: dict[bytes, object] = {}
    waiting: dict[bytes, list[tuple[Increment, Meaning]]] = defaultdict(list)
    for key, of_series in by_series.items():
        of_series.sort(key=lambda point: (point.start_ns, point.time_ns))
        state, increments = advance(decoded(states[key]), of_series)
        changed[key] = encoded(state)
        first = of_series[0]
        for increment in increments:
            if first.upstream and not first.meaning.shows:
                waiting[first.upstream].append((increment, first.meaning))
            else:
                apply(increment, first.meaning, cells)
    for key, of_upstream in upstreams.items():
        changed[key] = _settled(states[key], of_upstream, waiting[key], cells)
    series_state.save(connection, changed)


def _settled(
    stored: Any, points: list[Point], waiting: list[tuple[Increment, Meaning]], cells: Cells
) -> dict[str, object]:
    """Count what waited for the protocol of a proxy's upstream to show, once it has, and return the upstream's state.

    `upstream_rq_total` counts tries of requests, or connections where the upstream is spoken to by TCP alone
    (mesh-dialects, section 5.2); the statistic that tells may come in another request, before or after.
    """
    state = stored or {}
    shown = {point.meaning.shows for point in points} | {state.get("shows", "")}
    protocol = "http" if "http" in shown else "tcp" if "tcp" in shown else ""
    counts: dict[str, dict[str, float]] = state.get("waiting", {})
    for increment, meaning in waiting:
        by_minute = counts.setdefault(meaning.counters[0], {})
        minute = str(increment.minute)
        by_minute[minute] = by_minute.get(minute, 0.0) + increment.values.get(COUNT, 0.0)
    lane = points[0].meaning.lane
    if not protocol or lane is None:
        return {"waiting": {counter: _shortened(by_minute) for counter, by_minute in counts.items()}}
    for counter, by_minute in counts.items():
        is_opened = protocol == "tcp" and counter == "attempts"
        meaning = Meaning(
            lane=lane._replace(protocol=protocol), counters=("requests", "attempts") if is_opened else (counter,)
        )
        for minute, n in by_minute.items():
            apply(Increment(_near(int(minute), points[0].minute), {COUNT: n}), meaning, cells)
    return {"shows": protocol}


def _shortened(by_minute: dict[str, float]) -> dict[str, float]:
    """Return what waits with `_LONGEST_WAIT` minutes told apart; what is older is added to the oldest of them."""
    minutes = sorted(by_minute, key=int)
    kept = {minute: by_minute[minute] for minute in minutes[-_LONGEST_WAIT:]}
    for minute in minutes[:-_LONGEST_WAIT]:
        kept[minutes[-_LONGEST_WAIT]] += by_minute[minute]
    return kept


def _near(minute: int, now: int) -> int:
    """Return a minute of the same day as now: the tables are cut by days, and the writer makes those of its points."""
    return minute if minute // _MINUTES_PER_DAY == now // _MINUTES_PER_DAY else now
