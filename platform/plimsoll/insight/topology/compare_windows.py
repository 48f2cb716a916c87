"""Before and after a deployment: which minutes are compared, and the map of both.

Before are the twelve minutes that end when it began; after are the twelve that begin when it was over, so that neither
has a version half out. One that was rolled back, or is under way, is looked at while it was out: its "after" begins
with the first whole minute of it. Both are whole minutes, and the second ends where the data do.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from plimsoll.insight.topology import compare
from plimsoll.insight.topology.compare import Change
from plimsoll.insight.topology.remembered import whole
from plimsoll.insight.topology.vertices import Arc, Scope, Vertex, Whole
from plimsoll.store.queries.rollouts import Rollout

MINUTE: Final = timedelta(minutes=1)
SIDE: Final = timedelta(minutes=12)


@dataclass(frozen=True, slots=True)
class Windows:
    """The minutes before and after. `lost` of the former are not kept any more, `missing` of the latter not there yet.

    `is_while_out` says that "after" is the time in which the version was out.
    """

    before: tuple[datetime, datetime]
    after: tuple[datetime, datetime]
    is_while_out: bool
    lost: int = 0
    missing: int = 0

    @property
    def is_comparable(self) -> bool:
        """Whether each side has at least one minute that can have data."""
        return self.after[0] < self.after[1] and self.lost < SIDE // MINUTE

    @property
    def minutes(self) -> tuple[int, int]:
        """How many minutes each side has."""
        before, after = ((end - start) // MINUTE for start, end in (self.before, self.after))
        return before, after

    @property
    def pace(self) -> float:
        """How many times as long as what is left of the minutes before those after are."""
        before, after = self.minutes
        return after / (before - self.lost) if before > self.lost else 0.0


def windows(rollout: Rollout, *, kept_since: datetime, through: datetime) -> Windows:
    """Return what is compared for a deployment, given from when minutes are kept and how far they go."""
    began = _floor(rollout.began_at)
    is_while_out = rollout.was_rolled_back or rollout.ended_at is None
    start = _ceiling(rollout.began_at if is_while_out else rollout.ended_at or rollout.began_at)
    end = start + SIDE
    if is_while_out and rollout.ended_at is not None:
        end = max(start, min(end, _floor(rollout.ended_at)))
    seen = max(start, min(end, _floor(through)))
    lost = max(0, min(SIDE, _ceiling(kept_since) - (began - SIDE)) // MINUTE)
    return Windows((began - SIDE, began), (start, seen), is_while_out, lost, missing=(end - seen) // MINUTE)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both maps, and what became of each arc and vertex, by id."""

    windows: Windows
    before: Whole
    after: Whole
    arcs: dict[str, Change] = field(default_factory=dict)
    vertices: dict[str, Change] = field(default_factory=dict)

    @property
    def told(self) -> tuple[tuple[datetime, datetime], tuple[datetime, datetime]]:
        """The minutes of each side that there can be data for, which may be none: telemetry may have begun later."""
        lost = self.windows.lost * MINUTE
        return _told(self.windows.before, self.before.known_since, lost), _told(
            self.windows.after, self.after.known_since, timedelta(0)
        )

    def arc(self, id_: str) -> tuple[Arc | None, Arc | None]:
        """Return an arc before and after; None where it had no calls."""
        return _calling(self.before).get(id_), _calling(self.after).get(id_)


def comparison(chosen: Windows, scope: Scope, after: Whole | None = None) -> Comparison:
    """Return what changed between the windows; `after` when its map is known already."""
    before = whole(start=chosen.before[0], end=chosen.before[1], scope=scope)
    if after is None or (after.start, after.end) != chosen.after:
        after = whole(start=chosen.after[0], end=chosen.after[1], scope=scope)
    first, second = _calling(before), _calling(after)
    watched = {cluster for arc in first.values() for cluster in arc.clusters}
    heard = {end for arc in second.values() for end in (arc.client, arc.server)}
    arcs = compare.changes(
        first.values(),
        second.values(),
        since=chosen.before[0],
        silent=[arc.id for arc in first.values() if arc.client not in heard],
        # What is seen first because somebody began to look is not new.
        unwatched=[arc.id for arc in second.values() if not watched.intersection(arc.clusters)],
        unlike=[id_ for id_ in first.keys() & second.keys() if _vantages(first[id_]) != _vantages(second[id_])],
        pace=chosen.pace,
    )
    vertices = {
        id_: compare.change(before.vertices[id_], after.vertices[id_])
        for id_ in before.vertices.keys() & after.vertices.keys()
    }
    return Comparison(chosen, before, after, arcs, vertices)


def with_gone(found: Whole, compared: Comparison) -> Whole:
    """Return the map after, with the arcs that are gone since: a map by itself remembers those of late alone."""
    there = {arc.id for arc in found.arcs}
    gone = [
        Arc(arc.id, arc.client, arc.server, arc.protocols, arc.clusters, arc.environments, arc.edges, arc.first_seen,
            arc.last_seen, is_gone=True)
        for arc in compared.before.arcs
        if arc.id not in there and arc.id in compared.arcs and compared.arcs[arc.id].verdict == "gone"
    ]  # fmt: skip
    if not gone:
        return found
    ends = {end for arc in gone for end in (arc.client, arc.server)} - found.vertices.keys()
    idle = {end: replace(_unheard(compared.before.vertices[end]), is_idle=True) for end in sorted(ends)}
    return replace(found, vertices={**found.vertices, **idle}, arcs=(*found.arcs, *gone))


def _unheard(vertex: Vertex) -> Vertex:
    """Return a vertex without figures."""
    nothing = dict.fromkeys(("error_rate", "p50_ms", "p95_ms", "p99_ms"))
    return replace(vertex, requests=0.0, failed=0.0, counted=(), **nothing)  # type: ignore[arg-type]


def _calling(found: Whole) -> dict[str, Arc]:
    return {arc.id: arc for arc in found.arcs if arc.requests > 0}


def _vantages(arc: Arc) -> set[int]:
    return {vantage for _, vantage in arc.counted}


def _told(side: tuple[datetime, datetime], since: datetime | None, lost: timedelta) -> tuple[datetime, datetime]:
    start, end = side
    return min(end, max(start + lost, end if since is None else _floor(since))), end


def _floor(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _ceiling(moment: datetime) -> datetime:
    return _floor(moment + MINUTE - timedelta.resolution)
