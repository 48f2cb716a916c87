"""The map's part of the page: the drawing with its kept places, and what it says when it cannot be drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards.frame.page import Visit
from dashboards.frame.panels import panel
from dashboards.frame.states import Action, State
from dashboards.topology.asked import Asked
from dashboards.topology.drawing import markup, matrix, remembered
from dashboards.topology.drawing import scene as drawing
from dashboards.topology.drawing.items import name_of
from dashboards.topology.drawing.shapes import Scene
from dashboards.topology.emphasis import emphasised
from dashboards.topology.reading import Reading
from dashboards.topology.statuses import Standing
from plimsoll.insight.topology import Whole
from plimsoll.insight.topology.groups import grouped
from plimsoll.store import layouts

TINTS: Final = ("calm", "warn", "bad", "new", "gone")
# Lines that can be hit beside their stroke need another path each.
_MOST_REACHES: Final = 260
# From so many services on a matrix is easier to read.
_CROWDED: Final = 60


@dataclass(frozen=True, slots=True)
class Opened:
    """A group that is open, and where closing it leads."""

    name: str
    href: str


def chart(visit: Visit, asked: Asked, found: Whole, standing: Standing, read: Reading) -> Mapping[str, object]:
    """Return what the map's template shows."""
    drawn = panel(
        visit,
        lambda: emphasised(_drawn(visit, asked, found, standing, read), read, found, asked),
        _("The map could not be computed. The list view works."),
        Action(_("Open the list"), visit.filters.query(view="list")),
    )
    if isinstance(drawn, State):
        return {"failure": drawn}
    return {
        "scene": drawn,
        # Who may act may have the map laid out anew.
        "layout_scope": drawing.scope_of(found, asked) if visit.reader.may("act") else "",
        "tints": TINTS,
        "matrix_query": visit.filters.query(view="matrix") if len(found.vertices) >= _CROWDED else "",
        "opened": [Opened(name_of(key), visit.filters.toggled("open", key)) for key in drawing.opened(found, asked)],
        "summary": _summary(found, standing),
        "about": _about(asked, found, drawn),
        "edges": markup.lines(drawn.lines, has_reach=len(drawn.lines) <= _MOST_REACHES),
        "nodes": markup.nodes(drawn.nodes),
        "labels": markup.labels(drawn.lines),
    }


def table(visit: Visit, asked: Asked, found: Whole, standing: Standing, read: Reading) -> Mapping[str, object]:
    """Return what the matrix's template shows."""
    drawn = remembered.matrix(found, standing, asked, visit.filters)
    return {
        "matrix": drawn,
        "dots": markup.dots(drawn.dots),
        "left": matrix.LEFT,
        "top": matrix.TOP,
        "side": matrix.SIDE,
        "label_x": matrix.LEFT - 8,
        "summary": _summary(found, standing),
        "about": _counted(found),
    }


def _drawn(visit: Visit, asked: Asked, found: Whole, standing: Standing, read: Reading) -> Scene:
    """Draw with the places that are kept; what is new among them is kept from now on."""
    scope = drawing.scope_of(found, asked)
    kept = layouts.kept(scope)
    changes = None if read.verdicts is None else read.changes
    drawn = remembered.scene(found, standing, asked, visit.filters, kept, changes)
    places = {key: (c, n) for c, column in enumerate(drawn.columns) for n, key in enumerate(column)}
    # A part of the map, or one of earlier minutes, has the places of the whole and leaves them alone.
    if places != kept and _is_all(visit, asked, found, read):
        layouts.keep(scope, places)
    return drawn


def _is_all(visit: Visit, asked: Asked, found: Whole, read: Reading) -> bool:
    """Whether all of a map is drawn, of the latest minutes: one whose places are worth keeping.

    Of open groups one at a time is: an address may open any number of them, and must not fill the store.
    """
    if asked.open and not (len(asked.open) == 1 and drawing.opened(found, asked)):
        return False
    scope = asked.scope
    is_part = scope.clusters or scope.teams or scope.services or scope.namespaces or read.find.hides
    return bool(asked.window) and not is_part and not {"at", "cmp"} & visit.request.GET.keys()


def _summary(found: Whole, standing: Standing) -> str:
    """Return the map in a sentence, for whoever cannot see it."""
    over = [arc for arc in found.arcs if not arc.is_gone and standing.arc(arc) == "bad"]
    return _("Map of %(services)s and %(edges)s, %(over)d of them over their mark") % {
        **_counts(found),
        "over": len(over),
    }


def _counted(found: Whole) -> str:
    """Return how much there is, and over which time."""
    return _("%(services)s, %(edges)s in %(minutes)d min") % {**_counts(found), "minutes": found.minutes}


def _counts(found: Whole) -> dict[str, object]:
    """Return how many services and edges there are, in words."""
    services, edges = len(found.vertices), len(found.arcs)
    return {
        "services": ngettext("%(n)d service", "%(n)d services", services) % {"n": services},
        "edges": ngettext("%(n)d edge", "%(n)d edges", edges) % {"n": edges},
    }


def _about(asked: Asked, found: Whole, drawn: Scene) -> str:
    """Return what is drawn of what there is, over which time."""
    text = _counted(found)
    if drawn.level not in ("groups", "boxes"):
        return text
    by = drawing.grouping_of(found, asked)
    n = len(grouped(found, by).groups)
    said = {
        "namespace": ngettext("%(n)d group by namespace", "%(n)d groups by namespace", n),
        "team": ngettext("%(n)d group by team", "%(n)d groups by team", n),
        "domain": ngettext("%(n)d group by domain", "%(n)d groups by domain", n),
    }
    return f"{text} · " + said[by] % {"n": n}
