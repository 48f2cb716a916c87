"""Whether the database's schema is the one this version of Plimsoll was written for (reliability, item 91)."""

from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from plimsoll.errors import PlimsollError
from plimsoll.store import connections, partitions
from plimsoll.store.locks import Kind, number

OLDEST_POSTGRESQL = 15


@dataclass(frozen=True, slots=True)
class State:
    """Migrations that this version knows and the database has not had (`missing`), and the other way round."""

    missing: tuple[str, ...]
    unknown: tuple[str, ...]


@cache
def _known() -> frozenset[tuple[str, str]]:
    """Return the migrations that this version brings; they do not change while a process runs."""
    loader = MigrationLoader(None)
    return frozenset(loader.disk_migrations or ())


def state() -> State:
    """Compare the database with this version."""
    known = _known()
    applied = set(MigrationRecorder(connection).applied_migrations())
    ours = {app for app, _ in known}
    return State(
        missing=_names(known - applied),
        unknown=_names({(app, name) for app, name in applied - known if app in ours}),
    )


def _names(migrations: "frozenset[tuple[str, str]] | set[tuple[str, str]]") -> tuple[str, ...]:
    return tuple(f"{app}.{name}" for app, name in sorted(migrations))


def require() -> None:
    """Raise PlimsollError, with the command to run, unless the schema is this version's."""
    found = state()
    _refuse_newer(found)
    if found.missing:
        raise PlimsollError(
            f"The database's schema is older than this version of Plimsoll ({len(found.missing)} migrations are "
            "missing); run `plimsoll migrate`."
        )


def migrate() -> int:
    """Bring the schema up to date and return how many migrations that took; several may do it at once, one does it.

    Also makes the partitions of today, so that the first telemetry finds its place.
    """
    require_version()
    # A connection of its own: migrations open and close transactions on Django's.
    with closing(connections.opened()) as own:
        own.execute("SELECT pg_advisory_lock(%s, %s)", (Kind.SCHEMA.value, number("migrate")))
        found = state()
        _refuse_newer(found)
        if found.missing:
            call_command("migrate", verbosity=0, interactive=False)
        partitions.upkeep(own, datetime.now(UTC))
    return len(found.missing)


def server_version() -> str:
    """Return the database server's version, such as 18.1."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int")
        (version,) = cursor.fetchone() or (0,)
    return "{}.{}".format(*divmod(int(version), 10000))


def require_version() -> None:
    """Raise PlimsollError when the server is too old for what Plimsoll asks of it."""
    if int(server_version().split(".")[0]) < OLDEST_POSTGRESQL:
        raise PlimsollError(
            f"Plimsoll needs PostgreSQL {OLDEST_POSTGRESQL} or newer, and the database is {server_version()}; upgrade "
            "it, or leave PLIMSOLL_DATABASE_URL out to use the embedded one."
        )


def _refuse_newer(found: State) -> None:
    if found.unknown:
        raise PlimsollError(
            f"The database's schema is newer than this version of Plimsoll ({found.unknown[-1]} is unknown here); "
            "install the version that wrote it, or a newer one: pip install --upgrade plimsoll."
        )
