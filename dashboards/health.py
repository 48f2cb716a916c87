"""Whether this installation is alive, and whether each of its parts is ready to work."""

import socket
from collections.abc import Callable

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from plimsoll.env import Address
from plimsoll.store import locks, migrated, requests

# A job that was asked for begins within a second or two; after so long nobody is working.
_LONGEST_WAIT_S = 120.0
_PATIENCE_S = 1.0
# The driver's words may name hosts and users; they are for the log.
_NO_ANSWER = "the database does not answer"


def alive(request: HttpRequest) -> HttpResponse:
    """Answer as long as this process runs, whatever the other parts do."""
    return _uncached(HttpResponse("ok", content_type="text/plain"))


def ready(request: HttpRequest) -> HttpResponse:
    """Answer with the state of each part; 503 when one is down."""
    parts = states()
    is_ready = all(part["state"] == "up" for part in parts.values())
    answer = {"state": "up" if is_ready else "down", "parts": parts}
    return _uncached(JsonResponse(answer, status=200 if is_ready else 503))


def states() -> dict[str, dict[str, str]]:
    """Return each part's state, `up` or `down`, and for those that are down, why."""
    checks: dict[str, Callable[[], str]] = {
        "database": _database,
        "schema": _schema,
        "receiver": _nothing if _accepts(settings.OTLP_GRPC) else _receiver_elsewhere,
        "worker": _worker,
    }
    found: dict[str, dict[str, str]] = {}
    is_away = False
    for part, check in checks.items():
        try:
            # Each question to a database that is away waits for seconds, and one is enough.
            why = _NO_ANSWER if is_away and check is not _nothing else check()
        except Error:
            is_away, why = True, _NO_ANSWER
        found[part] = {"state": "down", "why": why} if why else {"state": "up"}
    return found


def _nothing() -> str:
    return ""


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


def _schema() -> str:
    found = migrated.state()
    if found.unknown:
        return "newer than this version of Plimsoll; install the newer version"
    return "older than this version of Plimsoll; run `plimsoll migrate`" if found.missing else ""


def _accepts(address: Address) -> bool:
    """Whether somebody on this machine accepts connections on an address."""
    where = address.reachable
    try:
        socket.create_connection((where.host, where.port), _PATIENCE_S).close()
    except OSError:
        return False
    return True


def _receiver_elsewhere() -> str:
    """Look for receivers on other machines, as in a cluster: they hold their presence lock."""
    is_there = locks.holders(locks.Kind.PRESENCE, "receiver") > 0
    return "" if is_there else f"nothing accepts connections on {settings.OTLP_GRPC}"


def _worker() -> str:
    if not locks.holders(locks.Kind.PRESENCE, "worker"):
        return "no worker runs"
    wait_s = requests.longest_wait_s()
    return f"a job has been waiting for {wait_s:.0f} s" if wait_s > _LONGEST_WAIT_S else ""


def _uncached(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    # A probe comes every few seconds: Django must not log each that finds a part down.
    setattr(response, "_has_been_logged", True)  # noqa: B010 - Django's own mark, unknown to the type checker
    return response
