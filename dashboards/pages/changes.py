"""The list of changes: commits and pull requests; or, for the lead time, how long each waited for its deployment."""

from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from dashboards.figures.stages import NAMES
from dashboards.frame.page import Visit, page
from dashboards.pages.asking import Asked, asked, choices, parameter, parameters, row_ids, say_what_needs_a_figure
from dashboards.pages.framing import Nothing, framed
from dashboards.pages.listing import SIZE, Facet, Part, facet, headers, paging, sorting
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
from plimsoll.store.queries.stages import STAGES, took

_LABELS = {"commit": gettext_lazy("Commits"), "pull_request": gettext_lazy("Pull requests")}
NOTHING = Nothing(
    has_changes,
    gettext_lazy("No change was ever reported. Lead time needs commits: they come from your code host by webhook."),
    gettext_lazy("0 changes of this range match."),
)


def ask(visit: Visit) -> Asked:
    """Return which changes the address asks for; with the lead time or a deployment it is their waits."""
    if parameter(visit, "metric") == "lead_time" or row_ids(visit, "deployment"):
        return _of_stage(visit, asked(visit, LEAD_TIMES, fixed={}, metrics=("lead_time",)))
    facets, free = ("grain", "status"), ("repo", "sha")
    found = asked(visit, CHANGES, fixed={"is_deleted": ("false",)}, facets=facets, free=free, classes=())
    return _of_stage(visit, found)


def _of_stage(visit: Visit, found: Asked) -> Asked:
    """Return those of the changes that the address's stage of the lead time is known of, or not, if it names one."""
    if not found.metric:
        say_what_needs_a_figure(visit, "stage", "known")
        return found
    stage = next(iter(choices(visit, "stage", STAGES)), "")
    is_known = "no" not in choices(visit, "known", ("no",))
    if not stage:
        if not is_known:
            visit.leave_out(_("“%(name)s” is about a stage, and none is named; it was left out.") % {"name": "known"})
        return found
    known = took(found.events, stage)
    ids = [link for link in found.events if (link in known) is is_known]
    return replace(found, stage=stage, wanted=replace(found.wanted, ids=ids))


def _by_known(visit: Visit, found: Asked, n: int) -> Facet:
    """Return of how many of the figure's changes the stage is known, and of how many not; `n` are shown."""
    is_known = "no" not in parameters(visit, "known")
    left = set(found.events).difference(found.wanted.ids or ())
    others = waits_n(replace(found.wanted, ids=list(left)))
    known, unknown = (n, others) if is_known else (others, n)
    query = visit.filters.query
    parts = [
        Part(_("Known"), known, query(known=None), is_known),
        Part(_("Not known"), unknown, query(known="no"), not is_known),
    ]
    return Facet(_("Stage"), parts, n)


@page("dashboards/changes.html", name="deployments")
def listed(visit: Visit) -> dict[str, object]:
    """Answer with one page of the list."""
    found = ask(visit)
    shown = _waits(visit, found) if found.wanted.dataset is LEAD_TIMES else _changes(visit, found)
    return {"heading": _("Changes"), **shown}


def _waits(visit: Visit, found: Asked) -> dict[str, object]:
    """Return one page of the changes that a lead time is of."""
    pages = paging(visit, waits_n(found.wanted))
    order = sorting(visit, tuple(WAIT_ORDERS), "-at")
    items = waits(found.wanted, order.by, descending=order.descending, offset=pages.offset, size=SIZE)
    seconds = took([each.id for each in items], found.stage) if found.stage else {}
    rows = [(each, seconds.get(each.id)) for each in items]
    heads = headers(visit, order, at=pgettext("change", "Live"), lead_time=_("Lead time"), author=_("Author"))
    parts = _by_known(visit, found, pages.total) if found.stage else None
    frame = framed(visit, found, rows, pages, headers=heads, nothing=NOTHING, live=("deployments",), facet=parts)
    return {"are_waits": True, "stage": NAMES.get(found.stage), **frame}


def _changes(visit: Visit, found: Asked) -> dict[str, object]:
    """Return one page of all changes."""
    parts = facet(visit, "grain", _("Kind"), _LABELS, grains(found.wanted))
    pages = paging(visit, parts.total)
    order = sorting(visit, tuple(CHANGE_ORDERS), "-at")
    rows = changes(found.wanted, order.by, descending=order.descending, offset=pages.offset, size=SIZE)
    heads = headers(visit, order, at=_("Made"), author=_("Author"), repo=_("Repository"))
    return framed(visit, found, rows, pages, headers=heads, nothing=NOTHING, live=("deployments",), facet=parts)
