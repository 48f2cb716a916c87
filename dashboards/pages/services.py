"""The list of services: whose they are, how they do now, how often they change."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboards.figures.now import Health, recent
from dashboards.frame import states
from dashboards.frame.marks import Status
from dashboards.frame.page import Visit, page
from dashboards.frame.states import Action, State
from dashboards.pages.asking import Asked, choices, parameters
from dashboards.pages.listing import SIZE, facet, header, paging, sorting, total_of, zones
from dashboards.pages.narrowing import everything, narrowed
from plimsoll.store.marks import marks
from plimsoll.store.queries.datasets.dimensions import SERVICES
from plimsoll.store.queries.pages.services import ORDERS, OWNERSHIPS, ServiceItem, ownerships, services
from plimsoll.store.queries.places import production
from plimsoll.store.queries.records import Wanted

_LABELS = {"owned": gettext_lazy("Owned"), "unowned": gettext_lazy("Unowned")}


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
    counts = ownerships(found.wanted)
    pages = paging(visit, total_of(visit, "ownership", counts, OWNERSHIPS))
    order = sorting(visit, tuple(ORDERS), "name")
    rows = services(
        found.wanted,
        order.by,
        descending=order.descending,
        offset=pages.offset,
        size=SIZE,
        since=visit.filters.start,
        until=visit.filters.end,
    )
    places = visit.filters.environments or (*production(), "")
    now = recent(visit.now, marks(), places, visit.filters.clusters)
    return {
        "heading": _("Services"),
        "rows": [Row(each, now.services.get(each.name)) for each in rows],
        "paging": pages,
        "facet": facet(visit, "ownership", _LABELS, counts),
        "headers": {
            "name": header(visit, order, "name", _("Service")),
            "team": header(visit, order, "team", _("Team")),
            "tier": header(visit, order, "tier", _("Tier")),
        },
        "narrowed": narrowed(visit, found),
        "csv": "/services/rows.csv" + visit.filters.query(page=None, sort=None),
        "zones": zones(visit),
        "state": None if rows else _nothing(visit, found),
    }


def _nothing(visit: Visit, found: Asked) -> State:
    """Return why the list is empty."""
    if not found.wanted.filters:
        text = _("No service is known yet. They come by themselves with the first deployment or the first call.")
        return states.not_connected(text, Action(_("Connect a sender"), "/setup/"))
    return states.empty(_("No service matches."), Action(_("Show all"), everything(visit)))
