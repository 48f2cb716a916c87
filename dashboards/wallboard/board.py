"""A whole board: what the store knows and the metrics say, in the words and drawings of its parts."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from dashboards.wallboard import bottom, measures
from dashboards.wallboard.bottom import Part
from dashboards.wallboard.cards import Card, Known, card, titles
from dashboards.wallboard.fresh import Fresh, fresh
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


@dataclass(frozen=True, slots=True)
class Board:
    """All that a board shows. `stops` are the boards that it rotates through, and itself among them."""

    slug: str
    title: str
    subtitle: str
    # whether these are names of outside, not to be translated
    is_name: bool
    is_sub_name: bool
    now: datetime
    zone: ZoneInfo
    fresh: Fresh
    cards: tuple[Card, ...]
    yesterday: Yesterday
    incidents: Incidents
    rolling_out: Part
    new_dependency: Part
    on_call: Part
    strip: Strip
    stops: tuple[Stop, ...]


def board(team: OwnTeam | None, now: datetime, limited_to: Collection[int] | None) -> Board:
    """Return the board of a team, or of the organisation; `limited_to` are the teams whose boards alone may be seen."""
    zone = ZoneInfo(settings.TIME_ZONE)
    facts = reading(start=now - MEMORY, now=now)
    window, limits = window_until(now, zone), marks()
    current = fresh(stored.heard(now), now, zone)
    loads = _loads(facts, window, now, limits, limited_to)
    slug = None if team is None else team.slug
    organisation = stored.organisation_name()
    return Board(
        slug=slug or ALL,
        title=team.name if team is not None else organisation or _("All teams"),
        subtitle=_("All teams") if team is None and organisation else organisation or _("Production, last 28 days"),
        is_name=team is not None or bool(organisation),
        is_sub_name=team is not None and bool(organisation),
        now=now,
        zone=zone,
        fresh=current,
        cards=_cards(facts, window, now, team, limits),
        yesterday=_yesterday(facts, now, zone, team, limits, has_bar=bool(current.bar)),
        incidents=incidents(stored.open_incidents(slug), now, slug, is_known=stored.has_incidents()),
        rolling_out=_rolling_out(slug, now, zone),
        new_dependency=_news(slug, now, zone, has_telemetry=current.through is not None),
        on_call=_on_call(team, now, zone),
        strip=strip(loads, slug or ALL, titles()),
        stops=stops(loads, _("All teams") if limited_to is None else ""),
    )


def _loads(
    facts: Reading, window: Window, now: datetime, limits: Marks, limited_to: Collection[int] | None
) -> list[tuple[OwnTeam, Load | None]]:
    """Return each team with its worst figure; those that never deployed have none."""
    found = []
    for team in stored.own_teams(limited_to):
        answers = facts.answers(window, now, [team.id])
        values = {metric: answers[metric].value for metric in HEADLINES}
        found.append((team, worst(values, {metric: limits.of(metric, team=team.slug) for metric in HEADLINES})))
    return found


def _cards(facts: Reading, window: Window, now: datetime, team: OwnTeam | None, limits: Marks) -> tuple[Card, ...]:
    known = Known(stored.has_deployments(), stored.has_incidents())
    slug = None if team is None else team.slug
    found = numbers(facts, window, now, None if team is None else [team.id])
    return tuple(card(number, limits.of(number.metric, team=slug), window, slug, known) for number in found)


def _yesterday(
    facts: Reading, now: datetime, zone: ZoneInfo, team: OwnTeam | None, limits: Marks, *, has_bar: bool
) -> Yesterday:
    date, whose = local_day(now, zone) - timedelta(days=1), None if team is None else [team.id]
    start, end = day_start(date, zone), day_start(date + timedelta(days=1), zone)
    day = day_of(date, zone, facts.deployments(start, end, whose), now, facts.by)
    failed = [landing.id for landing in day.landings if landing.outcome == "failed"]
    details = stored.failed_deployments(day.window.start, day.window.end, None, failed) if failed else []
    return yesterday(
        day,
        details,
        None if team is None else team.slug,
        limits,
        measures.measured,
        is_known=stored.has_deployments(),
        last=next((each.at for each in facts.before(start, whose) if is_on_line(each, facts.by)), None),
        room=ROOM_BELOW_BAR if has_bar else ROOM,
    )


def _rolling_out(team: str | None, now: datetime, zone: ZoneInfo) -> Part:
    found = stored.rollouts(team, now)
    latest = found[0] if found else None
    told = Measured()
    if latest is not None and latest.service is not None:
        told = measures.lately(latest.service, latest.namespace, latest.environment, now)
    return bottom.rolling_out(found, told, zone)


def _news(team: str | None, now: datetime, zone: ZoneInfo, *, has_telemetry: bool) -> Part:
    since = day_start(local_day(now, zone) - timedelta(days=1), zone)
    found = of_team(measures.news(since, now), team)
    return bottom.new_dependency(found, now, zone, has_telemetry=has_telemetry)


def _on_call(team: OwnTeam | None, now: datetime, zone: ZoneInfo) -> Part:
    duties = stored.duties(None if team is None else team.slug, now)
    is_filled = bool(duties) or stored.has_shifts()
    return bottom.on_call(duties, None if team is None else team.name, now, zone, is_filled=is_filled)
