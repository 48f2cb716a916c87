"""A whole board: what the store knows and the metrics say, in the words and drawings of its parts."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from dashboards.frame.panels import known, panel
from dashboards.frame.states import State
from dashboards.wallboard import bottom, measures
from dashboards.wallboard.bottom import Part
from dashboards.wallboard.cards import Card, Known, card, titles
from dashboards.wallboard.fresh import Fresh, fresh, unheard
from dashboards.wallboard.incidents import Incidents, incidents
from dashboards.wallboard.strip import ALL, Stop, Strip, stops, strip
from dashboards.wallboard.yesterday import ROOM, ROOM_BELOW_BAR, Measured, Yesterday, yesterday
from plimsoll.insight.board.day import day_of, is_on_line
from plimsoll.insight.board.load import Load, worst
from plimsoll.insight.board.news import of_team
from plimsoll.insight.board.numbers import MEMORY, numbers, window_until
from plimsoll.insight.dora.kept import reading
from plimsoll.insight.dora.reading import Reading
from plimsoll.insight.metrics.parts import HEADLINES
from plimsoll.insight.metrics.windows import Window, day_start, local_day
from plimsoll.store.marks import Marks, marks
from plimsoll.store.queries import board as stored
from plimsoll.store.queries.board import OwnTeam

T = TypeVar("T")
_Teams = Sequence[OwnTeam]
_Loads = Sequence[tuple[OwnTeam, Load | None]]


@dataclass(frozen=True, slots=True)
class Board:
    """All that a board shows. `stops` are the boards that it rotates through, and itself among them.

    A region that could not be computed is the state that says so.
    """

    slug: str
    title: str
    subtitle: str
    # whether these are names of outside, not to be translated
    is_name: bool
    is_sub_name: bool
    now: datetime
    zone: ZoneInfo
    fresh: Fresh
    cards: tuple[Card, ...] | State
    yesterday: Yesterday | State
    incidents: Incidents | State
    rolling_out: Part
    new_dependency: Part
    on_call: Part
    strip: Strip | State
    stops: tuple[Stop, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """A look at the board of a team, or of the organisation; `teams` are those whose boards alone may be seen."""

    request: HttpRequest
    team: OwnTeam | None
    now: datetime
    zone: ZoneInfo
    teams: Collection[int] | None

    @property
    def slug(self) -> str | None:
        """The team's, None for the organisation."""
        return None if self.team is None else self.team.slug


@dataclass(frozen=True, slots=True)
class _Facts:
    """What several regions are computed from: deployments and incidents, the last four weeks, and the marks."""

    reading: Reading
    window: Window
    limits: Marks


def _region(look: Look, compute: Callable[[], T]) -> T | State:
    return panel(look, compute, _("This could not be computed. The rest of the board works."))


def board(request: HttpRequest, team: OwnTeam | None, now: datetime, limited_to: Collection[int] | None) -> Board:
    """Return the board of a team, or of the organisation; each region fails alone."""
    look = Look(request, team, now, ZoneInfo(settings.TIME_ZONE), limited_to)
    facts = _region(look, lambda: _Facts(reading(start=now - MEMORY, now=now), window_until(now, look.zone), marks()))
    heard = _region(look, lambda: fresh(stored.heard(now), now, look.zone))
    current = unheard() if isinstance(heard, State) else heard
    own = _region(look, lambda: stored.own_teams(limited_to))
    loads = _region(look, lambda: _loads(known(facts), known(own), now))
    named = _region(look, stored.organisation_name)
    organisation = "" if isinstance(named, State) else named
    return Board(
        slug=look.slug or ALL,
        title=team.name if team is not None else organisation or _("All teams"),
        subtitle=_("All teams") if team is None and organisation else organisation or _("Production, last 28 days"),
        is_name=team is not None or bool(organisation),
        is_sub_name=team is not None and bool(organisation),
        now=now,
        zone=look.zone,
        fresh=current,
        cards=_region(look, lambda: _cards(look, known(facts))),
        yesterday=_region(look, lambda: _yesterday(look, known(facts), has_bar=bool(current.bar))),
        incidents=_region(look, lambda: _incidents(look)),
        rolling_out=bottom.part(_region(look, lambda: _rolling_out(look))),
        new_dependency=bottom.part(_region(look, lambda: _news(look, has_telemetry=known(heard).through is not None))),
        on_call=bottom.part(_region(look, lambda: _on_call(look))),
        strip=_region(look, lambda: strip(known(loads), look.slug or ALL, titles())),
        stops=stops(_turns(look, own, loads), _("All teams") if limited_to is None else ""),
    )


def _loads(facts: _Facts, teams: _Teams, now: datetime) -> _Loads:
    """Return each team with its worst figure; those that never deployed have none."""
    found = []
    for team in teams:
        answers = facts.reading.answers(facts.window, now, [team.id])
        values = {metric: answers[metric].value for metric in HEADLINES}
        found.append((team, worst(values, {metric: facts.limits.of(metric, team=team.slug) for metric in HEADLINES})))
    return found


def _turns(look: Look, own: _Teams | State, loads: _Loads | State) -> _Loads:
    """Return the teams whose boards take turns: also without their figures, and this one where others are unknown."""
    if not isinstance(loads, State):
        return loads
    here = [] if look.team is None else [look.team]
    return [(each, None) for each in (here if isinstance(own, State) else own)]


def _cards(look: Look, facts: _Facts) -> tuple[Card, ...]:
    ever = Known(stored.has_deployments(), stored.has_incidents())
    found = numbers(facts.reading, facts.window, look.now, None if look.team is None else [look.team.id])
    return tuple(
        card(number, facts.limits.of(number.metric, team=look.slug), facts.window, look.slug, ever) for number in found
    )


def _yesterday(look: Look, facts: _Facts, *, has_bar: bool) -> Yesterday:
    date, whose = local_day(look.now, look.zone) - timedelta(days=1), None if look.team is None else [look.team.id]
    start, end = day_start(date, look.zone), day_start(date + timedelta(days=1), look.zone)
    told = facts.reading
    day = day_of(date, look.zone, told.deployments(start, end, whose), look.now, told.by)
    failed = [landing.id for landing in day.landings if landing.outcome == "failed"]
    details = stored.failed_deployments(day.window.start, day.window.end, None, failed) if failed else []
    return yesterday(
        day,
        details,
        look.slug,
        facts.limits,
        measures.measured,
        is_known=stored.has_deployments(),
        last=next((each.at for each in told.before(start, whose) if is_on_line(each, told.by)), None),
        room=ROOM_BELOW_BAR if has_bar else ROOM,
    )


def _incidents(look: Look) -> Incidents:
    return incidents(stored.open_incidents(look.slug), look.now, look.slug, is_known=stored.has_incidents())


def _rolling_out(look: Look) -> Part:
    found = stored.rollouts(look.slug, look.now)
    latest = found[0] if found else None
    told = Measured()
    if latest is not None and latest.service is not None:
        told = measures.lately(latest.service, latest.namespace, latest.environment, look.now)
    return bottom.rolling_out(found, told, look.zone)


def _news(look: Look, *, has_telemetry: bool) -> Part:
    since = day_start(local_day(look.now, look.zone) - timedelta(days=1), look.zone)
    found = of_team(measures.news(since, look.now), look.slug)
    return bottom.new_dependency(found, look.now, look.zone, has_telemetry=has_telemetry)


def _on_call(look: Look) -> Part:
    duties = stored.duties(look.slug, look.now)
    is_filled = bool(duties) or stored.has_shifts()
    name = None if look.team is None else look.team.name
    return bottom.on_call(duties, name, look.now, look.zone, is_filled=is_filled)
