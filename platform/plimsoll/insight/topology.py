"""The dependency graph of a window: one row an edge or a node, computed from its minutes.

Each vantage has its own counters; what is shown is the best vantage present for the edge in the window, and vantages
are never added (mesh-dialects, section 9.2). Requests from `user` are shown where a gateway, or nothing else, could
tell who calls (section 10.3).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import sqrt

from plimsoll.insight import sketch
from plimsoll.store.cells import (
    METRIC_CLIENT,
    METRIC_DERIVED,
    METRIC_PROXY,
    METRIC_SERVER,
    SPAN_SERVER_APP,
    SPAN_SERVER_PROXY,
    VANTAGES,
)
from plimsoll.store.queries import topology as query
from plimsoll.store.queries.topology import EdgeFact, EdgeTotal, NodeFact

# A fine sketch is shown from this many observations on; below it the interval of the source's own bounds is (section
# 11).
_ENOUGH_FOR_FINE = 30
# Whoever is counted at these is called by name.
_BY_NAME = {METRIC_CLIENT, METRIC_PROXY}
_SERVER_SIDE = {METRIC_SERVER, SPAN_SERVER_PROXY, SPAN_SERVER_APP}
# Joined pairs that make another name the same node (section 2.4).
_ENOUGH_VOTES = 20
_AGREEMENT = 0.99


@dataclass(frozen=True, slots=True)
class EdgeRow:
    """An edge as the API shows it. Latencies in ms.

    `requests` and `failed` are corrected for sampling where the weight of every record is known (`weight_known`);
    else all counts are as observed: one corrected trace among uncorrected ones would be neither (mesh-dialects,
    section 9.3).
    """

    id: str
    environment: str
    client_cluster: str
    client_namespace: str
    client: str
    client_kind: str
    server_cluster: str
    server_namespace: str
    server: str
    server_kind: str
    protocol: str
    vantage: str
    requests: float
    attempts: float | None
    failed: float
    error_rate: float | None
    client_errors: float
    throttled: float
    aborted: float
    unreached: float
    denied: float
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    latency_exact: bool | None
    weight_known: bool
    standard_error: float | None
    observed: int
    evidence: str
    via: str
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A node as the API shows it: what it received from the edges shown, and what nobody could be named for."""

    id: str
    cluster: str
    namespace: str
    name: str
    kind: str
    service: str | None
    team: str | None
    requests: float
    failed: float
    error_rate: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    unattributed: float
    internal: float
    first_seen: datetime | None
    last_seen: datetime | None


@dataclass(frozen=True, slots=True)
class _Shown:
    """An edge with its best vantage, before it is made a row."""

    client: NodeFact
    server: NodeFact
    environment: str
    protocol: str
    total: EdgeTotal
    attempts: float | None
    edge_id: int
    evidence: str
    via: str
    first_seen: datetime
    last_seen: datetime


def edges(
    *,
    start: datetime,
    end: datetime,
    environments: Collection[str] = (),
    clusters: Collection[str] = (),
    services: Collection[str] = (),
    depth: int = 1,
    denied: bool = False,
) -> list[EdgeRow]:
    """Return the edges that had traffic in [start, end), busiest first; with `denied`, the calls that were denied."""
    shown = _shown(start, end, environments, clusters, services, depth, denied=denied)
    rows = [_row(each) for each in shown]
    return sorted(rows, key=lambda row: (-row.requests, row.client, row.server, row.protocol, row.id))


def nodes(
    *,
    start: datetime,
    end: datetime,
    environments: Collection[str] = (),
    clusters: Collection[str] = (),
    services: Collection[str] = (),
    depth: int = 1,
) -> list[NodeRow]:
    """Return the nodes at the ends of those edges, busiest first."""
    shown = _shown(start, end, environments, clusters, services, depth, denied=False)
    inbound: dict[int, list[_Shown]] = defaultdict(list)
    touching: dict[int, list[_Shown]] = defaultdict(list)
    found: dict[int, NodeFact] = {}
    for each in shown:
        inbound[each.server.id].append(each)
        for node in (each.client, each.server):
            found[node.id] = node
            touching[node.id].append(each)
    outside = _outside(start, end, environments)
    if not services:
        votes = query.alias_votes()
        known = query.nodes()
        aliases = _aliases(known, votes)
        for number in outside:
            node = known[aliases.get(number, number)]
            if not clusters or node.cluster in clusters:
                found.setdefault(node.id, node)
    rows = [_node_row(node, inbound[node.id], touching[node.id], outside) for node in found.values()]
    return sorted(rows, key=lambda row: (-row.requests, row.name, row.id))


def _shown(
    start: datetime,
    end: datetime,
    environments: Collection[str],
    clusters: Collection[str],
    services: Collection[str],
    depth: int,
    *,
    denied: bool,
) -> list[_Shown]:
    # Nodes last: an edge or a vote that was read has its nodes in what is read after it.
    facts = {fact.id: fact for fact in query.edges(start, end)}
    votes = query.alias_votes()
    known = query.nodes()
    aliases = _aliases(known, votes)
    merged = _same_edges(facts.values(), aliases)
    totals = query.totals(start, end, facts)
    result = []
    for (environment, client, server, protocol), members in merged.items():
        by_vantage = _added(totals.get(member, {}) for member in members)
        if environments and environment not in environments:
            continue
        kept = {v: t for v, t in by_vantage.items() if (t.denied if denied else t.requests)}
        if not kept or (client == server and known[client].kind != "user"):
            continue
        best = min(kept)
        first = facts[min(members)]
        result.append(
            _Shown(
                known[client],
                known[server],
                environment,
                protocol,
                kept[best],
                _attempts(by_vantage, best),
                first.id,
                min((facts[m].evidence for m in members), key=query.EVIDENCE.index),
                next((facts[m].via for m in members if facts[m].via), ""),
                min(facts[m].first_seen for m in members),
                max(facts[m].last_seen for m in members),
            )
        )
    result = _without_doubtful_users(result)
    if clusters:
        result = [each for each in result if {each.client.cluster, each.server.cluster} & set(clusters)]
    return _near(result, services, depth) if services else result


def _same_edges(facts: Iterable[EdgeFact], aliases: Mapping[int, int]) -> dict[tuple[str, int, int, str], list[int]]:
    """Return the numbers of the edges that are one: under other names, or seen by a side that does not say where it
    runs.

    A record without an environment belongs to the only one that the same two ends are seen in, if there is just one.
    """
    found: dict[tuple[int, int, str], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for fact in facts:
        client, server = aliases.get(fact.client_id, fact.client_id), aliases.get(fact.server_id, fact.server_id)
        found[client, server, fact.protocol][fact.environment].append(fact.id)
    for by_environment in found.values():
        if "" in by_environment and len(by_environment) == 2:
            silent = by_environment.pop("")
            next(iter(by_environment.values())).extend(silent)
    return {
        (environment, *ends): members
        for ends, by_environment in found.items()
        for environment, members in by_environment.items()
    }


def _added(parts: Iterable[Mapping[int, EdgeTotal]]) -> dict[int, EdgeTotal]:
    """Add the totals of edges that are the same one under other names, vantage by vantage."""
    sums: dict[int, EdgeTotal] = {}
    for part in parts:
        for vantage, total in part.items():
            sums[vantage] = sums[vantage].plus(total) if vantage in sums else total
    return sums


def _attempts(by_vantage: Mapping[int, EdgeTotal], best: int) -> float | None:
    """Return how many tries reached the wire: as the server's side counted them, or as the client's own statistics say.

    Metrics are compared with metrics and spans with spans: they are not sampled alike. Unknown is None, never zero.
    """
    total = by_vantage[best]
    if best in _SERVER_SIDE:
        return total.requests
    if total.attempts or total.unreached >= total.requests > 0:
        return total.attempts
    from_metrics = best <= METRIC_DERIVED
    for vantage in sorted(by_vantage):
        if vantage in _SERVER_SIDE and (vantage <= METRIC_DERIVED) == from_metrics:
            return by_vantage[vantage].requests
    return None


def _without_doubtful_users(shown: Sequence[_Shown]) -> list[_Shown]:
    """Leave out `user` in front of a service that is known to be called by a gateway, or by name (section 10.3)."""
    called = {each.server.id for each in shown if each.client.kind == "gateway" or each.total.vantage in _BY_NAME}
    return [
        each
        for each in shown
        if each.client.kind != "user" or each.server.kind == "gateway" or each.server.id not in called
    ]


def _near(shown: Sequence[_Shown], services: Collection[str], depth: int) -> list[_Shown]:
    """Return the edges within `depth` calls of the named services; a name may be `namespace/name`."""
    wanted = {name.casefold() for name in services}
    reached = {
        node.id
        for each in shown
        for node in (each.client, each.server)
        if {node.name.casefold(), f"{node.namespace}/{node.name}".casefold()} & wanted
    }
    near: list[_Shown] = []
    for _ in range(max(depth, 1)):
        near = [each for each in shown if each.client.id in reached or each.server.id in reached]
        reached |= {node.id for each in near for node in (each.client, each.server)}
    return near


def _aliases(known: Mapping[int, NodeFact], told: Iterable[tuple[int, int, str, int]]) -> dict[int, int]:
    """Return which nodes are other names of which: from one record, or from joined pairs that agree (section 2.4).

    The same name in another cluster needs one pair, and no dissent: a caller names a service by its own cluster,
    because that is all he knows of it, and the callee says where it really is.
    """
    votes: dict[int, dict[int, int]] = defaultdict(dict)
    records: dict[int, set[int]] = defaultdict(set)
    for alias, node, evidence, n in told:
        if evidence == "record":
            records[alias].add(node)
        else:
            votes[alias][node] = n
    # A name that records show to lead to two services stays unmerged.
    result = {alias: next(iter(found)) for alias, found in records.items() if len(found) == 1 and alias not in found}
    for alias, found in votes.items():
        node, most = max(found.items(), key=lambda item: item[1])
        if alias in records or node == alias:
            continue
        agreed = most >= _AGREEMENT * sum(found.values())
        is_namesake = known[alias].identity == known[node].identity
        if (most >= _ENOUGH_VOTES and agreed) or (is_namesake and len(found) == 1):
            result[alias] = node
    # A chain of names ends at its last one; names that point at each other stay apart.
    return {alias: end for alias in result if (end := _end_of_chain(alias, result)) is not None}


def _end_of_chain(alias: int, names: Mapping[int, int]) -> int | None:
    seen = {alias}
    while alias in names:
        alias = names[alias]
        if alias in seen:
            return None
        seen.add(alias)
    return alias


def _outside(start: datetime, end: datetime, environments: Collection[str]) -> dict[int, tuple[float, float]]:
    """Return (unattributed, internal) of each node, from the best vantage present."""
    best: dict[int, tuple[int, float, float]] = {}
    for node, vantage, unattributed, internal in query.node_totals(start, end, environments):
        if node not in best or vantage < best[node][0]:
            best[node] = vantage, unattributed, internal
    return {node: (unattributed, internal) for node, (_, unattributed, internal) in best.items()}


def _row(each: _Shown) -> EdgeRow:
    total = each.total
    p50, exact = _latency(total, 0.50)
    is_corrected = total.weight_unknown == 0 and total.vantage > METRIC_DERIVED
    requests = total.weighted_requests if is_corrected else total.requests
    failed = total.weighted_failed if is_corrected else total.failed
    return EdgeRow(
        id=str(each.edge_id),
        environment=each.environment,
        client_cluster=each.client.cluster,
        client_namespace=each.client.namespace,
        client=each.client.display,
        client_kind=each.client.kind,
        server_cluster=each.server.cluster,
        server_namespace=each.server.namespace,
        server=each.server.display,
        server_kind=each.server.kind,
        protocol=each.protocol,
        vantage=VANTAGES[total.vantage],
        requests=requests,
        attempts=each.attempts,
        failed=failed,
        error_rate=failed / requests if requests else None,
        client_errors=total.client_errors,
        throttled=total.throttled,
        aborted=total.aborted,
        unreached=total.unreached,
        denied=total.denied,
        p50_ms=p50,
        p95_ms=_latency(total, 0.95)[0],
        p99_ms=_latency(total, 0.99)[0],
        latency_exact=exact,
        weight_known=total.weight_unknown == 0,
        standard_error=sqrt(total.weight_spread) if is_corrected else None,
        observed=total.observed,
        evidence=each.evidence,
        via=each.via,
        first_seen=each.first_seen,
        last_seen=each.last_seen,
    )


def _latency(total: EdgeTotal, q: float) -> tuple[float | None, bool | None]:
    """Return a quantile in ms and whether it comes from the fine sketch; the source's own bounds say less."""
    coarse = max(total.coarse.items(), key=lambda item: sum(item[1].values()), default=None)
    if total.fine and (coarse is None or sum(total.fine.values()) >= _ENOUGH_FOR_FINE):
        found = sketch.quantile(total.fine, q)
        return (found.value_ms, True) if found else (None, None)
    if coarse is None:
        return None, None
    found = sketch.bounded_quantile(coarse[1], coarse[0], q)
    return (found.value_ms, False) if found else (None, None)


def _node_row(
    node: NodeFact, inbound: Sequence[_Shown], touching: Sequence[_Shown], outside: Mapping[int, tuple[float, float]]
) -> NodeRow:
    unattributed, internal = outside.get(node.id, (0.0, 0.0))
    total: EdgeTotal | None = None
    for each in inbound:
        total = each.total if total is None else total.plus(replace(each.total, vantage=total.vantage))
    requests = (total.requests if total else 0.0) + unattributed
    failed = total.failed if total else 0.0
    return NodeRow(
        id=str(node.id),
        cluster=node.cluster,
        namespace=node.namespace,
        name=node.display,
        kind=node.kind,
        service=node.service,
        team=node.team,
        requests=requests,
        failed=failed,
        error_rate=failed / total.requests if total and total.requests else None,
        p50_ms=_latency(total, 0.50)[0] if total else None,
        p95_ms=_latency(total, 0.95)[0] if total else None,
        p99_ms=_latency(total, 0.99)[0] if total else None,
        unattributed=unattributed,
        internal=internal,
        first_seen=min((each.first_seen for each in touching), default=None),
        last_seen=max((each.last_seen for each in touching), default=None),
    )
