"""A numbered page of a list, and how many rows of each kind there are: the API's own rows, in a page's order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import Count, F, Model, QuerySet
from django.db.models.expressions import Combinable, Expression, OrderBy

from plimsoll.store.queries.records import Wanted, chosen


@dataclass(frozen=True, slots=True)
class Order:
    """What a list is ordered by, and `then` by where that is the same; what is unknown comes last."""

    by: F | Expression
    descending: bool = True
    then: F | None = None


def page_ids(wanted: Wanted, order: Order, *, offset: int, size: int) -> list[int]:
    """Return the ids of one page of the wanted rows; the id decides between rows that are alike."""
    by = [each for each in (order.by, order.then, F("pk")) if each is not None]
    orders = [OrderBy(each, descending=order.descending, nulls_last=True) for each in by]
    return list(chosen(wanted).order_by(*orders).values_list("pk", flat=True)[offset : offset + size])


def sizes(wanted: Wanted, by: str, of: Combinable) -> Mapping[str, int]:
    """Return how many of the wanted rows there are by a word; the filter named `by` is left aside."""
    others = replace(wanted, filters={name: values for name, values in wanted.filters.items() if name != by})
    counted = chosen(others).annotate(word=of).order_by().values_list("word").annotate(n=Count("pk"))
    return {str(word): n for word, n in counted}


def in_order(rows: QuerySet[Model], ids: Sequence[int], *columns: str | Combinable) -> list[tuple[object, ...]]:
    """Return these columns of the rows, in the order of the ids; the first column is the id."""
    found = {row[0]: row for row in rows.filter(pk__in=ids).values_list("pk", *columns)}
    return [found[id_] for id_ in ids if id_ in found]
