"""Meshes as the page gets them, without a database: from the plans that `plimsoll bench mesh` sends."""

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from dashboards.frame.filters import Filters
from dashboards.topology.asked import Asked
from dashboards.topology.drawing.scene import scene
from dashboards.topology.drawing.shapes import Scene
from dashboards.topology.statuses import Standing
from plimsoll.console.bench.meshes import planned
from plimsoll.console.bench.meshes.plan import Plan
from plimsoll.insight.topology import Arc, Scope, Vertex, Whole
from plimsoll.insight.topology.layout.arranging import Places
from plimsoll.store.marks import Marks

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
MARKS = Marks({("error_rate", None, None, None): 0.01, ("p95_ms", None, None, None): 350.0})


def whole_of(plan: Plan) -> Whole:
    """The map of a plan: rates are those of the plan, and a service has the worst figures of its calls."""
    numbers = {name: str(number) for number, name in enumerate(plan.places, start=1)}
    vertices = {}
    for name, place in plan.places.items():
        inbound = [call for call in plan.calls if call.server == name and call.life != "idle"]
        served = sum(call.rate for call in inbound)
        vertices[numbers[name]] = Vertex(
            id=numbers[name],
            name=name,
            namespace=place.namespace,
            kind=place.kind,
            service=name if place.kind == "service" else None,
            team=None,
            tier="",
            clusters=("aws-1",),
            requests=900 * served,
            error_rate=sum(call.rate * call.error_rate for call in inbound) / served if served else None,
            p95_ms=max((call.p95_ms for call in inbound), default=None),
            is_idle=any(call.server == name for call in plan.calls) and not inbound,
        )
    arcs = [
        Arc(
            id=f"{numbers[call.client]}-{numbers[call.server]}",
            client=numbers[call.client],
            server=numbers[call.server],
            protocols=(call.protocol,),
            clusters=("aws-1",),
            environments=("production",),
            edges=(number,),
            first_seen=NOON,
            last_seen=NOON,
            requests=0.0 if call.life == "gone" else 900 * call.rate,
            failed=0.0 if call.life == "gone" else 900 * call.rate * call.error_rate,
            error_rate=None if call.life == "gone" else call.error_rate,
            p50_ms=None if call.life == "gone" else call.p95_ms / 3,
            p95_ms=None if call.life == "gone" else call.p95_ms,
            p99_ms=None if call.life == "gone" else call.p95_ms * 1.4,
            is_new=call.life == "new",
            is_gone=call.life == "gone",
        )
        for number, call in enumerate(plan.calls)
        if call.life != "idle"
    ]
    arcs.sort(key=lambda arc: (arc.is_gone, -arc.requests, arc.id))
    return Whole(NOON - QUARTER, NOON, 900.0, vertices, tuple(arcs), (), NOON - timedelta(days=1))


@cache
def whole_of_size(services: int) -> Whole:
    """The map of a mesh of so many services."""
    return whole_of(planned(services))


def drawn(
    services: int,
    marks: Marks = MARKS,
    kept: Places | None = None,
    *,
    changes: dict[str, str] | None = None,
    **asked: object,
) -> Scene:
    """The drawing of a mesh of so many services."""
    found = whole_of_size(services)
    question = Asked("15m", found.start, found.end, Scope(), **asked)  # type: ignore[arg-type]
    return scene(found, Standing(marks, found), question, filters_of(found), kept, changes)


def filters_of(found: Whole) -> Filters:
    """The filters of a page that was asked for nothing."""
    return Filters("28d", found.start, found.end, ZoneInfo("UTC"))
