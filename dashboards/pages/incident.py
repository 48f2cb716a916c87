"""One incident: what broke, because of what, who is on it, and how long."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

from dashboards.figures.now import Health
from dashboards.frame import states
from dashboards.frame.cut import Cut, cut
from dashboards.frame.freshness import Freshness, clock
from dashboards.frame.heard_from import environments
from dashboards.frame.marks import Status
from dashboards.frame.page import NotHere, Visit, page
from dashboards.frame.panels import known, panel
from dashboards.frame.states import Action, State
from dashboards.pages.lately import ended, lately, telemetry
from dashboards.pages.raw import RawEvents, raw_events
from dashboards.pages.telling import told
from dashboards.templatetags.plimsoll import duration
from plimsoll.insight.around.trouble import Reached, Suspect, reached, story, suspects
from plimsoll.store.marks import marks
from plimsoll.store.partitions import minutes_kept
from plimsoll.store.queries.board import telemetry_through
from plimsoll.store.queries.pages.deployments import DeploymentItem, items, times
from plimsoll.store.queries.pages.incidents import Affected, IncidentRecord, are_told_of, candidates, incident
from plimsoll.store.queries.pages.telemetry import names_environment, told_since, was_told

MOST: Final = 8
# Before an incident calls are as usual: who called then is who is hurt.
_AROUND: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Clock:
    """One moment of an incident, and how long after its begin."""

    name: str
    at: datetime | None
    after: str


@dataclass(frozen=True, slots=True)
class Hurt:
    """An affected service with how it does now; `health` is None when it is not heard of."""

    service: Affected
    health: Health | None

    @property
    def status(self) -> Status:
        """How the worse of its figures stands to its mark."""
        return "unk" if self.health is None else self.health.worst


@dataclass(frozen=True, slots=True)
class Blast:
    """Who calls the affected services; `state` says why that is not known."""

    callers: Cut[Reached] | None = None
    state: State | None = None


@page("dashboards/incident.html", name="incidents")
def shown(visit: Visit, pk: int) -> dict[str, object]:
    """Answer with the incident."""
    record = incident(pk, visit.reader.team)
    if record is None:
        raise NotHere(_("There is no incident %(id)s.") % {"id": pk})
    item = record.item
    cause = next(iter(items([item.caused_by], visit.reader.team)), None) if item.caused_by is not None else None
    possible = panel(visit, lambda: _possible(visit, record))
    current = telemetry(visit)
    return {
        "heading": item.name,
        "record": record,
        "item": item,
        "clocks": clocks(record, visit.now),
        "lasted_s": item.lasted_s(visit.now),
        "cause": cause,
        "why": _why(record),
        "suspects": panel(visit, lambda: _suspects(visit, known(possible))),
        "no_cause": None if isinstance(possible, State) else panel(visit, lambda: _no_cause(record, known(possible))),
        "affected": panel(visit, lambda: _hurt(visit, record, current)),
        "ended": ended(visit, current),
        "blast": panel(visit, lambda: _blast(visit, record)),
        "steps": panel(visit, lambda: told(story(record, cause))),
        "raw": panel(visit, lambda: _raw(visit, record)),
        "api": f"/api/v1/incidents/{item.id}/",
        "may": may_act(visit, record),
        "me": visit.reader.name,
    }


def _possible(visit: Visit, record: IncidentRecord) -> list[Suspect]:
    """Return the deployments that may have caused it; nothing is known of one that names no service."""
    return suspects(record, times(candidates(record), visit.reader.team)) if record.item.services else []


def _suspects(visit: Visit, possible: Sequence[Suspect]) -> Cut[tuple[DeploymentItem, str]]:
    """Return the nearest of the deployments that may have caused it, or all, each with why it is among them."""
    shown = cut(visit, "suspects", possible, MOST)
    found = {item.id: item for item in items([each.id for each in shown.rows], visit.reader.team)}
    return shown.drawn([(found[each.id], _reason(each)) for each in shown.rows if each.id in found])


def _raw(visit: Visit, record: IncidentRecord) -> RawEvents:
    item, names = record.item, (record.external_id.split("@")[0], record.external_id.rpartition("#")[2])
    times = (item.opened_at, item.acknowledged_at, item.resolved_at)
    return raw_events(visit, record.source_id, names, times, record.reported_at)


def may_act(visit: Visit, record: IncidentRecord) -> bool:
    """Whether the reader is a person who may act on this incident."""
    if visit.reader.person is None:
        return False
    teams = {each.team_id for each in record.item.services} or {None}
    return any(visit.reader.may("act", team) for team in teams)


def clocks(record: IncidentRecord, now: datetime) -> list[Clock]:
    """Return when it opened, was reported, acknowledged and resolved."""
    item = record.item
    moments = (
        (_("Opened"), item.opened_at),
        (_("Reported"), record.reported_at),
        (_("Acknowledged"), item.acknowledged_at),
        (_("Resolved"), item.resolved_at),
    )
    return [Clock(name, at, _after(item.opened_at, at)) for name, at in moments]


def _after(opened: datetime | None, at: datetime | None) -> str:
    if opened is None or at is None or at <= opened:
        return ""
    return _("after %(time)s") % {"time": duration((at - opened).total_seconds())}


def _why(record: IncidentRecord) -> str:
    """Return how the cause is known, and how surely, in words."""
    item = record.item
    if item.caused_by is None:
        return ""
    if record.said("people:cause") is not None:
        return _("A person named it.")
    if item.caused_by_method == "explicit":
        return _("Its sender names it.")
    sure = item.caused_by_confidence or 0.0
    words = _("likely") if sure >= 0.75 else _("possible") if sure >= 0.55 else _("weak")
    return _("By time alone: it was the last deployment before. Confidence %(words)s (%(share)d %%).") % {
        "words": words,
        "share": round(sure * 100),
    }


def _reason(each: Suspect) -> str:
    """Return why a deployment is a suspect."""
    if each.is_under_way:
        return _("rolling out for %(time)s when it opened") % {"time": duration(each.before_s)}
    return _("live for %(time)s when it opened") % {"time": duration(each.before_s)}


def _no_cause(record: IncidentRecord, possible: Sequence[Suspect]) -> State:
    """Return why no cause is shown; only where every service's deployments are known is it said that none was one."""
    if possible:
        return states.not_enough(_("No cause is named. The deployments below are near in time."))
    if not record.item.services:
        return states.not_enough(_("It names no service, so what may have caused it is not known."))
    opened = record.item.opened_at or record.item.resolved_at or record.reported_at
    if not are_told_of([each.id for each in record.item.services], opened):
        text = _(
            "Of a service that it names no deployment before it is known: whether a change caused it is not known."
        )
        return states.not_enough(text)
    return states.empty(_("No deployment of the affected services in the 24 h before: by time, no change caused it."))


def _hurt(visit: Visit, record: IncidentRecord, current: Freshness) -> list[Hurt]:
    if not record.item.services:
        return []
    places = (record.item.environment,) if record.item.environment else environments(visit)
    now = lately(visit, current, marks(), places)
    return [Hurt(each, now.of(each.name, each.namespace)) for each in record.item.services]


def _blast(visit: Visit, record: IncidentRecord) -> Blast:
    """Return who called the affected services in the minutes before it opened."""
    services = [each.whole_name for each in record.item.services]
    opened = record.item.opened_at or record.reported_at
    through = telemetry_through()
    if not services:
        return Blast(state=states.not_enough(_("It names no service, so who is reached is not known.")))
    if through is None:
        action = Action(_("Connect your mesh"), "/setup/")
        return Blast(state=states.not_connected(_("No telemetry yet: who calls whom is not known."), action))
    if opened - _AROUND < visit.now - minutes_kept():
        hours = minutes_kept() // timedelta(hours=1)
        text = _("Its minutes are not kept any more: minutes are kept %(hours)d h.") % {"hours": hours}
        return Blast(state=states.not_enough(text))
    place = record.item.environment
    if not was_told(opened - _AROUND, opened):
        since = told_since()
        if since is not None and since >= opened:
            text = _("No telemetry of that time: it begins at %(time)s.")
            return Blast(state=states.not_enough(text % {"time": clock(since, visit.now, visit.zone)}))
        return Blast(
            state=states.not_enough(_("No telemetry came in the 15 minutes before it: who called is not known."))
        )
    end = min(opened, through).replace(second=0, microsecond=0)
    environments = (place,) if place and names_environment(place) else ()
    teams = () if visit.reader.team is None else visit.filters.teams
    callers = reached(services, environments, end - _AROUND, end, teams)
    if not callers:
        return Blast(state=states.empty(_("Nobody was seen to call them in the 15 minutes before %(time)s.")
                                        % {"time": clock(end, visit.now, visit.zone)}))  # fmt: skip
    return Blast(cut(visit, "reached", callers, MOST))
