"""The map's part of the page: the drawing with its kept places, and what it says when it cannot be drawn."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards.frame import states
from dashboards.frame.page import Visit
from dashboards.frame.states import Action
from dashboards.topology.asked import Asked
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
_MOST_HITS: Final = 260
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opened:
    """A group that is open, and where closing it leads."""

    name: str
    href: str


def chart(visit: Visit, asked: Asked, found: Whole, standing: Standing, read: Reading) -> Mapping[str, object]:
    """Return what the map's template shows."""
    try:
        drawn = emphasised(_drawn(visit, asked, found, standing, read), read, found, asked)
    except (ArithmeticError, LookupError, TypeError, ValueError):
        log.exception("the map could not be computed")
        listed = Action(_("Open the list"), visit.filters.query(view="list"))
        return {"failure": states.failed(_("The map could not be computed. The list view works."), listed)}
    return {
        "scene": drawn,
        "tints": TINTS,
        "opened": [Opened(name_of(key), visit.filters.toggled("open", key)) for key in asked.open],
        "summary": _summary(found, standing),
        "about": _about(asked, found, drawn),
        "has_hits": len(drawn.lines) <= _MOST_HITS,
    }


def _drawn(visit: Visit, asked: Asked, found: Whole, standing: Standing, read: Reading) -> Scene:
    """Draw with the places that are kept; what is new among them is kept from now on."""
    scope = drawing.scope_of(found, asked)
    kept = layouts.kept(scope)
    drawn = drawing.scene(found, standing, asked, visit.filters, kept, read.changes)
    places = {key: (c, n) for c, column in enumerate(drawn.columns) for n, key in enumerate(column)}
    asked_for = asked.scope
    is_all = not (asked_for.clusters or asked_for.teams or asked_for.services or asked_for.namespaces)
    # A part of the map has the places of the whole, and leaves them alone.
    if is_all and not read.find.hides and places != kept:
        layouts.keep(scope, places)
    return drawn


def _summary(found: Whole, standing: Standing) -> str:
    """Return the map in a sentence, for whoever cannot see it."""
    over = [arc for arc in found.arcs if not arc.is_gone and standing.arc(arc) == "bad"]
    said = {"n": len(found.vertices), "edges": len(found.arcs), "over": len(over)}
    return _("Map of %(n)d services and %(edges)d edges, %(over)d of them over their mark") % said


def _about(asked: Asked, found: Whole, drawn: Scene) -> str:
    """Return what is drawn of what there is, over which time."""
    minutes = round(found.seconds / 60)
    services = ngettext("%(n)d service", "%(n)d services", len(found.vertices)) % {"n": len(found.vertices)}
    edges = ngettext("%(n)d edge", "%(n)d edges", len(found.arcs)) % {"n": len(found.arcs)}
    said = {"services": services, "edges": edges, "minutes": minutes}
    text = _("%(services)s, %(edges)s in %(minutes)d min") % said
    if drawn.level not in ("groups", "boxes"):
        return text
    boxes = len(grouped(found, drawing.grouping_of(found, asked)).groups)
    return f"{text} · " + _("%(n)d groups") % {"n": boxes}
