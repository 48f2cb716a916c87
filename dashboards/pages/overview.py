"""The first page: are we carrying more than we safely can? (ux, section 3.1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards.figures import Figure, Question, figures, lines, question
from dashboards.figures.now import Health
from dashboards.figures.rows import latest, rolling_out
from dashboards.frame import states
from dashboards.frame.heard_from import environments
from dashboards.frame.marks import GRAVITY, Status, worst
from dashboards.frame.page import Visit, page
from dashboards.frame.panels import known, panel
from dashboards.pages.asking import say_what_is_not_narrowed
from dashboards.pages.attention import looks, watched
from dashboards.pages.lately import ended, lately, telemetry
from dashboards.pages.narrowing import to_services
from dashboards.setup import checklist
from plimsoll.store.marks import Marks, marks
from plimsoll.store.queries.board import has_deployments
from plimsoll.store.queries.teams import TeamName

LAST = 10


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A team with its four metrics, and how the worst of them stands to its mark."""

    name: str
    slug: str
    services: int
    href: str
    figures: tuple[Figure, ...]
    line: Sequence[float | None]
    status: Status


@page("dashboards/overview.html", name="overview")
def overview(visit: Visit) -> Mapping[str, object]:
    """Show the organisation, or the teams that are chosen."""
    heading = _("Overview")
    current = telemetry(visit)
    if current.through is None and not has_deployments():
        steps = checklist(visit) if visit.reader.team is None else None
        return {"heading": heading, "first": _nothing_yet(), "checklist": steps}
    set_marks = marks()
    asked = question(visit.filters, visit.now)
    now = panel(visit, lambda: lately(visit, current, set_marks, environments(visit), visit.filters.clusters))
    say_what_is_not_narrowed(visit)
    return {
        "heading": heading,
        "narrowed": to_services(visit),
        "figures": panel(visit, lambda: figures(asked, set_marks)),
        "looks": panel(visit, lambda: looks(visit, known(now), current)),
        "checked": panel(visit, lambda: _checked(watched(visit, known(now)))),
        "rolling": panel(visit, lambda: rolling_out(asked, known(now))),
        "last": panel(visit, lambda: latest(asked, LAST)),
        "teams": panel(visit, lambda: team_rows(asked, set_marks)),
        "recent": now,
        "ended": ended(
            visit, current, _("The four metrics come from deployments and incidents, and do not end with it.")
        ),
    }


def team_rows(asked: Question, set_marks: Marks) -> list[TeamRow]:
    """Return the teams that are asked for and own something, the worst off first."""
    chosen = asked.names.values() if asked.teams is None else [asked.names[team] for team in asked.teams]
    rows = [_team_row(team, asked, set_marks) for team in chosen if team.services]
    return sorted(rows, key=lambda row: (GRAVITY.index(row.status), row.name.casefold(), row.slug))


def _team_row(team: TeamName, asked: Question, set_marks: Marks) -> TeamRow:
    own_question = asked.of_team(team)
    own = figures(own_question, set_marks, brief=True)
    # A team stands as the worst of its figures that have a mark does.
    status = worst(figure.status for figure in own)
    href = reverse("team", args=[team.slug]) + asked.filters.shared(team=None)
    line = lines(own_question, ("deployment_frequency",))["deployment_frequency"]
    return TeamRow(team.name, team.slug, team.services, href, own, line, status)


def _checked(services: Sequence[Health]) -> str:
    """Return what was looked at where nothing needs a look."""
    with_marks = sum(each.error_mark is not None or each.p95_mark is not None for each in services)
    return ngettext(
        "Looked at: failed deployments of the last 28 days, open incidents of SEV 1 and 2, the marks of %(marked)d "
        "of %(all)d service with traffic, silent clusters, and webhook deliveries that wait or were given up.",
        "Looked at: failed deployments of the last 28 days, open incidents of SEV 1 and 2, the marks of %(marked)d "
        "of %(all)d services with traffic, silent clusters, and webhook deliveries that wait or were given up.",
        len(services),
    ) % {"marked": with_marks, "all": len(services)}


def _nothing_yet() -> states.State:
    """Return that nothing was ever reported, with the way to the first number."""
    return states.not_connected(
        _("Nothing was reported yet: neither a deployment nor a call between services."),
        states.Action(_("Set up"), "/setup/"),
    )
