"""Questions about traffic: which edges were there, and what their minutes add up to."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from django.db import connection

from plimsoll.store.directory import EVIDENCE as EVIDENCE


@dataclass(frozen=True, slots=True)
class NodeFact:
    """A node with its owner."""

    id: int
    cluster: str
    namespace: str
    name: str
    kind: str
    display: str
    service: str | None
    team: str | None

    @property
    def identity(self) -> tuple[str, str]:
        """What is the same for namesakes in other clusters."""
        return self.namespace, self.name


@dataclass(frozen=True, slots=True)
class EdgeFact:
    """An edge by the numbers of its ends."""

    id: int
    environment: str
    client_id: int
    server_id: int
    protocol: str
    evidence: str
    via: str
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class EdgeTotal:
    """The sums of one edge at one vantage over a window. `coarse`: upper bounds in ms -> buckets."""

    vantage: int
    observed: int
    requests: float
    attempts: float
    failed: float
    client_errors: float
    throttled: float
    aborted: float
    denied: float
    unreached: float
    weight_unknown: int
    weighted_requests: float
    weighted_failed: float
    weight_spread: float
    fine: dict[int, int] = field(default_factory=dict)
    coarse: dict[tuple[float, ...], dict[int, int]] = field(default_factory=dict)

    def plus(self, other: "EdgeTotal") -> "EdgeTotal":
        """Return the sum with another total of the same vantage."""
        coarse = dict(self.coarse)
        for bounds, buckets in other.coarse.items():
            coarse[bounds] = _sum(coarse.get(bounds, {}), buckets)
        return replace(
            self,
            **{name: getattr(self, name) + getattr(other, name) for name in _SUMS},
            fine=_sum(self.fine, other.fine),
            coarse=coarse,
        )


_SUMS: Final = (
    "observed", "requests", "attempts", "failed", "client_errors", "throttled", "aborted", "denied", "unreached",
    "weight_unknown", "weighted_requests", "weighted_failed", "weight_spread",
)  # fmt: skip


def _sum(a: dict[int, int], b: dict[int, int]) -> dict[int, int]:
    return {bucket: a.get(bucket, 0) + b.get(bucket, 0) for bucket in a.keys() | b.keys()}


def nodes() -> dict[int, NodeFact]:
    """Return all nodes by number."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT node.id, node.cluster, node.namespace, node.name, node.kind, node.display, service.name, team.slug
            FROM node
            LEFT JOIN service ON service.id = node.service_id
            LEFT JOIN team ON team.id = service.team_id
            """
        )
        return {row[0]: NodeFact(*row) for row in cursor.fetchall()}


def alias_votes() -> list[tuple[int, int, str, int]]:
    """Return (other name, node, evidence, votes)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT alias_id, node_id, evidence, votes FROM node_alias ORDER BY evidence DESC, votes, id")
        found: list[tuple[int, int, str, int]] = cursor.fetchall()
    return found


def edges(start: datetime, end: datetime) -> list[EdgeFact]:
    """Return the edges that may have had traffic in a window."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT id, environment, client_id, server_id, protocol, evidence, via, first_seen, last_seen
            FROM edge
            WHERE last_seen >= date_trunc('minute', %s) AND first_seen < %s
            """,
            [start, end],
        )
        return [EdgeFact(*row) for row in cursor.fetchall()]


def totals(start: datetime, end: datetime, edge_ids: Collection[int]) -> dict[int, dict[int, EdgeTotal]]:
    """Return what the minutes of edges in [start, end) add up to: edge -> vantage -> total."""
    found: dict[int, dict[int, EdgeTotal]] = {}
    ids = list(edge_ids)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT edge_id, vantage, sum(observed)::bigint, sum(requests), sum(attempts), sum(failed),
                sum(client_errors), sum(throttled), sum(aborted), sum(denied), sum(unreached),
                sum(weight_unknown)::bigint, sum(weighted_requests), sum(weighted_failed), sum(weight_spread)
            FROM edge_minute
            WHERE minute >= date_trunc('minute', %s) AND minute < %s AND edge_id = ANY (%s)
            GROUP BY edge_id, vantage
            """,
            [start, end, ids],
        )
        for edge_id, vantage, *sums in cursor.fetchall():
            found.setdefault(edge_id, {})[vantage] = EdgeTotal(vantage, *sums)
    for edge_id, vantage, bounds, bucket, n in _latency(start, end, ids):
        total = found[edge_id][vantage]
        buckets = total.coarse.setdefault(tuple(bounds), {}) if bounds else total.fine
        buckets[bucket] = n
    return found


def _latency(start: datetime, end: datetime, ids: list[int]) -> Iterator[tuple[int, int, list[float] | None, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT merged.edge_id, merged.vantage, latency_bounds.bounds_ms, merged.bucket, merged.n
            FROM (
                SELECT edge_id, vantage, bounds, part >> 40 AS bucket, sum(part & 1099511627775)::bigint AS n
                FROM edge_minute, unnest(latency) AS part
                WHERE minute >= date_trunc('minute', %s) AND minute < %s AND edge_id = ANY (%s)
                GROUP BY edge_id, vantage, bounds, bucket
            ) AS merged
            LEFT JOIN latency_bounds ON latency_bounds.id = merged.bounds
            """,
            [start, end, ids],
        )
        yield from cursor.fetchall()


def node_totals(start: datetime, end: datetime, environments: Collection[str]) -> list[tuple[int, int, float, float]]:
    """Return (node, vantage, unattributed, internal) over a window."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT node_id, vantage, sum(unattributed), sum(internal)
            FROM node_minute
            WHERE minute >= date_trunc('minute', %s) AND minute < %s
                AND (cardinality(%s::text[]) = 0 OR environment = ANY (%s))
            GROUP BY node_id, vantage
            """,
            [start, end, list(environments), list(environments)],
        )
        found: list[tuple[int, int, float, float]] = cursor.fetchall()
    return found
