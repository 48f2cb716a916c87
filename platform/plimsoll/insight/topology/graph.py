"""Edges and nodes of a window, read from the store and put together."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from plimsoll.insight.topology.calls import Calls, calls
from plimsoll.insight.topology.names import Names, names
from plimsoll.insight.topology.near import near
from plimsoll.insight.topology.repeats import without_repeats
from plimsoll.insight.topology.rows import EdgeRow, Latencies, NodeRow, edge_row, node_row
from plimsoll.store.queries import topology as query
from plimsoll.store.traffic_facts import EdgeFact, EdgeTotal, NodeTotal


@dataclass(frozen=True, slots=True)
class _Window:
    """All that was counted in a window."""

    edges: Mapping[int, EdgeFact]
    totals: Mapping[int, Mapping[int, EdgeTotal]]
    apart: list[NodeTotal]
    names: Names


def edges(
    *,
    start: datetime,
    end: datetime,
    environments: Collection[str] = (),
    clusters: Collection[str] = (),
    services: Collection[str] = (),
    team: str | None = None,
    depth: int = 1,
    denied: bool = False,
) -> list[EdgeRow]:
    """Return the edges that had traffic in [start, end), busiest first; with `denied`, the calls that were denied.

    Minutes count whole, the one that `start` falls into too. With `services` or `team` (a slug), only what is within
    `depth` calls of them.
    """
    window = _read(start, end, environments)
    graph = _graph(calls(window.edges, window.totals, window.names, denied=denied), environments, clusters)
    if services or team is not None:
        graph = near(graph, services, team, depth)
    latencies = _latencies(start, end, graph)
    rows = [edge_row(each, latencies) for each in graph]
    return sorted(rows, key=lambda row: (-row.requests, row.client, row.server, row.protocol, row.id))


def nodes(
    *,
    start: datetime,
    end: datetime,
    environments: Collection[str] = (),
    clusters: Collection[str] = (),
    services: Collection[str] = (),
    team: str | None = None,
    depth: int = 1,
) -> list[NodeRow]:
    """Return the nodes at the ends of those edges, and those that nobody was seen to call, busiest first."""
    window = _read(start, end, environments)
    graph = _graph(calls(window.edges, window.totals, window.names), environments, clusters)
    if services or team is not None:
        graph = near(graph, services, team, depth)
    inbound, touching = defaultdict[int, list[Calls]](list), defaultdict[int, list[Calls]](list)
    for each in graph:
        inbound[each.server.id].append(each)
        for node in (each.client, each.server):
            touching[node.id].append(each)
    apart = _apart(window)
    found = {node.id: node for each in graph for node in (each.client, each.server)}
    if not services:
        places = {name.casefold() for name in clusters}
        alone = [window.names.nodes[number] for number in apart]
        found |= {
            node.id: node for node in alone if (not places or node.cluster in places) and team in (None, node.team)
        }
    latencies = _latencies(start, end, graph)
    rows = [
        node_row(node, inbound[node.id], touching[node.id], apart.get(node.id, {}), latencies)
        for node in found.values()
    ]
    return sorted(rows, key=lambda row: (-row.requests, row.name, row.id))


def _read(start: datetime, end: datetime, environments: Collection[str]) -> _Window:
    # Nodes last: whatever was read before has its nodes in what is read after it.
    facts = {fact.id: fact for fact in query.edges(start, end)}
    totals = query.totals(start, end)
    apart = query.node_totals(start, end, environments)
    told = query.aliases()
    return _Window(facts, totals, apart, names(query.nodes(), told))


def _graph(found: Sequence[Calls], environments: Collection[str], clusters: Collection[str]) -> list[Calls]:
    """Return the edges of these places. What repeats what is decided before: it must not depend on the question."""
    graph = without_repeats(found)
    if environments:
        graph = [each for each in graph if each.environment in environments]
    if clusters:
        places = {name.casefold() for name in clusters}
        graph = [each for each in graph if {each.client.cluster, each.server.cluster} & places]
    return graph


def _latencies(start: datetime, end: datetime, graph: Sequence[Calls]) -> Latencies:
    """Return the latency of what is shown: it is most of what is stored, so nothing else is asked for."""
    return query.latency(start, end, [(member, each.vantages[0]) for each in graph for member in each.members])


def _apart(window: _Window) -> dict[int, dict[int, NodeTotal]]:
    """Return the requests that belong to no edge, by node and vantage, under the names that are shown."""
    found: dict[int, dict[int, NodeTotal]] = defaultdict(dict)
    for total in window.apart:
        node = window.names.number(total.node)
        known = found[node].get(total.vantage, NodeTotal(node, total.vantage, 0.0, 0.0))
        found[node][total.vantage] = NodeTotal(
            node, total.vantage, known.unattributed + total.unattributed, known.internal + total.internal
        )
    return found
