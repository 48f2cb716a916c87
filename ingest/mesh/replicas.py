"""Several collectors that send the same series: one of them is elected (mesh-dialects, section 6.7).

A point of another collector does not count, except that

- when the elected one misses three intervals, the next collector to send is elected. What it said of the time since, in
  delta points that lie wholly in it, was held and counts then: at most a part of one interval is lost, none is doubled;
- a cumulative point of the elected one's start time counts at once: it is the same count, and the arithmetic of
  `series` takes it once whoever sends it.

Collectors may give a counter start times of their own. After a switch, a count that began before the last point that
counted goes on from that point; only a newer start is a new life.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from ingest.mesh import stored as plain
from ingest.mesh.points import DELTA, START_NS, Increment, Point, in_order

_MISSED: Final = 3
# Until two points of the elected collector have come.
_FIRST_INTERVAL_NS: Final = 60_000_000_000
_MOST_HELD: Final = 64
_MOST_LIVES: Final = 8
# The first byte of the stored form. The election's length, the election as JSON and the series' own state follow.
_REPLICATED: Final = 3


@dataclass(slots=True)
class _Election:
    """Who is elected, and what its newest point said; `lives` are start times of others that mean another one."""

    replica: str
    start_ns: int = 0
    last_ns: int = 0
    interval_ns: int = _FIRST_INTERVAL_NS
    lives: dict[str, int] = field(default_factory=dict)
    held_of: str = ""
    held: list[list[Any]] = field(default_factory=list)

    def start_of(self, point: Point) -> int:
        """Return the start time that a point's means here."""
        return self.lives.get(str(point.start_ns), point.start_ns)

    def adopt(self, start_ns: int) -> None:
        """Let a start time mean the elected one's from now on."""
        self.lives[str(start_ns)] = self.start_ns
        if len(self.lives) > _MOST_LIVES:
            del self.lives[next(iter(self.lives))]


def advanced(stored: bytes, points: Sequence[Point]) -> tuple[bytes, tuple[list[Increment], int]]:
    """Return the new stored form of one series, what it grew by, and how many points did not count."""
    is_replicated = stored[:1] == bytes((_REPLICATED,))
    if not is_replicated and not [point for point in points if point.known.replica]:
        state, increments = plain.advanced(stored, points)
        return state, (increments, 0)
    election, inner = _split(stored) if is_replicated else (None, stored)
    chosen: list[Point] = []
    ignored = 0
    for point in sorted(points, key=lambda point: point.time_ns):
        if election is None:
            election = _Election(point.known.replica)
        taken = _taken(election, point)
        chosen += taken
        ignored += not taken
    increments = []
    if chosen:
        chosen.sort(key=in_order)
        inner, increments = plain.advanced(inner, chosen)
    head = json.dumps(asdict(election), separators=(",", ":")).encode() if election else b""
    return bytes((_REPLICATED,)) + len(head).to_bytes(4) + head + inner, (increments, ignored)


def _split(stored: bytes) -> tuple[_Election, bytes]:
    end = 5 + int.from_bytes(stored[1:5])
    return _Election(**json.loads(stored[5:end])), stored[end:]


def _taken(election: _Election, point: Point) -> list[Point]:
    """Return what counts now that a point has come, and note what it says of the election."""
    is_delta = point.known.temporality == DELTA
    if point.known.replica == election.replica:
        return [_noted(election, point, is_delta)]
    if not is_delta and election.start_ns and election.start_of(point) == election.start_ns:
        return [point._replace(start_ns=election.start_ns)]
    if point.time_ns <= election.last_ns + _MISSED * election.interval_ns:
        (_hold if is_delta else _look)(election, point)
        return []
    held = _held(election, point) if is_delta and election.held_of == point.known.replica else []
    if not is_delta and point.start_ns <= election.last_ns and election.start_ns:
        election.adopt(point.start_ns)
    missed = is_delta and 0 < point.start_ns < election.last_ns
    election.replica, election.held_of, election.held = point.known.replica, "", []
    noted = _noted(election, point, is_delta)
    return held if missed else [*held, noted]


def _noted(election: _Election, point: Point, is_delta: bool) -> Point:
    """Note the newest point of the elected collector; return the point with the start time that it means."""
    if not is_delta:
        point = point._replace(start_ns=election.start_of(point))
    if point.time_ns > election.last_ns:
        if election.last_ns:
            election.interval_ns = point.time_ns - election.last_ns
        election.start_ns, election.last_ns = point.start_ns, point.time_ns
        election.held = [one for one in election.held if one[0] >= election.last_ns]
    return point


def _hold(election: _Election, point: Point) -> None:
    """Keep a delta point of another collector that says something of the time since the last one that counted."""
    since = point.start_ns or point.time_ns - election.interval_ns
    if since < election.last_ns or (election.held and election.held_of != point.known.replica):
        return
    election.held_of = point.known.replica
    kept = [since, point.start_ns, point.time_ns, point.minute, point.numbers, point.bounds, list(point.more.items())]
    if len(election.held) < _MOST_HELD and all(one[:3] != kept[:3] for one in election.held):
        election.held.append(kept)


def _held(election: _Election, point: Point) -> list[Point]:
    return [
        Point(point.known, start_ns, time_ns, minute, tuple(numbers), tuple(bounds), dict(more))
        for _, start_ns, time_ns, minute, numbers, bounds, more in election.held
    ]


def _look(election: _Election, point: Point) -> None:
    """Note that a collector began to look at the count just now: its start time is none of the count's."""
    if point.time_ns - point.start_ns <= START_NS and election.start_ns:
        election.adopt(point.start_ns)
