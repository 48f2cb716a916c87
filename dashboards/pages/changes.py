"""The list of changes: commits and pull requests; or, for the lead time, how long each waited for its deployment."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboards.frame import states
from dashboards.frame.page import Visit, page
from dashboards.frame.states import Action, State
from dashboards.pages.asking import Asked, asked, parameter
from dashboards.pages.listing import SIZE, facet, header, paging, sorting, total_of, zones
from dashboards.pages.narrowing import about_metric, everything, narrowed
from plimsoll.store.queries.datasets.facts import CHANGES, LEAD_TIMES
from plimsoll.store.queries.pages.changes import (
    CHANGE_ORDERS,
    WAIT_ORDERS,
    changes,
    grains,
    has_changes,
    waits,
    waits_n,
)

GRAINS = ("commit", "pull_request")
_LABELS = {"commit": gettext_lazy("Commits"), "pull_request": gettext_lazy("Pull requests")}


def ask(visit: Visit) -> Asked:
    """Return which changes the address asks for; with the lead time it is their waits."""
    if parameter(visit, "metric") == "lead_time":
        return asked(visit, LEAD_TIMES, fixed={}, metrics=("lead_time",))
    facets, free = ("grain", "status"), ("repo", "sha")
    return asked(visit, CHANGES, fixed={"is_deleted": ("false",)}, facets=facets, free=free, classes=())


@page("dashboards/changes.html", name="deployments")
def listed(visit: Visit) -> dict[str, object]:
    """Answer with one page of the list."""
    found = ask(visit)
    shown = _waits(visit, found) if found.metric else _changes(visit, found)
    return {
        "heading": _("Changes"),
        "narrowed": narrowed(visit, found),
        "metric": about_metric(found),
        "csv": "/changes/rows.csv" + visit.filters.query(page=None, sort=None),
        "zones": zones(visit),
        "state": None if shown["rows"] else _nothing(visit, found),
        **shown,
    }


def _waits(visit: Visit, found: Asked) -> dict[str, object]:
    """Return one page of the changes that a lead time is of."""
    pages = paging(visit, waits_n(found.wanted))
    order = sorting(visit, tuple(WAIT_ORDERS), "-at")
    return {
        "paging": pages,
        "rows": waits(found.wanted, order.by, descending=order.descending, offset=pages.offset, size=SIZE),
        "are_waits": True,
        "headers": {
            "at": header(visit, order, "at", _("Live")),
            "lead_time": header(visit, order, "lead_time", _("Lead time"), figure=True),
            "author": header(visit, order, "author", _("Author")),
        },
    }


def _changes(visit: Visit, found: Asked) -> dict[str, object]:
    """Return one page of all changes."""
    counts = grains(found.wanted)
    pages = paging(visit, total_of(visit, "grain", counts, GRAINS))
    order = sorting(visit, tuple(CHANGE_ORDERS), "-at")
    return {
        "paging": pages,
        "rows": changes(found.wanted, order.by, descending=order.descending, offset=pages.offset, size=SIZE),
        "facet": facet(visit, "grain", _LABELS, counts),
        "headers": {
            "at": header(visit, order, "at", _("Made")),
            "author": header(visit, order, "author", _("Author")),
            "repo": header(visit, order, "repo", _("Repository")),
        },
    }


def _nothing(visit: Visit, found: Asked) -> State:
    """Return why the list is empty."""
    if not has_changes():
        text = _("No change was ever reported. Lead time needs commits: they come from your code host by webhook.")
        return states.not_connected(text, Action(_("Connect a sender"), "/setup/"))
    return states.empty(_("0 changes of this range match."), Action(_("Show all of the range"), everything(visit)))
