"""Questions about traffic: which edges were there, and what their minutes add up to."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final

from django.db import connection

from plimsoll.store.environments import TEST
from plimsoll.store.traffic_facts import AliasFact, EdgeFact, EdgeTotal, Latency, NodeFact, NodeTotal

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# What tells whether rows are still the same ones.
Versions = tuple[Decimal | None, ...]


def nodes() -> dict[int, NodeFact]:
    """Return all nodes by number."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH speaker AS (
                SELECT client_id AS id FROM edge
                UNION
                SELECT edge.server_id FROM edge JOIN node ON node.id = edge.client_id WHERE node.kind = 'user'
            )
            SELECT node.id, node.cluster, node.namespace, node.name, node.kind, node.display, service.name, team.slug,
                speaker.id IS NOT NULL, coalesce(service.namespace, '')
            FROM node
            LEFT JOIN speaker ON speaker.id = node.id
            LEFT JOIN service ON service.id = node.service_id
            LEFT JOIN team ON team.id = service.team_id
            """
        )
        return {row[0]: NodeFact(*row) for row in cursor.fetchall()}


def aliases() -> list[AliasFact]:
    """Return which names were seen to be other names of nodes; of what pods showed, what they did on a name's last day:
    a pod may be given other names.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT alias_id, node_id, evidence, votes
            FROM (
                SELECT *, max(last_seen) OVER (PARTITION BY alias_id, evidence) - last_seen AS age
                FROM node_alias
            ) AS told
            WHERE evidence <> 'pod' OR age < interval '1 day'
            ORDER BY evidence DESC, votes, id
            """
        )
        return [AliasFact(*row) for row in cursor.fetchall()]


def edges(start: datetime, end: datetime) -> list[EdgeFact]:
    """Return the edges that may have had traffic in a window, but of tests of the way in."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT id, environment, client_id, server_id, protocol, evidence, via,
                (extract(epoch FROM first_seen) * 1000000)::bigint, (extract(epoch FROM last_seen) * 1000000)::bigint
            FROM edge
            WHERE last_seen >= date_trunc('minute', %s) AND first_seen < %s AND environment <> %s
            """,
            [start, end, TEST],
        )
        return [
            EdgeFact(number, environment, client, server, protocol, evidence, via, _moment(first), _moment(last))
            for number, environment, client, server, protocol, evidence, via, first, last in cursor.fetchall()
        ]


# Edges are seen by the minute, so thousands of them have a few moments; to read a time as such takes ten times as long.
@lru_cache(maxsize=4096)
def _moment(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def totals(start: datetime, end: datetime) -> dict[int, dict[int, EdgeTotal]]:
    """Return what the minutes in [start, end) add up to: edge -> vantage -> total."""
    found: dict[int, dict[int, EdgeTotal]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT edge_id, vantage, least(sum(observed), 9223372036854775807)::bigint,
                sum(requests), sum(attempts), sum(failed), sum(client_errors), sum(throttled), sum(aborted),
                sum(denied), sum(unreached), least(sum(weight_unknown), 9223372036854775807)::bigint,
                sum(weighted_requests), sum(weighted_failed), sum(weight_spread)
            FROM edge_minute
            WHERE minute >= date_trunc('minute', %s) AND minute < %s
            GROUP BY edge_id, vantage
            """,
            [start, end],
        )
        for edge_id, vantage, *sums in cursor.fetchall():
            found.setdefault(edge_id, {})[vantage] = EdgeTotal(vantage, *sums)
    return found


def latency(start: datetime, end: datetime, wanted: Collection[tuple[int, int]]) -> Mapping[tuple[int, int], Latency]:
    """Return the latency in [start, end) of these edges, each at one vantage."""
    # The stored form goes out as it is: a row a bucket would be twenty times as many. Edge and vantage are one number,
    # because of a join by both the planner expects next to nothing, and sorts on disk.
    found: dict[tuple[int, int], dict[tuple[float, ...], list[int]]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT merged.edge_id, merged.vantage, latency_bounds.bounds_ms, merged.latency
            FROM (
                SELECT edge_id, vantage, bounds, array_agg((bucket << 40) | n) AS latency
                FROM (
                    SELECT edge_id, vantage, bounds, part >> 40 AS bucket,
                        least(sum(part & 1099511627775), 1099511627775)::bigint AS n
                    FROM edge_minute
                    CROSS JOIN unnest(latency) AS part
                    WHERE minute >= date_trunc('minute', %s) AND minute < %s
                        AND (edge_id << 4) | vantage = ANY (%s::bigint[])
                    GROUP BY edge_id, vantage, bounds, bucket
                ) AS buckets
                GROUP BY edge_id, vantage, bounds
            ) AS merged
            LEFT JOIN latency_bounds ON latency_bounds.id = merged.bounds
            """,
            [start, end, [edge << 4 | vantage for edge, vantage in wanted]],
        )
        for edge, vantage, bounds, stored in cursor.fetchall():
            found[edge, vantage][tuple(bounds or ())] = stored
    return found


def node_totals(start: datetime, end: datetime, environments: Collection[str]) -> list[NodeTotal]:
    """Return the requests that belong to no edge, by node and vantage, over a window."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT node_id, vantage, sum(unattributed), sum(internal)
            FROM node_minute
            WHERE minute >= date_trunc('minute', %s) AND minute < %s AND environment <> %s
                AND (cardinality(%s::text[]) = 0 OR environment = ANY (%s))
            GROUP BY node_id, vantage
            """,
            [start, end, TEST, list(environments), list(environments)],
        )
        return [NodeTotal(*row) for row in cursor.fetchall()]


def versions(start: datetime, end: datetime, since: datetime, late: datetime) -> Versions:
    """Return a fingerprint of every row that the map of [start, end) is made of: edges, of which those since a moment
    are on it, what their minutes counted, and all names. It is another one as soon as any of those rows is.

    No two versions of a row have the same (xmin, ctid), so whatever is written, taken away or comes late changes a sum.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT
                (SELECT sum(hash_record_extended(ROW (xmin, ctid), 0)) FROM edge_minute
                 WHERE minute >= date_trunc('minute', %(start)s) AND minute < %(end)s),
                (SELECT sum(hash_record_extended(ROW (xmin, ctid), 0)) FROM node_minute
                 WHERE minute >= date_trunc('minute', %(start)s) AND minute < %(end)s),
                (SELECT sum(hash_record_extended(ROW (
                    xmin, ctid, last_seen >= date_trunc('minute', %(since)s), last_seen >= %(late)s,
                    first_seen < %(end)s
                 ), 0)) FROM edge),
                (SELECT sum(hash_record_extended(ROW (xmin, ctid), 0)) FROM node),
                (SELECT sum(hash_record_extended(ROW (xmin, ctid), 0)) FROM node_alias),
                (SELECT sum(hash_record_extended(ROW (xmin, ctid), 0)) FROM service),
                (SELECT sum(hash_record_extended(ROW (xmin, ctid), 0)) FROM team)
            """,
            {"start": start, "end": end, "since": since, "late": late},
        )
        found: Versions = tuple(cursor.fetchone())
    return found
