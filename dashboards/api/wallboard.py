"""The stand-up board as JSON."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, ClassVar

from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework.request import Request

from dashboards.api import teams
from dashboards.api.answers import answered
from dashboards.api.cells import record
from dashboards.api.parameters import Parameter
from dashboards.api.schemas import row_schema
from dashboards.api.topology import EDGE_COLUMNS
from dashboards.api.view import ONLY_JSON, View
from dashboards.times import written
from dashboards.wallboard.summary import Summary, summary
from plimsoll.store.queries.records import bounded

_TIME = {"type": ["string", "null"], "format": "date-time"}
_NUMBER = {
    "type": "object",
    "properties": {
        "metric": {"type": "string"},
        "value": {"type": ["number", "null"], "description": "Null: unknown."},
        "unit": {"enum": ["per_day", "s", "rate"]},
        "n": {"type": ["integer", "null"]},
        "left_out": {"type": ["integer", "null"]},
        "left_out_reasons": {"type": ["string", "null"]},
        "pending": {"type": ["integer", "null"]},
        "evidence": {"type": "string", "description": "Address of the list of the events behind the number."},
    },
}


class WallboardSummary(View):
    """One small object for the stand-up board."""

    parameters = (Parameter("team", "Only this team; default: the organisation."), ONLY_JSON)
    answer_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "properties": {
            "team": {"type": ["string", "null"]},
            "from": _TIME,
            "to": _TIME,
            "timezone": {"type": "string"},
            "numbers": {"type": "array", "items": _NUMBER},
            "yesterday": {"type": "object"},
            "open_incidents": {"type": "array", "items": {"type": "object"}},
            "open_incident_count": {"type": "integer"},
            "busiest_edges": {"type": "array", "items": row_schema(EDGE_COLUMNS)},
            "data_through": {"type": "object", "properties": {"deliveries": _TIME, "telemetry": _TIME}},
            "generated_at": _TIME,
        },
    }

    def get(self, request: Request) -> HttpResponseBase:
        """Answer with the board."""
        given = self.given()
        chosen = teams.checked(given.texts("team"), self.team)
        with bounded():
            board = summary(chosen[0] if chosen else None, timezone.now())
        return answered(request._request, _body(board), ("generated_at",))


def _body(board: Summary) -> dict[str, object]:
    """Return the board as JSON has it."""
    return {
        "team": board.team,
        "from": written(board.start),
        "to": written(board.end),
        "timezone": board.time_zone,
        "numbers": [asdict(number) for number in board.numbers],
        "yesterday": {
            "date": board.yesterday.isoformat(),
            "deployments": board.yesterdays_deployments,
            "failed": [_plain(asdict(failure)) for failure in board.yesterdays_failures],
        },
        "open_incident_count": len(board.open_incidents),
        "open_incidents": [_plain(asdict(incident)) for incident in board.open_incidents],
        "busiest_edges": [
            record(EDGE_COLUMNS, [getattr(edge, column.name) for column in EDGE_COLUMNS]) for edge in board.edges
        ],
        "data_through": {
            "deliveries": _time(board.deliveries_through),
            "telemetry": _time(board.telemetry_through),
        },
        "generated_at": written(board.generated_at),
    }


def _plain(values: Mapping[str, Any]) -> dict[str, object]:
    """Return a small object with ids as text, times as RFC 3339 and lists of names joined by commas."""
    plain: dict[str, object] = {}
    for name, value in values.items():
        if name == "id":
            plain[name] = str(value)
        elif isinstance(value, datetime):
            plain[name] = written(value)
        elif isinstance(value, tuple):
            plain[name] = ",".join(value)
        else:
            plain[name] = value.isoformat() if isinstance(value, date) else value
    return plain


def _time(value: datetime | None) -> str | None:
    return None if value is None else written(value)
