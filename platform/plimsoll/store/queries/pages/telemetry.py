"""What telemetry says about places and times, whatever the window."""

from datetime import datetime

from django.db import connection

from plimsoll.store.models import Edge


def names_environment(name: str) -> bool:
    """Whether any call was told to be in an environment; where none was, telemetry does not say where it is."""
    return Edge.objects.filter(environment=name).exists()


def told_since() -> datetime | None:
    """Return the first minute that is kept, None when there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(minute) FROM edge_minute")
        (minute,) = cursor.fetchone()
    assert minute is None or isinstance(minute, datetime)
    return minute


def was_told(start: datetime, end: datetime) -> bool:
    """Whether any call of a window is kept: where none is, telemetry was silent, and says nothing of who called."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM edge_minute WHERE minute >= %s AND minute < %s)", [start, end])
        (is_told,) = cursor.fetchone()
    return bool(is_told)
