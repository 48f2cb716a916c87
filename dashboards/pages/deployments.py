"""The list of deployments: one row each, with what became of it."""

from dataclasses import replace
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboards.frame.page import Visit, page
from dashboards.pages import saying
from dashboards.pages.asking import Asked, asked, choices
from dashboards.pages.framing import Nothing, framed
from dashboards.pages.listing import SIZE, facet, headers, paging, sorting
from plimsoll.store.queries.board import has_deployments
from plimsoll.store.queries.datasets.facts import DEPLOYMENTS
from plimsoll.store.queries.datasets.week import in_week
from plimsoll.store.queries.pages.deployments import ORDERS, WHOLE, deployments, outcomes

METRICS = ("deployment_frequency", "change_failure_rate", "recovery_time", "rework_rate", "lead_time")
# A cell of the week is chosen by these; Monday is 0.
_WEEK: Final = {"weekday": tuple(map(str, range(7))), "hour": tuple(map(str, range(24)))}
NOTHING = Nothing(
    has_deployments,
    gettext_lazy("No deployment was ever reported. They come from your CI by webhook."),
    gettext_lazy("0 deployments from %(start)s to %(end)s match."),
)


def ask(visit: Visit) -> Asked:
    """Return which deployments the address asks for."""
    found = asked(
        visit, DEPLOYMENTS, fixed=WHOLE, facets=("outcome", "status", "kind"), metrics=METRICS, free=("version", "sha")
    )
    week = {name: tuple(map(int, choices(visit, name, known))) for name, known in _WEEK.items()}
    only = in_week(visit.zone, week["weekday"], week["hour"])
    return replace(found, week=week, wanted=replace(found.wanted, only=only))


@page("dashboards/deployments.html", name="deployments")
def listed(visit: Visit) -> dict[str, object]:
    """Answer with one page of the list."""
    found = ask(visit)
    parts = facet(visit, "outcome", _("Outcome"), saying.words_of(saying.OUTCOMES), outcomes(found.wanted))
    pages = paging(visit, parts.total)
    order = sorting(visit, tuple(ORDERS), "-at")
    rows = deployments(found.wanted, order.by, descending=order.descending, offset=pages.offset, size=SIZE)
    heads = headers(
        visit,
        order,
        at=_("Finished"),
        service=_("Service"),
        version=_("Version"),
        environment=_("Environment"),
    )
    frame = framed(visit, found, rows, pages, headers=heads, nothing=NOTHING, live=("deployments",), facet=parts)
    return {"heading": _("Deployments"), **frame}
