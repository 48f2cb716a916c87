"""What changed since somebody last read: which services' deliveries have to be read again, and which have not."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from plimsoll.store.sql import answers


@dataclass(frozen=True, slots=True)
class Standing:
    """What a reading stands on besides times: who owns what and which environment is what, and how many rows there are.

    `catalog` is None in a transaction that has written: its rows bear the time of its beginning, so no time tells what
    changed.
    """

    catalog: str | None
    deployments: int
    last_deployment: int

    def is_same_but_for(self, before: "Standing", news: Iterable[int]) -> bool:
        """Whether nothing but these deployment rows can have come since `before`, and none has gone."""
        new = sum(row > before.last_deployment for row in news)
        return self.catalog == before.catalog and self.deployments == before.deployments + new


@dataclass(frozen=True, slots=True)
class Touched:
    """What was written at or after a moment."""

    # (deployment, its service), and services whose repositories had news
    deployments: tuple[tuple[int, int | None], ...]
    services: frozenset[int | None]
    # (incident, the deployment that caused it)
    incidents: tuple[tuple[int, int | None], ...]

    def __bool__(self) -> bool:
        return bool(self.deployments or self.services or self.incidents)


def horizon() -> datetime:
    """Return a moment before which nothing new can become visible: ask for it before reading.

    A row's `updated_at` is when its transaction began, so it is when the oldest transaction under way began.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT least(clock_timestamp(), min(xact_start)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        found = cursor.fetchone()[0]
    assert isinstance(found, datetime)
    return found


def standing() -> Standing:
    """Return what is there now."""
    ((digest, deployments, last),) = answers("catalog_digest", {})
    return Standing(digest, deployments, last)


def touched(since: datetime) -> Touched:
    """Return what was written at or after the moment."""
    rows = answers("touched_since", {"since": since})
    return Touched(
        tuple((row, service) for what, row, service in rows if what == "deployment"),
        frozenset(service for what, _, service in rows if what == "change"),
        tuple((row, cause) for what, row, cause in rows if what == "incident"),
    )
