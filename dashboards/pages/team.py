"""One team: how is our delivery going, and what moved it? (ux, section 3.2)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from django.utils.translation import gettext as _

from dashboards.charts import Chart
from dashboards.charts.delivery import Event, chart, points
from dashboards.charts.hours import fullest, grid, hours, summary
from dashboards.figures import Question, evidence, figures, phrases, question
from dashboards.figures.now import Health
from dashboards.figures.rows import Line, lines_of
from dashboards.figures.stages import StageBar, stage_bars
from dashboards.frame.freshness import Freshness
from dashboards.frame.heard_from import environments
from dashboards.frame.page import NotHere, Visit, page
from dashboards.frame.panels import panel
from dashboards.pages.asking import Bar, chosen_bar, say_what_is_not_narrowed
from dashboards.pages.lately import ended, lately, telemetry
from dashboards.pages.narrowing import to_services
from dashboards.times import written
from plimsoll.insight.metrics.change_failure_rate import change_failure_rate
from plimsoll.insight.metrics.parts import HEADLINES
from plimsoll.insight.metrics.population import PLANNED
from plimsoll.insight.metrics.recovery_time import Hurt, hurts
from plimsoll.insight.metrics.windows import Window
from plimsoll.store.facts import Deployment
from plimsoll.store.marks import Marks, marks
from plimsoll.store.queries.teams import Owned, services_of_team

# A list on a page is this long; the whole of it is a link away.
MOST = 50


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed deployment and what is known of its recovery."""

    line: Line
    hurt: Hurt


@dataclass(frozen=True, slots=True)
class Rest:
    """How many rows are not shown, and where all are listed."""

    n: int
    href: str


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """A service of the team: what was deployed of it, and how it does now."""

    service: Owned
    deployments: int
    deployments_href: str
    failed: int
    failed_href: str
    health: Health | None
    href: str


@dataclass(frozen=True, slots=True)
class List:
    """A list on its own page: how many rows it has, and where it is."""

    n: int
    href: str


@page("dashboards/team.html", name="teams", charts=True)
def team(visit: Visit, slug: str) -> Mapping[str, object]:
    """Show one team."""
    missing = NotHere(_("There is no team “%(slug)s”.") % {"slug": slug})
    if visit.reader.team is not None and slug not in visit.filters.teams:
        raise missing
    asked = question(visit.filters.limited_to(slug), visit.now)
    own = next((each for each in asked.names.values() if each.slug == slug), None)
    if own is None:
        raise missing
    say_what_is_not_narrowed(visit)
    if others := [each for each in visit.filters.teams if each != slug]:
        said = {"names": ", ".join(others)[:80]}
        visit.leave_out(_("This is the page of one team; “%(names)s” was left out.") % said)
    set_marks, current = marks(), telemetry(visit)
    bar = chosen_bar(visit)
    narrow = bar.window if bar else asked.window
    drawn = _hurts(asked, asked.drawn)
    failed, landed = _hurts(asked, narrow), _landed(asked, narrow) if bar else []
    return {
        "heading": own.name,
        "narrowed": to_services(visit),
        "figures": panel(visit, lambda: figures(asked, set_marks)),
        "charts": panel(visit, lambda: _charts(asked, set_marks, bar, drawn)),
        "stages": panel(visit, lambda: _stages(asked)),
        "chosen": bar,
        "list": None if bar is None else _list(asked, bar),
        "everything": visit.filters.query(on=None) + "#events",
        "failures": panel(visit, lambda: _failures(asked, failed[:MOST])),
        "more_failures": _rest(len(failed), visit, slug, narrow, outcome="failed", kind=PLANNED),
        "deployments": panel(visit, lambda: lines_of(asked, landed[:MOST])),
        "more_deployments": _rest(len(landed), visit, slug, narrow),
        "services": panel(visit, lambda: _services(visit, own.id, asked, current, set_marks)),
        "ended": ended(visit, current),
        "hours": panel(visit, lambda: _hours(asked)),
    }


def _charts(asked: Question, set_marks: Marks, bar: Bar | None, failed: Sequence[Hurt]) -> list[Chart]:
    chosen = bar.first.isoformat() if bar else ""
    found = []
    for metric in HEADLINES:
        shown = points(asked, metric, chosen)
        mark = set_marks.of_those(metric, asked.filters.teams, asked.filters.services)
        events = _events(metric, failed, asked)
        found.append(chart(asked, metric, shown, mark, events))
    return found


def _hurts(asked: Question, window: Window) -> list[Hurt]:
    """Return the failed deployments of a window, the latest first."""
    found = hurts(asked.reading.facts(window, asked.teams), window, asked.now, asked.reading.by)
    return sorted(found, key=lambda each: (each.deployment.at, each.deployment.id), reverse=True)


def _events(metric: str, failed: Sequence[Hurt], asked: Question) -> list[Event]:
    """Return the failures as events: on the bottom of the failure rate, and as high as they lasted in recovery."""
    if metric not in ("change_failure_rate", "recovery_time"):
        return []
    named = {line.id: line for line in lines_of(asked, [each.deployment for each in failed])}
    found = []
    for each in failed:
        line, at = named.get(each.deployment.id), each.deployment.at
        if line is None or at is None or (metric == "recovery_time" and each.unknown is not None):
            continue
        name = f"{line.service or '?'} {line.version}"
        lasted = phrases.said("recovery_time", each.seconds)
        text = _("%(name)s failed") % {"name": name}
        if metric == "recovery_time":
            text = (_("%(name)s hurts since %(lasted)s") if each.is_open else _("%(name)s recovered in %(lasted)s")) % {
                "name": name,
                "lasted": lasted,
            }
        value = each.seconds if metric == "recovery_time" else 0.0
        found.append(Event(at, value, text, f"/deployments/{line.id}/", each.is_open))
    return found


def _stages(asked: Question) -> tuple[StageBar, ...]:
    counted = asked.reading.figure("lead_time", asked.window, asked.now, asked.teams).counted
    return stage_bars(counted, lambda stage: evidence("lead_time", asked.filters, stage=stage))


def _failures(asked: Question, found: Sequence[Hurt]) -> list[Failure]:
    """Return failed deployments with their recoveries."""
    by_id = {each.deployment.id: each for each in found}
    return [Failure(line, by_id[line.id]) for line in lines_of(asked, [each.deployment for each in found])]


def _landed(asked: Question, window: Window) -> list[Deployment]:
    """Return all deployments of a window, the latest first."""
    facts = asked.reading.facts(window, asked.teams).deployments
    counting = [each for each in facts if each.environment_class in asked.reading.by.environment_classes]
    return sorted(counting, key=lambda each: (each.at, each.id), reverse=True)


def _rest(n: int, visit: Visit, slug: str, window: Window, **narrower: object) -> Rest | None:
    """Return how many deployments of a window are more than the page shows, if any."""
    if n <= MOST:
        return None
    times = {"from": written(window.start), "to": written(window.end)}
    return Rest(n - MOST, "/deployments/" + visit.filters.shared(team=slug, range=None, **times, **narrower))


def _list(asked: Question, bar: Bar) -> List:
    """Return the list of what a bar of the frequency counts, and how many that are."""
    counted = asked.reading.figure("deployment_frequency", bar.window, asked.now, asked.teams).counted
    return List(len(counted), evidence("deployment_frequency", asked.filters, on=bar.first.isoformat()))


def _counted(asked: Question) -> list[Deployment]:
    """Return the deployments that the frequency counts."""
    ids = set(asked.reading.figure("deployment_frequency", asked.window, asked.now, asked.teams).counted)
    return [each for each in asked.reading.facts(asked.window, asked.teams).deployments if each.id in ids]


def _hours(asked: Question) -> tuple[str, str, str]:
    """Return when the team deploys, drawn and in words, and where those are listed that the words are about."""
    when = grid((each.finished_at for each in _counted(asked) if each.finished_at), asked.window.zone)

    def href(weekday: int, hour: int) -> str:
        return evidence("deployment_frequency", asked.filters, weekday=weekday, hour=hour)

    most = fullest(when)
    return hours(when, href), summary(when), href(*most) if most else ""


def _services(visit: Visit, own: int, asked: Question, current: Freshness, set_marks: Marks) -> list[ServiceRow]:
    deployed = Counter(each.service_id for each in _counted(asked))
    facts = asked.reading.facts(asked.window, asked.teams)
    failing = set(change_failure_rate(facts, asked.window, asked.now, asked.reading.by).subsets.get("failed", ()))
    failed = Counter(each.service_id for each in facts.deployments if each.id in failing)
    now = lately(visit, current, set_marks, environments(visit), visit.filters.clusters)
    return [
        ServiceRow(
            each,
            deployed[each.id],
            evidence("deployment_frequency", asked.filters, service=each.own_name),
            failed[each.id],
            evidence("change_failure_rate", asked.filters, service=each.own_name, evidence="failed"),
            now.of(each.name, each.namespace),
            f"/services/{quote(each.name, safe='')}/" + visit.filters.shared(team=None, ns=each.namespace or None),
        )
        for each in services_of_team(own, visit.filters.services)
    ]
