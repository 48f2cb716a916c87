"""Emptying the traffic tables between the examples of one property."""

from django.db import connection

TABLES = (
    "edge_minute, node_minute, span_owner, span_wait, ingest_batch, metric_series, ingest_health, "
    "node_alias, edge, node"
)


def empty_traffic() -> None:
    """Leave no telemetry behind."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {TABLES} CASCADE")
