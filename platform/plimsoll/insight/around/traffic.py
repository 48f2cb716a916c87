"""The traffic of one service: what it served and called over a window, and before and after a deployment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from plimsoll.insight.topology import Arc, Scope, Vertex, Whole, whole
from plimsoll.insight.topology.compare import Change
from plimsoll.insight.topology.compare_windows import Comparison, Windows, comparison, windows
from plimsoll.insight.topology.series import Point, read
from plimsoll.store.naming import whole_name
from plimsoll.store.queries.pages.telemetry import names_environment
from plimsoll.store.queries.rollouts import Rollout

# A series of more minutes says no more, and would take longer than a page may.
LONGEST: Final = timedelta(hours=6)

# The calls now and before, and what became of them.
_Sides = tuple[Arc | None, Arc | None, Change | None]


@dataclass(frozen=True, slots=True)
class Call:
    """Calls between the service and a neighbour. `before` is None where nothing is compared, or there were none."""

    id: str
    other: Vertex
    now: Arc | None
    before: Arc | None = None
    change: Change | None = None

    @property
    def arc(self) -> Arc:
        """The calls as they are now, else as they were."""
        found = self.now or self.before
        assert found is not None
        return found


@dataclass(frozen=True, slots=True)
class Traffic:
    """What a service served and called in a window. `vertex` is None when it was not heard of."""

    found: Whole
    vertex: Vertex | None
    points: tuple[Point, ...]
    callers: tuple[Call, ...]
    called: tuple[Call, ...]

    @property
    def rate(self) -> float | None:
        """Requests a second that it served."""
        return None if self.vertex is None or not self.found.seconds else self.found.rate(self.vertex.requests)


@dataclass(frozen=True, slots=True)
class Around:
    """The traffic of a service around one of its deployments; `comparison` is None where there are no minutes of it."""

    windows: Windows
    comparison: Comparison | None = None
    before: Vertex | None = None
    after: Vertex | None = None
    points: tuple[Point, ...] = ()
    callers: tuple[Call, ...] = ()
    called: tuple[Call, ...] = ()

    @property
    def told(self) -> tuple[tuple[datetime, datetime], tuple[datetime, datetime]]:
        """The minutes of each side that telemetry covers."""
        return self.comparison.told if self.comparison else (self.windows.before, self.windows.after)

    @property
    def told_since(self) -> datetime | None:
        """Since when telemetry tells anything, as far as these minutes show."""
        sides = (self.comparison.before, self.comparison.after) if self.comparison else ()
        return next((each.known_since for each in sides if each.known_since is not None), None)

    @property
    def is_heard_of(self) -> bool:
        """Whether telemetry knows of the service in any of the minutes."""
        return self.before is not None or self.after is not None


def scope(service: str, namespace: str | None, environment: str | None) -> Scope:
    """Return what the map is asked for a service and its neighbours; telemetry may not say where it is."""
    is_told = environment is not None and names_environment(environment)
    return Scope(
        environments=(environment,) if environment is not None and is_told else (),
        services=(f"{namespace}/{service}" if namespace else service,),
    )


def traffic(service: str, chosen: Scope, start: datetime, end: datetime) -> Traffic:
    """Return the traffic of a service over a window, with a point a minute of its last hours."""
    found = whole(start=start, end=end, scope=chosen)
    vertex = own(found, service, chosen)
    if vertex is None:
        return Traffic(found, None, (), (), ())
    points = read(max(start, end - LONGEST), end, sorted(vertex.counted))
    arcs: dict[str, _Sides] = {arc.id: (arc, None, None) for arc in found.arcs if not arc.is_gone}
    return Traffic(found, vertex, points, *_calls(vertex.id, arcs, found.vertices))


def around(service: str, chosen: Scope, rollout: Rollout, *, kept_since: datetime, through: datetime | None) -> Around:
    """Return the traffic of a service before and after one of its deployments."""
    sides = windows(rollout, kept_since=kept_since, through=through or rollout.began_at)
    if not sides.is_comparable:
        return Around(sides)
    compared = comparison(sides, chosen)
    before, after = own(compared.before, service, chosen), own(compared.after, service, chosen)
    known = after or before
    if known is None:
        return Around(sides, compared)
    counted = {*(before.counted if before else ()), *(after.counted if after else ())}
    start, end = sides.before[0], sides.after[1]
    points = read(max(start, end - LONGEST), end, sorted(counted))
    arcs: dict[str, _Sides] = {}
    for id_, change in compared.arcs.items():
        was, now = compared.arc(id_)
        arcs[id_] = (now, was, change)
    vertices = {**compared.before.vertices, **compared.after.vertices}
    return Around(sides, compared, before, after, points, *_calls(known.id, arcs, vertices))


def own(found: Whole, service: str, chosen: Scope) -> Vertex | None:
    """Return the service's own vertex, which may have namesakes beside it: the one that the catalog has under the name
    that is asked for, else the one that was seen under it, else the busiest.
    """
    asked = {name.casefold() for name in chosen.services}
    whole_names = {name if "/" in name else whole_name(None, name) for name in asked}

    def fits(each: Vertex) -> tuple[bool, bool, float, str]:
        is_own = whole_name(each.service_namespace, service).casefold() in whole_names
        return is_own, whole_name(each.namespace, service).casefold() in asked, each.requests, each.id

    same = (each for each in found.vertices.values() if each.service == service and each.kind in ("service", "gateway"))
    return max(same, key=fits, default=None)


def _calls(
    own: str, arcs: Mapping[str, _Sides], vertices: Mapping[str, Vertex]
) -> tuple[tuple[Call, ...], tuple[Call, ...]]:
    """Return who calls the service and whom it calls, busiest first."""
    callers: list[Call] = []
    called: list[Call] = []
    for id_, (now, before, change) in arcs.items():
        arc = now or before
        if arc is None or arc.client == arc.server:
            continue
        if arc.server == own:
            callers.append(Call(id_, vertices[arc.client], now, before, change))
        elif arc.client == own:
            called.append(Call(id_, vertices[arc.server], now, before, change))
    return _busiest(callers), _busiest(called)


def _busiest(calls: Sequence[Call]) -> tuple[Call, ...]:
    return tuple(sorted(calls, key=lambda call: (-call.arc.requests, call.other.name, call.id)))
