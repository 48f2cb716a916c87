"""One deployment: what it was, what is measured around it, what it carried, and what it counts towards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import Final

from django.http import HttpResponseRedirect
from django.utils.translation import gettext as _

from dashboards.charts import Chart
from dashboards.frame import states
from dashboards.frame.cut import Cut
from dashboards.frame.freshness import clock
from dashboards.frame.marks import worst
from dashboards.frame.page import NotHere, Visit, page
from dashboards.frame.panels import panel
from dashboards.frame.states import Action, State
from dashboards.pages import saying
from dashboards.pages.charts import minutes_charts
from dashboards.pages.checks import Check, checks
from dashboards.pages.little_map import little_map
from dashboards.pages.neighbours import Neighbour, neighbours
from dashboards.pages.raw import RawEvents, raw_events
from dashboards.pages.sides import Sides, caption, counted, lacking, sides
from dashboards.pages.standing import Counts, counts
from dashboards.pages.telling import told
from dashboards.wallboard.say import rolled_back
from plimsoll.insight.around.facts import facts_around
from plimsoll.insight.around.standing import hurt_of, standings
from plimsoll.insight.around.story import story
from plimsoll.insight.around.traffic import Around, around, scope
from plimsoll.store.marks import Marks, marks
from plimsoll.store.partitions import minutes_kept
from plimsoll.store.queries.board import failed_deployments, telemetry_through
from plimsoll.store.queries.pages.deployment import Commit, DeploymentRecord, deployment, head_of
from plimsoll.store.queries.pages.telemetry import told_since
from plimsoll.store.queries.rollouts import rollout

# Parts of an id that are shorter are in many bodies.
LONG_ENOUGH: Final = 6


@dataclass(frozen=True, slots=True)
class Telemetry:
    """What is measured around the deployment; `state` says why there is less than all."""

    checks: Sequence[Check] = ()
    sides: Sides | None = None
    callers: Sequence[Neighbour] = ()
    called: Sequence[Neighbour] = ()
    charts: Sequence[Chart] = ()
    caption: str = ""
    counted: str = ""
    note: str = ""
    lacking: State | None = None
    state: State | None = None


@page("dashboards/deployment.html", name="deployments", charts=True)
def shown(visit: Visit, pk: int) -> dict[str, object] | HttpResponseRedirect:
    """Answer with the deployment; a further attempt or rollout leads to the deployment that it belongs to."""
    head = head_of(pk, visit.reader.team)
    if head is not None and head != pk:
        return HttpResponseRedirect(f"/deployments/{head}/{visit.filters.query()}", status=HTTPStatus.MOVED_PERMANENTLY)
    record = None if head is None else deployment(head, visit.reader.team)
    if record is None:
        raise NotHere(_("There is no deployment %(id)s.") % {"id": pk})
    item = record.item
    around_it = panel(visit, lambda: measured(visit, record))
    seen = Telemetry(state=around_it) if isinstance(around_it, State) else around_it
    stands = worst(each.status for each in seen.checks if each.status is not None)
    return {
        "heading": f"{item.service or ''} {item.name}".strip(),
        "record": record,
        "item": item,
        "undone": next(map(rolled_back, failed_deployments(visit.now, visit.now, None, [item.id])), ""),
        "because": saying.FAILED_BECAUSE.get(item.failed_reason or "", ""),
        "verdict": states.not_enough(_("Verdict from telemetry: not computed yet. What was measured is below.")),
        "telemetry": seen,
        "little_map": little_map(item.service or "", stands, seen.callers, seen.called),
        "counts": panel(visit, lambda: _counts(visit, record)),
        "steps": panel(visit, lambda: told(story(record))),
        "raw": panel(visit, lambda: _raw(visit, record)),
        "api": f"/api/v1/deployments/{item.id}/",
        "commits": _commits(visit, record),
        "no_commits": states.not_enough(_("No change is known that it carried.")),
        "no_counts": states.not_enough(_("It names no service or no time, so no metric can count it.")),
    }


def _commits(visit: Visit, record: DeploymentRecord) -> Cut[Commit]:
    """Return the changes that are named here, and the way to the list of all."""
    rest = record.carried.n - len(record.commits)
    every = f"/changes/{visit.filters.anywhere(deployment=record.item.id)}"
    return Cut("commits", record.commits, rest, is_all=False, query=every)


def _counts(visit: Visit, record: DeploymentRecord) -> list[Counts]:
    service, at = record.item.whole_service, record.item.at
    if service is None or at is None:
        return []
    # A rollout that ended later moves the moment at which the deployment counts.
    at = max((t for t in (at, record.item.last_finish) if t is not None), default=at)
    facts = facts_around(service, at)
    found = standings(facts, record.item.id, visit.now)
    # When others' incidents began and ended is not this reader's to know.
    hurt = hurt_of(facts, record.item.id, visit.now) if record.incidents else None
    return counts(found, failed=record.item.outcome == "failed", hurt=hurt)


def _names(record: DeploymentRecord) -> list[str | None]:
    """Return what senders may call it in their bodies; of a path its last part, which is the provider's own number."""
    ids = [each.external_id for each in record.rollouts]
    return [*ids, *(part for id_ in ids for part in id_.split("/")[-2:] if len(part) >= LONG_ENOUGH)]


def _raw(visit: Visit, record: DeploymentRecord) -> RawEvents:
    times = [t for each in record.rollouts for t in (each.queued_at, each.started_at, each.finished_at)]
    return raw_events(visit, record.source_id, _names(record), times, record.reported_at)


def measured(visit: Visit, record: DeploymentRecord) -> Telemetry:
    """Return the traffic of the service before and after."""
    item = record.item
    found = rollout(item.id, now=visit.now)
    if item.service is None or found is None:
        return Telemetry(state=states.not_connected(_("It names no service, so nothing measured belongs to it.")))
    through = telemetry_through()
    if through is None:
        action = Action(_("Connect your mesh"), "/setup/")
        return Telemetry(state=states.not_connected(_("No telemetry yet: nothing is measured around it."), action))
    kept_since = visit.now - minutes_kept()
    chosen = scope(item.service, item.namespace, item.environment)
    seen = around(item.service, chosen, found, kept_since=kept_since, through=through)
    if (missing := _missing(visit, seen)) is not None:
        return Telemetry(state=missing)
    limits, where = marks(), sides(visit, item.id, seen, chosen)
    beside = partial(
        neighbours,
        seen=seen,
        limits=limits,
        service=item.whole_service,
        team=item.team,
        before=where.before.calls,
        now=where.after.calls,
    )
    return Telemetry(
        checks=checks(
            seen, where, error_mark=_mark(limits, record, "error_rate"), p95_mark=_mark(limits, record, "p95_ms")
        ),
        sides=where,
        callers=beside(seen.callers, inbound=True),
        called=beside(seen.called, inbound=False),
        charts=minutes_charts(visit, seen.points, record, limits),
        caption=caption(seen),
        counted=counted(seen),
        note=_("“After” is the time while it was out.") if seen.windows.is_while_out else "",
        lacking=lacking(visit, seen),
    )


def _mark(limits: Marks, record: DeploymentRecord, metric: str) -> float | None:
    return limits.of(metric, team=record.item.team, service=record.item.whole_service)


def _missing(visit: Visit, seen: Around) -> State | None:
    """Return why there is nothing measured to show, or None when there is."""
    hours = minutes_kept() // timedelta(hours=1)
    if not seen.windows.is_comparable:
        if seen.windows.lost:
            text = _("The minutes around it are not kept any more: minutes are kept %(hours)d h.") % {"hours": hours}
            return states.not_enough(text)
        return states.not_enough(_("There is no whole minute after it yet: the first one is measured now."))
    if not seen.is_heard_of:
        since = told_since()
        if since is not None and since >= seen.windows.after[1]:
            text = _("No telemetry of that time: it begins at %(time)s.")
            return states.not_enough(text % {"time": clock(since, visit.now, visit.zone)})
        text = _("Telemetry told nothing of this service in the 12 minutes before and after.")
        return states.not_connected(text, Action(_("Connect your mesh"), "/setup/"))
    return None
