"""The list of incidents: what broke, who is on it, how long it lasted."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboards.frame.page import Visit, page
from dashboards.pages import saying
from dashboards.pages.asking import Asked, asked
from dashboards.pages.framing import Nothing, framed
from dashboards.pages.listing import SIZE, facet, headers, paging, sorting
from plimsoll.store.queries.board import has_incidents
from plimsoll.store.queries.datasets.facts import INCIDENTS
from plimsoll.store.queries.pages.incidents import ORDERS, WHOLE, incidents, statuses

NOTHING = Nothing(
    has_incidents,
    gettext_lazy("No incident source yet. Recovery time needs one."),
    gettext_lazy("0 incidents from %(start)s to %(end)s match."),
    connect=gettext_lazy("Connect"),
)


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
    parts = facet(visit, "status", _("Status"), saying.words_of(saying.INCIDENT_STATUS), statuses(found.wanted))
    pages = paging(visit, parts.total)
    order = sorting(visit, tuple(ORDERS), "-opened")
    items = incidents(found.wanted, order.by, descending=order.descending, offset=pages.offset, size=SIZE)
    rows = [(item, item.lasted_s(visit.now)) for item in items]
    heads = headers(visit, order, opened=_("Opened"), severity=_("Severity"), title=_("Title"))
    frame = framed(visit, found, rows, pages, headers=heads, nothing=NOTHING, live=("incidents",), facet=parts)
    return {"heading": _("Incidents"), **frame}
