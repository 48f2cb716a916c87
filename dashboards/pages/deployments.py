"""The list of deployments: one row each, with what became of it."""

from django.utils.translation import gettext as _

from dashboards.frame import states
from dashboards.frame.page import Visit, page
from dashboards.frame.states import Action, State
from dashboards.pages import saying
from dashboards.pages.asking import Asked, asked
from dashboards.pages.listing import SIZE, facet, header, paging, sorting, total_of, zones
from dashboards.pages.narrowing import about_metric, everything, narrowed
from plimsoll.store.queries.board import has_deployments
from plimsoll.store.queries.datasets.facts import DEPLOYMENTS
from plimsoll.store.queries.datasets.outcomes import OUTCOMES
from plimsoll.store.queries.pages.deployments import ORDERS, WHOLE, deployments, outcomes

METRICS = ("deployment_frequency", "change_failure_rate", "recovery_time", "rework_rate", "lead_time")


def ask(visit: Visit) -> Asked:
    """Return which deployments the address asks for."""
    return asked(
        visit, DEPLOYMENTS, fixed=WHOLE, facets=("outcome", "status", "kind"), metrics=METRICS, free=("version", "sha")
    )


@page("dashboards/deployments.html", name="deployments")
def listed(visit: Visit) -> dict[str, object]:
    """Answer with one page of the list."""
    found = ask(visit)
    counts = outcomes(found.wanted)
    pages = paging(visit, total_of(visit, "outcome", counts, OUTCOMES))
    order = sorting(visit, tuple(ORDERS), "-at")
    rows = deployments(found.wanted, order.by, descending=order.descending, offset=pages.offset, size=SIZE)
    return {
        "heading": _("Deployments"),
        "rows": rows,
        "paging": pages,
        "facet": facet(visit, "outcome", saying.OUTCOME_LABELS, counts),
        "headers": {
            "at": header(visit, order, "at", _("Finished")),
            "service": header(visit, order, "service", _("Service")),
            "version": header(visit, order, "version", _("Version")),
            "environment": header(visit, order, "environment", _("Environment")),
        },
        "outcomes": saying.OUTCOMES,
        "kinds": saying.KINDS,
        "narrowed": narrowed(visit, found),
        "metric": about_metric(found),
        "csv": "/deployments/rows.csv" + visit.filters.query(page=None, sort=None),
        "zones": zones(visit),
        "state": None if rows else _nothing(visit, found),
    }


def _nothing(visit: Visit, found: Asked) -> State:
    """Return why the list is empty."""
    if not has_deployments():
        text = _("No deployment was ever reported. They come from your CI by webhook.")
        return states.not_connected(text, Action(_("Connect a sender"), "/setup/"))
    start, end = found.wanted.start or visit.filters.start, found.wanted.end or visit.filters.end
    text = _("0 deployments from %(start)s to %(end)s match.") % {
        "start": start.astimezone(visit.zone).strftime("%Y-%m-%d"),
        "end": end.astimezone(visit.zone).strftime("%Y-%m-%d"),
    }
    return states.empty(text, Action(_("Show all of the range"), everything(visit)))
