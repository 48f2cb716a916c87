"""Questions about single minutes of traffic: the series of some edges, and which minutes were told of at all."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from plimsoll.store.traffic_facts import Latency


@dataclass(frozen=True, slots=True)
class Minute:
    """What one minute of some edges adds up to, as counted and corrected for sampling.

    `is_metric` says that the counts are as they are: metrics have no weights to look at.
    """

    minute: datetime
    requests: float
    failed: float
    weight_unknown: int
    weighted_requests: float
    weighted_failed: float
    is_metric: bool = True
    latency: Latency = field(default_factory=dict)


def minutes(
    start: datetime, end: datetime, wanted: Collection[tuple[int, int]], metrics: Collection[int]
) -> list[Minute]:
    """Return the minutes in [start, end) of these stored edges, each at one vantage: metrics and spans apart.

    `metrics` are the vantages whose counts have no weights.
    """
    if not wanted:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH chosen AS (
                SELECT edge_minute.*, edge_minute.vantage = ANY (%s::smallint[]) AS is_metric
                FROM edge_minute
                JOIN unnest(%s::bigint[], %s::smallint[]) AS wanted (edge_id, vantage) USING (edge_id, vantage)
                WHERE minute >= date_trunc('minute', %s) AND minute < %s
            ),
            counted AS (
                SELECT minute, is_metric, sum(requests) AS requests, sum(failed) AS failed,
                    least(sum(weight_unknown), 9223372036854775807)::bigint AS weight_unknown,
                    sum(weighted_requests) AS weighted_requests, sum(weighted_failed) AS weighted_failed
                FROM chosen
                GROUP BY minute, is_metric
            ),
            bucketed AS (
                SELECT minute, is_metric, bounds, part >> 40 AS bucket,
                    least(sum(part & 1099511627775), 1099511627775)::bigint AS n
                FROM chosen
                CROSS JOIN unnest(latency) AS part
                GROUP BY minute, is_metric, bounds, bucket
            ),
            sketched AS (
                SELECT minute, is_metric, bounds_ms, array_agg((bucket << 40) | n) AS latency
                FROM bucketed
                LEFT JOIN latency_bounds ON latency_bounds.id = bounds
                GROUP BY minute, is_metric, bounds_ms
            )
            SELECT counted.minute, requests, failed, weight_unknown, weighted_requests, weighted_failed, is_metric,
                bounds_ms, latency
            FROM counted
            LEFT JOIN sketched USING (minute, is_metric)
            ORDER BY minute, is_metric
            """,
            [list(metrics), [edge for edge, _ in wanted], [vantage for _, vantage in wanted], start, end],
        )
        rows = cursor.fetchall()
    found: dict[tuple[datetime, bool], Minute] = {}
    for minute, requests, failed, unknown, weighted, weighted_failed, is_metric, bounds, stored in rows:
        known = found.get((minute, is_metric))
        latency: dict[tuple[float, ...], list[int]] = {} if stored is None else {tuple(bounds or ()): stored}
        if known is not None:
            latency |= known.latency
        found[minute, is_metric] = Minute(
            minute, requests, failed, unknown, weighted, weighted_failed, is_metric=is_metric, latency=latency
        )
    return list(found.values())


def told_minutes(start: datetime, end: datetime) -> set[datetime]:
    """Return the minutes in [start, end) that any edge was counted in: in the others nothing is known of anybody."""
    with connection.cursor() as cursor:
        # One look into the index a minute: a DISTINCT would read every row.
        cursor.execute(
            """
            SELECT minute
            FROM generate_series(date_trunc('minute', %s::timestamptz), %s::timestamptz - interval '1 microsecond',
                interval '1 minute') AS minute
            WHERE EXISTS (SELECT FROM edge_minute WHERE edge_minute.minute = minute.minute)
            """,
            [start, end],
        )
        return {row[0] for row in cursor.fetchall()}
