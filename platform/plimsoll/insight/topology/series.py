"""The figures of a node or an edge minute by minute, and since when they are over a mark.

A minute in which nobody told anything is unknown; one in which others were heard of and this was not had no requests:
a rate of zero, and no errors or latency to speak of.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from plimsoll.insight import sketch
from plimsoll.insight.topology.figures import is_metric
from plimsoll.store.queries import minutes as query
from plimsoll.store.queries.minutes import Minute

MINUTE: Final = timedelta(minutes=1)
# One of so many minutes at the end must be over the mark, or it is over.
_LATEST: Final = 3


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


def excess(points: Iterable[Point], metric: Literal["error_rate", "p95_ms"], mark: float) -> list[float | None]:
    """Return by how much each minute is over a mark, in requests; below it that is negative, None where it is unknown.

    Of errors these are the failed requests beyond those that the mark allows; of latency all requests of the minute,
    by the part of the mark that P95 is over it, to twice the mark at most: one slow minute is not ten.
    """
    found: list[float | None] = []
    for point in points:
        value: float | None = getattr(point, metric)
        if value is None or not point.requests:
            found.append(None)
        elif metric == "error_rate":
            found.append((value - mark) * point.requests)
        else:
            found.append(min(max(value / mark - 1, -1.0), 1.0) * point.requests if mark else point.requests)
    return found


def onset(minutes: Sequence[tuple[datetime, float | None]]) -> Onset | None:
    """Return since when something is over its mark: the minute from which on the excess adds up to the most.

    A lucky minute in between does not end it, nor does one failed request long before begin it. None where nothing
    adds up, or none of the last three known minutes is over the mark.
    """
    known = [value for _, value in minutes if value is not None]
    if not any(value > 0 for value in known[-_LATEST:]):
        return None
    best, since, total = 0.0, None, 0.0
    for n in range(len(minutes) - 1, -1, -1):
        total += minutes[n][1] or 0.0
        if total > best and (minutes[n][1] or 0.0) > 0:
            best, since = total, n
    if since is None:
        return None
    return Onset(minutes[since][0], is_earlier=all(value is None for _, value in minutes[:since]))


def read(start: datetime, end: datetime, counted: Collection[tuple[int, int]]) -> tuple[Point, ...]:
    """Return the points of [start, end) of these stored edges, each at one vantage."""
    vantages = {vantage for _, vantage in counted}
    metrics = [vantage for vantage in vantages if is_metric(vantage)]
    return series(query.minutes(start, end, counted, metrics), start, end, query.told_minutes(start, end))
