"""What the counts of a vantage stand for: corrected for sampling or as observed, and compared with like (section 9)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from plimsoll.store.cells import (
    L4,
    METRIC_CLIENT,
    METRIC_DERIVED,
    METRIC_PROXY,
    METRIC_SERVER,
    SPAN_SERVER_APP,
    SPAN_SERVER_PROXY,
)
from plimsoll.store.traffic_facts import EdgeTotal

_SERVER_SIDE: Final = {METRIC_SERVER, SPAN_SERVER_PROXY, SPAN_SERVER_APP}


@dataclass(frozen=True, slots=True)
class Figures:
    """The counts of an edge as they are shown."""

    requests: float
    attempts: float
    failed: float
    client_errors: float
    throttled: float
    aborted: float
    unreached: float


def is_metric(vantage: int) -> bool:
    """Whether metrics were counted there, ztunnel's connections among them; spans may be a sample."""
    return vantage <= METRIC_DERIVED or vantage == L4


def is_corrected(total: EdgeTotal) -> bool:
    """Whether its counts are corrected for sampling: spans, each of which says how it was sampled.

    Else all counts are as observed: one corrected trace among uncorrected ones would be neither (section 9.3).
    """
    return total.weight_unknown == 0 and not is_metric(total.vantage)


def counted(total: EdgeTotal) -> Figures:
    """Return the counts to show. Those that are not stored with their weights grow by the mean weight."""
    mean = total.weighted_requests / total.requests if is_corrected(total) and total.requests else 1.0
    return Figures(
        requests=total.weighted_requests if is_corrected(total) else total.requests,
        attempts=total.attempts * mean,
        failed=total.weighted_failed if is_corrected(total) else total.failed,
        client_errors=total.client_errors * mean,
        throttled=total.throttled * mean,
        aborted=total.aborted * mean,
        unreached=total.unreached * mean,
    )


def attempts(totals: Mapping[int, EdgeTotal], shown: int) -> float | None:
    """Return how many tries reached the wire: as the server's side counted them, or as the client's own statistics say.

    Only like is put beside like: metrics beside metrics, corrected spans beside corrected ones. Unknown is None, never
    zero.
    """
    total = totals[shown]
    if shown in _SERVER_SIDE:
        return counted(total).requests
    if total.attempts or total.unreached >= total.requests > 0:
        return counted(total).attempts
    for vantage in sorted(totals):
        alike = is_metric(vantage) == is_metric(shown) and is_corrected(totals[vantage]) == is_corrected(total)
        if vantage in _SERVER_SIDE and alike:
            return counted(totals[vantage]).requests
    if shown == METRIC_CLIENT and METRIC_PROXY in totals:
        return totals[METRIC_PROXY].attempts or None
    return None
