"""What `plimsoll check` looks at without sending anything."""

import shutil
from datetime import UTC, datetime, timedelta

from plimsoll.console import database, parts
from plimsoll.console.findings import Finding
from plimsoll.env import Address
from plimsoll.errors import PlimsollError

_LITTLE_ROOM = 1 << 30
_SKEW = timedelta(seconds=5)
_FEW_CONNECTIONS = 10


def database_() -> Finding:
    """Look at the server's version and at the connections that are left."""
    from django.db import connection

    from plimsoll.store import migrated

    version = f"PostgreSQL {migrated.server_version()}"
    try:
        migrated.require_version()
    except PlimsollError as error:
        return Finding("database", "problem", version, str(error))
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('max_connections')::int - (SELECT count(*) FROM pg_stat_activity)")
        (free,) = cursor.fetchone() or (0,)
    if free < _FEW_CONNECTIONS:
        return Finding("database", "warning", f"{version}, only {free} connections free", "raise max_connections")
    return Finding("database", "ok", f"{version}, {free} connections free")


def away(error: PlimsollError) -> Finding:
    """Tell of a database that does not answer or does not start."""
    log = database.data_folder() / "postgres" / "log"
    fix = f"see {log}" if database.is_embedded() else "start it, or correct PLIMSOLL_DATABASE_URL"
    return Finding("database", "problem", str(error), fix)


def schema() -> Finding:
    """Look whether the schema is this version's."""
    from plimsoll.store import migrated

    found = migrated.state()
    if found.unknown:
        text = f"newer than this version of Plimsoll ({found.unknown[-1]} is unknown here)"
        return Finding("schema", "problem", text, "install the newer version of Plimsoll")
    if found.missing:
        return Finding("schema", "problem", f"{len(found.missing)} migrations are missing", "plimsoll migrate")
    return Finding("schema", "ok", "up to date")


def worker() -> Finding:
    """Look whether a worker is there and keeps up."""
    from plimsoll.store import locks, requests

    if not locks.holders(locks.Kind.PRESENCE, "worker"):
        return Finding("jobs", "problem", "no worker runs", "plimsoll up, or plimsoll work")
    wait_s = requests.longest_wait_s()
    if wait_s > 60:
        return Finding("jobs", "warning", f"a job has been waiting for {wait_s:.0f} s", "see the worker's log")
    return Finding("jobs", "ok", "a worker runs")


def receiver() -> Finding:
    """Look whether the receiver's port answers."""
    from django.conf import settings

    address: Address = settings.OTLP_GRPC
    if not parts.accepts(address):
        return Finding("otlp", "problem", f"nothing accepts connections on {address}", "plimsoll up, or --otlp-grpc")
    return Finding("otlp", "ok", f"grpc://{address} accepts connections")


def web() -> Finding:
    """Look whether the web process answers."""
    from django.conf import settings

    address: Address = settings.WEB
    if parts.answer(address, "/healthz") != b"ok":
        return Finding("web", "problem", f"http://{address} does not answer", "plimsoll up, or --web")
    return Finding("web", "ok", f"http://{address} answers")


def disk() -> Finding:
    """Look how much room is left beside the data."""
    data = database.data_folder()
    free = shutil.disk_usage(data if data.exists() else data.parent).free
    text = f"{free / 1e9:.1f} GB free at {data}"
    if free < _LITTLE_ROOM:
        return Finding("disk", "warning", text, "free some space, or move the data folder")
    return Finding("disk", "ok", text)


def clock() -> Finding:
    """Look whether this machine and the database agree on the time."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (theirs,) = cursor.fetchone() or (datetime.now(UTC),)
    ahead = datetime.now(UTC) - theirs
    if abs(ahead) > _SKEW:
        direction = "ahead of" if ahead > timedelta(0) else "behind"
        text = f"this machine is {abs(ahead).total_seconds():.0f} s {direction} the database"
        return Finding("clock", "warning", text, "turn on time synchronisation (timedatectl set-ntp true)")
    return Finding("clock", "ok", "agrees with the database's")


ALL = (database_, schema, worker, receiver, web, disk, clock)
WITHOUT_DATABASE = (receiver, web, disk)
