"""The list of deployments: one row each, with what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboards.charts.hours import cell
from dashboards.figures import Question, question
from dashboards.frame.page import Visit, page
from dashboards.pages import saying
from dashboards.pages.asking import Asked, asked, choices
from dashboards.pages.framing import Nothing, framed
from dashboards.pages.listing import SIZE, facet, headers, paging, sorting
from plimsoll.insight.metrics.recovery_time import Hurt, hurts
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
    if found.metric == "recovery_time":
        found = replace(found, recoveries=_recoveries(visit, found))
    week = {name: tuple(map(int, choices(visit, name, known))) for name, known in _WEEK.items()}
    if not any(week.values()):
        return found
    if found.metric:
        return replace(found, week=week, wanted=replace(found.wanted, ids=_ended_in(visit, found, week)))
    only = in_week(visit.zone, week["weekday"], week["hour"])
    return replace(found, week=week, wanted=replace(found.wanted, only=only))


def _ended_in(visit: Visit, found: Asked, week: Mapping[str, Sequence[int]]) -> list[int]:
    """Return those of a figure's deployments that ended in these cells of the week, as the cells count them.

    To a figure a deployment ends with the last of its rollouts; its row, which is the first, has an end of its own.
    """
    asked = _question(visit, found)
    ended = {each.id: each.finished_at for each in asked.reading.facts(asked.window, asked.teams).deployments}

    def fits(moment: datetime) -> bool:
        weekday, hour = cell(moment, visit.zone)
        return weekday in (week["weekday"] or (weekday,)) and hour in (week["hour"] or (hour,))

    return [id_ for id_ in found.events if (moment := ended.get(id_)) and fits(moment)]


def _recoveries(visit: Visit, found: Asked) -> dict[int, Hurt]:
    """Return how long each failed deployment hurt, by the reading that the figure came from."""
    asked = _question(visit, found)
    facts = asked.reading.facts(asked.window, asked.teams)
    return {each.deployment.id: each for each in hurts(facts, asked.window, asked.now, asked.reading.by)}


def _question(visit: Visit, found: Asked) -> Question:
    window = found.bar.window if found.bar else visit.filters
    return question(replace(visit.filters, start=window.start, end=window.end), visit.now)


@page("dashboards/deployments.html", name="deployments")
def listed(visit: Visit) -> dict[str, object]:
    """Answer with one page of the list."""
    found = ask(visit)
    parts = facet(visit, "outcome", _("Outcome"), saying.words_of(saying.OUTCOMES), outcomes(found.wanted))
    pages = paging(visit, parts.total)
    order = sorting(visit, tuple(ORDERS), "-at")
    items = deployments(found.wanted, order.by, descending=order.descending, offset=pages.offset, size=SIZE)
    rows = [(item, (found.recoveries or {}).get(item.id)) for item in items]
    heads = headers(
        visit,
        order,
        at=_("Finished"),
        service=_("Service"),
        version=_("Version"),
        environment=_("Environment"),
    )
    frame = framed(visit, found, rows, pages, headers=heads, nothing=NOTHING, live=("deployments",), facet=parts)
    return {"heading": _("Deployments"), "of_recovery": found.recoveries is not None, **frame}
