"""Metric points as small records: what a series means, and what one point says."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from types import MappingProxyType
from typing import Final, NamedTuple

from ingest.mesh.dialect import Context
from plimsoll.store.cells import Cells, Lane, NodeLane, Ref

DELTA: Final = 1
CUMULATIVE: Final = 2

Bounds = tuple[float, ...]
Numbers = tuple[float, ...]
Values = dict[int, float]
Buckets = Mapping[int, float]

# Above it not every whole number is a double: a counter that says more is broken, and would spoil the sums it adds to.
MOST_COUNT: Final = 2**53
# What is added at once to a whole number in the database at the most, so that many together still fit: a bucket has 40
# bits. No series has so many calls in a minute.
_MOST_OBSERVED: Final = 2**28
NO_MORE: Final[Buckets] = MappingProxyType({})

# Keys of `Values` beside the buckets of a histogram; the value of a sum stands under COUNT.
COUNT: Final = 1_000_000
SUM: Final = 1_000_001

_DAY_NS: Final = 86_400_000_000_000
_LONGEST_LIFE_NS: Final = 400 * _DAY_NS
# Starts are known to a microsecond.
START_NS: Final = 1_000
_LEEWAY_NS: Final = 60_000_000_000


class Series(NamedTuple):
    """What tells a metric series from others: its name without a prefix, its unit and labels, and who sent it."""

    name: str
    unit: str
    attributes: Mapping[str, str]
    resource: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the increments of a series add to.

    A series without lane and node says nothing (`drop` is why). `counters` of the lane grow by the increment;
    `is_latency` adds it to the latency instead. `node` takes requests without a caller, or to itself. `cluster` is the
    proxy's upstream where one statistic tells the protocol of another: `shows` is what this series proves.
    """

    drop: str = ""
    lane: Lane | None = None
    counters: tuple[str, ...] = ()
    is_latency: bool = False
    node: NodeLane | None = None
    is_internal: bool = False
    alias: Ref | None = None
    cluster: str = ""
    shows: str = ""


@dataclass(frozen=True, slots=True)
class MetricDialect:
    """One row of the detection table for metrics (mesh-dialects, section 3): names decide."""

    name: str
    claims: Callable[[str], bool]
    meaning: Callable[[Series, Context], Meaning]


@dataclass(frozen=True, slots=True)
class Known:
    """A series as the receiver knows it: its key, the name of its metric, and what it means.

    `upstream` is the key of the proxy's upstream when `meaning.cluster` is set. `replica` names the collector that
    sends it, where several may (mesh-dialects, section 6.7): it is no part of the key.
    """

    key: bytes
    name: str
    temporality: int
    meaning: Meaning
    upstream: bytes = b""
    replica: str = ""

    @property
    def counts(self) -> bool:
        """Whether it matters how much the series grows."""
        return bool(self.meaning.counters or self.meaning.is_latency or self.meaning.node is not None)


class Answer(NamedTuple):
    """What the sender of a request is told, and what ingest health counts: by reason, how many points were refused."""

    rejected: dict[str, int]
    health: Counter[tuple[str, str]]


class Point(NamedTuple):
    """One point of a series.

    `numbers` is the value of a sum, or a histogram's count, sum and buckets; `bounds` are the upper bounds in ms of the
    buckets. An exponential histogram that fits the fine sketch has no bounds and its buckets in `more`.
    """

    known: Known
    start_ns: int
    time_ns: int
    minute: int
    numbers: Numbers
    bounds: Bounds = ()
    more: Buckets = NO_MORE
    answer: Answer | None = None

    @property
    def values(self) -> Values:
        """The counts by bucket, and under COUNT and SUM the number and the sum of all."""
        return {**values_of(self.numbers), **self.more}


# What the points of a series are sorted by before they are counted: start and time.
in_order: Final[Callable[[Point], tuple[int, int]]] = itemgetter(1, 2)


def values_of(numbers: Numbers) -> Values:
    """Return the numbers of a point by bucket; empty buckets are left out."""
    if len(numbers) == 1:
        return {COUNT: numbers[0]}
    values = {bucket: n for bucket, n in enumerate(numbers[2:]) if n}
    values[COUNT], values[SUM] = numbers[:2]
    return values


class Increment(NamedTuple):
    """What a series grew by in an epoch minute."""

    minute: int
    values: Values
    bounds: Bounds = ()


def repaired_start(start: int, time_ns: int) -> int:
    """Return a start time in nanoseconds, or 0 when it is unknown (mesh-dialects, section 6.3).

    Envoy 1.40 sends its first start in microseconds; seconds and milliseconds are tried as well. The result is in whole
    microseconds, so that the same start in both units is one.
    """
    if start <= 0:
        return 0
    for factor in (1, 1_000, 1_000_000, 1_000_000_000):
        if time_ns - _LONGEST_LIFE_NS <= start * factor <= time_ns + _LEEWAY_NS:
            return start * factor // START_NS * START_NS
    return 0


def apply(increment: Increment, meaning: Meaning, cells: Cells) -> None:
    """Add an increment to what its series means."""
    n = increment.values.get(COUNT, 0.0)
    if meaning.node is not None and n:
        inside = n if meaning.is_internal else 0.0
        cells.add_node(*meaning.node, increment.minute, unattributed=n - inside, internal=inside)
    lane = meaning.lane
    if lane is None:
        return
    if meaning.is_latency:
        _apply_latency(increment, lane, cells)
    elif n:
        _apply_count(n, increment.minute, meaning, lane, cells)


def _apply_count(n: float, minute: int, meaning: Meaning, lane: Lane, cells: Cells) -> None:
    cell = cells.cell(lane, minute)
    for counter in meaning.counters:
        setattr(cell, counter, getattr(cell, counter) + n)
    if "requests" in meaning.counters or "denied" in meaning.counters:
        cell.observed += min(round(n), _MOST_OBSERVED)
    if meaning.alias is not None and n > 0:
        cells.alias(meaning.alias, lane.server)


def _apply_latency(increment: Increment, lane: Lane, cells: Cells) -> None:
    buckets = {bucket: round(n) for bucket, n in increment.values.items() if bucket < COUNT and round(n) > 0}
    if buckets:
        cell = cells.cell(lane, increment.minute, increment.bounds)
        cell.add_latency(buckets, increment.values.get(SUM, 0.0))
        latency = cell.latency
        latency.update({bucket: _MOST_OBSERVED for bucket in buckets if latency[bucket] > _MOST_OBSERVED})
