"""Metric points in the writer's transaction: what each series grew by, added to cells."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final, TypeVar

from ingest.mesh.points import COUNT, Answer, Increment, Meaning, Point, apply, in_order
from ingest.mesh.replicas import advanced
from ingest.mesh.upstreams import Counted, settled
from plimsoll.store.cells import Cells
from plimsoll.store.connections import Connection
from plimsoll.store.series_state import MOST_SERIES, SeriesStates

NO_ROOM: Final = (
    f"no room for another metric series (at most {MOST_SERIES:,} within 30 min):"
    " leave out labels, metrics or senders at the collector"
)

# What this process remembers of the series that it saved.
_STATES: Final = SeriesStates()

BySeries = Mapping[bytes, list[Point]]
Growth = TypeVar("Growth")


def apply_points(connection: Connection, points: Iterable[Point], cells: Cells, states: SeriesStates = _STATES) -> None:
    """Add what series grew by to cells, and store where they stand; in the caller's transaction.

    What is saved stays locked to its end, so of two receivers that have points of one series the second sees the
    first's. Points of new series for which there is no room are refused (mesh-dialects, section 12).
    """
    arrived: dict[bytes, list[Point]] = defaultdict(list)
    for point in points:
        arrived[point.known.key].append(point)
    by_series: dict[bytes, list[Point]] = {}
    upstreams: dict[bytes, list[Point]] = defaultdict(list)
    for key, of_series in arrived.items():
        known = of_series[0].known
        if known.counts:
            of_series.sort(key=in_order)
            by_series[key] = of_series
        if known.upstream:
            upstreams[known.upstream] += of_series
    grown = _grown(connection, states, by_series, advanced)
    waiting = _counted(by_series, grown, cells)
    _refuse([point for key, of_series in by_series.items() if key not in grown for point in of_series])
    protocols = _grown(
        connection,
        states,
        upstreams,
        lambda stored, of: settled(stored, of, waiting[of[0].known.upstream]),
        is_limited=False,
    )
    for counted in protocols.values():
        for increment, meaning in counted:
            apply(increment, meaning, cells)


def _grown(
    connection: Connection,
    states: SeriesStates,
    arrived: BySeries,
    advance: Callable[[bytes, list[Point]], tuple[bytes, Growth]],
    *,
    is_limited: bool = True,
) -> dict[bytes, Growth]:
    """Return what points change, by their key, once their new states are saved; without those that have no room."""
    grown: dict[bytes, Growth] = {}
    wanted: Collection[bytes] = arrived
    while wanted:
        changed = {}
        for key, state in states.read(connection, wanted, is_limited=is_limited).items():
            changed[key], grown[key] = advance(state, arrived[key])
        wanted = states.save(connection, changed)
    return grown


def _counted(
    by_series: BySeries, grown: Mapping[bytes, tuple[list[Increment], int]], cells: Cells
) -> dict[bytes, list[Counted]]:
    """Add increments to cells; return those that wait for an upstream's protocol, by the upstream's key."""
    waiting: dict[bytes, list[Counted]] = defaultdict(list)
    # Many series mean the same: what they count is added up first.
    sums: dict[tuple[int, int], tuple[Meaning, float]] = {}
    for key, (increments, ignored) in grown.items():
        known = by_series[key][0].known
        meaning = known.meaning
        if ignored:
            cells.count("dropped", "another collector sends this series", ignored)
        for increment in increments:
            if known.upstream and not meaning.shows:
                waiting[known.upstream].append((increment, meaning))
            elif meaning.is_latency:
                apply(increment, meaning, cells)
            else:
                alike = id(meaning), increment.minute
                sums[alike] = meaning, sums.get(alike, (meaning, 0.0))[1] + increment.values.get(COUNT, 0.0)
    for (_, minute), (meaning, n) in sums.items():
        apply(Increment(minute, {COUNT: n}), meaning, cells)
    return waiting


def _refuse(points: Iterable[Point]) -> None:
    """Tell senders and ingest health of points that have no room; said again, it stays the same."""
    refused: dict[int, tuple[Answer, Counter[str]]] = {}
    for point in points:
        if point.answer is not None:
            _, names = refused.setdefault(id(point.answer), (point.answer, Counter()))
            names[point.known.name] += 1
    for answer, names in refused.values():
        answer.rejected[NO_ROOM] = names.total()
        for name, n in names.items():
            answer.health["refused", f"no room for another series of {name}"] = n
