"""The dependency graph as flat rows."""

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import ClassVar, TypedDict

from django.utils import timezone

from dashboards.api import ranges, teams
from dashboards.api.parameters import Given, Parameter
from dashboards.api.schemas import list_schema
from dashboards.api.view import Table
from dashboards.times import written
from plimsoll.insight import topology
from plimsoll.store.queries.board import telemetry_through
from plimsoll.store.queries.datasets import Column

DEFAULT_RANGE = timedelta(minutes=60)
MINUTE = timedelta(minutes=1)

_OUTCOME = (Column("failed", "number"), Column("error_rate", "number"))
_LATENCY = (Column("p50_ms", "number"), Column("p95_ms", "number"), Column("p99_ms", "number"))
_SEEN = (Column("first_seen", "time"), Column("last_seen", "time"))


def _end(role: str, kinds: str = "") -> tuple[Column, ...]:
    """Return the columns of one end of an edge."""
    place = (Column(f"{role}_cluster", "text"), Column(f"{role}_namespace", "text"))
    return (*place, Column(role, "text"), Column(f"{role}_kind", "text", about=kinds))


EDGE_COLUMNS = (
    Column("id", "id"),
    Column("environment", "text"),
    *_end("client", "service, gateway, database, messaging, external, user or unresolved."),
    *_end("server"),
    Column("protocol", "text"),
    Column("vantage", "text", about="Who measured: the best point of view there is; two are never added."),
    Column("requests", "number"),
    Column("attempts", "number", about="Tries on the wire, where they are known."),
    *_OUTCOME,
    Column("client_errors", "number", about="Answered, but refused as the caller's mistake; not in `failed`."),
    Column("throttled", "number"),
    Column("aborted", "number", about="Given up by the caller."),
    Column("unreached", "number", about="Never arrived at the server."),
    Column("denied", "number", about="Refused by policy; not in `requests`."),
    *_LATENCY,
    Column("latency_exact", "flag", about="False: the source's own histogram bounds limit how exact latency is."),
    Column("weight_known", "flag", about="False: some records did not say how they were sampled."),
    Column("standard_error", "number", about="Of `requests`, when they were corrected for sampling."),
    Column("observed", "count", about="Records behind the numbers."),
    Column("evidence", "text"),
    Column("via", "text"),
    *_SEEN,
)

NODE_COLUMNS = (
    Column("id", "id"),
    Column("cluster", "text"),
    Column("namespace", "text"),
    Column("name", "text"),
    Column("kind", "text"),
    Column("service", "text"),
    Column("team", "text"),
    Column("requests", "number", about="Requests it served."),
    *_OUTCOME,
    *_LATENCY,
    Column("unattributed", "number", about="Requests whose caller is not known."),
    Column("internal", "number", about="Requests that a node made to itself."),
    *_SEEN,
)

_PARAMETERS = (
    Parameter("from", "Begin, in whole minutes; default: an hour before `to`.", "time"),
    Parameter("to", "End; the minute that it falls into is counted whole. Default: now.", "time"),
    Parameter("environment", "Only this environment; may be repeated.", many=True),
    Parameter("cluster", "Only this cluster; may be repeated.", many=True),
    Parameter(
        "service",
        "Only what is `depth` calls away from this service, `name` or `namespace/name`; may be repeated.",
        many=True,
    ),
    Parameter("team", "Only what is `depth` calls away from the services of this team."),
    Parameter("depth", "How many calls away from `service` or `team`.", "number", most=10, default=1),
)


class Asked(TypedDict):
    """What both tables of the graph may be asked for."""

    start: datetime
    end: datetime
    environments: tuple[str, ...]
    clusters: tuple[str, ...]
    services: tuple[str, ...]
    team: str | None
    depth: int


class Graph(Table):
    """Rows of the graph over a time range."""

    own_parameters: ClassVar[tuple[Parameter, ...]] = _PARAMETERS

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.answer_schema = list_schema(
            cls.columns,
            data_through={"type": ["string", "null"], "format": "date-time", "description": "End of the last minute."},
        )

    def computed(self, given: Given) -> tuple[list[Sequence[object]], dict[str, object]]:
        """Return the rows, the range and how far the data goes."""
        now = timezone.now()
        end = given.time("to") or now
        start = given.time("from") or end - DEFAULT_RANGE
        ranges.ordered(start, end, ("from", "to"))
        ranges.checked(start, end, now)
        # Traffic is counted by minutes: the answer says what it covers.
        start, end = _minute(start), _minute(end + MINUTE - timedelta.resolution)
        through = telemetry_through()
        about: dict[str, object] = {
            "from": written(start),
            "to": written(end),
            "as_of": written(now),
            "data_through": None if through is None else written(through),
        }
        team = given.text("team")
        chosen = teams.checked([team] if team else [], self.team)
        asked = Asked(
            start=start,
            end=end,
            environments=given.texts("environment"),
            clusters=given.texts("cluster"),
            services=given.texts("service"),
            # A reader of one team sees what its services call and what calls them, and nothing further away.
            team=chosen[0] if chosen else None,
            depth=1 if self.team is not None else given.number("depth") or 1,
        )
        values = attrgetter(*(column.name for column in self.columns))
        return [values(row) for row in self.rows(asked, given)], about

    @abstractmethod
    def rows(self, asked: Asked, given: Given) -> Sequence[object]:
        """Return the graph's rows as objects with the columns' names."""


class Edges(Graph):
    """Who calls whom: rate, errors and latency of each edge over the range."""

    name = "edges"
    columns = EDGE_COLUMNS
    own_parameters = (*_PARAMETERS, Parameter("denied", "1: the calls that policy refused instead.", "flag"))

    def rows(self, asked: Asked, given: Given) -> Sequence[object]:
        """Return the edges."""
        return topology.edges(**asked, denied=given.flag("denied"))


class Nodes(Graph):
    """Services, gateways, databases and the outside: what each served over the range."""

    name = "nodes"
    columns = NODE_COLUMNS

    def rows(self, asked: Asked, given: Given) -> Sequence[object]:
        """Return the nodes."""
        return topology.nodes(**asked)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
