"""Rows for the API's tests, with defaults that a test need not mention."""

import base64
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import psycopg
from django.db import connection

from plimsoll.insight import sketch
from plimsoll.store import partitions, traffic
from plimsoll.store.access import new_token
from plimsoll.store.cells import METRIC_CLIENT, Cells, Lane, Ref
from plimsoll.store.connections import opened
from plimsoll.store.directory import Directory
from plimsoll.store.models import (
    Change,
    Deployment,
    DeploymentChange,
    Environment,
    Incident,
    Service,
    Source,
    Team,
    WebhookDelivery,
)

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
_numbers = count(1)


def other_session() -> "psycopg.Connection[tuple[Any, ...]]":
    """A connection of its own to the tests' database."""
    options = connection.get_connection_params()
    names = ("dbname", "user", "password", "host", "port")
    return psycopg.connect(**{name: options[name] for name in names if options.get(name)})


def bearer(clear: str) -> dict[str, str]:
    """The headers that carry a token."""
    return {"Authorization": f"Bearer {clear}"}


def basic(clear: str, user: str = "anybody") -> dict[str, str]:
    """The headers that carry a token as a password."""
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{clear}".encode()).decode()}


def reading(team: Team | None = None) -> dict[str, str]:
    """The headers of a new token that may read."""
    return bearer(new_token("reader", ["read"], team=team))


def administrating(team: Team | None = None) -> dict[str, str]:
    """The headers of a new token that may do everything but send."""
    return bearer(new_token("admin", ["admin"], team=team))


def team(slug: str) -> Team:
    return Team.objects.get_or_create(slug=slug, defaults={"name": slug.title()})[0]


def service(name: str = "ledger", owner: str | None = None) -> Service:
    found = Service.objects.get_or_create(namespace="", name=name)[0]
    if owner is not None:
        found.team = team(owner)
        found.save(update_fields=["team"])
    return found


def environment(name: str = "production") -> Environment:
    return Environment.objects.get_or_create(name=name, defaults={"environment_class": name})[0]


def source(name: str = "main", owner: str | None = None) -> Source:
    defaults = {"public_id": f"public-{name}", "team": team(owner) if owner else None}
    return Source.objects.get_or_create(provider="generic", name=name, defaults=defaults)[0]


def deployment(
    name: str = "ledger", owner: str | None = None, *, place: str = "production", **fields: Any
) -> Deployment:
    """A successful production deployment that finished at noon."""
    number = next(_numbers)
    row = Deployment.objects.create(
        **{
            "external_id": f"d-{number}",
            "service": service(name, owner),
            "environment": environment(place),
            "status": "success",
            "started_at": (fields.get("finished_at") or NOON) - timedelta(minutes=5),
            "finished_at": NOON,
            "kind": "standard",
            **fields,
        }
    )
    row.refresh_from_db()
    return row


def change(**fields: Any) -> Change:
    """A commit that was authored an hour before noon."""
    number = next(_numbers)
    defaults = {
        "external_id": f"shop@{number:040x}",
        "grain": "commit",
        "repo": "shop",
        "sha": f"{number:040x}",
        "authored_at": NOON - timedelta(hours=1),
    }
    row = Change.objects.create(**{**defaults, **fields})
    row.refresh_from_db()
    return row


def carried(by: Deployment, what: Change, lead_time_s: float | None = 3600.0) -> DeploymentChange:
    return DeploymentChange.objects.create(
        deployment=by,
        change=what,
        method="explicit",
        start="authored",
        started_at=what.authored_at,
        lead_time_s=lead_time_s,
    )


def incident(*names: str, owner: str | None = None, **fields: Any) -> Incident:
    """An open incident that began at noon."""
    defaults = {"external_id": f"i-{next(_numbers)}", "title": "It broke", "opened_at": NOON}
    row = Incident.objects.create(**{**defaults, **fields})
    row.services.set([service(name, owner) for name in names])
    row.refresh_from_db()
    return row


def delivery(sender: Source | None = None, **fields: Any) -> WebhookDelivery:
    """A delivery that failed."""
    defaults = {
        "source": sender or source(),
        "key": f"k-{next(_numbers)}",
        "received_at": NOON,
        "body": b"{}",
        "status": "failed",
        "result": "no reason",
    }
    return WebhookDelivery.objects.create(**{**defaults, **fields})


def calls(
    client: str = "ledger",
    server: str = "identity",
    *,
    requests: int = 60,
    failed: int = 0,
    at: datetime = NOON,
    environment: str = "production",
    cluster: str = "aws-1",
    namespace: str = "shop",
    to: str | None = None,
) -> None:
    """Requests of one minute from a service to another, of the same namespace unless `to` names the other's, as the
    client's side measured them: 100 ms each.
    """
    ends = (Ref(cluster, namespace, client, "service"), Ref(cluster, to or namespace, server, "service"))
    cells = Cells()
    cell = cells.add(
        Lane(environment, *ends, "http", METRIC_CLIENT),
        int(at.timestamp()) // 60,
        observed=requests,
        requests=requests,
        failed=failed,
    )
    cell.latency[sketch.bucket_of(100.0)] = requests
    plain = opened()
    try:
        partitions.ensure_for_minutes(plain, [at])
        with plain.transaction():
            traffic.add_cells(plain, Directory(), cells)
    finally:
        plain.close()
