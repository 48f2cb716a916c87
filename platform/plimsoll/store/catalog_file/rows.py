"""Between entries of the catalog file and rows of the store: which row is meant, and what it should hold."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from django.db import models

from plimsoll.store.catalog_file.entries import Entry, Kind, ServiceKey
from plimsoll.store.environments import class_by_name
from plimsoll.store.models import Environment, Mark, Organisation, Service, Shift, Team

# In the order in which they refer to each other.
MODELS: Final[Mapping[Kind, type[models.Model]]] = {
    "organisation": Organisation,
    "team": Team,
    "environment": Environment,
    "service": Service,
    "mark": Mark,
    "shift": Shift,
}

Identity = tuple[str | int | bool | datetime | None, ...]
Row = Any


class Ids:
    """The numbers of teams and services, as entries name them."""

    def __init__(self) -> None:
        self.teams: dict[str, int] = {}
        self.services: dict[ServiceKey, int] = {}

    def note(self, entry: Entry, row: Row) -> None:
        """Remember the row of an entry that others may refer to."""
        if entry.kind == "team":
            self.teams[entry.key] = row.pk
        elif entry.kind == "service" and entry.service is not None:
            self.services[entry.service] = row.pk

    def of(self, entry: Entry) -> dict[str, int | None]:
        """Return the columns of what a mark or shift belongs to."""
        columns = {"team_id": self.teams[entry.team] if entry.team else None}
        if entry.kind == "mark":
            columns["service_id"] = self.services[entry.service] if entry.service else None
            columns["client_id"] = self.services[entry.client] if entry.client else None
        return columns


def wanted(entry: Entry, ids: Ids) -> dict[str, object]:
    """Return the columns that the file speaks of."""
    if entry.kind == "mark":
        return {"value": entry.fields["value"]}
    if entry.kind == "shift":
        return {}
    columns: dict[str, object] = dict(entry.fields)
    if entry.kind == "service":
        # Somebody said so.
        columns["state"] = "owned"
        if "team" in columns:
            columns["team_id"] = ids.teams[str(columns.pop("team"))]
    return columns


def bare(entry: Entry, ids: Ids) -> Row:
    """Return a new row as it would be without what the file says."""
    match entry.kind:
        case "organisation":
            return Organisation()
        case "team":
            return Team(slug=entry.key, name=entry.key.capitalize())
        case "environment":
            return Environment(name=entry.key, environment_class=class_by_name(entry.key))
        case "service":
            assert entry.service is not None
            return Service(namespace=entry.service.namespace, name=entry.service.name)
        case "mark":
            return Mark(metric=str(entry.fields["metric"]), **ids.of(entry))
        case "shift":
            assert entry.starts_at is not None
            assert entry.ends_at is not None
            columns: dict[str, Any] = {**entry.fields, **ids.of(entry)}
            return Shift(starts_at=entry.starts_at, ends_at=entry.ends_at, **columns)


def identity(kind: Kind, row: Row) -> Identity:
    """Return what makes two rows the same thing."""
    match kind:
        case "organisation":
            return (True,)
        case "team":
            return (row.slug,)
        case "environment":
            return (row.name,)
        case "service":
            return row.namespace, row.name
        case "mark":
            return row.metric, row.team_id, row.service_id, row.client_id
        case "shift":
            return row.team_id, row.duty, row.person, row.starts_at, row.ends_at


class Shelf:
    """All rows of a kind, and which of them an entry means."""

    def __init__(self, kind: Kind, entries: Iterable[Entry]) -> None:
        self.kind = kind
        self.rows: dict[int, Row] = {row.pk: row for row in MODELS[kind]._base_manager.all()}
        self._by_identity = {identity(kind, row): row for row in self.rows.values()}
        self._namesakes: dict[str, dict[str, Row]] = defaultdict(dict)
        if kind == "service":
            for row in self.rows.values():
                self._namesakes[row.name][row.namespace] = row
        # Of a name that the file has twice, only the very namespace is meant.
        names = Counter(entry.service.name for entry in entries if entry.kind == "service" and entry.service)
        self._ambiguous = {name for name, count in names.items() if count > 1}

    def find(self, entry: Entry, new: Row, kept_id: int | None) -> Row | None:
        """Return the row that an entry means: the one it had, or the one that is the same as `new`."""
        row = self.rows.get(kept_id) if kept_id is not None else None
        if row is not None and self._is_still(entry, row, new):
            return row
        row = self._by_identity.get(identity(self.kind, new))
        return self._namesake(entry.service) if row is None and entry.service and self.kind == "service" else row

    def _is_still(self, entry: Entry, row: Row, new: Row) -> bool:
        if self.kind != "service":
            return identity(self.kind, row) == identity(self.kind, new)
        return row.name == new.name and (row.namespace == new.namespace or row.name not in self._ambiguous)

    def _namesake(self, key: ServiceKey) -> Row | None:
        """Return the service that is the same without its namespace, as deliveries and the mesh have it (`catalog`)."""
        if key.name in self._ambiguous:
            return None
        same = self._namesakes.get(key.name, {})
        if key.namespace:
            return same.get("")
        return next(iter(same.values())) if len(same) == 1 else None
