"""What may be in the database when somebody looks: a company, a few rows, telemetry that ended, or nothing."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from django.db import connection
from django.utils import timezone

from plimsoll.console.bench.pages_rows import Size, fill
from tests.dashboards import builders
from tests.flush import empty as empty

_FULL: Final = Size(services=60, edges=150, deployments=600, minutes=20)


def _stale() -> None:
    fill(Size(12, 20, 60, 10, telemetry_until=timezone.now() - timedelta(minutes=12)), timezone.now())


def _without_incidents() -> None:
    """Deployments are told, incidents are not connected, and no telemetry ever came."""
    fill(Size(6, 0, 30, 0), timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM incident_service")
        cursor.execute("DELETE FROM incident")


def _few() -> None:
    """Little, and of that some is meant to break pages."""
    now = timezone.now()
    fill(Size(services=3, edges=2, deployments=4, minutes=5), now)
    name = "<b>ledger</b>&amp;\u202e" + "a" * 60
    builders.deployment(name, "payments", failed=True, version="<i>1</i>", finished_at=now - timedelta(days=1))
    builders.incident(name, title="<script>alert(1)</script>" + "wide" * 30, severity="SEV 2", opened_at=now)


STATES: Final[Mapping[str, Callable[[], None]]] = {
    "full": lambda: fill(_FULL, timezone.now()),
    "few": _few,
    "stale": _stale,
    "part": _without_incidents,
    "empty": lambda: None,
}
