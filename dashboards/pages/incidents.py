"""The list of incidents: what broke, who is on it, how long it lasted."""

from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboards.frame import states
from dashboards.frame.page import Visit, page
from dashboards.pages import saying
from dashboards.pages.asking import Asked, asked, parameter, say_what_is_of_all
from dashboards.pages.framing import Nothing, framed
from dashboards.pages.listing import SIZE, facet, headers, paging, sorting
from plimsoll.store.queries.board import has_incidents
from plimsoll.store.queries.datasets.facts import INCIDENTS
from plimsoll.store.queries.pages.incidents import (
    ORDERS,
    WHOLE,
    incidents,
    left_out_by_clusters,
    of_clusters_or_none,
    statuses,
)

NOTHING = Nothing(
    has_incidents,
    gettext_lazy("No incident source yet. Recovery time needs one."),
    gettext_lazy("0 incidents from %(start)s to %(end)s match."),
    connect=gettext_lazy("Connect"),
)


def ask(visit: Visit) -> Asked:
    """Return which incidents the address asks for; those that do not say where they are are meant with production."""
    found = asked(
        visit,
        INCIDENTS,
        fixed=WHOLE,
        facets=("status",),
        free=("severity",),
        metrics=("time_to_restore",),
        classes=("production", "unknown"),
    )
    if parameter(visit, "no_cluster") != "1":
        return found
    if found.is_whole:
        say_what_is_of_all(visit, "no_cluster")
        return found
    return replace(found, wanted=of_clusters_or_none(found.wanted), no_cluster=True)


def _left_out(visit: Visit, found: Asked) -> states.State | None:
    """Return how many incidents a choice of clusters leaves out because nobody knows where they are."""
    n = left_out_by_clusters(found.wanted)
    if not n:
        return None
    text = ngettext(
        "%(n)s more incident would match but names no cluster: it is left out.",
        "%(n)s more incidents would match but name no cluster: they are left out.",
        n,
    )
    action = states.Action(ngettext("Show it", "Show them", n), visit.filters.query(cluster=None, no_cluster=1))
    return states.partial(text % {"n": f"{n:,}"}, action)


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
    return {"heading": _("Incidents"), "left_out": _left_out(visit, found), **frame}
