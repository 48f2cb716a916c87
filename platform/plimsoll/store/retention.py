"""What is forgotten, and when: rows that no partition carries away (reliability, section 2)."""

from datetime import timedelta

from django.db import connection

# A request sent again later than this counts again: senders give up long before.
BATCHES_KEPT = timedelta(minutes=30)
# A series that has been silent for longer begins anew (mesh-dialects, section 12).
SERIES_KEPT = timedelta(minutes=30)
HEALTH_KEPT = timedelta(days=7)
# A pod that did not speak for longer may have another name by now.
PODS_KEPT = timedelta(days=1)
FAILURES_KEPT = timedelta(days=7)

# As many rows at a time, so that no transaction is long.
_CHUNK = 20_000

_FORGET = {
    "ingest_batch": "DELETE FROM ingest_batch WHERE ctid = ANY (ARRAY("
    "SELECT ctid FROM ingest_batch WHERE received_at < now() - make_interval(secs => %s) LIMIT %s))",
    "metric_series": "DELETE FROM metric_series WHERE ctid = ANY (ARRAY("
    "SELECT ctid FROM metric_series WHERE updated_at < now() - make_interval(secs => %s) LIMIT %s))",
    "pod_name": "DELETE FROM pod_name WHERE ctid = ANY (ARRAY("
    "SELECT ctid FROM pod_name WHERE last_seen < now() - make_interval(secs => %s) LIMIT %s))",
    "ingest_health": "DELETE FROM ingest_health WHERE ctid = ANY (ARRAY("
    "SELECT ctid FROM ingest_health WHERE minute < now() - make_interval(secs => %s) LIMIT %s))",
    "django_q_task": "DELETE FROM django_q_task WHERE ctid = ANY (ARRAY("
    "SELECT ctid FROM django_q_task WHERE stopped < now() - make_interval(secs => %s) LIMIT %s))",
}
_KEPT = {
    "ingest_batch": BATCHES_KEPT,
    "metric_series": SERIES_KEPT,
    "pod_name": PODS_KEPT,
    "ingest_health": HEALTH_KEPT,
    "django_q_task": FAILURES_KEPT,
}


def run() -> None:
    """Forget what is old: the scheduled job `retention`."""
    for table, statement in _FORGET.items():
        while _deleted(statement, _KEPT[table]) == _CHUNK:
            pass


def _deleted(statement: str, kept: timedelta) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, [kept.total_seconds(), _CHUNK])
        return int(cursor.rowcount)
