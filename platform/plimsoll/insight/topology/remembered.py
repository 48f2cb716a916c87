"""Maps that were put together before: one is the same for as long as every row that it is made of is."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from plimsoll.insight.topology.merging import REMEMBERED, gone_since, merged
from plimsoll.insight.topology.vertices import Scope, Whole
from plimsoll.store.queries import topology as query

_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a map depends on. Minutes count whole, so where in its last minute a window ends is the same to it."""

    start: datetime
    minutes_end: datetime
    end: datetime = field(compare=False)
    scope: Scope
    versions: query.Versions


def whole(*, start: datetime, end: datetime, scope: Scope) -> Whole:
    """Return the map of [start, end): minutes count whole, the one that `start` falls into too."""
    start = start.replace(second=0, microsecond=0)
    # Asked before the map is read: what changes while it is being read makes another map of the next one.
    versions = query.versions(start, end, start - REMEMBERED, gone_since(start, end))
    found = _merged(_Asked(start, _ceiling(end), end, scope, versions))
    return found if found.end == end else found.until(end)


# A map of two thousand edges is some megabytes.
@lru_cache(maxsize=16)
def _merged(asked: _Asked) -> Whole:
    return merged(asked.start, asked.end, asked.scope)


def _ceiling(moment: datetime) -> datetime:
    floor = moment.replace(second=0, microsecond=0)
    return floor if floor == moment else floor + _MINUTE
