"""What there is to draw: services by name and figures, groups by name and cells, and stubs of what is not open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, sqrt
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboards import words
from dashboards.frame.marks import Status, worst
from dashboards.topology.drawing.links import Links
from dashboards.topology.drawing.shapes import Item
from dashboards.topology.drawing.text import cut, width
from dashboards.topology.statuses import WORDS, Standing
from plimsoll.insight.topology import Vertex
from plimsoll.insight.topology.groups import MESSAGING, NAMELESS, OUTSIDE, STORES, Group
from plimsoll.insight.topology.layout import column_of

NAME_SIZE: Final = 13.0
SMALL: Final = 11.5
CELLS_TOP: Final = 25.0
_PITCHES: Final = (17.0, 16.0, 15.0, 14.0, 13.0, 12.0, 11.0, 10.0, 9.0)
_FULL_WIDTH, _FULL_HEIGHT, _LINE_HEIGHT = 150.0, 54.0, 25.0
_NAMES: Final[Mapping[str, str | Promise]] = {
    STORES: gettext_lazy("data stores"),
    MESSAGING: gettext_lazy("messaging"),
    OUTSIDE: gettext_lazy("outside"),
    NAMELESS: gettext_lazy("no name"),
}
_KINDS: Final[Mapping[str, str | Promise]] = {
    "service": gettext_lazy("service"), "gateway": gettext_lazy("gateway"), "database": gettext_lazy("database"),
    "messaging": gettext_lazy("messaging"), "external": gettext_lazy("outside"),
    "unresolved": gettext_lazy("not resolved"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Looks:
    """How things stand and where they lead."""

    standing: Standing
    links: Links
    selected: str
    # In the reader's language: a drawing says them hundreds of times.
    units: tuple[str, str] = field(default_factory=words.latency_units)
    words: Mapping[Status, str] = field(default_factory=lambda: {each: str(word) for each, word in WORDS.items()})

    def css(self, element: str, status: Status, *others: str) -> str:
        """Return the classes of an element."""
        chosen = "selected" if element == self.selected else ""
        return " ".join(filter(None, ("node", status, *others, chosen)))

    def figures(self, rate: float | None, error_rate: float | None, p95_ms: float | None) -> str:
        """Return `212/s · 4.8 % · 455 ms`, as much of it as is known."""
        parts = [None if rate is None else words.per_second(rate), share(error_rate)]
        return " · ".join(filter(None, [*parts, None if p95_ms is None else words.milliseconds(p95_ms, self.units)]))


def name_of(group: str) -> str:
    """Return what a group is called."""
    return str(_NAMES.get(group, group))


def share(rate: float | None) -> str | None:
    """Return a ratio in percent, or None."""
    if rate is None:
        return None
    return str(words.share(rate))


def service(vertex: Vertex, looks: Looks, *, is_full: bool) -> Item:
    """Return the item of a service, with its figures where there is room."""
    whole = looks.standing.whole
    status: Status = "unk" if vertex.is_idle else looks.standing.node(vertex)
    rate = whole.rate(vertex.requests)
    said = _("no calls") if vertex.is_idle else looks.figures(rate, vertex.error_rate, vertex.p95_ms)
    inset = 34.0 if vertex.kind in ("messaging", "external", "gateway", "database") else 26.0
    room = 190.0 if is_full else 158.0
    name = cut(vertex.name, NAME_SIZE, room - inset)
    wide = max(width(name, NAME_SIZE) + inset + 12, (width(said, SMALL) + 24 if is_full else 0.0))
    element = f"n-{vertex.id}"
    return Item(
        vertex.id,
        element,
        vertex.id,
        name,
        vertex.kind,
        status,
        looks.css(element, status, f"k-{vertex.kind}", "idle" if vertex.is_idle else ""),
        looks.links.to(element),
        service_label(vertex, looks.words[status], said),
        said if is_full else "",
        column=column_of(vertex.kind, vertex.tier),
        w=max(_FULL_WIDTH if is_full else 96.0, min(wide, room + 12)),
        h=_FULL_HEIGHT if is_full else _LINE_HEIGHT,
    )


def service_label(vertex: Vertex, word: str, said: str) -> str:
    """Return what is said of a service to whoever cannot see the map."""
    word = _("idle") if vertex.is_idle else word
    return ", ".join(filter(None, (vertex.name, str(_KINDS.get(vertex.kind, vertex.kind)), word, said)))


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of a box: how far apart, and how many in a row."""

    pitch: float
    per: int

    @property
    def size(self) -> float:
        """How large a cell is: what is left of its pitch."""
        return self.pitch - max(2.0, self.pitch * 0.18)

    def height(self, count: int) -> float:
        """Return how high a box with so many cells is."""
        return CELLS_TOP + ceil(count / self.per) * self.pitch + 3


def group(found: Group, looks: Looks, grid: Grid | None, href: str) -> Item:
    """Return the item of a group, with room for its cells if there is a grid for them."""
    status = worst(looks.standing.node(each) for each in found.members if not each.is_idle)
    name, count = name_of(found.key), len(found.members)
    element = f"g-{found.key}"
    least = width(name, NAME_SIZE) + width(str(count), SMALL) + 34
    said = {"name": name, "n": count, "word": looks.words[status]}
    label = ngettext("%(name)s, %(n)d service, %(word)s", "%(name)s, %(n)d services, %(word)s", count) % said
    css = looks.css(element, status, "group")
    return Item(
        found.key,
        element,
        found.key,
        name,
        "group",
        status,
        css,
        href,
        label,
        count=str(count),
        column=found.column,
        weight=count,
        w=max(least, 20 + (grid.per - 1) * grid.pitch + grid.size) if grid else max(least + 16, 120.0),
        h=grid.height(count) if grid else 34.0,
    )


def stub(found: Group, looks: Looks, column: int, href: str) -> Item:
    """Return the item of a group that is not open, beside one that is."""
    status = worst(looks.standing.node(each) for each in found.members if not each.is_idle)
    name, count, element = name_of(found.key), str(len(found.members)), f"g-{found.key}"
    said = {"name": name, "n": count}
    label = (
        ngettext("%(name)s, %(n)s service, not open", "%(name)s, %(n)s services, not open", len(found.members)) % said
    )
    css = looks.css(element, status, "stub")
    wide = width(name, NAME_SIZE) + width(count, SMALL) + 34
    return Item(
        found.key, element, found.key, name, "group", status, css, href, label, count=count, column=column,
        weight=len(found.members), w=max(96.0, wide + 16), h=_LINE_HEIGHT,
    )  # fmt: skip


def grids(columns: Sequence[Sequence[int]], room: float, gap: float) -> list[Grid]:
    """Return the grid of each column, given the counts of services of its boxes: the largest with which all fit.

    The boxes of a column have as many cells in a row, about twice as many as the fullest has rows.
    """
    pers = [min(max(3, ceil(sqrt(2 * max(counts, default=1)))), 24) for counts in columns]
    for pitch in _PITCHES:
        found = [Grid(pitch, per) for per in pers]
        heights = [sum(grid.height(n) + gap for n in counts) - gap for grid, counts in zip(found, columns, strict=True)]
        if max(heights, default=0.0) <= room:
            break
    return found
