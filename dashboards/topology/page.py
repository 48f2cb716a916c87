"""The page `/topology/`: three views of who calls whom."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from dashboards.frame import states
from dashboards.frame.freshness import clock
from dashboards.frame.page import Visit, page
from dashboards.frame.states import Action, State
from dashboards.topology.asked import LONGEST, Asked, asked
from dashboards.topology.chart import chart, table
from dashboards.topology.compare import asked_for
from dashboards.topology.controls import controls
from dashboards.topology.doubts import doubts
from dashboards.topology.drawing import markup
from dashboards.topology.drawing.rows import rows
from dashboards.topology.drawing.table import ROWS_A_PAGE, ROWS_BELOW, listed
from dashboards.topology.placing import placed
from dashboards.topology.reading import reading
from dashboards.topology.statuses import standing
from plimsoll.insight.topology import Whole, whole
from plimsoll.store.marks import marks
from plimsoll.store.queries.board import telemetry_through

STALE = timedelta(minutes=5)
log = logging.getLogger(__name__)


@page("topology/page.html", name="topology")
def topology(visit: Visit) -> Mapping[str, object]:
    """Return what the page shows."""
    through = telemetry_through()
    rollout = asked_for(visit)
    wanted = placed(visit, asked(visit, through), rollout)
    found = whole(start=wanted.start, end=wanted.end, scope=wanted.scope)
    stands = standing(marks(), found)
    read = reading(visit, wanted, found, stands, rollout)
    found = read.left
    stands = stands.of(found)
    shown: dict[str, object] = {
        "reading": read,
        "signs": markup.signs(read.rail.signs),
        "more_keys": "topology/keys.html",
        "heading": _("Topology"),
        "asked": wanted,
        "found": found,
        "controls": controls(wanted, visit.filters, visit.bar.menus["team"]),
        "state": read.nothing or _state(visit, wanted, found, through),
        "state_beside": _stale(visit, wanted, through),
        "minutes": found.minutes,
    }
    if found.vertices and wanted.view == "map":
        shown |= chart(visit, wanted, found, stands, read)
    if found.vertices and wanted.view == "matrix":
        shown |= table(visit, wanted, found, stands, read)
    pages = 1
    # Small screens and paper show the list in place of the map.
    if found.vertices and (wanted.view == "list" or not wanted.has_view):
        most = ROWS_A_PAGE if wanted.view == "list" else ROWS_BELOW
        shown["listed"] = calls = listed(found, stands, wanted, visit.filters, most)
        shown["rows"], pages = rows(calls.rows, visit.zone), calls.pages
    visit.notices.extend(doubts(visit, wanted, found, pages))
    return shown


def _state(visit: Visit, wanted: Asked, found: Whole, through: datetime | None) -> State | None:
    """Return why there is nothing to see, if there is nothing."""
    if found.vertices:
        return None
    if through is None:
        return states.not_connected(
            _("No telemetry yet. The map is drawn from what your mesh tells over OTLP."),
            Action(_("Connect a mesh"), "/setup/"),
        )
    said = {
        "start": clock(wanted.start, visit.now, visit.zone),
        "end": clock(wanted.end, visit.now, visit.zone),
        "through": clock(through, visit.now, visit.zone),
    }
    back = None
    if through <= wanted.start and visit.now - through < LONGEST:
        begin = through - wanted.length
        ends = {"from": begin.isoformat(), "to": through.isoformat(), "window": None}
        back = Action(_("Show the last calls"), visit.filters.query(**ends))
    return states.empty(
        _("0 calls from %(start)s to %(end)s with these filters. Telemetry goes up to %(through)s.") % said, back
    )


def _stale(visit: Visit, wanted: Asked, through: datetime | None) -> State | None:
    """Return that the data ends before the window does."""
    if through is None or not wanted.window or visit.now - through <= STALE:
        return None
    said = {"time": clock(through, visit.now, visit.zone), "minutes": int((visit.now - through).total_seconds() // 60)}
    return states.stale(_("Data ends %(time)s (%(minutes)d min ago).") % said)
