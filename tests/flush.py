"""Emptying the tests' database: all of it after a test that commits, or traffic alone between examples."""

from django.db import connection
from django.test import TransactionTestCase

TABLES = (
    "edge_minute, node_minute, span_owner, span_wait, ingest_batch, metric_series, ingest_health, "
    "node_alias, edge, node"
)


def empty_traffic() -> None:
    """Leave no telemetry behind."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {TABLES} CASCADE")


def empty() -> None:
    """Leave no row behind.

    To truncate all tables, as Django does, takes ten times as long as to delete the few rows that a test has made; and
    it waits for whoever is reading. Foreign keys are asked for when all is deleted; what migrations fill stays.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DO $$
            DECLARE name regclass;
            BEGIN
                SET CONSTRAINTS ALL DEFERRED;
                FOR name IN
                    SELECT oid FROM pg_class
                     WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace
                       AND relname NOT IN ('django_migrations', 'django_content_type', 'auth_permission')
                LOOP
                    EXECUTE 'DELETE FROM ' || name;
                END LOOP;
            END $$
            """
        )


def flush_by_deleting() -> None:
    """Have tests that commit leave their database to `empty` instead of Django's own flush."""
    TransactionTestCase._fixture_teardown = lambda self: empty()  # type: ignore[attr-defined]
