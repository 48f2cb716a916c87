"""The list: every call as a row with all its figures; the same as the map for whoever reads rather than looks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboards.frame.filters import Filters
from dashboards.frame.marks import GRAVITY, Status
from dashboards.topology.asked import Asked
from dashboards.topology.drawing.links import Links
from dashboards.topology.statuses import WORDS, Standing
from plimsoll.insight.topology import Arc, Vertex, Whole

ROWS_A_PAGE: Final = 200
# What small screens see below a map that they do not have the room for.
ROWS_BELOW: Final = 60


class Row(NamedTuple):
    """One row: a call with its ends, its figures, and how it stands. There are thousands to sort, and few are shown."""

    arc: Arc
    client: Vertex
    server: Vertex
    rate: float | None
    status: Status
    links: Links
    selected: str

    @property
    def id(self) -> str:
        """What it is selected by."""
        return f"e-{self.arc.id}"

    @property
    def word(self) -> str | Promise:
        """How it stands, in words."""
        return WORDS[self.status]

    @property
    def href(self) -> str:
        """Where selecting it leads."""
        return self.links.to(self.id)

    @property
    def is_selected(self) -> bool:
        """Whether it is what is selected."""
        return self.selected == self.id


@dataclass(frozen=True, slots=True)
class Head:
    """One column: its title, whether figures stand in it, and where sorting by it leads."""

    title: str | Promise
    is_figure: bool
    href: str
    # ascending, descending or nothing
    sorted: str


@dataclass(frozen=True, slots=True)
class Listed:
    """The list, one page of it. `total` is how many rows have calls; `silent` have none, as those that are gone."""

    rows: Sequence[Row]
    heads: Sequence[Head]
    total: int
    silent: int
    page: int
    pages: int
    previous: str
    next: str
    sorted_by: str | Promise
    # The numbers of the first and the last row of this page.
    first: int
    last: int


_LOWEST: Final = -1.0


def _figure(value: float | None) -> float:
    """Unknown is below everything known."""
    return _LOWEST if value is None else value


_Key = Callable[[Row], Any]
# Column: title, whether it holds figures, what it sorts by, whether the first click sorts downwards.
COLUMNS: Final[Mapping[str, tuple[str | Promise, bool, _Key, bool]]] = {
    "status": (_("Status"), False, lambda row: -GRAVITY.index(row.status), True),
    "client": (_("Caller"), False, lambda row: (row.client.name, row.server.name), False),
    "server": (_("Called"), False, lambda row: (row.server.name, row.client.name), False),
    "protocol": (_("Protocol"), False, lambda row: row.arc.protocols, False),
    "clusters": (_("Clusters"), False, lambda row: row.arc.clusters, False),
    "requests": (_("Requests"), True, lambda row: row.arc.requests, True),
    "rate": (_("Rate"), True, lambda row: _figure(row.rate), True),
    "errors": (_("Errors"), True, lambda row: _figure(row.arc.error_rate), True),
    "p50": ("P50", True, lambda row: _figure(row.arc.p50_ms), True),
    "p95": ("P95", True, lambda row: _figure(row.arc.p95_ms), True),
    "p99": ("P99", True, lambda row: _figure(row.arc.p99_ms), True),
    "first": (_("First seen"), False, lambda row: row.arc.first_seen, True),
}
_DEFAULT: Final = "-status"


def listed(found: Whole, standing: Standing, asked: Asked, filters: Filters, most: int = ROWS_A_PAGE) -> Listed:
    """Return the page of the list that is asked for; rows that sort alike have the busiest first."""
    column, is_down = _sorting(asked.sort)
    links = Links(filters)
    rows = [_row(arc, found, standing, asked, links) for arc in found.arcs]
    rows.sort(key=COLUMNS[column][2], reverse=is_down)
    silent = sum(1 for row in rows if not row.arc.requests)
    pages = max(1, -(-len(rows) // most))
    page = min(max(asked.page, 1), pages)
    return Listed(
        rows[(page - 1) * most : page * most],
        [_head(name, column, is_down, filters) for name in COLUMNS],
        len(rows) - silent,
        silent,
        page,
        pages,
        filters.query(page=page - 1, view="list") if page > 1 else "",
        filters.query(page=page + 1, view="list") if page < pages else "",
        COLUMNS[column][0],
        (page - 1) * most + 1,
        min(page * most, len(rows)),
    )


def _sorting(sort: str) -> tuple[str, bool]:
    name = sort.removeprefix("-")
    return (name, sort.startswith("-")) if name in COLUMNS else (_DEFAULT[1:], True)


def _row(arc: Arc, found: Whole, standing: Standing, asked: Asked, links: Links) -> Row:
    return Row(
        arc,
        found.vertices[arc.client],
        found.vertices[arc.server],
        None if arc.is_gone else found.rate(arc.requests),
        "unk" if arc.is_gone else standing.arc(arc),
        links,
        asked.sel,
    )


def _head(name: str, sorted_by: str, is_down: bool, filters: Filters) -> Head:
    title, is_figure, _key, first_down = COLUMNS[name]
    down = not is_down if name == sorted_by else first_down
    href = filters.query(sort=f"-{name}" if down else name, view="list")
    return Head(title, is_figure, href, ("descending" if is_down else "ascending") if name == sorted_by else "")
