"""Readings that a process keeps between requests, brought up to date before each use: never a stale number.

The facts of a service's deliveries depend on rows of that service alone, and of incidents that they caused, so when
something was written only the services that it touched are read again, and what the incidents that it touched caused.
What was computed of other teams stays, and of their own all that was before. New owners, other environments and
deletions begin anew.
"""

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Collection, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from plimsoll.insight.dora.facts import definition_of, facts_of
from plimsoll.insight.dora.reading import Reading
from plimsoll.insight.dora.team_facts import TeamId, by_team
from plimsoll.insight.metrics.definition import Definition
from plimsoll.insight.metrics.windows import Window
from plimsoll.store.facts import DeliveryFacts
from plimsoll.store.queries import changed, delivery
from plimsoll.store.queries.changed import Standing, Touched
from plimsoll.store.queries.delivery import Scope, Series

_MOST_KEPT = 4
_MOST_TURNS = 64
# Read beyond now, so that a day later nothing that senders dated ahead is missing.
_AHEAD = timedelta(days=2)
# Reading more services than this one by one costs more than reading all of them.
_MANY = 50


@dataclass(frozen=True, slots=True)
class _Kept:
    """A reading and what it stands on."""

    reading: Reading
    series: tuple[Series, ...]
    # of each deployment row, attempts and rollouts too
    services: dict[int, int | None]
    standing: Standing
    # whatever becomes visible after it was read was written at or after this moment
    horizon: datetime
    until: datetime

    def reaches(self, start: datetime, now: datetime) -> bool:
        """Whether it covers the time from `start` to `now`, and the day after for what follows a deployment."""
        return self.reading.start <= start and now + self.reading.by.attribution_window <= self.until


_Key = tuple[tuple[str, ...], Definition]
_kept: OrderedDict[_Key, _Kept] = OrderedDict()
_lock = threading.Lock()
# Who asks for what is being read waits for it rather than read it too.
_turns: defaultdict[_Key, threading.Lock] = defaultdict(threading.Lock)


def reading(
    *,
    start: datetime,
    now: datetime,
    environments: Sequence[str] = (),
    environment_classes: Sequence[str] = ("production",),
    services: Sequence[str] = (),
    definition: str = "standard",
) -> Reading:
    """Return the facts of all teams since `start` as they are now, from memory where nothing was written since.

    Facts of single services are few: they are read by themselves and not kept.
    """
    key = (tuple(environments), definition_of(definition, environment_classes))
    with nullcontext() if services else _turn(key):
        # Before anything is read: what is written meanwhile is read once more the next time.
        horizon, standing = changed.horizon(), changed.standing()
        if services or standing.catalog is None:
            return _read(key, start, now, horizon, standing, services).reading
        with _lock:
            known = _kept.get(key)
        found = _current(key, known, start, now, horizon, standing)
        with _lock:
            _kept[key] = found
            _kept.move_to_end(key)
            while len(_kept) > _MOST_KEPT:
                _kept.popitem(last=False)
    return found.reading


def _turn(key: _Key) -> threading.Lock:
    with _lock:
        # The locks that are held are kept by who holds them; a new one means at worst that something is read twice.
        if len(_turns) >= _MOST_TURNS:
            _turns.clear()
        return _turns[key]


def forget() -> None:
    """Forget all readings."""
    with _lock:
        _kept.clear()


def _current(
    key: _Key, known: _Kept | None, start: datetime, now: datetime, horizon: datetime, standing: Standing
) -> _Kept:
    """Return the reading as it is now, of what is known as much as still holds."""
    if known is None or not known.reaches(start, now):
        return _read(key, start, now, horizon, standing)
    touched = changed.touched(known.horizon)
    if standing.is_same_but_for(known.standing, (row for row, _ in touched.deployments)):
        if not touched:
            return replace(known, horizon=horizon)
        services = {service for _, service in touched.deployments} | touched.services
        services |= {known.services.get(row) for row, _ in touched.deployments if row in known.services}
        if None not in services and len(services) <= _MANY:
            ids = {service for service in services if service is not None}
            return _refreshed(key, known, touched, ids, horizon, standing)
    found = _read(key, known.reading.start, now, horizon, standing)
    found.reading.take_over(known.reading)
    return found


def _read(
    key: _Key, start: datetime, now: datetime, horizon: datetime, standing: Standing, only: Sequence[str] = ()
) -> _Kept:
    """Read everything, or everything of some services."""
    by, scope = key[1], Scope(services=tuple(only), environments=key[0])
    window = Window(start, now + _AHEAD, ZoneInfo("UTC"))
    series = delivery.series(scope)
    facts = facts_of(scope, window, by, series)
    services = {} if only else delivery.services_of_rollouts()
    services |= {each.id: each.service_id for each in facts.deployments}
    found = Reading(window.start, by, facts, series)
    return _Kept(found, tuple(series), services, standing, horizon, window.end)


def _refreshed(
    key: _Key, known: _Kept, touched: Touched, services: Collection[int], horizon: datetime, standing: Standing
) -> _Kept:
    """Read the services again, and what the incidents caused."""
    names = delivery.names().services
    wanted = {names[service] for service in services if service in names}
    again = {service for service, name in names.items() if name in wanted}
    narrow = Scope(services=tuple(sorted(wanted)), environments=key[0])
    by, window = key[1], Window(known.reading.start, known.until, ZoneInfo("UTC"))
    news = delivery.series(narrow) if wanted else []
    own = facts_of(narrow, window, by, news) if wanted else DeliveryFacts()
    series = (*(each for each in known.series if each.service_id not in again), *news)
    rows = known.services | dict(touched.deployments) | {each.id: each.service_id for each in own.deployments}
    causes = _causes(known.reading, touched)
    again_too = again | {rows[cause] for cause in causes if cause in rows}
    whose = {each.team_id for each in (*known.series, *news) if each.service_id in again_too}
    facts = _merged(known.reading, own, whose, again, causes, window)
    teams = by_team(facts, (each for each in series if each.team_id in whose), by)
    return _Kept(known.reading.renewed(whose, teams), series, rows, standing, horizon, known.until)


def _causes(reading: Reading, touched: Touched) -> set[int]:
    """Return the deployments that the incidents are or were said to be caused by."""
    incidents = {incident for incident, _ in touched.incidents}
    now = {cause for _, cause in touched.incidents if cause is not None}
    if not incidents:
        return now
    told = (pair for team in reading.teams.values() for pair in team.caused.items())
    return now | {cause for cause, caused in told if any(each.id in incidents for each in caused)}


def _merged(
    before: Reading,
    news: DeliveryFacts,
    whose: Collection[TeamId],
    services: Collection[int],
    causes: Collection[int],
    window: Window,
) -> DeliveryFacts:
    """Return the facts of teams with those of the services replaced, and with what the deployments caused as it is."""
    others = [before.teams[team].without(services) for team in whose if team in before.teams]
    deployments = [*(each for part in others for each in part.deployments), *news.deployments]
    own = {each.id for each in news.deployments} | set(causes)
    ids = [each.id for each in deployments if each.id in own and each.at in window]
    caused = [each for part in others for each in part.caused if each.caused_by not in own]
    if ids:
        caused += delivery.incidents(Scope(), window.start, window.start, ids)[1]
    carried = (*(each for part in others for each in part.carried), *news.carried)
    return DeliveryFacts(tuple(deployments), carried, (), tuple(caused))
