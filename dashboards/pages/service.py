"""One service: is it healthy, what changed, who is affected?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards.charts import Chart
from dashboards.figures import Question, figures, question
from dashboards.frame import states
from dashboards.frame.calls import Calls
from dashboards.frame.filters import Filters
from dashboards.frame.heard_from import environments
from dashboards.frame.marks import Status, status, worst
from dashboards.frame.page import NotHere, Visit, page
from dashboards.frame.panels import panel
from dashboards.frame.states import Action, State
from dashboards.pages import saying
from dashboards.pages.asking import parameter, say_what_is_not_narrowed
from dashboards.pages.charts import Around, charts
from dashboards.pages.deployments import NOTHING as NO_DEPLOYMENT
from dashboards.pages.drawing import Tick
from dashboards.pages.framing import unconnected
from dashboards.pages.incidents import NOTHING as NO_INCIDENT
from dashboards.pages.little_map import little_map
from dashboards.pages.neighbours import Neighbour, neighbours
from plimsoll.insight.around.traffic import Traffic, scope, traffic
from plimsoll.insight.dora.reading import Reading
from plimsoll.insight.metrics.windows import Window
from plimsoll.insight.topology import Scope as Places
from plimsoll.store.facts import DeliveryFacts
from plimsoll.store.marks import Marks, marks
from plimsoll.store.queries.board import telemetry_through
from plimsoll.store.queries.delivery import Scope, series
from plimsoll.store.queries.pages import incidents as incident_rows
from plimsoll.store.queries.pages.deployments import DeploymentItem, latest
from plimsoll.store.queries.pages.deployments import items as deployment_items
from plimsoll.store.queries.pages.services import (
    Running,
    ServiceItem,
    clusters,
    deployed_within,
    items,
    named,
    running,
)

MOST: Final = 8
WINDOWS: Final = {"15m": 15, "1h": 60, "3h": 180, "6h": 360}
DEFAULT: Final = "1h"


@dataclass(frozen=True, slots=True)
class Limit:
    """A figure with its mark; texts are empty where there is none."""

    name: str
    metric: str
    value: float | None
    mark: float | None
    status: Status


@dataclass(frozen=True, slots=True)
class Now:
    """The service's traffic in the chosen minutes; `state` says why there is none to show."""

    traffic: Traffic | None = None
    calls: Calls | None = None
    limits: Sequence[Limit] = ()
    charts: Sequence[Chart] = ()
    callers: Sequence[Neighbour] = ()
    called: Sequence[Neighbour] = ()
    state: State | None = None


@page("dashboards/service.html", name="services", charts=True)
def shown(visit: Visit, name: str) -> dict[str, object]:
    """Answer with the service; where several have the name, `ns` says which."""
    found = named(name, visit.reader.team)
    id_ = _chosen(visit, found)
    if id_ is None:
        raise NotHere(_("There is no service “%(name)s”.") % {"name": name[:80]})
    say_what_is_not_narrowed(visit)
    (item,) = items([id_], since=visit.filters.start, until=visit.filters.end)
    set_marks = marks()
    filters = visit.filters
    # The figures of this service: every list they lead to is narrowed to it too.
    own_filters = replace(filters, services=(item.own_name,))
    minutes = window_of(visit)
    seen = panel(visit, lambda: measured(visit, item, set_marks, *minutes))
    now = Now(state=seen) if isinstance(seen, State) else seen
    return {
        "heading": name,
        "item": item,
        "namespaces": [(place, filters.query(ns=place or None)) for _id, place in found] if len(found) > 1 else [],
        "clusters": clusters(id_),
        "running": _by_place(running(id_)),
        "figures": panel(visit, lambda: figures(own_question(visit, own_filters, item), set_marks)),
        "now": now,
        "windows": [(key, filters.query(window=key), key == minutes[0]) for key in WINDOWS],
        "deployments": panel(visit, lambda: _deployments(visit, item)),
        "incidents": panel(visit, lambda: _incidents(visit, id_)),
        "claim": _claims(visit, item),
        "little_map": little_map(name, worst(each.status for each in now.limits), now.callers, now.called),
        # As the panels beside it: wherever they were.
        "everywhere": filters.anywhere(service=item.own_name, everywhere=1),
        "versions": states.not_enough(_("Which version serves how much is not computed yet.")),
    }


def _chosen(visit: Visit, found: Sequence[tuple[int, str]]) -> int | None:
    """Return which of the services of one name is meant."""
    ids, asked = {namespace: id_ for id_, namespace in found}, parameter(visit, "ns")
    if asked:
        return ids.get(asked)
    first = next(iter(ids), "")
    if len(ids) > 1:
        text = _("Several services have this name; shown is the one in “%(ns)s”.") % {"ns": first}
        visit.notices.append(
            text if first else _("Several services have this name; shown is the one without namespace.")
        )
    return ids.get(first)


def own_question(visit: Visit, filters: Filters, item: ServiceItem) -> Question:
    """Return what the filters ask of one service, from the reading of all that is kept: its own takes a while."""
    asked = question(visit.filters, visit.now)
    team = next((id_ for id_, each in asked.names.items() if each.slug == item.team), None)
    everything = Window(asked.reading.start, visit.now + timedelta(days=1), visit.zone)
    facts = asked.reading.facts(everything, [team])
    deployments = tuple(each for each in facts.deployments if each.service_id == item.id)
    ids = {each.id for each in deployments}
    chosen = DeliveryFacts(
        deployments,
        tuple(each for each in facts.carried if each.deployment_id in ids),
        (),
        tuple(each for each in facts.caused if each.caused_by in ids),
    )
    known = series(Scope(services=(item.own_name,), environments=filters.environments))
    reading = Reading(asked.reading.start, asked.reading.by, chosen, known)
    return replace(asked, filters=filters, reading=reading, teams=None)


def window_of(visit: Visit) -> tuple[str, datetime, datetime]:
    """Return the minutes that the address asks for: they end with the last whole one that telemetry told of."""
    asked = parameter(visit, "window") or DEFAULT
    if asked not in WINDOWS:
        visit.notices.append(_("There is no window “%(name)s”.") % {"name": asked[:20]})
        asked = DEFAULT
    through = telemetry_through() or visit.now
    end = min(through, visit.now).replace(second=0, microsecond=0)
    return asked, end - timedelta(minutes=WINDOWS[asked]), end


def measured(visit: Visit, item: ServiceItem, limits: Marks, window: str, start: datetime, end: datetime) -> Now:
    """Return what the service served and called in the chosen minutes."""
    if telemetry_through() is None:
        text = _("No telemetry yet: rate, errors and latency need your mesh.")
        return Now(state=states.not_connected(text, Action(_("Connect your mesh"), "/setup/")))
    chosen = _scope(visit, item)
    seen = traffic(item.name, chosen, start, end)
    if seen.vertex is None:
        last = ngettext(
            "Telemetry told nothing of this service in the last %(n)d minute.",
            "Telemetry told nothing of this service in the last %(n)d minutes.",
            WINDOWS[window],
        ) % {"n": WINDOWS[window]}
        return Now(state=states.not_enough(last))
    marked = {name: limits.of(name, team=item.team, service=item.whole_name) for name in ("error_rate", "p95_ms")}
    around = Around(ticks=_ticks(item.id, start, end), marks=marked)
    calls = Calls(visit.filters, start, end, chosen, f"n-{seen.vertex.id}")
    return Now(
        traffic=seen,
        calls=calls,
        limits=(
            _limit(_("Error rate"), "error_rate", seen.vertex.error_rate, marked["error_rate"]),
            _limit(_("P95"), "p95_ms", seen.vertex.p95_ms, marked["p95_ms"]),
        ),
        charts=charts(visit, seen.points, around),
        callers=neighbours(seen.callers, seen, limits, item.whole_name, item.team, inbound=True, now=calls),
        called=neighbours(seen.called, seen, limits, item.whole_name, item.team, inbound=False, now=calls),
    )


def _limit(name: str, metric: str, value: float | None, mark: float | None) -> Limit:
    return Limit(name, metric, value, mark, status(value, mark, metric))


def _scope(visit: Visit, item: ServiceItem) -> Places:
    """Return what the map is asked: the environments that are chosen, else production's and whatever names none."""
    chosen = visit.filters.environments
    plain = scope(item.name, item.namespace or None, chosen[0] if len(chosen) == 1 else None)
    return replace(plain, environments=environments(visit), clusters=visit.filters.clusters)


def _ticks(service: int, start: datetime, end: datetime) -> list[Tick]:
    """Return the deployments of the window as ticks of its charts, the failed ones last: what is last is on top.

    A rollback ends in the second in which what it undoes does.
    """
    found = dict(deployed_within(service, start, end))
    ticks = []
    for each in deployment_items(list(found)):
        said = saying.OUTCOMES[each.outcome]
        ticks.append(Tick(found[each.id], f"{each.name}: {said.word}", said.kind, f"/deployments/{each.id}/"))
    return sorted(ticks, key=lambda tick: tick.css == "bad")


def _by_place(found: Sequence[Running]) -> list[tuple[str, list[Running]]]:
    """Return what runs where, by environment."""
    places: dict[str, list[Running]] = {}
    for each in found:
        places.setdefault(each.environment or "", []).append(each)
    return list(places.items())


@dataclass(frozen=True, slots=True)
class Incidents:
    """The latest incidents of the range, each with how long it lasted, and how many there are."""

    rows: Sequence[tuple[incident_rows.IncidentItem, float | None]]
    total: int


def _incidents(visit: Visit, service: int) -> Incidents | State:
    start, end = visit.filters.start, visit.filters.end
    found, total = incident_rows.latest(Q(services=service), visit.reader.team, MOST, start=start, end=end)
    if not found:
        return unconnected(NO_INCIDENT) or states.empty(_("0 incidents of it in this range."))
    return Incidents([(each, each.lasted_s(visit.now)) for each in found], total)


def _deployments(visit: Visit, item: ServiceItem) -> Sequence[DeploymentItem] | State:
    """Return the latest of the range; where it has none, when the last one was."""
    start, end = visit.filters.start, visit.filters.end
    found = latest(Q(service=item.id), visit.reader.team, MOST, start=start, end=end)
    if found or item.deployed_at is None:
        return found or unconnected(NO_DEPLOYMENT) or states.empty(_("0 deployments of it in this range."))
    on = date_format(item.deployed_at.astimezone(visit.zone), _("j M Y"))
    return states.empty(_("0 deployments of it in this range. The last one was on %(day)s.") % {"day": on})


def _claims(visit: Visit, item: ServiceItem) -> str:
    """Return where the reader can claim an unowned service, empty where they may not."""
    return f"/settings/services/{item.id}/" if item.team is None and visit.reader.may_somewhere("claim") else ""
