"""Maps that were put together before: the same minutes with the same traffic and the same names give the same map."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from plimsoll.insight.topology import Scope, Whole, whole
from plimsoll.insight.topology.compare_windows import Comparison, Windows, comparison
from plimsoll.insight.topology.names import names
from plimsoll.store.queries import changed, tiers
from plimsoll.store.queries import topology as query


def kept_whole(start: datetime, end: datetime, scope: Scope) -> Whole:
    """Return the map of a window."""
    return _whole(start, end, scope, changed.traffic(start, end), _named())


def kept_comparison(sides: Windows, scope: Scope) -> Comparison:
    """Return the comparison of two windows."""
    return _comparison(sides, scope, changed.traffic(*sides.before), changed.traffic(*sides.after), _named())


def _named() -> int:
    """Return what tells whether names still mean the same: which are one, and whose they are."""
    known = names(query.nodes(), query.aliases())
    facts: tuple[Mapping[int, object], ...] = (known.nodes, known.instead, tiers.declared())
    return hash(tuple(tuple(sorted(each.items())) for each in facts))


# A map of two thousand edges is some megabytes.
@lru_cache(maxsize=8)
def _whole(start: datetime, end: datetime, scope: Scope, traffic: int, named: int) -> Whole:
    return whole(start=start, end=end, scope=scope)


@lru_cache(maxsize=32)
def _comparison(sides: Windows, scope: Scope, before: int, after: int, named: int) -> Comparison:
    return comparison(sides, scope)
