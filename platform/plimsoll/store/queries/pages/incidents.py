"""Incidents as a list shows them, and one of them with what people and its sender said of it."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Case, F, IntegerField, Q, When
from django.db.models.expressions import Expression
from django.db.models.functions import Coalesce

from plimsoll.store import merge, overruling
from plimsoll.store.merge import State
from plimsoll.store.models import Deployment, Incident
from plimsoll.store.models.delivery import ALERT
from plimsoll.store.naming import whole_name
from plimsoll.store.queries.datasets.facts import INCIDENTS
from plimsoll.store.queries.pages.lists import Order, in_order, page_ids, sizes
from plimsoll.store.queries.records import Wanted, chosen, count
from plimsoll.store.severity import severity_level

# Those that other ones tell, or that people said are none, are not listed.
WHOLE: Final = {"is_deleted": ("false",)}

# As often as it is told by itself that an incident came back: an alert may flap a thousand times.
MOST_AGAIN: Final = 20

# As long as a deployment can be blamed by time alone (dora-definitions, section 4).
CANDIDATES_WITHIN: Final = timedelta(hours=24)

ORDERS: Final[Mapping[str, Callable[[Wanted], F | Expression]]] = {
    "opened": lambda _: Coalesce("opened_at", "resolved_at"),
    "resolved": lambda _: F("resolved_at"),
    "severity": lambda wanted: _gravity(wanted),
    "title": lambda _: F("title"),
}


@dataclass(frozen=True, slots=True)
class Affected:
    """A service that an incident affects, with its owner."""

    id: int
    name: str
    namespace: str
    team_id: int | None
    team: str | None
    team_name: str | None
    tier: str

    @property
    def whole_name(self) -> str:
        """What tells it from others of its name."""
        return whole_name(self.namespace, self.name)


@dataclass(frozen=True, slots=True)
class IncidentItem:
    """One incident in a list."""

    id: int
    title: str | None
    severity: str | None
    status: str
    opened_at: datetime | None
    acknowledged_at: datetime | None
    resolved_at: datetime | None
    environment: str | None
    cluster: str | None
    assignees: tuple[str, ...]
    reopen_count: int
    caused_by: int | None
    caused_by_method: str | None
    caused_by_confidence: float | None
    cause_version: str | None
    cause_sha: str | None
    cause_service: str | None
    services: tuple[Affected, ...] = ()

    @property
    def name(self) -> str:
        """What people call it."""
        return self.title or f"#{self.id}"

    @property
    def cause_name(self) -> str:
        """What the deployment that caused it is called."""
        return self.cause_version or (self.cause_sha or "")[:12] or f"#{self.caused_by}"

    def lasted_s(self, now: datetime) -> float | None:
        """How long it lasted, until now while it is open; None where that is not known."""
        end = self.resolved_at or (now if self.status != "resolved" else None)
        if self.opened_at is None or end is None or end < self.opened_at:
            return None
        return (end - self.opened_at).total_seconds()


_COLUMNS = (
    *("title", "severity", "status", "opened_at", "acknowledged_at", "resolved_at", "environment__name", "cluster"),
    *("assignees", "reopen_count", "caused_by_id", "caused_by_method", "caused_by_confidence", "caused_by__version"),
    *("caused_by__sha", "caused_by__service__name"),
)


def statuses(wanted: Wanted) -> Mapping[str, int]:
    """Return how many of the wanted incidents there are of each status."""
    return sizes(wanted, "status", F("status"))


def of_clusters_or_none(wanted: Wanted) -> Wanted:
    """Return the question also for incidents whose cluster nobody told; of those alone where it names no cluster."""
    named = Q(cluster__in=wanted.filters.get("cluster", ()))
    return replace(_anywhere(wanted), only=named | Q(cluster=None))


def left_out_by_clusters(wanted: Wanted) -> int:
    """Return how many incidents a choice of clusters leaves out because nobody told where they are."""
    return count(replace(_anywhere(wanted), only=Q(cluster=None))) if "cluster" in wanted.filters else 0


def _anywhere(wanted: Wanted) -> Wanted:
    return replace(wanted, filters={name: values for name, values in wanted.filters.items() if name != "cluster"})


def incidents(wanted: Wanted, order: str, *, descending: bool, offset: int, size: int) -> list[IncidentItem]:
    """Return one page of the wanted incidents."""
    return items(page_ids(wanted, Order(ORDERS[order](wanted), descending), offset=offset, size=size))


def _gravity(wanted: Wanted) -> Expression:
    """Return how grave the wanted incidents are, 1 the gravest, whatever their senders call that."""
    words = chosen(wanted).values_list("severity", flat=True).distinct()
    levels = {word: level for word in words if (level := severity_level(word)) is not None}
    return Case(*(When(severity=word, then=level) for word, level in levels.items()), output_field=IntegerField())


def latest(only: Q, team: int | None, size: int, *, start: datetime, end: datetime) -> tuple[list[IncidentItem], int]:
    """Return the latest incidents of some kind and range that the reader may see, and how many there are."""
    wanted = Wanted(INCIDENTS, filters=WHOLE, only=only, start=start, end=end, team=team)
    found = incidents(wanted, "opened", descending=True, offset=0, size=size)
    return found, sum(statuses(wanted).values())


def items(ids: Sequence[int]) -> list[IncidentItem]:
    """Return these incidents, in this order."""
    rows: list[tuple[Any, ...]] = in_order(Incident.objects.all(), ids, *_COLUMNS)
    affected = _affected([row[0] for row in rows])
    return [_item(row, affected[row[0]]) for row in rows]


def _item(row: Sequence[Any], services: Sequence[Affected]) -> IncidentItem:
    told = list(row)
    told[9] = tuple(told[9] or ())
    return IncidentItem(*[*told, tuple(services)])


def _affected(ids: Iterable[int]) -> dict[int, list[Affected]]:
    rows = Incident.services.through.objects.filter(incident__in=list(ids)).order_by("service__name")
    columns = ("name", "namespace", "team_id", "team__slug", "team__name", "tier")
    found: dict[int, list[Affected]] = defaultdict(list)
    for incident, *service in rows.values_list("incident_id", "service_id", *(f"service__{name}" for name in columns)):
        told: list[Any] = service
        found[incident].append(Affected(*told))
    return found


@dataclass(frozen=True, slots=True)
class Again:
    """One time that an incident came back, and when it had ended before, where that was told."""

    opened_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class IncidentRecord:
    """An incident and what was said of it: by its sender, and by people."""

    item: IncidentItem
    external_id: str
    url: str | None
    provider: str | None
    source: str | None
    source_id: int | None
    environment_id: int | None
    caused_by_ref: str | None
    is_deleted: bool
    reported_at: datetime
    state: State
    # the first times that it came back
    again: tuple[Again, ...] = ()

    def said(self, name: str) -> object:
        """Return what people say under a name, None where they say nothing."""
        return self.state[name].value if name in self.state else None

    @property
    def is_dismissed(self) -> bool:
        """Whether people said that it is no incident."""
        return self.said(overruling.DISMISSED) is True

    @property
    def is_resolved_by_people(self) -> bool:
        """Whether it is shown as resolved because people said so."""
        return isinstance(self.said(overruling.RESOLVED), datetime) and self.item.resolved_at == self.said(
            overruling.RESOLVED
        )

    @property
    def sender_resolved_at(self) -> datetime | None:
        """When it was resolved by its sender's word, where that is another one than people's."""
        told = self.said("resolved_at")
        return told if self.is_resolved_by_people and isinstance(told, datetime) else None


def incident(pk: int, team: int | None) -> IncidentRecord | None:
    """Return one incident; None when there is none that the reader may see, or another one tells it."""
    rows = Incident.objects.filter(pk=pk) if pk < 2**63 else Incident.objects.none()
    if team is not None and INCIDENTS.of_team is not None:
        rows = rows.filter(INCIDENTS.of_team(team))
    row = rows.select_related("source").first()
    if row is None:
        return None
    columns = {name: getattr(row, name) for name in merge.COLUMNS["incident"]}
    state = merge.read(row.merge, columns)
    if row.is_deleted and (overruling.DISMISSED not in state or state[overruling.DISMISSED].value is not True):
        return None
    source = row.source
    return IncidentRecord(
        items([row.pk])[0],
        row.external_id,
        row.url,
        source.provider if source else None,
        source.name if source else None,
        row.source_id,
        row.environment_id,
        row.caused_by_ref,
        row.is_deleted,
        row.created_at,
        state,
        _again(row, state),
    )


def _again(row: Incident, state: State) -> tuple[Again, ...]:
    """Return when an incident came back: by its sender's word, or by the episodes of its alert that it stands for."""
    told = state["reopened_at"].value if "reopened_at" in state else None
    if isinstance(told, frozenset):
        times = sorted(at for at in told if isinstance(at, datetime))
        return tuple(Again(at) for at in times[:MOST_AGAIN])
    alert, at, _start = row.external_id.partition("@")
    if not row.reopen_count or not at or row.opened_at is None:
        return ()
    # The next ones of its alert, and they are hidden behind it: its chain goes on until one that is not.
    rows = Incident.objects.alias(alert=ALERT).filter(alert=alert, source=row.source_id, opened_at__gte=row.opened_at)
    hidden = rows.filter(is_deleted=True).exclude(pk=row.pk).order_by("opened_at", "external_id")
    known = hidden.values_list("opened_at", "resolved_at")[: min(row.reopen_count, MOST_AGAIN)]
    found, end = [], state["resolved_at"].value if "resolved_at" in state else None
    for opened_at, resolved_at in known:
        if opened_at is not None:
            found.append(Again(opened_at, end if isinstance(end, datetime) else None))
        end = resolved_at
    return tuple(found)


def are_told_of(services: Collection[int], until: datetime) -> bool:
    """Whether some deployment of each of these services is known that began or ended before a moment."""
    before = Q(finished_at__lte=until) | Q(started_at__lte=until)
    known = Deployment.objects.filter(before, service__in=services, is_deleted=False).values("service").distinct()
    return known.count() == len(set(services))


def candidates(record: IncidentRecord) -> Q:
    """Return the deployments that may have caused an incident by time.

    They are of its services, began or ended in the day before it, in its environment or, where it names none, in
    production.
    """
    opened = record.item.opened_at or record.item.resolved_at or record.reported_at
    since = opened - CANDIDATES_WITHIN
    recent = Q(finished_at__gte=since, finished_at__lte=opened) | Q(started_at__gte=since, started_at__lte=opened)
    place = (
        Q(environment=record.environment_id)
        if record.environment_id is not None
        else Q(environment__environment_class="production")
    )
    return Q(service__in=[each.id for each in record.item.services]) & recent & place
