"""What needs a look, ordered by harm (ux, section 3.1): what, since when, and where to go on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from dashboards import words
from dashboards.figures.now import Health, Recent
from dashboards.frame.cut import Cut, cut
from dashboards.frame.freshness import Freshness, silent
from dashboards.frame.marks import Status
from dashboards.frame.page import Visit
from dashboards.severity import label
from dashboards.templatetags.pages import service_link
from plimsoll.store.naming import whole_name
from plimsoll.store.queries import attention as stored
from plimsoll.store.queries.board import clusters_heard
from plimsoll.store.queries.datasets.facts import ENVIRONMENT_CLASSES
from plimsoll.store.queries.delivery import Scope

MOST: Final = 5
_SETUP: Final = "/setup/"
_FAILURES_OF: Final = timedelta(days=28)
_DELIVERIES_OF: Final = timedelta(days=1)
_WAITS_FOR: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Look:
    """One thing to look at: `name` is somebody else's word for it, `text` says what is wrong with it.

    `is_past`: that was so when telemetry ended, and nobody knows whether it still is.
    """

    status: Status
    name: str
    text: str
    since: datetime | None
    href: str
    is_past: bool = False

    @property
    def action(self) -> str:
        """What its link says."""
        return pgettext("action", "Check") if self.href == _SETUP else pgettext("action", "Open")


def looks(visit: Visit, recent: Recent, telemetry: Freshness) -> Cut[Look]:
    """Return the first things to look at, or all."""
    return cut(visit, "looks", list(_all(visit, recent, telemetry)), MOST)


def _all(visit: Visit, recent: Recent, telemetry: Freshness) -> Iterator[Look]:
    # First, and never cut off: what follows is only as true as what is heard.
    yield from _silence(visit, telemetry)
    yield from _failures(visit)
    yield from _incidents(visit)
    yield from _over_their_marks(visit, recent, is_past=telemetry.is_stale)
    yield from _deliveries(visit)


def watched(visit: Visit, recent: Recent) -> list[Health]:
    """Return how those services did that the page is about."""
    teams, chosen = visit.filters.teams, set(visit.filters.services)
    return [
        each
        for each in recent.services
        if (not teams or each.team in teams)
        and (not chosen or chosen & {each.service, whole_name(each.service_namespace, each.service)})
    ]


def _scope(visit: Visit) -> Scope:
    return Scope(visit.filters.teams, visit.filters.services, visit.filters.environments)


def _classes(visit: Visit) -> tuple[str, ...]:
    return ENVIRONMENT_CLASSES if visit.filters.environments else ("production",)


def _failures(visit: Visit) -> Iterator[Look]:
    for each in stored.unmended(visit.now - _FAILURES_OF, _scope(visit), _classes(visit)):
        name = " ".join(filter(None, (each.service, each.version))) or f"#{each.id}"
        text = _("failed, and nothing says that it was put right")
        yield Look("bad", name, text, each.finished_at, f"/deployments/{each.id}/")


def _incidents(visit: Visit) -> Iterator[Look]:
    labels = ((label(each.severity), each) for each in stored.open_incidents(_scope(visit), _classes(visit)))
    grave = [(said, each) for said, each in labels if said.kind == "bad"]
    # Of those that are as grave, the oldest first.
    for said, each in sorted(grave, key=lambda pair: pair[0].level or 0):
        text = _("open incident, %(severity)s") % {"severity": said.text}
        yield Look("bad", each.title or f"#{each.id}", text, each.opened_at, f"/incidents/{each.id}/")


def _over_their_marks(visit: Visit, recent: Recent, *, is_past: bool) -> Iterator[Look]:
    over = [each for each in watched(visit, recent) if each.worst == "bad"]
    for each in sorted(over, key=_excess, reverse=True):
        href = service_link(each.service, each.service_namespace)
        yield Look("bad", each.service, _excess_text(each), recent.start, href, is_past)


def _excess(each: Health) -> float:
    """Return how many times over its mark a service is, by the worse figure."""
    pairs = ((each.error_rate, each.error_mark), (each.p95_ms, each.p95_mark))
    return max(
        value / mark if mark else float("inf") for value, mark in pairs if value is not None and mark is not None
    )


def _excess_text(each: Health) -> str:
    parts = []
    if each.errors == "bad" and each.error_rate is not None and each.error_mark is not None:
        errors, mark = (words.share(rate) for rate in (each.error_rate, each.error_mark))
        parts.append(_("errors %(now)s %%, mark %(mark)s %%") % {"now": errors.number, "mark": mark.number})
    if each.latency == "bad" and each.p95_ms is not None and each.p95_mark is not None:
        now, mark_ms = words.milliseconds(each.p95_ms), words.milliseconds(each.p95_mark)
        parts.append(_("P95 %(now)s, mark %(mark)s") % {"now": now, "mark": mark_ms})
    return " · ".join(parts)


def _silence(visit: Visit, telemetry: Freshness) -> Iterator[Look]:
    """Yield one line that names all that are silent; where everything is, it says so."""
    chosen = visit.filters.clusters
    quiet = {name: seen for name, seen in silent(clusters_heard(), visit.now).items() if not chosen or name in chosen}
    status: Status = "bad" if telemetry.is_stale else "warn"
    if quiet:
        text = ngettext("this cluster is silent", "these clusters are silent", len(quiet))
        yield Look(status, ", ".join(quiet), text, min(quiet.values()), _SETUP)
    elif telemetry.is_stale:
        yield Look(status, "", _("no telemetry arrives"), telemetry.through, _SETUP)


def _deliveries(visit: Visit) -> Iterator[Look]:
    if visit.reader.team is not None:
        return
    waiting = stored.waiting_deliveries(visit.now - _WAITS_FOR)
    if waiting.count:
        text = ngettext(
            "%(n)s webhook delivery waits to be taken in", "%(n)s webhook deliveries wait to be taken in", waiting.count
        )
        yield Look("warn", "", text % {"n": f"{waiting.count:,}"}, waiting.since, _SETUP)
    dead = stored.dead_deliveries(visit.now - _DELIVERIES_OF)
    if dead.count:
        text = ngettext(
            "%(n)s webhook delivery could not be understood today",
            "%(n)s webhook deliveries could not be understood today",
            dead.count,
        )
        yield Look("warn", "", text % {"n": f"{dead.count:,}"}, dead.since, _SETUP)
