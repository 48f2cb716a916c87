"""What a dataset of the API is: its columns, its filters, and whose rows a team may see.

The datasets themselves are in `facts` (what happened) and `dimensions` (who and where). Column names stay for good
(webhook-providers, section 9): columns are added, never renamed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from django.db.models import Aggregate, F, FloatField, Model, Q
from django.db.models.expressions import Combinable

Kind = Literal["id", "text", "time", "number", "count", "flag", "list"]

Filter = Callable[[Sequence[str]], Q]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its public name, what kind of value it holds, and where the value comes from."""

    name: str
    kind: Kind
    source: str | Combinable = ""
    about: str = ""
    # where it comes from for a reader who is limited to a team, when they see less
    of_team: Callable[[int], Combinable] | None = None

    def expression(self, team: int | None) -> Combinable:
        """Return the source as an expression, for a reader who sees all or is limited to a team."""
        if team is not None and self.of_team is not None:
            return self.of_team(team)
        return F(self.source) if isinstance(self.source, str) else self.source


@dataclass(frozen=True, slots=True)
class Dataset:
    """Rows of one kind, as the API gives them; the first column is always `id`."""

    name: str
    about: str
    model: type[Model]
    columns: tuple[Column, ...]
    # what each filter parameter means
    filters: Mapping[str, Filter] = field(default_factory=dict)
    # the filters that name other rows, by their ids
    ids: tuple[str, ...] = ()
    # the values that a closed filter takes
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # when it happened: the first of these that is known
    event_times: tuple[str, ...] = ()
    orderings: tuple[str, ...] = ("updated_at",)
    # the rows of a team, by its id; None when they belong to no team and everybody may see them
    of_team: Callable[[int], Q] | None = None

    def position(self, name: str) -> int:
        """Return the index of the column in a row."""
        return next(index for index, column in enumerate(self.columns) if column.name == name)

    def happened(self, start: datetime | None, end: datetime | None) -> Q:
        """Return the rows whose event time is at or after `start` and before `end`; rows without one are left out."""
        found, unknown = Q(), Q()
        for index, name in enumerate(self.event_times):
            here = Q(**{f"{name}__isnull": False})
            if start is not None:
                here &= Q(**{f"{name}__gte": start})
            if end is not None:
                here &= Q(**{f"{name}__lt": end})
            found = here if index == 0 else found | (unknown & here)
            unknown &= Q(**{f"{name}__isnull": True})
        return found


class Median(Aggregate):
    """The continuous median (dora-definitions, section 4)."""

    name = "Median"
    template = "percentile_cont(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


def one_of(path: str) -> Filter:
    """Return the filter of rows whose `path` is one of the given values."""
    return lambda values: Q(**{f"{path}__in": list(values)})


def of_services(path: str = "") -> Filter:
    """Return the filter of rows whose service, found at `path`, is called one of the given names.

    Several namespaces may have a service of one name: `shop/cart` is that of `shop` alone, `/cart` that of none.
    """

    def chosen(values: Sequence[str]) -> Q:
        found = Q(**{f"{path}name__in": list(values)})
        for value in values:
            namespace, has_namespace, name = value.partition("/")
            if has_namespace:
                found |= Q(**{f"{path}namespace": namespace, f"{path}name": name})
        return found

    return chosen


def whether(path: str) -> Filter:
    """Return the filter of rows whose `path` is true, false or unknown, as the words say."""
    words = {"true": Q(**{path: True}), "false": Q(**{path: False}), "unknown": Q(**{f"{path}__isnull": True})}

    def chosen(values: Sequence[str]) -> Q:
        found = Q(pk__in=())
        for value in values:
            found |= words[value]
        return found

    return chosen


YES_NO_UNKNOWN = ("true", "false", "unknown")
