"""The map as a scene: as much detail as there is room for, from a service's own figures up to one box a group."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboards.frame.filters import Filters
from dashboards.frame.marks import Status
from dashboards.topology.asked import Asked
from dashboards.topology.drawing import items as of
from dashboards.topology.drawing.curves import Frame
from dashboards.topology.drawing.labels import Rect, room
from dashboards.topology.drawing.lines import Change, Drawn, lines, of_arc
from dashboards.topology.drawing.links import Links
from dashboards.topology.drawing.outlines import outline, rounded, sign
from dashboards.topology.drawing.placing import HEIGHT, TOP, Placed, place, settled
from dashboards.topology.drawing.shapes import Cell, Heading, Item, Node, Scene
from dashboards.topology.statuses import Standing
from plimsoll.insight.topology import Arc, Vertex, Whole
from plimsoll.insight.topology.groups import Bundle, Group, Grouping, Groups, bundled, grouped
from plimsoll.insight.topology.layout import COLUMNS, arranged
from plimsoll.insight.topology.layout.arranging import Places

MOST_FULL, MOST_NAMES, MOST_CELLS = 30, 120, 1500
MOST_ELEMENTS: Final = 600
# More boxes than this and their names are too small to read: groups of groups are drawn, where the names allow.
MOST_GROUPS: Final = 45
TITLES: Final[Sequence[str | Promise]] = (
    gettext_lazy("Ingress"), gettext_lazy("Entry"), gettext_lazy("Domain"), gettext_lazy("Shared"),
    gettext_lazy("Stores and outside"),
)  # fmt: skip
_GAPS_FULL, _GAPS_NAMES, _GAPS_GROUPS = (14.0, 96.0), (5.5, 26.0), (7.0, 30.0)
# Lines that are the sum of many: more of them hide each other.
_MOST_SUMS: Final = 160


def level_of(found: Whole, asked: Asked) -> str:
    """Return how much detail is drawn: full, names, groups (with cells), boxes (without), or open."""
    count = len(found.vertices)
    if asked.has_group or count > MOST_NAMES:
        if asked.open:
            return "open"
        return "groups" if count <= MOST_CELLS else "boxes"
    return "full" if count <= MOST_FULL else "names"


def scope_of(found: Whole, asked: Asked) -> str:
    """Return the name under which the places of what is drawn are kept."""
    level = level_of(found, asked)
    environments = ",".join(sorted(asked.scope.environments))
    if level in ("full", "names"):
        return f"services|{environments}"
    opened = ",".join(sorted(asked.open))
    return f"{level if level == 'open' else 'groups'}:{grouping_of(found, asked)}:{opened}|{environments}"


def grouping_of(found: Whole, asked: Asked) -> Grouping:
    """Return what there is one box for each of: what was asked for, else what gives few enough boxes."""
    if asked.has_group or len(grouped(found, asked.group).groups) <= MOST_GROUPS:
        return asked.group
    return min(("namespace", "domain"), key=lambda by: len(grouped(found, by).groups))


def opened(found: Whole, asked: Asked) -> list[str]:
    """Return the groups that are open, of those that the map has."""
    groups = grouped(found, grouping_of(found, asked)).groups if asked.open else {}
    return [key for key in asked.open if key in groups]


def scene(
    found: Whole,
    standing: Standing,
    asked: Asked,
    filters: Filters,
    kept: Places | None = None,
    changes: Mapping[str, Change] | None = None,
) -> Scene:
    """Return the drawing.

    `kept` is where things were drawn before. `changes` are those of edges, by id, in a comparison: what is not among
    them is the same. Without one, edges are new or gone in the window itself.
    """
    looks = of.Looks(standing, Links(filters), asked.sel)
    level = level_of(found, asked)
    if level in ("full", "names"):
        return _services(found, looks, level, kept, changes)
    groups = grouped(found, grouping_of(found, asked))
    keys = opened(found, asked)
    if keys:
        return _opened(found, groups, keys, looks, filters, kept, changes)
    has_cells = len(found.vertices) <= MOST_CELLS
    return _groups(found, groups, looks, filters, has_cells, kept, changes)


def _services(
    found: Whole, looks: of.Looks, level: str, kept: Places | None, changes: Mapping[str, Change] | None
) -> Scene:
    """Draw every service."""
    items = _services_as_items(found.vertices.values(), looks, is_full=level == "full")
    pairs = [*((arc.client, arc.server) for arc in found.arcs), *found.quiet]
    where = place(items, pairs, kept, _GAPS_FULL if level == "full" else _GAPS_NAMES)
    names = {key: vertex.name for key, vertex in found.vertices.items()}
    drawn = [
        of_arc(arc, (arc.client, arc.server), looks, names, _change(arc, changes))
        for arc in found.arcs
        if arc.client != arc.server
    ]
    return _scene(level, where, items, drawn, looks, _headings(where, items))


def _services_as_items(vertices: Iterable[Vertex], looks: of.Looks, *, is_full: bool) -> dict[str, Item]:
    ordered = sorted(vertices, key=lambda vertex: (vertex.name, int(vertex.id)))
    return {vertex.id: of.service(vertex, looks, is_full=is_full) for vertex in ordered}


def _groups(
    found: Whole,
    groups: Groups,
    looks: of.Looks,
    filters: Filters,
    has_cells: bool,
    kept: Places | None,
    changes: Mapping[str, Change] | None,
) -> Scene:
    """Draw one box a group, with a cell a service, and what is over its mark on top of the sums."""
    pairs = [(bundle.client, bundle.server) for bundle in groups.bundles if bundle.client != bundle.server]
    fixed = {key: group.column for key, group in groups.groups.items() if group.column is not None}
    found_columns = arranged(list(groups.groups), pairs, fixed, kept)
    counts = [[len(groups.groups[key].members) for key in column] for column in found_columns.columns]
    grid_of: dict[str, of.Grid] = {}
    if has_cells:
        by_column = of.grids(counts, HEIGHT - 8 - TOP, _GAPS_GROUPS[0])
        grid_of = {key: by_column[column] for key, (column, _) in found_columns.places.items()}
    items = {
        key: of.group(group, looks, grid_of.get(key), filters.query(open=[key], sel=f"g-{key}"))
        for key, group in groups.groups.items()
    }
    where = settled(items, pairs, found_columns, _GAPS_GROUPS)
    drawn = _between(found, groups.bundles, looks, changes)
    cells: dict[str, list[Cell]] = {}
    more: dict[str, str] = {}
    if has_cells:
        budget = MOST_ELEMENTS - len(items) - len(drawn)
        for key, group in groups.groups.items():
            cells[key], more[key] = _cells(group, where.frames[key], grid_of[key], looks, len(found.vertices) <= budget)
    shown = _scene("groups" if has_cells else "boxes", where, items, drawn, looks, _headings(where, items), cells, more)
    return _with_notes(shown, groups.bundles, drawn)


def _between(
    found: Whole, bundles: Sequence[Bundle], looks: of.Looks, changes: Mapping[str, Change] | None
) -> list[Drawn]:
    """Return the sums between places, the busiest of them, and of each the worst edge that is over its mark."""
    names = {key: vertex.name for key, vertex in found.vertices.items()}
    stands = looks.standing.arc
    between = [bundle for bundle in bundles if bundle.client != bundle.server]
    trouble = []
    for bundle in between:
        bad = [arc for arc in bundle.arcs if not arc.is_gone and stands(arc) in ("bad", "warn")]
        changed = (arc for arc in bundle.arcs if _change(arc, changes) not in ("", "same", "gone"))
        # Of calls over their mark the one that fails most, else the first that became another.
        told = min(bad, key=lambda arc: (stands(arc) != "bad", -(arc.error_rate or 0.0)), default=None)
        told = told or next(changed, None)
        if told:
            trouble.append(of_arc(told, (bundle.client, bundle.server), looks, names, _change(told, changes)))
    busiest = sorted(between, key=lambda bundle: -found.rate(bundle.requests))[:_MOST_SUMS]
    edges = cache(_edges)
    return [*(_sum(found, bundle, edges(len(bundle.arcs)), looks) for bundle in busiest), *trouble]


def _edges(n: int) -> str:
    return ngettext("%(n)d edge", "%(n)d edges", n) % {"n": n}


def _change(arc: Arc, changes: Mapping[str, Change] | None) -> Change:
    """Return what became of an edge: in the comparison, or in the window by itself."""
    if changes is None:
        return "gone" if arc.is_gone else "new" if arc.is_new else ""
    return changes.get(arc.id, "same")


def _sum(found: Whole, bundle: Bundle, edges: str, looks: of.Looks) -> Drawn:
    """Return the line of all calls from one place to another."""
    rate = found.rate(bundle.requests)
    said = looks.figures(rate, bundle.error_rate, None)
    pair = f"{of.name_of(bundle.client)} → {of.name_of(bundle.server)}"
    is_gone = all(arc.is_gone for arc in bundle.arcs)
    return Drawn(
        f"h-{bundle.id}", bundle.id, (bundle.client, bundle.server), bundle.client, bundle.server, "unk", rate,
        said, f"{pair}, {edges}, {said}", "gone" if is_gone else "",
    )  # fmt: skip


def _cells(group: Group, frame: Frame, grid: of.Grid, looks: of.Looks, all_linked: bool) -> tuple[list[Cell], str]:
    """Return the cells of a group; where there are too many for links, the healthy ones as one path."""
    size, per = grid.size, grid.per
    cells, more = [], []
    for number, vertex in enumerate(group.members):
        x, y = frame.x + 10 + number % per * grid.pitch, frame.y + of.CELLS_TOP + number // per * grid.pitch
        status: Status = "unk" if vertex.is_idle else looks.standing.node(vertex)
        element = f"n-{vertex.id}"
        if not all_linked and status not in ("bad", "warn") and not vertex.is_idle and element != looks.selected:
            more.append(rounded(x, y, size, size, size / 4))
            continue
        css = looks.css(element, status, "idle" if vertex.is_idle else "").replace("node", "cell", 1)
        mark = sign(status, x + size / 2, y + size / 2, size * 0.27) if status in ("bad", "warn") else ""
        said = looks.figures(looks.standing.whole.rate(vertex.requests), vertex.error_rate, vertex.p95_ms)
        label = of.service_label(vertex, looks.words[status], "" if vertex.is_idle else said)
        cells.append(Cell(element, vertex.id, x, y, size, css, mark, looks.links.to(element), label))
    return cells, "".join(more)


def _opened(
    found: Whole,
    groups: Groups,
    opened: Sequence[str],
    looks: of.Looks,
    filters: Filters,
    kept: Places | None,
    changes: Mapping[str, Change] | None,
) -> Scene:
    """Draw the services of the groups that are open, and of the others a stub each where they are neighbours."""
    inside = {vertex.id: vertex for key in opened for vertex in groups.groups[key].members}
    place_of = {key: key if key in inside else groups.group_of[key] for key in found.vertices}
    bundles = [each for each in bundled(found.arcs, place_of) if each.client in inside or each.server in inside]
    called = {each.server for each in bundles} - inside.keys()
    callers = {each.client for each in bundles} - inside.keys() - called
    items = {
        key: of.stub(
            groups.groups[key], looks, 0 if key in callers else COLUMNS - 1, filters.query(open=[*opened, key])
        )
        for key in sorted(called | callers)
    }
    pairs = [(each.client, each.server) for each in bundles]
    items |= _services_as_items(inside.values(), looks, is_full=True)
    where = place(items, pairs, kept, _GAPS_NAMES)
    if where.height > HEIGHT:
        # Figures that have to be shrunk to fit are no use: names that can be read are.
        items |= _services_as_items(inside.values(), looks, is_full=False)
        where = settled(items, pairs, where.arrangement, _GAPS_NAMES)
    names = {key: vertex.name for key, vertex in found.vertices.items()}
    within = [each for each in bundles if each.client in inside and each.server in inside]
    drawn = [
        of_arc(arc, (each.client, each.server), looks, names, _change(arc, changes))
        for each in within
        for arc in each.arcs
        if arc.client != arc.server
    ]
    beside = [each for each in bundles if each.client not in inside or each.server not in inside]
    drawn += _between(found, beside, looks, changes)
    return _scene("open", where, items, drawn, looks, _headings_of_open(where, items, opened))


def _headings(where: Placed, items: Mapping[str, Item]) -> list[Heading]:
    return [
        Heading(title, sum(items[key].weight for key in column), left)
        for title, column, left in zip(TITLES, where.arrangement.columns, where.lefts, strict=True)
        if column
    ]


def _headings_of_open(where: Placed, items: Mapping[str, Item], opened: Sequence[str]) -> list[Heading]:
    """Return who calls on the left, what is called on the right, and the open groups between."""
    columns = where.arrangement.columns
    found = []
    if columns[0]:
        found.append(Heading(gettext_lazy("Callers"), len(columns[0]), where.lefts[0]))
    inside = next((index for index in range(COLUMNS) if any(items[key].kind != "group" for key in columns[index])), 0)
    found.append(Heading(", ".join(map(of.name_of, opened)), sum(i.kind != "group" for i in items.values()),
                         where.lefts[inside]))  # fmt: skip
    if columns[-1] and inside != COLUMNS - 1:
        found.append(Heading(gettext_lazy("Called"), len(columns[-1]), where.lefts[-1]))
    return found


def _scene(
    level: str,
    where: Placed,
    items: Mapping[str, Item],
    drawn: Sequence[Drawn],
    looks: of.Looks,
    headings: Sequence[Heading],
    cells: Mapping[str, Sequence[Cell]] | None = None,
    more: Mapping[str, str] | None = None,
) -> Scene:
    """Put a drawing together: lines, then boxes from left to right and from top to bottom."""
    cells, more = cells or {}, more or {}
    bounds = Rect(4, 26, where.width - 8, where.height - 30)
    found = lines(drawn[: MOST_ELEMENTS - len(items)], where.frames, looks, room(where.frames.values(), bounds))
    keys = [key for column in where.arrangement.columns for key in column]
    nodes = [_node(items[key], where.frames[key], cells.get(key, ()), more.get(key, "")) for key in keys]
    return Scene(level, where.width, where.height, headings, nodes, found, [], where.arrangement.columns)


def _node(item: Item, frame: Frame, cells: Sequence[Cell], more: str) -> Node:
    """Return the box of an item."""
    x, y, w, h = frame.x, frame.y, frame.w, frame.h
    is_group = item.kind == "group"
    is_full = h > 50 and not is_group
    left = x + (16 if item.kind in ("gateway", "external", "database") else 13)
    middle = y + (20 if is_full else h / 2)
    has_sign = not is_group or not (cells or more)
    title_y = y + 18 if is_group and not has_sign else middle + 4.5
    return Node(
        item.id,
        item.data,
        item.css,
        outline(item.kind, x, y, w, h),
        sign(item.status, left + 3, middle, 5.4 if is_full else 4.2) if has_sign else "",
        item.name,
        (left + (14 if is_full else 11), title_y) if has_sign else (x + 10, title_y),
        item.detail,
        (left, y + 42),
        item.count,
        (x + w - 10, title_y),
        item.href,
        item.label,
        cells,
        more,
    )


def _with_notes(shown: Scene, bundles: Sequence[Bundle], drawn: Sequence[Drawn]) -> Scene:
    """Say what was left out."""
    total = sum(bundle.client != bundle.server for bundle in bundles)
    there = sum(each.id.startswith("h-") for each in drawn)
    if there == total:
        return shown
    note = _("The busiest %(n)d of %(total)d sums between groups are drawn; the list has every call.")
    return replace(shown, notes=[note % {"n": there, "total": total}])
