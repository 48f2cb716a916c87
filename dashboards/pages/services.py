"""The list of services: whose they are, how they do now, how often they change."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboards.figures.now import Health
from dashboards.frame.heard_from import environments
from dashboards.frame.marks import Status
from dashboards.frame.page import Visit, page
from dashboards.pages.asking import Asked, choices, parameters
from dashboards.pages.framing import Nothing, framed
from dashboards.pages.lately import ended, lately, telemetry
from dashboards.pages.listing import SIZE, facet, headers, paging, sorting
from plimsoll.store.marks import marks
from plimsoll.store.queries.datasets.dimensions import SERVICES
from plimsoll.store.queries.pages.services import (
    ORDERS,
    OWNERSHIPS,
    ServiceItem,
    has_services,
    ownerships,
    services,
)
from plimsoll.store.queries.records import Wanted

_LABELS = {"owned": gettext_lazy("Owned"), "unowned": gettext_lazy("Unowned")}
NOTHING = Nothing(
    has_services,
    gettext_lazy("No service is known yet. They come by themselves with the first deployment or the first call."),
    gettext_lazy("No service matches."),
    everything=gettext_lazy("Show all"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A service with how it did in the last minutes; `health` is None when it was not heard of."""

    item: ServiceItem
    health: Health | None

    @property
    def status(self) -> Status:
        """How the worse of its figures stands to its mark."""
        return "unk" if self.health is None else self.health.worst


def ask(visit: Visit) -> Asked:
    """Return which services the address asks for."""
    filters: dict[str, Sequence[str]] = {
        "team": visit.filters.teams,
        "service": visit.filters.services,
        "state": choices(visit, "state", SERVICES.choices["state"]),
        "ownership": choices(visit, "ownership", OWNERSHIPS),
        "tier": parameters(visit, "tier"),
    }
    given = {name: values for name, values in filters.items() if values}
    return Asked(Wanted(SERVICES, filters=given, team=visit.reader.team, ordering="name"))


@page("dashboards/services.html", name="services")
def listed(visit: Visit) -> dict[str, object]:
    """Answer with one page of the list."""
    found = ask(visit)
    parts = facet(visit, "ownership", _("Owner"), _LABELS, ownerships(found.wanted))
    pages = paging(visit, parts.total)
    order = sorting(visit, tuple(ORDERS), "name")
    items = services(
        found.wanted,
        order.by,
        descending=order.descending,
        offset=pages.offset,
        size=SIZE,
        since=visit.filters.start,
        until=visit.filters.end,
    )
    current = telemetry(visit)
    now = lately(visit, current, marks(), environments(visit), visit.filters.clusters)
    rows = [Row(each, now.of(each.name, each.namespace)) for each in items]
    heads = headers(visit, order, name=_("Service"), team=_("Team"), tier=_("Tier"))
    live = ("topology", "catalog")
    return {
        "heading": _("Services"),
        "ended": ended(visit, current),
        **framed(visit, found, rows, pages, headers=heads, nothing=NOTHING, live=live, facet=parts),
    }
