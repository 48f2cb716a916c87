"""A company of any size, written straight into an empty database: what pages are measured and looked at with.

The rows are what the doors would have written for it; they come in bulk, because 100,000 deployments through the doors
would take an hour. The same size and moment give the same company.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

from plimsoll.insight import sketch
from plimsoll.store import partitions
from plimsoll.store.cells import METRIC_CLIENT
from plimsoll.store.connections import Connection, opened
from plimsoll.store.models import (
    Cluster,
    Edge,
    Environment,
    Mark,
    Node,
    Organisation,
    Service,
    Shift,
    Source,
    Team,
)

DAYS: Final = 90
CLUSTERS: Final = ("aws-1", "huawei-cn-2")
PRODUCTION, STAGING = "production", "staging"
PEOPLE: Final = ("Lin Yue", "Amara Okafor", "Jonas Weber", "Mei Tanaka", "Sofia Ruiz")
_FIELDS: Final = ("permits", "identity", "payments", "housing", "transport", "health", "archive", "tax")
_PARTS: Final = ("api", "rules", "store", "search", "review", "notify", "ledger", "gateway", "sync", "calendar")


@dataclass(frozen=True, slots=True)
class Size:
    """How large; `minutes` of telemetry end at `telemetry_until`, which is now when it is None."""

    services: int = 500
    edges: int = 2_000
    deployments: int = 100_000
    minutes: int = 60
    telemetry_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Company:
    """The numbers of the rows that others refer to."""

    source: int
    services: Sequence[int]
    environments: Sequence[int]
    edges: Sequence[int]


def fill(size: Size, now: datetime) -> None:
    """Write the company into the tables, which are empty."""
    company = _company(size, now)
    own = opened()
    try:
        own.execute("SELECT setseed(0.42)")
        _delivery(own, company, size, now)
        _telemetry(own, company, size, now)
        own.execute("ANALYZE")
    finally:
        own.close()


def _company(size: Size, now: datetime) -> _Company:
    random = Random(42)
    Organisation.objects.create(name="City Services")
    names = [_FIELDS[n % len(_FIELDS)] + ("" if n < len(_FIELDS) else f"-{n // len(_FIELDS) + 1}") for n in range(25)]
    teams = Team.objects.bulk_create(
        Team(slug=name, name=name.replace("-", " ").title()) for name in names[: max(1, min(25, size.services // 5))]
    )
    places = Environment.objects.bulk_create(
        Environment(name=each, environment_class=each) for each in (PRODUCTION, STAGING)
    )
    Cluster.objects.bulk_create(Cluster(name=name) for name in CLUSTERS)
    services = Service.objects.bulk_create(
        Service(name=_name(n), team=teams[n % len(teams)], tier=str(1 + n % 3), state="owned")
        for n in range(size.services)
    )
    nodes = Node.objects.bulk_create(
        Node(
            cluster=CLUSTERS[n % len(CLUSTERS)],
            namespace=teams[n % len(teams)].slug,
            name=each.name,
            identity_class="workload",
            kind="service",
            display=each.name,
            service=each,
        )
        for n, each in enumerate(services)
    )
    edges = Edge.objects.bulk_create(
        Edge(
            environment=PRODUCTION,
            client=nodes[caller],
            server=nodes[called],
            protocol=random.choice(("http", "grpc")),
            evidence="named",
            first_seen=now - timedelta(days=DAYS),
            last_seen=size.telemetry_until or now,
        )
        for caller, called in _calls(size, random)
    )
    _marks(teams, services)
    _shifts(teams, now)
    source = Source.objects.create(
        provider="generic", name="bench", public_id="bench", last_delivery_at=now, verified_at=now
    )
    return _Company(
        source.pk, [each.pk for each in services], [each.pk for each in places], [each.pk for each in edges]
    )


def _name(number: int) -> str:
    name = f"{_FIELDS[number % len(_FIELDS)]}-{_PARTS[number // len(_FIELDS) % len(_PARTS)]}"
    again = number // (len(_FIELDS) * len(_PARTS))
    return f"{name}-{again + 1}" if again else name


def _calls(size: Size, random: Random) -> Sequence[tuple[int, int]]:
    """Return who calls whom: each service is called by an earlier one, and popular ones by many."""
    most = size.services * (size.services - 1) // 2
    found = dict.fromkeys((random.randrange(called), called) for called in range(1, size.services))
    while len(found) < min(size.edges, most):
        called = 1 + int((size.services - 1) * random.random() ** 2)
        found[random.randrange(called), called] = None
    return list(found)[: size.edges]


def _marks(teams: Sequence[Team], services: Sequence[Service]) -> None:
    organisation = {
        "deployment_frequency": 2.0, "lead_time": 86_400.0, "change_failure_rate": 0.05, "recovery_time": 3_600.0,
        "error_rate": 0.01, "p95_ms": 350.0,
    }  # fmt: skip
    rows = [Mark(metric=metric, value=value) for metric, value in organisation.items()]
    rows += [Mark(metric="lead_time", value=43_200.0, team=team) for team in teams[:3]]
    rows += [Mark(metric="p95_ms", value=250.0, service=service) for service in services[::10]]
    Mark.objects.bulk_create(rows)


def _shifts(teams: Sequence[Team], now: datetime) -> None:
    lasting = {"starts_at": now - timedelta(days=1), "ends_at": now + timedelta(days=6)}
    Shift.objects.bulk_create(
        [Shift(person=PEOPLE[0], **lasting), Shift(person=PEOPLE[1], duty="captain", **lasting)]
        + [Shift(team=team, person=PEOPLE[n % len(PEOPLE)], **lasting) for n, team in enumerate(teams)]
    )


# Deployments are spread over the days up to now, the last ones are under way; one in 40 fails.
_DEPLOYMENTS: Final = """
INSERT INTO deployment (
    source_id, external_id, service_id, environment_id, cluster, version, repo, sha, title, status, started_at,
    finished_at, actor, kind, failed, failed_reason, traffic_percent, is_rollback, merge, flags, is_deleted, updated_at
)
SELECT
    %(source)s, 'bench-' || n, (%(services)s::bigint[])[1 + (n * 7) %% %(n_services)s],
    (%(environments)s::bigint[])[CASE WHEN n %% 5 = 0 THEN 2 ELSE 1 END],
    CASE WHEN n %% 2 = 0 THEN 'aws-1' ELSE 'huawei-cn-2' END, 'v' || 1 + n / 1000 || '.' || n %% 1000 || '.0',
    'city/' || (n * 7) %% %(n_services)s, md5(n::text) || '00000000', NULL,
    CASE WHEN is_live THEN 'running' ELSE 'success' END, at - interval '4 minutes',
    CASE WHEN NOT is_live THEN at END, (%(people)s::text[])[1 + n %% 5], 'standard',
    CASE WHEN NOT is_live THEN n %% 40 = 3 END, CASE WHEN n %% 40 = 3 AND NOT is_live THEN 'incident' END,
    CASE WHEN is_live THEN 25 END, false, '{}', '{}', false, at
FROM (
    SELECT n,
        %(now)s::timestamptz - (%(count)s - n) * (%(days)s * interval '1 day' / %(count)s) - interval '1 minute' AS at,
        n > %(count)s - 3 AND n > 3 AS is_live
    FROM generate_series(1, %(count)s) AS n
) AS planned
ORDER BY n
"""
_CHANGES: Final = """
INSERT INTO change (
    external_id, source_id, grain, repo, sha, title, author, authored_at, committed_at, branch, merge, flags,
    is_deleted, updated_at
)
SELECT
    repo || '@' || sha, source_id, 'commit', repo, sha, 'Change number ' || substr(sha, 1, 6), actor,
    started_at - random() * random() * interval '2 days' - interval '9 minutes', started_at - interval '8 minutes',
    'main', '{}', '{}', false, updated_at
FROM deployment
ORDER BY id
"""
_CARRIED: Final = """
INSERT INTO deployment_change (deployment_id, change_id, method, started_at, start, lead_time_s)
SELECT deployment.id, change.id, 'explicit', change.authored_at, 'authored',
    extract(epoch FROM deployment.finished_at - change.authored_at)
FROM deployment
JOIN change ON change.external_id = deployment.repo || '@' || deployment.sha
WHERE deployment.finished_at IS NOT NULL
"""
# One incident for each that failed in production; of the latest, some are open still.
_INCIDENTS: Final = """
INSERT INTO incident (
    source_id, external_id, title, environment_id, severity, status, opened_at, acknowledged_at, resolved_at, assignees,
    reopen_count, caused_by_id, caused_by_method, caused_by_confidence, merge, flags, is_deleted, updated_at
)
SELECT
    source_id, 'incident-' || id, 'Errors after ' || version, environment_id, 'SEV ' || 2 + id %% 2,
    CASE WHEN is_open THEN 'open' ELSE 'resolved' END, finished_at + interval '3 minutes',
    CASE WHEN NOT is_open THEN finished_at + interval '5 minutes' END,
    CASE WHEN NOT is_open THEN finished_at + interval '3 minutes' + random() * interval '40 minutes' END,
    CASE WHEN id %% 3 > 0 THEN ARRAY[actor] END, 0, id, 'explicit', 1.0, '{}', '{}', false, finished_at
FROM (
    SELECT *, row_number() OVER (ORDER BY finished_at DESC) <= 3 AS is_open
    FROM deployment
    WHERE failed AND environment_id = %(production)s
) AS failed
"""
_AFFECTED: Final = """
INSERT INTO incident_service (incident_id, service_id)
SELECT incident.id, deployment.service_id FROM incident JOIN deployment ON deployment.id = incident.caused_by_id
"""
_DELIVERIES: Final = """
INSERT INTO webhook_delivery (
    source_id, key, received_at, event, headers, body, status, result, attempts, processed_at, updated_at
)
SELECT
    %(source)s, 'bench-' || n, at, 'deployment', '{}', '{"kind": "deployment"}'::bytea,
    CASE WHEN n %% 20 = 7 THEN 'failed' ELSE 'applied' END,
    CASE WHEN n %% 20 = 7 THEN 'no service is named' ELSE '' END, 0, at, at
FROM (
    SELECT n, %(now)s::timestamptz - (%(count)s - n) * (%(days)s * interval '1 day' / %(count)s) AS at
    FROM generate_series(1, %(count)s) AS n
) AS planned
"""


def _delivery(own: Connection, company: _Company, size: Size, now: datetime) -> None:
    values: dict[str, Any] = {
        "source": company.source, "services": list(company.services), "n_services": size.services, "now": now,
        "environments": list(company.environments), "count": size.deployments, "days": DAYS, "people": list(PEOPLE),
        "production": company.environments[0],
    }  # fmt: skip
    for statement in (_DEPLOYMENTS, _CHANGES, _CARRIED, _INCIDENTS, _AFFECTED, _DELIVERIES):
        own.execute(statement, values)


# Rates follow the edge's number, so that few edges carry much; some are slow, some fail.
_MINUTES: Final = """
INSERT INTO edge_minute (
    minute, edge_id, vantage, client_version, server_version, bounds, observed, requests, attempts, failed,
    client_errors, throttled, aborted, denied, unreached, weight_unknown, weighted_requests, weighted_failed,
    weight_spread, latency_sum_ms, latency_min_ms, latency_max_ms, latency
)
SELECT
    minute, edge, %(vantage)s, '', 'v1', 0, n, n, n, failed, 0, 0, 0, 0, 0, 0, n, failed, 0, n * 40.0, 4.0, 600.0,
    ARRAY[(fast << 40) | (n - n / 4 - n / 10), (middle << 40) | n / 4, (slow << 40) | n / 10]
FROM (
    SELECT minute, edge, n,
        CASE WHEN place %% 17 = 5 THEN n / 20 WHEN place %% 17 = 9 THEN n / 110 ELSE 0 END AS failed,
        %(fast)s::bigint AS fast, %(middle)s::bigint AS middle,
        CASE WHEN place %% 23 = 4 THEN %(slowest)s::bigint ELSE %(slow)s::bigint END AS slow
    FROM (
        SELECT edge, place, 60 * (1 + (20000 / (place + 10))::int) + (random() * 30)::int AS n, minute
        FROM unnest(%(edges)s::bigint[]) WITH ORDINALITY AS edges (edge, place),
            generate_series(%(first)s::timestamptz, %(last)s::timestamptz, interval '1 minute') AS minute
    ) AS planned
) AS rated
"""


def _telemetry(own: Connection, company: _Company, size: Size, now: datetime) -> None:
    last = (size.telemetry_until or now).astimezone(UTC).replace(second=0, microsecond=0) - timedelta(minutes=1)
    first = last - timedelta(minutes=size.minutes - 1)
    partitions.ensure_for_minutes(own, {first.date(), last.date(), now.astimezone(UTC).date()})
    latencies = {"fast": 12.0, "middle": 60.0, "slow": 180.0, "slowest": 520.0}
    buckets = {name: sketch.bucket_of(ms) for name, ms in latencies.items()}
    values = {"vantage": METRIC_CLIENT, "edges": list(company.edges), "first": first, "last": last, **buckets}
    own.execute(_MINUTES, values)
