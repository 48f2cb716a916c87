"""The figures of a node or an edge minute by minute, and since when they are over a mark.

A minute in which nobody told anything is unknown; one in which others were heard of and this was not had no requests:
a rate of zero, and no errors or latency to speak of.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from plimsoll.insight import sketch
from plimsoll.insight.topology.figures import is_metric
from plimsoll.store.queries import minutes as query
from plimsoll.store.queries.minutes import Minute

MINUTE: Final = timedelta(minutes=1)
# So many quiet or good minutes in between do not end a stretch over the mark: one minute of few requests may be lucky.
_BREAK: Final = 2


@dataclass(frozen=True, slots=True)
class Point:
    """A minute. `requests` is None when nothing is known of it."""

    minute: datetime
    requests: float | None = None
    failed: float | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None

    @property
    def rate(self) -> float | None:
        """Requests a second."""
        return None if self.requests is None else self.requests / 60

    @property
    def error_rate(self) -> float | None:
        """The share of the requests that failed."""
        return self.failed / self.requests if self.requests and self.failed is not None else None


def series(rows: Iterable[Minute], start: datetime, end: datetime, told: Collection[datetime]) -> tuple[Point, ...]:
    """Return a point for each minute of [start, end). `told` are the minutes that anything is known of."""
    found: dict[datetime, list[Minute]] = defaultdict(list)
    for row in rows:
        found[row.minute].append(row)
    first = start.replace(second=0, microsecond=0)
    count = max(0, -(-(end - first) // MINUTE))
    # Corrected or as counted is decided for the whole stretch: a mixture would be neither.
    is_corrected = all(row.weight_unknown == 0 for rows in found.values() for row in rows)
    return tuple(_point(first + n * MINUTE, found, told, is_corrected=is_corrected) for n in range(count))


def _point(
    minute: datetime, found: Mapping[datetime, Sequence[Minute]], told: Collection[datetime], *, is_corrected: bool
) -> Point:
    rows = found.get(minute, ())
    if not rows:
        return Point(minute, *((0.0, 0.0) if minute in told else (None, None)))
    weighted = [is_corrected and not row.is_metric for row in rows]
    requests = sum(row.weighted_requests if w else row.requests for row, w in zip(rows, weighted, strict=True))
    failed = sum(row.weighted_failed if w else row.failed for row, w in zip(rows, weighted, strict=True))
    return Point(minute, requests, failed, *_quantiles(rows))


def _quantiles(rows: Sequence[Minute]) -> tuple[float | None, float | None]:
    """Return P50 and P95 of the form of latency that holds most of the minute."""
    parts: dict[tuple[float, ...], list[int]] = defaultdict(list)
    for row in rows:
        for bounds, stored in row.latency.items():
            parts[bounds] += stored
    sketches = {bounds: sketch.unpack(stored) for bounds, stored in parts.items()}
    bounds, buckets = max(sketches.items(), key=lambda item: sum(item[1].values()), default=((), {}))
    at = [sketch.bounded_quantile(buckets, bounds, q) if bounds else sketch.quantile(buckets, q) for q in (0.50, 0.95)]
    p50, p95 = (None if quantile is None else quantile.value_ms for quantile in at)
    return p50, p95


@dataclass(frozen=True, slots=True)
class Onset:
    """Since when a figure is over its mark; `is_earlier` when nothing is known of the time before."""

    since: datetime
    is_earlier: bool


def onset(values: Sequence[tuple[datetime, float | None]], mark: float) -> Onset | None:
    """Return the beginning of the last stretch over the mark, None when the end of the series is not in one.

    Up to two minutes in a row under the mark or without a figure do not end a stretch.
    """
    since: int | None = None
    under = 0
    for n in range(len(values) - 1, -1, -1):
        value = values[n][1]
        if value is not None and value > mark:
            since, under = n, 0
            continue
        under += 1
        if under > _BREAK:
            break
    if since is None:
        return None
    return Onset(values[since][0], is_earlier=all(value is None for _, value in values[:since]))


def read(start: datetime, end: datetime, counted: Collection[tuple[int, int]]) -> tuple[Point, ...]:
    """Return the points of [start, end) of these stored edges, each at one vantage."""
    vantages = {vantage for _, vantage in counted}
    metrics = [vantage for vantage in vantages if is_metric(vantage)]
    return series(query.minutes(start, end, counted, metrics), start, end, query.told_minutes(start, end))
