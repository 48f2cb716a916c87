"""The wallboard: read from three metres, without a script."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from http import HTTPStatus
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from dashboards import lines, words
from dashboards.cards import cards
from dashboards.readers import CHALLENGE, has_token_in_url, reader_of
from dashboards.summary import Summary, summary
from dashboards.times import written
from plimsoll.insight.topology import EdgeRow
from plimsoll.store.queries.board import FailedDeployment, OpenIncident
from plimsoll.store.queries.owners import slug_of, visible_teams
from plimsoll.store.queries.records import bounded

_UNKNOWN = mark_safe('<span class="unknown">unknown</span>')
THEMES = ("dark", "light")
ORGANISATION = "all"
# Letters in a line of the table and of the panels beside it, and lines they have room for (wall.css). A title that is
# longer than two lines ends in dots.
EDGE_WIDTH, EDGE_ROOM = 44, 10
SIDE_WIDTH, SIDE_ROOM, YESTERDAYS_ROOM, TITLE_LINES = 35, 10, 3, 2
# Why a deployment counts as failed, in words.
_REASONS = {
    "explicit": "incident",
    "rollback": "rolled back",
    "rolled_back": "undone",
    "incident": "incident",
}
# How far telemetry may be behind (ux, section 3.7).
NEARLY_LIVE, STALE = timedelta(minutes=2), timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Freshness:
    """How current the telemetry is: shape, words, and the name of the style."""

    state: str
    shape: str
    text: str


@dataclass(frozen=True, slots=True)
class EdgeLine:
    """One edge as the table shows it; empty is unknown."""

    client: str
    server: str
    # the protocol, or the cluster where other edges have the same names and protocol
    detail: str
    requests: str
    errors: str
    p95: str


@require_safe
def wall(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the board of a team, or of the organisation under `all`."""
    try:
        return _board(request, slug)
    except (OperationalError, InterfaceError):
        tried = timezone.now().astimezone(ZoneInfo(settings.TIME_ZONE))
        hint = f"Tried at {tried:%H:%M:%S}. This page tries again every 15 seconds."
        return _message(request, HTTPStatus.SERVICE_UNAVAILABLE, "The database is away.", hint)


def _board(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the page, or the words for why there is none."""
    if has_token_in_url(request):
        return _unauthenticated(request, "Tokens in addresses are refused.")
    reader = reader_of(request)
    if reader is None:
        return _unauthenticated(request, "This board needs a token.")
    if not reader.may("read"):
        return _message(request, HTTPStatus.FORBIDDEN, "The token may not read.", "Make one with the scope read.")
    with bounded():
        team = None if slug == ORGANISATION else slug
        if team is not None and not visible_teams([team], reader.team):
            return _message(request, HTTPStatus.NOT_FOUND, "There is no such board.", "The organisation's is all.")
        if team is None and reader.team is not None:
            own = slug_of(reader.team)
            return _message(request, HTTPStatus.NOT_FOUND, "The token is for one team.", f"Its board is {own}.")
        board = summary(team, timezone.now())
    theme, notice = _theme(request)
    response = render(request, "wallboard/board.html", {**_shown(board), "theme": theme, "notice": notice})
    return _unkept(response)


def _shown(board: Summary) -> dict[str, object]:
    """Return what the template names."""
    zone = ZoneInfo(board.time_zone)
    now = board.generated_at.astimezone(zone)
    failures = [_failure(failure, zone) for failure in board.yesterdays_failures]
    heights = [lines.lines(" ".join(failure.values()), SIDE_WIDTH) for failure in failures]
    failures_shown = lines.shown(heights, YESTERDAYS_ROOM)
    incidents = [_incident(incident, board.generated_at) for incident in board.open_incidents]
    # Yesterday's line of counts, or the four that say that nothing is connected, then its failures.
    used = 4 if board.yesterdays_deployments is None else 1 + sum(heights[:failures_shown])
    room = SIDE_ROOM - used - (failures_shown < len(failures))
    incidents_shown = lines.shown([_height(incident) for incident in incidents], room)
    return {
        "board": board,
        "title": board.team or "All teams",
        "cards": cards(board),
        "edges": _edges(board.edges),
        "failures": failures[:failures_shown],
        "more_failures": len(failures) - failures_shown if failures else 0,
        "incidents": incidents[:incidents_shown],
        "more_incidents": len(incidents) - incidents_shown if incidents else 0,
        "freshness": freshness(board.telemetry_through, board.generated_at, zone),
        "deliveries": _clock(board.deliveries_through, now, zone),
        "receiver": settings.OTLP_GRPC,
        "lists": _lists(board),
        "now": now,
        "unknown": _UNKNOWN,
    }


def _lists(board: Summary) -> dict[str, str]:
    """Return the addresses of the lists behind the figures below the four numbers."""
    zone = ZoneInfo(board.time_zone)
    midnight = datetime.combine(board.yesterday, time(), tzinfo=zone)
    team = {} if board.team is None else {"team": board.team}
    day = {"from": written(midnight), "to": written(midnight + timedelta(days=1)), **team}
    production = {**day, "environment_class": "production", "count": 1}
    hour = {"from": written(board.edges_start), "to": written(board.edges_end), **team}
    lists: dict[str, tuple[str, Mapping[str, object]]] = {
        "deployments": ("deployments", {"metric": "deployment_frequency", **production}),
        "failures": ("deployments", {"failed": "true", **production}),
        "incidents": ("incidents", {"status": ("open", "acknowledged"), **team, "count": 1}),
        "edges": ("topology/edges", hour),
    }
    return {name: f"/api/v1/{path}/?{urlencode(query, doseq=True)}" for name, (path, query) in lists.items()}


def freshness(through: datetime | None, now: datetime, zone: ZoneInfo) -> Freshness:
    """Return how current telemetry is that is complete through a moment."""
    if through is None:
        return Freshness("unknown", "○", "No telemetry yet")
    behind = now - through
    if behind <= NEARLY_LIVE:
        return Freshness("ok", "●", f"Live, data through {through.astimezone(zone):%H:%M}")
    if behind <= STALE:
        return Freshness("warn", "◆", f"{behind.total_seconds() // 60:.0f} min behind")
    return Freshness("bad", "▲", f"Stale, data ends {_clock(through, now.astimezone(zone), zone)}")


def _edges(edges: Sequence[EdgeRow]) -> list[EdgeLine]:
    """Return the busiest edges that the table has room for."""
    names = Counter((edge.client, edge.server, edge.protocol) for edge in edges)
    found = [_edge(edge, is_twin=names[edge.client, edge.server, edge.protocol] > 1) for edge in edges]
    heights = [lines.lines(f"{edge.client} → {edge.server} {edge.detail}", EDGE_WIDTH) for edge in found]
    return found[: lines.shown(heights, EDGE_ROOM, rest=0)] if found else []


def _edge(edge: EdgeRow, *, is_twin: bool) -> EdgeLine:
    reading = None if edge.error_rate is None else words.share(edge.error_rate)
    return EdgeLine(
        edge.client,
        edge.server,
        (edge.server_cluster if is_twin else "") or edge.protocol,
        words.number(edge.requests),
        "" if reading is None else f"{reading.number} {reading.unit}",
        "" if edge.p95_ms is None else words.milliseconds(edge.p95_ms),
    )


def _failure(failure: FailedDeployment, zone: ZoneInfo) -> dict[str, str]:
    at = "" if failure.finished_at is None else f"{failure.finished_at.astimezone(zone):%H:%M}"
    name = " ".join(filter(None, (failure.service or "unknown service", failure.version)))
    return {"name": name, "why": _REASONS.get(failure.reason or "", ""), "at": at}


def _incident(incident: OpenIncident, now: datetime) -> dict[str, str]:
    age = None if incident.opened_at is None else words.duration(max(0.0, (now - incident.opened_at).total_seconds()))
    return {
        "title": incident.title or "Untitled incident",
        "services": ", ".join(incident.services) or "no service named",
        "severity": incident.severity or "",
        "age": "" if age is None else f"{age.number} {age.unit}",
    }


def _height(incident: Mapping[str, str]) -> int:
    """Return how many lines an open incident takes: its title, and what is known of it."""
    about = f"{incident['severity']} {incident['services']} {incident['age']}"
    return min(TITLE_LINES, lines.lines(incident["title"], SIDE_WIDTH)) + lines.lines(about, SIDE_WIDTH)


def _clock(moment: datetime | None, now: datetime, zone: ZoneInfo) -> str:
    """Return a time of today, or with its day when it was another one."""
    if moment is None:
        return ""
    local = moment.astimezone(zone)
    return f"{local:%H:%M}" if local.date() == now.date() else f"{local:%d %b %H:%M}"


def _theme(request: HttpRequest) -> tuple[str, str]:
    """Return the theme, and what to say when the address asks for something that does not exist."""
    unknown = sorted(set(request.GET) - {"theme"})
    theme = request.GET.get("theme", THEMES[0])
    if theme not in THEMES:
        return THEMES[0], f"There is no theme {theme[:20]}; there are dark and light."
    return theme, f"Not understood and left out: {', '.join(unknown)[:60]}." if unknown else ""


def _unauthenticated(request: HttpRequest, what: str) -> HttpResponse:
    hint = "Give it as the password; the user name does not matter."
    response = _message(request, HTTPStatus.UNAUTHORIZED, what, hint)
    response["WWW-Authenticate"] = CHALLENGE
    return response


def _message(request: HttpRequest, status: HTTPStatus, what: str, hint: str) -> HttpResponse:
    """Return a page that only says something."""
    theme, _ = _theme(request)
    context = {"what": what, "hint": hint, "theme": theme, "again": status is HTTPStatus.SERVICE_UNAVAILABLE}
    return _unkept(render(request, "wallboard/message.html", context, status=status))


def _unkept(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    return response
