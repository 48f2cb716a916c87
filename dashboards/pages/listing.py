"""What every list shows around its rows: how many there are, which page of them, and what they are ordered by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from dashboards.frame.page import Visit
from dashboards.pages.asking import parameter, parameters
from dashboards.pages.saying import Text

SIZE: Final = 50


@dataclass(frozen=True, slots=True)
class Sorting:
    """What rows are ordered by."""

    by: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Header:
    """The head of a column that rows can be ordered by: where a click leads, and how rows are ordered now."""

    title: str
    query: str
    direction: str


@dataclass(frozen=True, slots=True)
class Part:
    """One choice of a facet: how many rows have it, and where choosing it leads."""

    label: Text
    count: int
    query: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """What rows can be split by; `total` is how many rows its choice leaves."""

    title: str
    parts: Sequence[Part]
    total: int


@dataclass(frozen=True, slots=True)
class Paging:
    """Which of all rows are shown."""

    total: int
    number: int
    pages: int
    previous: str
    following: str

    @property
    def offset(self) -> int:
        """How many rows come before."""
        return (self.number - 1) * SIZE

    @property
    def first(self) -> int:
        """The place of the first row that is shown, from 1."""
        return self.offset + 1 if self.total else 0

    @property
    def last(self) -> int:
        """The place of the last row that is shown."""
        return min(self.offset + SIZE, self.total)


def sorting(visit: Visit, known: Sequence[str], default: str) -> Sorting:
    """Return what the address orders rows by; `-` turns it around."""
    text = parameter(visit, "sort") or default
    if text.removeprefix("-") not in known:
        visit.notices.append(_("Rows cannot be ordered by “%(name)s”.") % {"name": text[:40]})
        text = default
    return Sorting(text.removeprefix("-"), text.startswith("-"))


def headers(visit: Visit, sorted_by: Sorting, **titles: str) -> Mapping[str, Header]:
    """Return the heads of the columns that rows can be ordered by."""
    return {name: _header(visit, sorted_by, name, title) for name, title in titles.items()}


def _header(visit: Visit, sorted_by: Sorting, name: str, title: str) -> Header:
    """Return the head of a column: a click orders by it, a second one turns the order around."""
    is_it = sorted_by.by == name
    descending = not sorted_by.descending if is_it else name in ("at", "lead_time", "opened")
    direction = "" if not is_it else "descending" if sorted_by.descending else "ascending"
    return Header(title, visit.filters.query(sort=f"{'-' if descending else ''}{name}"), direction)


def paging(visit: Visit, total: int) -> Paging:
    """Return the page that the address names, or the last one there is."""
    pages = max(1, ceil(total / SIZE))
    text = parameter(visit, "page") or "1"
    number = int(text) if text.isdecimal() and len(text) < 9 else 0
    if not 1 <= number <= pages:
        visit.notices.append(_("There is no page %(page)s; there are %(pages)d.") % {"page": text[:20], "pages": pages})
        number = min(max(number, 1), pages)
    return Paging(
        total,
        number,
        pages,
        visit.filters.query(page=number - 1) if number > 1 else "",
        visit.filters.query(page=number + 1) if number < pages else "",
    )


def facet(visit: Visit, name: str, title: str, labels: Mapping[str, Text], counts: Mapping[str, int]) -> Facet:
    """Return the choices of a facet, all of them first; those that nothing has are left out unless chosen."""
    chosen = [value for value in parameters(visit, name) if value in labels]
    every = sum(counts.values())
    parts = [Part(_("All"), every, visit.filters.query(**{name: None}), not chosen)]
    parts += [
        Part(label, counts.get(word, 0), visit.filters.query(**{name: word}), word in chosen)
        for word, label in labels.items()
        if counts.get(word) or word in chosen
    ]
    return Facet(title, parts, sum(counts.get(word, 0) for word in chosen) if chosen else every)


def zones(visit: Visit) -> str:
    """Return the zone that times can be shown in besides UTC; empty where there is no other."""
    own = visit.filters.zone.key if visit.filters.zone.key != "UTC" else settings.TIME_ZONE
    return "" if own == "UTC" else own
