"""Puts the map of a window together (see `vertices`)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, TypedDict

from plimsoll.insight.topology.calls import Calls, calls
from plimsoll.insight.topology.figures import Figures, counted
from plimsoll.insight.topology.names import Names, names
from plimsoll.insight.topology.repeats import without_repeats
from plimsoll.insight.topology.rows import Latencies, together, unnamed
from plimsoll.insight.topology.vertices import Arc, Scope, Vertex, Whole, seconds_of
from plimsoll.insight.topology.within import beyond, callers, is_in_place, is_within, neighbours
from plimsoll.store.queries import tiers
from plimsoll.store.queries import topology as query
from plimsoll.store.traffic_facts import EdgeFact, NodeFact, NodeTotal

# How long a service that nobody calls any more stays on the map, faded.
REMEMBERED: Final = timedelta(days=7)
# What an installation hears of in its first minutes is not new.
SETTLING: Final = timedelta(minutes=5)
# Callers outside have no place on the map: their calls are in the figures of what they reach.
_NO_PLACE: Final = frozenset({"user"})

_Apart = Mapping[int, Mapping[int, NodeTotal]]
_Nodes = dict[int, NodeFact]
# A stored edge with its ends, under the names that are shown.
_Silent = tuple[EdgeFact, NodeFact, NodeFact]


def merged(start: datetime, end: datetime, scope: Scope) -> Whole:
    """Return the map of [start, end), as it is read now; `start` is a whole minute."""
    facts = {fact.id: fact for fact in query.edges(start - REMEMBERED, end)}
    totals = query.totals(start, end)
    apart = query.node_totals(start, end, tuple(scope.environments))
    told = query.aliases()
    known = names(query.nodes(), told)
    ids, every = _ids(known), without_repeats(calls(facts, totals, known))
    graph = [each for each in every if is_within(each.environment, each.client, each.server, scope)]
    silent = [
        (fact, client, server)
        for fact in facts.values()
        if fact.id not in totals
        and is_within(
            fact.environment, client := known.node(fact.client_id), server := known.node(fact.server_id), scope
        )
    ]
    ends = {node.id: node for each in graph for node in (each.client, each.server)}
    ends |= {node.id: node for _, *both in silent for node in both}
    beside = neighbours(ends, ids, scope)
    others = beyond(every, ends, beside, ids, scope)
    told_of = (*graph, *others)
    latencies = query.latency(start, end, [(n, each.vantages[0]) for each in told_of for n in each.members])
    shown = {each.id: counted(each.total) for each in told_of}
    since = min((fact.first_seen for fact in facts.values()), default=None)
    calling = callers(every, beside, ids, scope)
    drawing = _Drawing(known, ids, tiers.declared(), latencies, shown, start, end, since, scope, beside, calling)
    return drawing.of(graph, others, _apart(apart, known), silent)


def gone_since(start: datetime, end: datetime) -> datetime:
    """Return since when an edge must have been seen to be gone in a window: as long before it as it is long."""
    return start - (end - start)


class _Figures(TypedDict):
    requests: float
    failed: float
    error_rate: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    counted: tuple[tuple[int, int], ...]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class _Drawing:
    """What the map is drawn with."""

    names: Names
    ids: Mapping[int, str]
    tiers: Mapping[int, str]
    latencies: Latencies
    counted: Mapping[int, Figures]
    start: datetime
    end: datetime
    since: datetime | None
    scope: Scope
    neighbours: Collection[str]
    # their nodes that call anybody, be it nobody on the map
    callers: Collection[int]

    def of(self, graph: Sequence[Calls], others: Sequence[Calls], apart: _Apart, silent: Sequence[_Silent]) -> Whole:
        """Return the map of these calls, of what belongs to no edge, and of what was silent in the window.

        The calls of `others` are in the figures of its neighbours, and nowhere else.
        """
        inbound: dict[str, list[Calls]] = defaultdict(list)
        between: dict[tuple[str, str], list[Calls]] = defaultdict(list)
        for each in graph:
            client, server = self.ids[each.client.id], self.ids[each.server.id]
            inbound[server].append(each)
            if each.client.kind not in _NO_PLACE:
                between[client, server].append(each)
        busy = self._busy(graph, apart)
        pairs = self._silent(silent, between.keys())
        resting: dict[str, _Nodes] = defaultdict(dict)
        for _, *ends in (each for of_ends in pairs.values() for each in of_ends):
            for node in ends:
                if self.ids[node.id] not in busy:
                    resting[self.ids[node.id]][node.id] = node
        for each in others:
            key = self.ids[each.server.id]
            if key in resting:
                busy[key] = resting.pop(key)
            if key in busy:
                busy[key][each.server.id] = each.server
                inbound[key].append(each)
        vertices = {key: self._vertex(key, nodes, inbound[key], apart) for key, nodes in busy.items()}
        vertices |= {key: replace(self._plain(key, nodes), is_idle=True) for key, nodes in resting.items()}
        arcs = [self._arc(ends, of_ends) for ends, of_ends in between.items()]
        gone = [self._gone(ends, edges) for ends, edges in pairs.items() if self._is_gone(edges)]
        quiet = sorted(pairs.keys() - {(arc.client, arc.server) for arc in gone})
        arcs.sort(key=lambda arc: (-arc.requests, arc.id))
        gone.sort(key=lambda arc: arc.id)
        seconds = seconds_of(self.start, self.end, self.since)
        return Whole(self.start, self.end, seconds, vertices, (*arcs, *gone), tuple(quiet), self.since)

    def _busy(self, graph: Sequence[Calls], apart: _Apart) -> dict[str, _Nodes]:
        """Return the nodes of each vertex that had calls."""
        found: dict[str, _Nodes] = defaultdict(dict)
        for each in graph:
            for node in (each.client, each.server):
                found[self.ids[node.id]][node.id] = node
        for number in (*apart, *self.callers):
            node = self.names.nodes[number]
            if is_within(next(iter(self.scope.environments), ""), node, node, self.scope) or (
                self.ids[number] in self.neighbours and is_in_place(node, self.scope)
            ):
                found[self.ids[number]][number] = node
        return {key: nodes for key, nodes in found.items() if not {n.kind for n in nodes.values()} & _NO_PLACE}

    def _vertex(self, key: str, nodes: _Nodes, inbound: Sequence[Calls], apart: _Apart) -> Vertex:
        """Return a vertex with its figures: what its nodes served, and the latency of all their calls together."""
        by_node: dict[int, list[Calls]] = defaultdict(list)
        for each in inbound:
            by_node[each.server.id].append(each)
        figures = self._figures(inbound)
        figures["requests"] = sum(self._served(by_node[number], apart.get(number, {})) for number in nodes)
        return replace(self._plain(key, nodes), **figures)

    def _served(self, inbound: Sequence[Calls], apart: Mapping[int, NodeTotal]) -> float:
        """Return the requests that a node served."""
        beside = unnamed(inbound, apart) if apart else None
        return sum(self.counted[each.id].requests for each in inbound) + (beside.unattributed if beside else 0.0)

    def _plain(self, key: str, nodes: _Nodes) -> Vertex:
        """Return a vertex by the names of its nodes, without any figure."""
        numbers = sorted(nodes)
        node = nodes[numbers[0]]
        known = next((nodes[n] for n in numbers if nodes[n].service), node)
        return Vertex(
            id=key,
            name=node.display,
            namespace=node.namespace,
            kind="gateway" if any(each.kind == "gateway" for each in nodes.values()) else node.kind,
            service=known.service,
            service_namespace=known.service_namespace,
            team=next((nodes[n].team for n in numbers if nodes[n].team), None),
            tier=next((self.tiers[n] for n in numbers if n in self.tiers), ""),
            clusters=tuple(sorted({each.cluster for each in nodes.values() if each.cluster})),
            is_neighbour=key in self.neighbours,
        )

    def _arc(self, ends: tuple[str, str], of_ends: Sequence[Calls]) -> Arc:
        """Return all that one vertex says to another."""
        first_seen = min(each.first_seen for each in of_ends)
        return Arc(
            id=f"{ends[0]}-{ends[1]}",
            client=ends[0],
            server=ends[1],
            protocols=tuple(sorted({each.protocol for each in of_ends})),
            clusters=tuple(sorted({node.cluster for each in of_ends for node in (each.client, each.server)} - {""})),
            environments=tuple(sorted({each.environment for each in of_ends} - {""})),
            edges=tuple(sorted(member for each in of_ends for member in each.members)),
            first_seen=first_seen,
            last_seen=max(each.last_seen for each in of_ends),
            is_new=self.since is not None and first_seen >= max(self.start, self.since + SETTLING),
            **self._figures(of_ends),
        )

    def _figures(self, all_calls: Sequence[Calls]) -> _Figures:
        """Return what calls add up to."""
        shown = [self.counted[each.id] for each in all_calls]
        requests, failed = sum([each.requests for each in shown]), sum([each.failed for each in shown])
        found = together(all_calls, self.latencies)
        return _Figures(
            requests=requests,
            failed=failed,
            error_rate=failed / requests if requests else None,
            p50_ms=found.p50_ms,
            p95_ms=found.p95_ms,
            p99_ms=found.p99_ms,
            counted=tuple(sorted([(member, each.vantages[0]) for each in all_calls for member in each.members])),
            is_whole=all(each.total.weight_unknown == 0 for each in all_calls),
        )

    def _silent(
        self, silent: Iterable[_Silent], busy: Collection[tuple[str, str]]
    ) -> dict[tuple[str, str], list[_Silent]]:
        """Return the edges without a call in the window, by their ends, where no other name of the edge had one."""
        found: dict[tuple[str, str], list[_Silent]] = defaultdict(list)
        for fact, client, server in silent:
            ends = self.ids[client.id], self.ids[server.id]
            hidden = {client.kind, server.kind} & {*_NO_PLACE, "unresolved"}
            if ends not in busy and not hidden:
                found[ends].append((fact, client, server))
        return found

    def _is_gone(self, edges: Iterable[_Silent]) -> bool:
        """Whether an edge had calls until shortly before the window."""
        return max(fact.last_seen for fact, *_ in edges) >= gone_since(self.start, self.end)

    def _gone(self, ends: tuple[str, str], silent: Sequence[_Silent]) -> Arc:
        """Return an edge that had calls until shortly before the window."""
        edges = [fact for fact, *_ in silent]
        nodes = [node for _, *both in silent for node in both]
        return Arc(
            id=f"{ends[0]}-{ends[1]}",
            client=ends[0],
            server=ends[1],
            protocols=tuple(sorted({fact.protocol for fact in edges})),
            clusters=tuple(sorted({node.cluster for node in nodes} - {""})),
            environments=tuple(sorted({fact.environment for fact in edges} - {""})),
            edges=tuple(sorted(fact.id for fact in edges)),
            first_seen=min(fact.first_seen for fact in edges),
            last_seen=max(fact.last_seen for fact in edges),
            is_gone=True,
        )


def _ids(known: Names) -> dict[int, str]:
    """Return the vertex of each node: namesakes in other clusters are one, under the oldest one's number."""
    oldest: dict[tuple[str, str, str], int] = {}
    keys: dict[int, tuple[str, str, str]] = {}
    for number in sorted(known.nodes):
        node = known.node(number)
        role = "service" if node.kind in ("service", "gateway") else node.kind
        keys[number] = (role, *node.identity)
        oldest.setdefault(keys[number], number)
    return {number: str(oldest[key]) for number, key in keys.items()}


def _apart(totals: Iterable[NodeTotal], known: Names) -> dict[int, dict[int, NodeTotal]]:
    """Return the requests that belong to no edge, by node and vantage, under the names that are shown."""
    found: dict[int, dict[int, NodeTotal]] = defaultdict(dict)
    for total in totals:
        node = known.number(total.node)
        before = found[node].get(total.vantage, NodeTotal(node, total.vantage, 0.0, 0.0))
        found[node][total.vantage] = NodeTotal(
            node, total.vantage, before.unattributed + total.unattributed, before.internal + total.internal
        )
    return found
