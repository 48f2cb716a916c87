"""Work that was asked for and has not begun: one row a job, however often it was asked for."""

from django.db import connection

from plimsoll.store.models import WebhookDelivery


def add(name: str) -> bool:
    """Note that a job is wanted; False when that was noted already."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO job_request (name) VALUES (%s) ON CONFLICT (name) DO NOTHING RETURNING name", [name]
        )
        return cursor.fetchone() is not None


def take(name: str) -> None:
    """Forget the request for a job, because it begins now."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM job_request WHERE name = %s", [name])


def is_waiting(name: str) -> bool:
    """Whether a job is wanted and has not begun."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM job_request WHERE name = %s", [name])
        return cursor.fetchone() is not None


def wait_s(name: str) -> float:
    """Return how long a job has been wanted without having begun, in seconds; 0 when it is not wanted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM clock_timestamp() - created_at) FROM job_request WHERE name = %s", [name]
        )
        (seconds,) = cursor.fetchone() or (0,)
    return float(seconds)


def longest_wait_s() -> float:
    """Return how long the oldest request has been waiting, in seconds; 0 when none is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(extract(epoch FROM max(now() - created_at)), 0) FROM job_request")
        (seconds,) = cursor.fetchone() or (0,)
    return float(seconds)


def deliveries_pending() -> int:
    """Return how many deliveries are stored and not yet normalised; those that wait for another try are among them."""
    return WebhookDelivery.objects.filter(status="pending").count()
