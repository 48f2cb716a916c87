"""The list of incidents: what broke, who is on it, how long it lasted."""

from django.utils.translation import gettext as _

from dashboards.frame import states
from dashboards.frame.page import Visit, page
from dashboards.frame.states import Action, State
from dashboards.pages import saying
from dashboards.pages.asking import Asked, asked
from dashboards.pages.listing import SIZE, facet, header, paging, sorting, total_of, zones
from dashboards.pages.narrowing import about_metric, everything, narrowed
from plimsoll.store.queries.board import has_incidents
from plimsoll.store.queries.datasets.facts import INCIDENTS
from plimsoll.store.queries.pages.incidents import ORDERS, WHOLE, incidents, statuses

STATUSES = ("open", "acknowledged", "resolved")


def ask(visit: Visit) -> Asked:
    """Return which incidents the address asks for; those that do not say where they are are meant with production."""
    return asked(
        visit,
        INCIDENTS,
        fixed=WHOLE,
        facets=("status",),
        free=("severity",),
        metrics=("time_to_restore",),
        classes=("production", "unknown"),
    )


@page("dashboards/incidents.html", name="incidents")
def listed(visit: Visit) -> dict[str, object]:
    """Answer with one page of the list."""
    found = ask(visit)
    counts = statuses(found.wanted)
    pages = paging(visit, total_of(visit, "status", counts, STATUSES))
    order = sorting(visit, tuple(ORDERS), "-opened")
    rows = incidents(found.wanted, order.by, descending=order.descending, offset=pages.offset, size=SIZE)
    return {
        "heading": _("Incidents"),
        "rows": [(row, row.lasted_s(visit.now)) for row in rows],
        "paging": pages,
        "facet": facet(visit, "status", saying.INCIDENT_LABELS, counts),
        "headers": {
            "opened": header(visit, order, "opened", _("Opened")),
            "severity": header(visit, order, "severity", _("Severity")),
            "title": header(visit, order, "title", _("Title")),
            "resolved": header(visit, order, "resolved", _("Resolved")),
        },
        "narrowed": narrowed(visit, found),
        "metric": about_metric(found),
        "csv": "/incidents/rows.csv" + visit.filters.query(page=None, sort=None),
        "zones": zones(visit),
        "state": None if rows else _nothing(visit, found),
    }


def _nothing(visit: Visit, found: Asked) -> State:
    """Return why the list is empty."""
    if not has_incidents():
        text = _("No incident source yet. Recovery time needs one.")
        return states.not_connected(text, Action(_("Connect"), "/setup/"))
    start, end = found.wanted.start or visit.filters.start, found.wanted.end or visit.filters.end
    text = _("0 incidents from %(start)s to %(end)s match.") % {
        "start": start.astimezone(visit.zone).strftime("%Y-%m-%d"),
        "end": end.astimezone(visit.zone).strftime("%Y-%m-%d"),
    }
    return states.empty(text, Action(_("Show all of the range"), everything(visit)))
