"""Metric points in the writer's transaction: what each series grew by, added to cells."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final, TypeVar

from ingest.mesh.points import Point, apply
from ingest.mesh.stored import advanced
from ingest.mesh.upstreams import Counted, settled
from plimsoll.store.cells import Cells
from plimsoll.store.connections import Connection
from plimsoll.store.series_state import SeriesStates

# What this process remembers of the series that it saved.
_STATES: Final = SeriesStates()

Growth = TypeVar("Growth")


def apply_points(connection: Connection, points: Iterable[Point], cells: Cells, states: SeriesStates = _STATES) -> None:
    """Add what series grew by to cells, and store where they stand; in the caller's transaction.

    What is saved stays locked to its end, so of two receivers that have points of one series the second sees the
    first's.
    """
    by_series: dict[bytes, list[Point]] = defaultdict(list)
    upstreams: dict[bytes, list[Point]] = defaultdict(list)
    for point in points:
        if point.known.counts:
            by_series[point.known.key].append(point)
        if point.known.upstream:
            upstreams[point.known.upstream].append(point)
    for of_series in by_series.values():
        if len(of_series) > 1:
            of_series.sort(key=_order)
    waiting: dict[bytes, list[Counted]] = defaultdict(list)
    for key, increments in _grown(connection, states, by_series, advanced).items():
        known = by_series[key][0].known
        for increment in increments:
            if known.upstream and not known.meaning.shows:
                waiting[known.upstream].append((increment, known.meaning))
            else:
                apply(increment, known.meaning, cells)
    protocols = _grown(
        connection, states, upstreams, lambda stored, of: settled(stored, of, waiting[of[0].known.upstream])
    )
    for counted in protocols.values():
        for increment, meaning in counted:
            apply(increment, meaning, cells)


def _grown(
    connection: Connection,
    states: SeriesStates,
    arrived: Mapping[bytes, list[Point]],
    advance: Callable[[bytes, list[Point]], tuple[bytes, list[Growth]]],
) -> dict[bytes, list[Growth]]:
    """Return what points change, by their key, once their new states are saved."""
    grown: dict[bytes, list[Growth]] = {}
    wanted: Collection[bytes] = arrived
    while wanted:
        changed = {}
        for key, state in states.read(connection, wanted).items():
            changed[key], grown[key] = advance(state, arrived[key])
        wanted = states.save(connection, changed)
    return grown


def _order(point: Point) -> tuple[int, int]:
    return point.start_ns, point.time_ns
