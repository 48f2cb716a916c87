"""Making the store say what the catalog file says, in one transaction: readers see all of it or nothing.

What the file made goes with its entry; what people made stays, with the values it had before the file spoke of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from django.db import IntegrityError, transaction
from django.utils import timezone

from plimsoll.store import locks, notices
from plimsoll.store.catalog_file import saving
from plimsoll.store.catalog_file.entries import Entry, Kind
from plimsoll.store.catalog_file.rows import MODELS, Ids, Row, Shelf, bare, wanted
from plimsoll.store.models import AuditEvent, CatalogFile, Team

ACTOR: Final = "catalog"


@dataclass(slots=True)
class Kept:
    """What is known of an entry that was applied before."""

    kind: Kind
    key: str
    id: int
    made: bool
    before: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """Something that the file changed."""

    action: Literal["add", "change", "remove"]
    kind: Kind
    key: str
    before: dict[str, Any]
    after: dict[str, Any]


def apply(entries: Sequence[Entry], *, path: str, digest: str) -> list[Change]:
    """Make the store say what the entries say, and return what that changed; the same again changes nothing."""
    with transaction.atomic():
        locks.hold(locks.Kind.CATALOG, "apply")
        state, _ = CatalogFile.objects.get_or_create(only=True)
        turn = _Turn(entries, {name: Kept(**kept) for name, kept in state.entries.items()})
        changes = turn.changes()
        saving.insert(AuditEvent, _audited(changes))
        if changes or (state.path, state.digest, state.refusal) != (path, digest, ""):
            CatalogFile.objects.filter(pk=True).update(
                path=path,
                digest=digest,
                applied_at=timezone.now(),
                entries={name: asdict(kept) for name, kept in turn.kept.items()},
                refusal="",
                refused_at=None,
            )
            notices.changed("catalog")
    return changes


def refuse(path: str, why: str) -> None:
    """Keep, for whoever looks, why the file as it is now was refused; what was applied before stays."""
    with transaction.atomic():
        locks.hold(locks.Kind.CATALOG, "apply")
        CatalogFile.objects.update_or_create(
            only=True, defaults={"path": path, "refusal": why, "refused_at": timezone.now()}
        )
        notices.changed("catalog")


def release() -> None:
    """Leave to people what the file managed, because there is no such file any more."""
    with transaction.atomic():
        locks.hold(locks.Kind.CATALOG, "apply")
        for state in CatalogFile.objects.all():
            AuditEvent.objects.create(actor=ACTOR, action="remove", target="catalog file", before={"path": state.path})
            state.delete()


class _Turn:
    """One application: what was kept before, and what is kept after it."""

    def __init__(self, entries: Sequence[Entry], old: dict[str, Kept]) -> None:
        self.kept: dict[str, Kept] = {}
        self._entries = entries
        self._old = old
        self._ids = Ids()
        self._changes: list[Change] = []
        self._shelves = {kind: Shelf(kind, entries) for kind in MODELS}

    def changes(self) -> list[Change]:
        """Write everything, and return what was changed."""
        for kind in MODELS:
            self._put([entry for entry in self._entries if entry.kind == kind], self._shelves[kind])
        gone = [kept for name, kept in self._old.items() if name not in self.kept]
        for kind in reversed(list(MODELS)):
            self._take_away(
                [
                    (kept, row)
                    for kept in gone
                    if kept.kind == kind and (row := self._shelves[kind].rows.get(kept.id)) is not None
                ]
            )
        return self._changes

    def _put(self, entries: Iterable[Entry], shelf: Shelf) -> None:
        made: list[tuple[Entry, Row, dict[str, Any]]] = []
        changed: list[Row] = []
        columns_changed: set[str] = set()
        found: list[tuple[Entry, Row, Kept]] = []
        for entry in entries:
            old, new = self._old.get(_name(entry)), bare(entry, self._ids)
            row = shelf.find(entry, new, old.id if old else None)
            kept = old if old and row is not None and old.id == row.pk else None
            columns = wanted(entry, self._ids)
            before = dict(kept.before) if kept else {}
            is_new = row is None
            row = new if row is None else row
            differing = _set(row, columns, before)
            found.append((entry, row, Kept(entry.kind, entry.key, 0, is_new or bool(kept and kept.made), before)))
            if is_new:
                made.append((entry, row, columns))
            elif differing:
                changed.append(row)
                columns_changed |= set(differing)
                self._note("change", entry.kind, entry.key, differing)
        saving.insert(MODELS[shelf.kind], [row for _, row, _ in made])
        saving.update(MODELS[shelf.kind], changed, columns_changed)
        for entry, _, columns in made:
            self._changes.append(Change("add", entry.kind, entry.key, {}, columns))
        for entry, row, kept in found:
            kept.id = row.pk
            self._ids.note(entry, row)
            self.kept[_name(entry)] = kept

    def _take_away(self, gone: list[tuple[Kept, Row]]) -> None:
        """Undo entries of a kind: their rows go, unless people made them or they are in use."""
        deleted = _deleted([row for kept, row in gone if kept.made])
        restored: list[Row] = []
        columns: set[str] = set()
        for kept, row in gone:
            if row in deleted:
                self._changes.append(Change("remove", kept.kind, kept.key, {}, {}))
                continue
            if "team_id" in kept.before and kept.before["team_id"] not in self._shelves["team"].rows:
                kept.before["team_id"] = None
            if differing := _set(row, {}, kept.before):
                restored.append(row)
                columns |= set(differing)
            self._note("remove", kept.kind, kept.key, differing)
        if restored:
            saving.update(type(restored[0]), restored, columns)

    def _note(self, action: Literal["change", "remove"], kind: Kind, key: str, differing: dict[str, Any]) -> None:
        before = {column: old for column, (old, _) in differing.items()}
        after = {column: new for column, (_, new) in differing.items()}
        self._changes.append(Change(action, kind, key, before, after))


def _set(row: Row, columns: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """Set the columns that the file speaks of, and those that it spoke of back to what they were.

    `before` is brought up to date; what differs is returned as {column: (old, new)}.
    """
    targets = {column: before.pop(column) for column in list(before) if column not in columns}
    for column, value in columns.items():
        before.setdefault(column, getattr(row, column))
        targets[column] = value
    differing = {}
    for column, value in targets.items():
        if getattr(row, column) != value:
            differing[column] = getattr(row, column), value
            setattr(row, column, value)
    return differing


def _deleted(rows: Sequence[Row]) -> set[Row]:
    """Delete those rows that nothing else refers to, and return them: what people made of them must not go, too."""
    if not rows:
        return set()
    model, ids = type(rows[0]), {row.pk for row in rows}
    for relation in model._meta.related_objects:
        users = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": ids})
        ids -= set(users.values_list(relation.field.name, flat=True))
    unused = {row for row in rows if row.pk in ids}
    try:
        with transaction.atomic():
            model._base_manager.filter(pk__in=ids).delete()
    except IntegrityError:
        # A table without a model refers to one of them.
        return {row for row in unused if _is_deleted(row)}
    return unused


def _is_deleted(row: Row) -> bool:
    try:
        with transaction.atomic():
            type(row)._base_manager.filter(pk=row.pk).delete()
    except IntegrityError:
        return False
    return True


def _name(entry: Entry) -> str:
    return f"{entry.kind} {entry.key}"


def _audited(changes: Iterable[Change]) -> list[AuditEvent]:
    slugs: dict[object, str] = dict(Team.objects.values_list("id", "slug"))

    def readable(columns: dict[str, Any]) -> dict[str, Any]:
        named = {name: value for name, value in columns.items() if name != "team_id"}
        return named | ({"team": slugs.get(columns["team_id"])} if "team_id" in columns else {})

    return [
        AuditEvent(
            actor=ACTOR,
            action=change.action,
            target=f"{change.kind} {change.key}".strip(),
            before=readable(change.before),
            after=readable(change.after),
        )
        for change in changes
    ]


def managed() -> dict[str, set[int]]:
    """Return the ids of the rows that the file manages, by kind: people change those in the file."""
    found: dict[str, set[int]] = {kind: set() for kind in MODELS}
    for entries in CatalogFile.objects.values_list("entries", flat=True):
        for kept in entries.values():
            found[kept["kind"]].add(kept["id"])
    return found


def state() -> CatalogFile | None:
    """Return what became of the file, None when there has never been one."""
    return CatalogFile.objects.first()


def was_ever_applied() -> bool:
    """Whether a file's contents were applied before."""
    return CatalogFile.objects.filter(applied_at__isnull=False).exists()


def managed_environments(names: Iterable[str]) -> set[str]:
    """Return those of the environments whose class the file decides."""
    entries: dict[str, Any] = next(iter(CatalogFile.objects.values_list("entries", flat=True)), {})
    return {name for name in names if "environment_class" in entries.get(f"environment {name}", {}).get("before", {})}
