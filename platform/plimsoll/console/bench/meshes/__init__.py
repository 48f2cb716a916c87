"""`plimsoll bench mesh`: a mesh of any size, told to a running receiver as its proxies and applications would."""

import time
from collections.abc import Iterator

from plimsoll.console.bench.meshes import large, pictures, where
from plimsoll.console.bench.meshes.plan import Plan
from plimsoll.console.bench.meshes.points import Counters
from plimsoll.console.bench.meshes.sender import Request, send
from plimsoll.console.bench.meshes.spans import Sampled
from plimsoll.env import Address

_CALLS_A_REQUEST = 400
_TWELVE, _SIXTY = 30, 90
# Spans of a call and minute: enough for a percentile over a window, and few where there are thousands of calls.
_MANY_CALLS, _SPANS, _FEWER_SPANS = 1_000, 12, 4


def planned(services: int) -> Plan:
    """Return the mesh of so many services: those of the pictures up to thirty and ninety, else one made to measure."""
    if services <= _TWELVE:
        return pictures.twelve()
    return pictures.sixty() if services <= _SIXTY else large.mesh(services)


def sent(services: int, address: Address, minutes: int, environment: str) -> str:
    """Send a mesh's last minutes, and return what was sent in words."""
    plan = planned(services)
    began = time.monotonic()
    requests = send(address, told(plan, int(time.time()) // 60 - 1, minutes, environment))
    return (
        f"{len(plan.places)} services and stores with {len(plan.calls)} edges over {minutes} minutes:"
        f" {requests} requests in {time.monotonic() - began:.1f} s"
    )


def told(plan: Plan, last: int, count: int, environment: str) -> Iterator[Request]:
    """Yield all that is told of a plan's calls in the `count` minutes up to `last`, and in the two before them."""
    counters = Counters(plan, environment)
    seen = [call for call in plan.calls if plan.places[call.server].kind in ("database", "messaging")]
    counted = [call for call in plan.calls if plan.places[call.server].kind not in ("database", "messaging")]
    sampled = Sampled(plan, environment, _SPANS if len(plan.calls) < _MANY_CALLS else _FEWER_SPANS)
    for minute in where.minutes(last, count):
        yield Request("spans", sampled.visits(minute))
        for signal, calls in (("points", counted), ("spans", seen)):
            made = [call for call in calls if where.is_made(call.life, minute, last, count)]
            for at in range(0, len(made), _CALLS_A_REQUEST):
                part = made[at : at + _CALLS_A_REQUEST]
                is_points = signal == "points"
                yield Request(signal, counters.request(minute, part) if is_points else sampled.stores(minute, part))
