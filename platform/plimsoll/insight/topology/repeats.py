"""Which counts are left out because they repeat what another edge shows: a call is shown once.

Observers differ in what they can tell of a call: ztunnel sees a connection, Envoy's statistics an upstream. Where one
says less of the same calls than another, only the better account is shown; the two are never added (mesh-dialects,
sections 4.3, 5.2, 9.2 and 10.3).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from plimsoll.insight.topology.calls import Calls
from plimsoll.store.cells import L4, METRIC_CLIENT, METRIC_PROXY
from plimsoll.store.traffic_facts import NodeFact

# An edge's number and the vantage whose counts repeat others.
_Repeat = tuple[int, int]

# Whoever is counted at these is called by name.
_BY_NAME: Final = {METRIC_CLIENT, METRIC_PROXY}


def without_repeats(graph: Sequence[Calls]) -> list[Calls]:
    """Return the edges with the counts that repeat none; an edge with nothing else to show is left out."""
    repeats = {*_users(graph), *_connections(graph), *_waypoint_hops(graph), *_grpc_as_http(graph)}
    repeats |= {*_passed_through(graph)}
    repeating = {number for number, _ in repeats}
    kept = [
        replace(each, vantages=tuple(vantage for vantage in each.vantages if (each.id, vantage) not in repeats))
        if each.id in repeating
        else each
        for each in graph
    ]
    return [each for each in kept if each.vantages]


def _users(graph: Sequence[Calls]) -> Iterator[_Repeat]:
    """`user` in front of a service that is known to be called by a gateway, or by name (section 10.3)."""
    called = {each.server.id for each in graph if each.client.kind == "gateway" or each.vantages[0] in _BY_NAME}
    for each in graph:
        if each.client.kind == "user" and each.server.kind != "gateway" and each.server.id in called:
            yield from _all_of(each)


def _connections(graph: Sequence[Calls]) -> Iterator[_Repeat]:
    """The connections that carried calls which somebody else understood (section 4.3)."""
    understood = _by_ends(each for each in graph if each.vantages[0] != L4 and each.protocol != "tcp")
    for each in graph:
        if _is_beside(each, understood[each.client.id, each.server.id]):
            yield each.id, L4


def _waypoint_hops(graph: Sequence[Calls]) -> Iterator[_Repeat]:
    """The connections to and from a waypoint: it is on the way of an edge, no end of one (section 4.3)."""
    waypoints = {each.via for each in graph if each.via}
    for each in graph:
        if {_path(each.client), _path(each.server)} & waypoints:
            yield each.id, L4


def _grpc_as_http(graph: Sequence[Calls]) -> Iterator[_Repeat]:
    """Envoy's statistics of a pair that speaks gRPC: they take it for HTTP and miss how it ended (section 5.2)."""
    grpc = _by_ends(each for each in graph if each.protocol == "grpc" and each.vantages != (METRIC_PROXY,))
    for each in graph:
        if each.protocol == "http" and _is_beside(each, grpc[each.client.id, each.server.id]):
            yield each.id, METRIC_PROXY


def _passed_through(graph: Sequence[Calls]) -> Iterator[_Repeat]:
    """Calls of an observer that could not name where they went, beside a host that others name and it does not."""
    named: dict[int, list[Calls]] = defaultdict(list)
    for each in graph:
        if each.server.kind in ("external", "unresolved") and not _is_anywhere(each.server):
            named[each.client.id].append(each)
    for each in graph:
        if not _is_anywhere(each.server):
            continue
        for other in named[each.client.id]:
            # TLS hides its calls: a connection may have carried those to a host that the caller named.
            if _meet(each, other) and (each.protocol == "tcp" or other.protocol != "tcp"):
                yield from (repeat for repeat in _all_of(each) if repeat[1] not in other.vantages)


def _all_of(each: Calls) -> Iterator[_Repeat]:
    return ((each.id, vantage) for vantage in each.vantages)


def _by_ends(graph: Iterator[Calls]) -> dict[tuple[int, int], list[Calls]]:
    found: dict[tuple[int, int], list[Calls]] = defaultdict(list)
    for each in graph:
        found[each.client.id, each.server.id].append(each)
    return found


def _is_beside(each: Calls, others: Sequence[Calls]) -> bool:
    return any(other.id != each.id and _meet(each, other) for other in others)


def _meet(each: Calls, other: Calls) -> bool:
    """Whether two edges may be of one environment: one that does not say may be of any."""
    return each.environment == other.environment or not (each.environment and other.environment)


def _is_anywhere(node: NodeFact) -> bool:
    """Whether a node stands for wherever a proxy let calls pass through to."""
    return node.kind == "external" and node.name == "passthroughcluster"


def _path(node: NodeFact) -> str:
    return f"{node.namespace}/{node.name}"
