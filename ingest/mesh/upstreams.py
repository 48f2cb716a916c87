"""Statistics of a proxy's upstream that wait for its protocol to show.

`upstream_rq_total` counts tries of requests, or connections where the upstream is spoken to by TCP alone
(mesh-dialects, section 5.2); the statistic that tells may come in another request, before or after.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from ingest.mesh.points import COUNT, Increment, Meaning, Point

_LONGEST_WAIT: Final = 15
_MINUTES_PER_DAY: Final = 1440

Counted = tuple[Increment, Meaning]


def settled(stored: bytes, points: Sequence[Point], waiting: Iterable[Counted]) -> tuple[bytes, list[Counted]]:
    """Return an upstream's new state, and what counts because the protocol has shown.

    `waiting` is what its statistics grew by just now.
    """
    state: dict[str, Any] = json.loads(stored) if stored else {}
    shown = {point.known.meaning.shows for point in points} | {state.get("shows", "")}
    protocol = "http" if "http" in shown else "tcp" if "tcp" in shown else ""
    counts: dict[str, dict[str, float]] = state.get("waiting", {})
    for increment, meaning in waiting:
        by_minute = counts.setdefault(meaning.counters[0], {})
        minute = str(increment.minute)
        by_minute[minute] = by_minute.get(minute, 0.0) + increment.values.get(COUNT, 0.0)
    lane = points[0].known.meaning.lane
    if not protocol or lane is None:
        return _encoded({"waiting": {counter: _shortened(by_minute) for counter, by_minute in counts.items()}}), []
    counted = []
    for counter, by_minute in counts.items():
        is_opened = protocol == "tcp" and counter == "attempts"
        meaning = Meaning(
            lane=lane._replace(protocol=protocol), counters=("requests", "attempts") if is_opened else (counter,)
        )
        for minute, n in by_minute.items():
            counted.append((Increment(_near(int(minute), points[0].minute), {COUNT: n}), meaning))
    return _encoded({"shows": protocol}), counted


def _encoded(state: dict[str, Any]) -> bytes:
    return json.dumps(state, separators=(",", ":")).encode()


def _shortened(by_minute: dict[str, float]) -> dict[str, float]:
    """Return what waits with `_LONGEST_WAIT` minutes told apart; what is older is added to the oldest of them."""
    minutes = sorted(by_minute, key=int)
    kept = {minute: by_minute[minute] for minute in minutes[-_LONGEST_WAIT:]}
    for minute in minutes[:-_LONGEST_WAIT]:
        kept[minutes[-_LONGEST_WAIT]] += by_minute[minute]
    return kept


def _near(minute: int, now: int) -> int:
    """Return a minute of the same day as now: the tables are cut by days, and the writer makes those of its points."""
    return minute if minute // _MINUTES_PER_DAY == now // _MINUTES_PER_DAY else now
