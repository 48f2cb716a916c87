"""Readings that a process keeps between requests, brought up to date before each use: never a stale number.

The facts of a service's deliveries depend on rows of that service alone, so when something was written only the
services that it touched are read again, and incidents, which are few. New owners, other environments and deletions
begin anew.
"""

import threading
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from plimsoll.insight.dora.facts import definition_of, facts_of
from plimsoll.insight.dora.reading import Reading
from plimsoll.insight.metrics.definition import Definition
from plimsoll.insight.metrics.windows import Window
from plimsoll.store.facts import DeliveryFacts
from plimsoll.store.queries import changed, delivery
from plimsoll.store.queries.changed import Standing, Touched
from plimsoll.store.queries.delivery import Scope, Series

_MOST_KEPT = 4
# Read beyond now, so that a day later nothing that senders dated ahead is missing.
_AHEAD = timedelta(days=2)
# Reading more services than this one by one costs more than reading all of them.
_MANY = 50


@dataclass(frozen=True, slots=True)
class _Kept:
    """A reading and what it stands on."""

    reading: Reading
    facts: DeliveryFacts
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
    return _Kept(found, facts, tuple(series), services, standing, horizon, window.end)


def _refreshed(
    key: _Key, known: _Kept, touched: Touched, services: Collection[int], horizon: datetime, standing: Standing
) -> _Kept:
    """Read the services again, and all incidents."""
    names = delivery.names().services
    wanted = {names[service] for service in services if service in names}
    again = {service for service, name in names.items() if name in wanted}
    narrow = Scope(services=tuple(sorted(wanted)), environments=key[0])
    by, window = key[1], Window(known.reading.start, known.until, ZoneInfo("UTC"))
    news = delivery.series(narrow) if wanted else []
    own = facts_of(narrow, window, by, news) if wanted else DeliveryFacts()
    facts = _merged(known.facts, own, again, window)
    series = (*(each for each in known.series if each.service_id not in again), *news)
    found = Reading(window.start, by, facts, series)
    found.take_over(known.reading)
    rows = known.services | dict(touched.deployments) | {each.id: each.service_id for each in own.deployments}
    return _Kept(found, facts, series, rows, standing, horizon, known.until)


def _merged(before: DeliveryFacts, news: DeliveryFacts, services: Collection[int], window: Window) -> DeliveryFacts:
    """Return the facts before with those of the services replaced, and with incidents as they are now."""
    gone = {each.id for each in before.deployments if each.service_id in services}
    deployments = (*(each for each in before.deployments if each.id not in gone), *news.deployments)
    carried = (*(each for each in before.carried if each.deployment_id not in gone), *news.carried)
    ids = [each.id for each in deployments if each.at in window]
    _, caused = delivery.incidents(Scope(), window.start, window.start, ids)
    return DeliveryFacts(deployments, carried, (), tuple(caused))
