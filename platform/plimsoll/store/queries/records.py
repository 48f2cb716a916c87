"""Reading a dataset: a page after a cursor, a stream, a count, one row.

Rows are ordered by a column and then by id, so a page continues exactly after the last row of the one before it,
however many rows came in between (webhook-providers, section 9).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, Model, Q, QuerySet
from django.db.models.expressions import OrderBy, RawSQL
from psycopg.errors import QueryCanceled

from plimsoll.store.queries.datasets import Dataset

Row = tuple[object, ...]

# How long one statement for a visitor may take (reliability, section 4).
STATEMENT_TIMEOUT_MS = 10_000
# How old a row is before an incremental reader sees it (webhook-providers, section 9).
SETTLING_S = 5
_FETCHED_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Place:
    """A place in an ordered list: the ordering column's value and the id of a row."""

    value: object
    pk: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows of a dataset are asked for, and in which order.

    `since`/`before` are about `updated_at`, `start`/`end` about the event; the first of each is inclusive. `settled`
    leaves out rows that changed after it. `ids` and `only` narrow to some rows. `team` is the team that the reader is
    limited to.
    """

    dataset: Dataset
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    since: datetime | None = None
    before: datetime | None = None
    start: datetime | None = None
    end: datetime | None = None
    settled: datetime | None = None
    ids: Sequence[int] | None = None
    only: Q | None = None
    team: int | None = None
    ordering: str = "updated_at"
    descending: bool = False
    after: Place | None = None
    # the last row to give, itself included
    until: Place | None = None

    @property
    def path(self) -> str:
        """The model's name of the ordering column."""
        source = self.dataset.columns[self.dataset.position(self.ordering)].source
        assert isinstance(source, str), "an ordering is a stored column"
        return source

    def place(self, row: Row) -> Place:
        """Return where the row stands in the list."""
        pk = row[0]
        assert isinstance(pk, int)
        return Place(row[self.dataset.position(self.ordering)], pk)


@contextmanager
def bounded(timeout_ms: int = STATEMENT_TIMEOUT_MS) -> Iterator[None]:
    """Read in one transaction whose statements end with an error after the time-out."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(timeout_ms)])
        yield


def took_too_long(error: BaseException) -> bool:
    """Whether it was the time-out that ended a statement: the database is there, and other questions are answered."""
    return isinstance(error.__cause__, QueryCanceled)


def settled_until() -> datetime:
    """Return the time up to which every change is committed and visible: use it as the next `updated_since`.

    A row's `updated_at` is when its transaction began. So it is five seconds ago, or five seconds before the oldest
    transaction that is still writing, whichever is earlier: a slow transaction is not skipped. The server's own
    cleaning writes no rows.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT least(clock_timestamp(), min(xact_start)) - make_interval(secs => %s) FROM pg_stat_activity"
            " WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'",
            [SETTLING_S],
        )
        until = cursor.fetchone()[0]
    assert isinstance(until, datetime)
    return until


def page(wanted: Wanted, size: int) -> list[Row]:
    """Return the first `size` rows."""
    return list(_rows(wanted)[:size])


def stream(wanted: Wanted) -> Iterator[Row]:
    """Return all rows, read through a cursor on the server: one consistent picture, in little memory."""
    with bounded():
        yield from _rows(wanted).iterator(chunk_size=_FETCHED_AT_ONCE)


def cut(wanted: Wanted, limit: int) -> Place | None:
    """Return the place of the last of `limit` rows, or None when there are no more than `limit`."""
    keys = list(_ordered(wanted).values_list("pk", wanted.path)[limit - 1 : limit + 1])
    return Place(keys[0][1], keys[0][0]) if len(keys) == 2 else None


def count(wanted: Wanted) -> int:
    """Return how many rows there are, over all pages."""
    return chosen(wanted).count()


def row(dataset: Dataset, pk: int, team: int | None) -> Row | None:
    """Return one row, or None when there is none or it belongs to another team."""
    return _rows(Wanted(dataset, ids=[pk], team=team)).first() if pk <= 2**63 - 1 else None


def settled_only(wanted: Wanted, until: datetime) -> Wanted:
    """Return the same question without rows that may still be joined by slower ones."""
    return replace(wanted, settled=until)


def up_to(wanted: Wanted, last: Place | None) -> Wanted:
    """Return the same question, ending at the place."""
    return replace(wanted, until=last)


def _rows(wanted: Wanted) -> "QuerySet[Model, Row]":
    """Return the rows with all their columns."""
    return _ordered(wanted).values_list(*[column.expression(wanted.team) for column in wanted.dataset.columns])


def _ordered(wanted: Wanted) -> QuerySet[Model]:
    """Return the rows of the page in order."""
    ordering = F(wanted.path)
    # Only where nulls exist: a plain ascending or descending index serves the other columns as it is.
    nulls_last = True if _nullable(wanted) else None
    first = OrderBy(ordering, descending=wanted.descending, nulls_last=nulls_last)
    then = F("pk").desc() if wanted.descending else F("pk").asc()
    rows = chosen(wanted).order_by(first, then)
    if wanted.after is not None:
        rows = rows.filter(_beyond(wanted, wanted.after))
    if wanted.until is not None:
        rows = rows.filter(_up_to(wanted, wanted.until))
    return rows


def chosen(wanted: Wanted) -> QuerySet[Model]:
    """Return the rows of all pages, in no order; a page that shows more of them than the API begins here too."""
    dataset = wanted.dataset
    rows = dataset.model._default_manager.order_by()
    if wanted.team is not None and dataset.of_team is not None:
        rows = rows.filter(dataset.of_team(wanted.team))
    if wanted.ids is not None:
        # One parameter, however many ids: a figure's evidence may be tens of thousands of rows.
        rows = rows.filter(pk__in=RawSQL("SELECT unnest(%s::bigint[])", [list(wanted.ids)]))
    if wanted.only is not None:
        rows = rows.filter(wanted.only)
    for name, values in wanted.filters.items():
        rows = rows.filter(dataset.filters[name](values))
    if wanted.start is not None or wanted.end is not None:
        rows = rows.filter(dataset.happened(wanted.start, wanted.end))
    for lookup, moment in (("gte", wanted.since), ("lt", wanted.before), ("lte", wanted.settled)):
        if moment is not None:
            rows = rows.filter(**{f"updated_at__{lookup}": moment})
    return rows


def _nullable(wanted: Wanted) -> bool:
    """Whether the ordering column may be unknown; such rows come last."""
    return "__" in wanted.path or bool(getattr(wanted.dataset.model._meta.get_field(wanted.path), "null", False))


def _beyond(wanted: Wanted, place: Place) -> Q:
    """Return the rows after the place, in the list's order."""
    path, way = wanted.path, "lt" if wanted.descending else "gt"
    unknown = Q(**{f"{path}__isnull": True})
    later = Q(**{f"pk__{way}": place.pk})
    if place.value is None:
        return unknown & later
    beyond = Q(**{f"{path}__{way}": place.value}) | (Q(**{path: place.value}) & later)
    return beyond | unknown if _nullable(wanted) else beyond


def _up_to(wanted: Wanted, place: Place) -> Q:
    """Return the rows before the place and the one at it, in the list's order."""
    path, way = wanted.path, "gt" if wanted.descending else "lt"
    at_or_before = Q(**{f"pk__{way}e": place.pk})
    if place.value is None:
        return Q(**{f"{path}__isnull": False}) | at_or_before
    return Q(**{f"{path}__{way}": place.value}) | (Q(**{path: place.value}) & at_or_before)
