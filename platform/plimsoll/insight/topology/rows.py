"""Edges and nodes as the API shows them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import sqrt
from typing import Final

from plimsoll.insight import sketch
from plimsoll.insight.topology.calls import Calls
from plimsoll.insight.topology.figures import attempts, counted, is_corrected, is_metric
from plimsoll.store.cells import SPAN_SERVER_APP, SPAN_SERVER_PROXY, VANTAGES
from plimsoll.store.traffic_facts import Latency, NodeFact, NodeTotal

# Of a stored edge at a vantage.
Latencies = Mapping[tuple[int, int], Latency]

# A fine sketch is shown from this many observations on; below it the interval of the source's own bounds is (section
# 11).
_ENOUGH_FOR_FINE: Final = 30
_QUANTILES: Final = (0.50, 0.95, 0.99)


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


def edge_row(each: Calls, latencies: Latencies) -> EdgeRow:
    """Return the row of an edge."""
    total = each.total
    shown = counted(total)
    latency = together([each], latencies)
    return EdgeRow(
        id=str(each.id),
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
        requests=shown.requests,
        attempts=attempts(each.totals, total.vantage),
        failed=shown.failed,
        error_rate=_rate(shown.failed, shown.requests),
        client_errors=shown.client_errors,
        throttled=shown.throttled,
        aborted=shown.aborted,
        unreached=shown.unreached,
        denied=total.denied,
        p50_ms=latency.p50_ms,
        p95_ms=latency.p95_ms,
        p99_ms=latency.p99_ms,
        latency_exact=latency.is_exact,
        weight_known=total.weight_unknown == 0,
        standard_error=sqrt(total.weight_spread) if is_corrected(total) else None,
        observed=total.observed,
        evidence=each.evidence,
        via=each.via,
        first_seen=each.first_seen,
        last_seen=each.last_seen,
    )


def node_row(
    node: NodeFact,
    inbound: Sequence[Calls],
    touching: Sequence[Calls],
    apart: Mapping[int, NodeTotal],
    latencies: Latencies,
) -> NodeRow:
    """Return the row of a node: what its edges show, and beside them what belongs to none."""
    beside = unnamed(inbound, apart)
    shown = [counted(each.total) for each in inbound]
    requests, failed = sum(figures.requests for figures in shown), sum(figures.failed for figures in shown)
    latency = together(inbound, latencies)
    return NodeRow(
        id=str(node.id),
        cluster=node.cluster,
        namespace=node.namespace,
        name=node.display,
        kind=node.kind,
        service=node.service,
        team=node.team,
        requests=requests + (beside.unattributed if beside else 0.0),
        failed=failed,
        error_rate=_rate(failed, requests),
        p50_ms=latency.p50_ms,
        p95_ms=latency.p95_ms,
        p99_ms=latency.p99_ms,
        unattributed=beside.unattributed if beside else 0.0,
        internal=beside.internal if beside else 0.0,
        first_seen=min((each.first_seen for each in touching), default=None),
        last_seen=max((each.last_seen for each in touching), default=None),
    )


def unnamed(inbound: Sequence[Calls], apart: Mapping[int, NodeTotal]) -> NodeTotal | None:
    """Return what a node served beside its edges, None when there is nothing that they do not show; `apart` is by
    vantage.

    Where metrics name the callers, a span without one repeats a request that they counted, and the other way round:
    families are never added (section 9.2). Where a proxy speaks for the node, an application's span without caller has
    the proxy's span as its parent, and is the same request once more (section 8.3).
    """
    families = {is_metric(each.total.vantage) for each in inbound}
    repeated = {SPAN_SERVER_APP} if any(SPAN_SERVER_PROXY in each.totals for each in inbound) else set()
    return min(
        (
            total
            for total in apart.values()
            if total.vantage not in repeated and (not families or is_metric(total.vantage) in families)
        ),
        key=lambda total: total.vantage,
        default=None,
    )


def _rate(failed: float, requests: float) -> float | None:
    return failed / requests if requests else None


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Quantiles in ms; `is_exact` when from the fine sketch, for the source's own bounds say less."""

    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    is_exact: bool | None = field(default=None, kw_only=True)


def together(all_calls: Sequence[Calls], latencies: Latencies) -> Quantiles:
    """Return the quantiles of all calls together, from the fine sketch if it holds enough."""
    parts: dict[tuple[float, ...], list[int]] = defaultdict(list)
    for each in all_calls:
        for member in each.members:
            for bounds, stored in latencies.get((member, each.vantages[0]), {}).items():
                parts[bounds] += stored
    fine = sketch.unpack(parts.pop((), ()))
    sketches = {bounds: sketch.unpack(stored) for bounds, stored in parts.items()}
    bounds, coarse = max(sketches.items(), key=lambda item: sum(item[1].values()), default=((), {}))
    if fine and (not coarse or sum(fine.values()) >= _ENOUGH_FOR_FINE):
        return Quantiles(*map(_value, sketch.quantiles(fine, _QUANTILES)), is_exact=True)
    if not coarse:
        return Quantiles()
    return Quantiles(*[_value(sketch.bounded_quantile(coarse, bounds, q)) for q in _QUANTILES], is_exact=False)


def _value(found: sketch.Quantile | None) -> float | None:
    return found.value_ms if found else None
