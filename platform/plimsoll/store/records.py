"""Records of deliveries: changes, deployments, incidents and releases, merged from observations and written in bulk."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Model, Q, Value
from django.db.models.functions import Concat, Now
from django.db.models.lookups import In

from plimsoll.store import merge, overruling
from plimsoll.store.catalog import ServiceName, environment_ids, service_ids
from plimsoll.store.merge import Kind, Observation, Series, State
from plimsoll.store.models import Change, Deployment, Incident, Release, Source
from plimsoll.store.models.delivery import ALERT, Observed
from plimsoll.store.series import Overlay, chained, told_twice
from plimsoll.store.touched import Touched, earliest

__all__ = ["Observation", "Series", "Touched", "record", "record_all"]

# A change and a release are the same whoever tells of them; the others are their source's own.
SHARED: frozenset[Kind] = frozenset({"change", "release"})
MODELS: Mapping[Kind, type[Observed]] = {
    "deployment": Deployment,
    "change": Change,
    "incident": Incident,
    "release": Release,
}

Key = tuple[int, str]

# Rows in one statement.
BATCH = 500
IDENTITY = ("id",)


@dataclass(slots=True)
class _Record:
    """A row on its way from what it was to what it becomes."""

    row: Observed
    before: State
    state: State
    service_ids: tuple[int, ...] = ()
    overlay: Overlay = field(default_factory=Overlay)

    @property
    def is_new(self) -> bool:
        return self.row.pk is None


def record(source: Source, observations: Sequence[Observation]) -> Touched:
    """Merge what one source observed into its records, in the caller's transaction, and return what changed."""
    return record_all([(source, observation) for observation in observations])


def record_all(observed: Sequence[tuple[Source, Observation]]) -> Touched:
    """Merge observations of several sources at once: a fixed number of statements, however many there are."""
    touched = Touched()
    by_kind: dict[Kind, list[tuple[Source, Observation]]] = defaultdict(list)
    for source, observation in observed:
        by_kind[observation.kind].append((source, observation))
    for kind in MODELS:
        if kind in by_kind:
            _record_kind(kind, by_kind[kind], touched)
    touched.settle()
    return touched


def _record_kind(kind: Kind, observed: list[tuple[Source, Observation]], touched: Touched) -> None:
    records = _loaded(kind, observed)
    for source, observation in observed:
        key = _key(kind, source.pk, observation.external_id)
        if key not in records:
            row = MODELS[kind](source=source, external_id=observation.external_id)  # type: ignore[misc]
            records[key] = _Record(row, {}, {})
        entry = records[key]
        entry.state = merge.merged(entry.state, [observation])
    _lay_over(kind, observed, records)
    places = _Places.of(observed, records)
    changed = [entry for entry in records.values() if _shows(kind, entry, places, touched)]
    _write(kind, changed)


def _key(kind: Kind, source_id: int | None, external_id: str) -> Key:
    return (0 if kind in SHARED else source_id or 0, external_id)


def _loaded(kind: Kind, observed: list[tuple[Source, Observation]]) -> dict[Key, _Record]:
    """Return the rows that are observed, and the rest of the groups they belong to."""
    rows = MODELS[kind]._default_manager.filter(_wanted(kind, [observation for _, observation in observed]))
    if kind not in SHARED:
        known = {source.pk for source, _ in observed}
        # Of a sender that was removed, people may still speak.
        rows = rows.filter(Q(source__in=known - {None}) | (Q(source=None) if None in known else Q(pk__in=())))
    # Locked in one order, so that two writers wait for each other instead of dying together.
    found = list(rows.order_by("pk").select_for_update())
    services = _services_of(found) if kind == "incident" else {}
    records: dict[Key, _Record] = {}
    for row in found:
        state = merge.read(row.merge, {name: getattr(row, name) for name in merge.COLUMNS[kind]})
        external_id = row.external_id  # type: ignore[attr-defined]
        records[_key(kind, row.source_id, external_id)] = _Record(row, state, state, services.get(row.pk, ()))
    return records


def _wanted(kind: Kind, observations: list[Observation]) -> Q:
    wanted = Q(external_id__in={each.external_id for each in observations})
    if kind == "incident" and (alerts := {each.series.key for each in observations if each.series}):
        wanted |= Q(In(ALERT, sorted(alerts)))
    if kind == "deployment":
        runs = {str(run) for each in observations if (run := each.fields.get("run_id"))}
        if runs:
            wanted |= Q(run_id__in=runs, external_id__startswith=Concat("run_id", Value("/")))
        # A run's own row needs to know of any other; the other way round its own rows are enough.
        if own := runs & {each.external_id.rpartition("/")[0] for each in observations}:
            wanted |= Q(run_id__in=own)
    return wanted


def _services_of(rows: Iterable[Model]) -> dict[int, tuple[int, ...]]:
    links = Incident.services.through.objects.filter(incident__in=[row.pk for row in rows])
    services: dict[int, list[int]] = defaultdict(list)
    for incident_id, service_id in links.order_by("service_id").values_list("incident_id", "service_id"):
        services[incident_id].append(service_id)
    return {incident_id: tuple(ids) for incident_id, ids in services.items()}


def _lay_over(kind: Kind, observed: list[tuple[Source, Observation]], records: dict[Key, _Record]) -> None:
    """Give each record of a group what the group means for it."""
    if kind == "incident":
        gaps = {(source.pk, each.series.key): each.series.gap for source, each in observed if each.series}
        for (source_id, alert), gap in gaps.items():
            group = {id_: e for (sid, id_), e in records.items() if sid == source_id and id_.split("@")[0] == alert}
            for external_id, overlay in chained({id_: each.state for id_, each in group.items()}, gap).items():
                group[external_id].overlay = overlay
    if kind == "deployment":
        runs: dict[tuple[int, str], list[str]] = defaultdict(list)
        for (source_id, external_id), entry in records.items():
            if (run := entry.state.get("run_id")) and run.value:
                runs[source_id, str(run.value)].append(external_id)
        for (source_id, run_id), external_ids in runs.items():
            for external_id in told_twice(run_id, external_ids):
                records[source_id, external_id].overlay = Overlay(hidden=True)


@dataclass(frozen=True, slots=True)
class _Places:
    """The catalog's ids for the names that records carry."""

    services: Mapping[ServiceName, int]
    environments: Mapping[str, int]

    @classmethod
    def of(cls, observed: list[tuple[Source, Observation]], records: Mapping[Key, _Record]) -> "_Places":
        teams: dict[ServiceName, int | None] = {}
        for source, observation in observed:
            entry = records[_key(observation.kind, source.pk, observation.external_id)]
            for service in _service_names(entry.state):
                teams[service] = teams.get(service) or source.team_id
        claims: dict[str, set[str]] = defaultdict(set)
        for _, observation in observed:
            if environment := observation.fields.get("environment"):
                claim = observation.fields.get("environment_class")
                claims[str(environment)] |= {str(claim)} if claim else set()
        for entry in records.values():
            if winner := _said(entry.state, "environment"):
                claims.setdefault(str(winner), set())
        return cls(service_ids(teams), environment_ids(claims))


def _said(state: State, name: str) -> object:
    return state[name].value if name in state else None


def _service_names(state: State) -> tuple[ServiceName, ...]:
    namespace = str(_said(state, "namespace") or "")
    several = _said(state, "services")
    if isinstance(several, (list, tuple)):
        return tuple(ServiceName(namespace, str(name)) for name in several)
    one = _said(state, "service")
    return (ServiceName(namespace, str(one)),) if one else ()


def _shows(kind: Kind, entry: _Record, places: _Places, touched: Touched) -> bool:
    """Set the row to what its state shows; return whether that changed it, and note what it touches."""
    row, overlay = entry.row, entry.overlay
    columns, flags = merge.project(kind, entry.state)
    columns |= overlay.columns
    is_dismissed = False
    if kind == "incident":
        people = overruling.overruled(entry.state, columns, overlay.reopened_at)
        columns, is_dismissed = {**columns, **people.columns}, people.dismissed
    after = columns | {
        "merge": merge.written(entry.state, columns),
        "flags": sorted(flags | overlay.flags),
        "is_deleted": overlay.hidden or is_dismissed,
    }
    if kind in ("deployment", "incident"):
        after |= _placed(kind, entry, places)
    services = after.pop("service_ids", entry.service_ids)
    is_changed = services != entry.service_ids or any(getattr(row, name) != value for name, value in after.items())
    if not (is_changed or entry.is_new):
        return False
    _touch(kind, entry, touched)
    for name, value in after.items():
        setattr(row, name, value)
    entry.service_ids = services  # type: ignore[assignment]
    _touch(kind, entry, touched)
    return True


def _placed(kind: Kind, entry: _Record, places: _Places) -> dict[str, object]:
    """Return the catalog's ids; a name that did not change keeps the row it once led to."""
    placed: dict[str, object] = {}
    names = _service_names(entry.state)
    if entry.is_new or names != _service_names(entry.before):
        ids = tuple(sorted({places.services[name] for name in names}))
        placed["service_ids"] = ids
        if kind == "deployment":
            placed["service_id"] = ids[0] if ids else None
    environment = _said(entry.state, "environment")
    if entry.is_new or environment != _said(entry.before, "environment"):
        placed["environment_id"] = places.environments[str(environment)] if environment else None
    return placed


def _touch(kind: Kind, entry: _Record, touched: Touched) -> None:
    """Note where the row stands: called before and after it changes, as it may move."""
    row = entry.row
    if isinstance(row, Change):
        if row.repo:
            touched.repos.add(row.repo)
        return
    at = earliest(getattr(row, name) for name in merge.COLUMNS[kind] if name.endswith("_at"))
    at = at or earliest(held.at for held in entry.state.values())
    if at is None:
        return
    if isinstance(row, Deployment) and row.service_id and row.environment_id:
        touched.mark(row.service_id, row.environment_id, at)
    if isinstance(row, Incident):
        for service in entry.service_ids:
            touched.mark(service, row.environment_id, at)
        if row.caused_by_ref:
            touched.refer(row.caused_by_ref, at)


def _write(kind: Kind, changed: list[_Record]) -> None:
    """Insert the new rows and update the changed ones, each in one statement."""
    model = MODELS[kind]
    places = {"deployment": ("service", "environment"), "incident": ("environment",)}.get(kind, ())
    fields = (*merge.COLUMNS[kind], *places, "merge", "flags", "is_deleted", "updated_at")
    for entry in changed:
        entry.row.updated_at = Now()
    new = [entry.row for entry in changed if entry.is_new]
    old = [entry.row for entry in changed if not entry.is_new]
    if old:
        # An upsert on the primary key: one row of values each, where bulk_update would write a CASE per column.
        model._default_manager.bulk_create(
            old, batch_size=BATCH, update_conflicts=True, unique_fields=IDENTITY, update_fields=fields
        )
    if new:
        model._default_manager.bulk_create(new, batch_size=BATCH)
    if kind == "incident":
        _link_services(changed)


def _link_services(changed: list[_Record]) -> None:
    through = Incident.services.through
    wanted = {(entry.row.pk, service) for entry in changed for service in entry.service_ids}
    links = through.objects.filter(incident__in=[entry.row.pk for entry in changed])
    present = set(links.values_list("incident_id", "service_id"))
    for incident, service in sorted(present - wanted):
        through.objects.filter(incident_id=incident, service_id=service).delete()
    through.objects.bulk_create(
        [through(incident_id=incident, service_id=service) for incident, service in sorted(wanted - present)]
    )
