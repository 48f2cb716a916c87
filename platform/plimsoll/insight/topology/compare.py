"""What changed between two windows: which edges are new, gone, slower, or fail more.

A map shows hundreds of edges, so a difference is called one only when chance is not enough to explain it. The rules:

- **errors**: 100 requests in each window; the rate rose by half a percentage point and by five failed requests more
  than before would have been, and by more than three standard errors of the difference.
- **slower**: 100 requests in each window; P95 rose by a fifth and by 5 ms, and by more than three standard errors. The
  error of a P95 of n requests is taken as 1.5 / sqrt(n) of its value (log-normal latencies whose logarithm has a
  standard deviation of 0.7; exponential ones differ by little).
- **gone**: none after, where at the pace of before there would have been 20, while the caller was still heard of:
  chance leaves out twenty once in five hundred million times.
- **new**: seen for the first time in the second window, or in the first one after which it was compared.
- **same**: none of these, with 100 requests in each window. All else is **unknown**: shown, never judged.

Both more errors and slower is `errors`: a request that fails is worse than one that waits.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import log, sqrt
from typing import Final, Literal, Protocol

Verdict = Literal["new", "gone", "slower", "errors", "same", "unknown"]

ENOUGH: Final = 100
ENOUGH_TO_MISS: Final = 20
MORE_ERRORS: Final = 0.005
MORE_FAILED: Final = 5.0
SLOWER: Final = 1.2
SLOWER_MS: Final = 5.0
STANDARD_ERRORS: Final = 3.0
_P95_ERROR: Final = 1.5


class Counted(Protocol):
    """The figures of an edge or a node in one window; edge and node rows are such."""

    @property
    def requests(self) -> float: ...
    @property
    def failed(self) -> float: ...
    @property
    def error_rate(self) -> float | None: ...
    @property
    def p95_ms(self) -> float | None: ...


class CountedEdge(Counted, Protocol):
    """An edge in one window."""

    @property
    def id(self) -> str: ...
    @property
    def first_seen(self) -> datetime: ...


class Why(StrEnum):
    """Why an edge is not judged."""

    FEW = "few"
    NOT_HEARD_OF = "not_heard_of"
    NOT_ALIKE = "not_alike"
    QUIET_BEFORE = "quiet_before"
    UNWATCHED = "unwatched"
    JUDGED = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What became of an edge or a node; `why` says why it is unknown."""

    verdict: Verdict
    why: Why = Why.JUDGED


def changes(
    before: Iterable[CountedEdge],
    after: Iterable[CountedEdge],
    *,
    since: datetime,
    silent: Iterable[str] = (),
    unlike: Iterable[str] = (),
    unwatched: Iterable[str] = (),
    pace: float = 1.0,
) -> dict[str, Change]:
    """Return what became of each edge of two windows, the first of which begins at `since`.

    `silent`: edges whose caller was not heard of after; `unlike`: edges whose windows were counted from different
    vantages; `unwatched`: edges of clusters that told nothing before; `pace`: how many times as long as the first
    window the second one is.
    """
    first = {edge.id: edge for edge in before}
    second = {edge.id: edge for edge in after}
    unheard, different, untold = frozenset(silent), frozenset(unlike), frozenset(unwatched)
    found: dict[str, Change] = {}
    for id_ in sorted(first.keys() | second.keys()):
        if id_ in different:
            found[id_] = Change("unknown", Why.NOT_ALIKE)
        elif id_ not in first and id_ in untold:
            found[id_] = Change("unknown", Why.UNWATCHED)
        elif id_ not in first:
            is_new = second[id_].first_seen >= since
            found[id_] = Change("new") if is_new else Change("unknown", Why.QUIET_BEFORE)
        elif id_ not in second:
            found[id_] = _missing(first[id_].requests * pace, is_heard=id_ not in unheard)
        else:
            found[id_] = change(first[id_], second[id_])
    return found


def _missing(expected: float, *, is_heard: bool) -> Change:
    if expected < ENOUGH_TO_MISS:
        return Change("unknown", Why.FEW)
    return Change("gone") if is_heard else Change("unknown", Why.NOT_HEARD_OF)


def change(before: Counted, after: Counted) -> Change:
    """Return what became of an edge or a node that both windows show."""
    if min(before.requests, after.requests) < ENOUGH:
        return Change("unknown", Why.FEW)
    if fails_more(before, after):
        return Change("errors")
    return Change("slower" if is_slower(before, after) else "same")


def fails_more(before: Counted, after: Counted) -> bool:
    """Whether the error rate rose by more than chance; False below a hundred requests."""
    if before.error_rate is None or after.error_rate is None or min(before.requests, after.requests) < ENOUGH:
        return False
    more = after.error_rate - before.error_rate
    both = (before.failed + after.failed) / (before.requests + after.requests)
    error = sqrt(max(both * (1 - both), 0.0) * (1 / before.requests + 1 / after.requests))
    return more >= MORE_ERRORS and more * after.requests >= MORE_FAILED and more > STANDARD_ERRORS * error


def is_slower(before: Counted, after: Counted) -> bool:
    """Whether P95 rose by more than chance; False below a hundred requests."""
    return _rose(before, after)


def is_faster(before: Counted, after: Counted) -> bool:
    """Whether P95 fell by more than chance; False below a hundred requests."""
    return _rose(after, before)


def _rose(low: Counted, high: Counted) -> bool:
    if not low.p95_ms or not high.p95_ms or min(low.requests, high.requests) < ENOUGH:
        return False
    error = _P95_ERROR * sqrt(1 / low.requests + 1 / high.requests)
    ratio = high.p95_ms / low.p95_ms
    return ratio >= SLOWER and high.p95_ms - low.p95_ms >= SLOWER_MS and log(ratio) > STANDARD_ERRORS * error


def grown(before: float | None, after: float | None) -> float | None:
    """Return by which ratio a figure grew (0.5 is half as much again), None where there is nothing to divide by."""
    return after / before - 1 if before and after is not None else None


def tally(found: Mapping[str, Verdict]) -> dict[Verdict, int]:
    """Return how many edges came to each verdict, those with none left out."""
    counts: dict[Verdict, int] = {}
    for verdict in found.values():
        counts[verdict] = counts.get(verdict, 0) + 1
    return counts
