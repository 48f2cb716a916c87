"""The stand-up board as one object for programs: numbers, yesterday, open incidents, the busiest edges, freshness."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings

from dashboards.times import written
from plimsoll.insight import dora, topology
from plimsoll.insight.topology import EdgeRow
from plimsoll.store.queries import board
from plimsoll.store.queries.board import FailedDeployment, OpenIncident

DAYS = 28
EDGES_OVER = timedelta(minutes=60)
MOST_EDGES = 8

Unit = Literal["per_day", "s", "rate"]


@dataclass(frozen=True, slots=True)
class Number:
    """One of the four numbers; `value` is None when it is unknown, `n` is how many events it was computed from.

    `evidence` is the address of the list of these events, with the same filters and the same count.
    """

    metric: str
    value: float | None
    unit: Unit
    n: int | None
    left_out: int | None
    left_out_reasons: str | None
    pending: int | None
    evidence: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What the board shows; the window is the last 28 days, up to the end of the current minute."""

    team: str | None
    start: datetime
    end: datetime
    time_zone: str
    numbers: tuple[Number, ...]
    yesterday: date
    yesterdays_deployments: int | None
    yesterdays_failures: tuple[FailedDeployment, ...]
    open_incidents: tuple[OpenIncident, ...]
    edges: tuple[EdgeRow, ...]
    edges_start: datetime
    edges_end: datetime
    deliveries_through: datetime | None
    telemetry_through: datetime | None
    has_deployments: bool
    has_incidents: bool
    generated_at: datetime


Row = Mapping[str, object]


def summary(team: str | None, now: datetime) -> Summary:
    """Return the board of a team, or of the organisation."""
    zone = ZoneInfo(settings.TIME_ZONE)
    # The end of the current minute: what was just reported is in, and the page stays the same for a minute.
    end = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    start = end - timedelta(days=DAYS)
    row = _metrics(start, end, team, now)
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    yesterday = today - timedelta(days=1)
    days_ends = (yesterday.astimezone(UTC), today.astimezone(UTC))
    edges = topology.edges(start=end - EDGES_OVER, end=end, team=team)
    return Summary(
        team=team,
        start=start,
        end=end,
        time_zone=settings.TIME_ZONE,
        numbers=_numbers(row, start, end, team),
        yesterday=yesterday.date(),
        yesterdays_deployments=_whole(_metrics(*days_ends, team, now)["deployments"]),
        yesterdays_failures=tuple(board.failed_deployments(*days_ends, team)),
        open_incidents=tuple(board.open_incidents(team)),
        edges=tuple(sorted(edges, key=lambda edge: (-edge.requests, edge.id))[:MOST_EDGES]),
        edges_start=end - EDGES_OVER,
        edges_end=end,
        deliveries_through=_moment(row["data_through"]),
        telemetry_through=board.telemetry_through(),
        has_deployments=board.has_deployments(),
        has_incidents=board.has_incidents(),
        generated_at=now,
    )


def _metrics(start: datetime, end: datetime, team: str | None, now: datetime) -> Row:
    """Return the one row of metrics over a range."""
    (row,) = dora.rows(
        start=start,
        end=end,
        bucket="all",
        group_by=(),
        tz=settings.TIME_ZONE,
        now=now,
        teams=() if team is None else (team,),
    )
    return row


# metric, its value's column, its unit, its count's column, the prefix of its left-out columns, the list of its events
_FOUR: tuple[tuple[str, str, Unit, str, str, str], ...] = (
    ("deployment_frequency", "deployments_per_day", "per_day", "deployments", "deployments", "deployments"),
    ("lead_time", "lead_time_p50_s", "s", "lead_time_n", "lead_time", "lead_times"),
    ("change_failure_rate", "change_failure_rate", "rate", "change_failure_n", "change_failure", "deployments"),
    ("recovery_time", "recovery_p90_s", "s", "recovery_n", "recovery", "deployments"),
)


def _numbers(row: Row, start: datetime, end: datetime, team: str | None) -> tuple[Number, ...]:
    """Return the four numbers of the board."""
    query = {"from": written(start), "to": written(end), "environment_class": "production", "count": "1"}
    if team is not None:
        query["team"] = team
    pending = {"change_failure_rate": "change_failure_pending", "recovery_time": "recovery_censored"}
    return tuple(
        Number(
            metric=metric,
            value=_real(row[value]),
            unit=unit,
            n=_whole(row[n]),
            left_out=_whole(row[f"{left_out}_left_out"]),
            left_out_reasons=_text(row[f"{left_out}_left_out_reasons"]),
            pending=_whole(row[pending[metric]]) if metric in pending else None,
            evidence=f"/api/v1/{events}/?{urlencode({'metric': metric, **query})}",
        )
        for metric, value, unit, n, left_out, events in _FOUR
    )


def _real(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _moment(value: object) -> datetime | None:
    return value if isinstance(value, datetime) else None
