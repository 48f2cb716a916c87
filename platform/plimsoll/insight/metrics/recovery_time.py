"""Failed deployment recovery time: how long a failed deployment hurt."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from plimsoll.insight.metrics.definition import STANDARD, Definition
from plimsoll.insight.metrics.figure import Figure, Tally
from plimsoll.insight.metrics.intervals import Interval, union
from plimsoll.insight.metrics.percentile import percentile
from plimsoll.insight.metrics.population import PLANNED, inside, why_never_exposed
from plimsoll.insight.metrics.windows import Window
from plimsoll.store.facts import DeliveryFacts, Deployment, Incident


def recovery_time(facts: DeliveryFacts, window: Window, now: datetime, definition: Definition = STANDARD) -> Figure:
    """Return the median and p90 recovery of the failed deployments that finished in the window, in seconds.

    One value a deployment: the union of its incidents' intervals, each from its opening, not before the deployment
    began, to its resolution or the finish of the next rollback or hotfix, whichever is first (dora-definitions, section
    4). Deployments that still hurt at `now` are censored: shown as `open_at_least_s`, the longest so far, not in the
    percentiles. Failed ones without an incident have no known start and are left out. Evidence ids are deployments.
    """
    tally, recoveries, still_open = Tally(), [], []
    for each in hurts(facts, window, now, definition):
        if each.unknown is not None:
            tally.left_out[each.unknown].append(each.deployment.id)
        elif each.is_open:
            tally.subsets["censored"].append(each.deployment.id)
            still_open.append(each.seconds)
        else:
            tally.counted.append(each.deployment.id)
            recoveries.append(each.seconds)
    values: dict[str, float | None] = {
        "p50_s": percentile(recoveries, 0.5),
        "p90_s": percentile(recoveries, 0.9),
        "censored": len(still_open),
        "open_at_least_s": max(still_open, default=None),
    }
    return tally.figure("recovery_time", values, window, definition, recoveries)


@dataclass(frozen=True, slots=True)
class Hurt:
    """A failed deployment and for how long it hurt, or so far; `unknown` is the reason why that is not known.

    `began_at` and `ended_at` are the first and the last moment; between them may be pauses, which do not count.
    `by_remedy`: a rollback or hotfix ended it, before its incident was resolved.
    """

    deployment: Deployment
    seconds: float
    is_open: bool
    unknown: str | None
    began_at: datetime | None = None
    ended_at: datetime | None = None
    by_remedy: bool = False

    @property
    def has_pauses(self) -> bool:
        """Whether it did not hurt all the time from its begin to its end."""
        if self.began_at is None or self.ended_at is None:
            return False
        return self.seconds < (self.ended_at - self.began_at).total_seconds()


def hurts(facts: DeliveryFacts, window: Window, now: datetime, definition: Definition = STANDARD) -> Iterator[Hurt]:
    """Yield the failed deployments that finished in the window, each with its recovery."""
    incidents = _by_cause(facts.caused)
    for deployment in inside(facts.deployments, window):
        if deployment.failed and deployment.kind in PLANNED and not why_never_exposed(deployment, definition):
            caused = incidents[deployment.id]
            reason, intervals, is_open = _hurt(deployment, caused, now)
            hurt = Hurt(deployment, union(intervals).total_seconds(), is_open, reason)
            yield _bounded(hurt, intervals, caused) if reason is None else hurt


def _bounded(hurt: Hurt, intervals: Iterable[Interval], incidents: Iterable[Incident]) -> Hurt:
    """Return it with its first and last moment, of the intervals that took any time."""
    lasting = [(start, end) for start, end in intervals if end > start]
    if not lasting:
        return hurt
    began, ended = min(start for start, _end in lasting), max(end for _start, end in lasting)
    if hurt.is_open:
        return replace(hurt, began_at=began)
    by_remedy = all(incident.resolved_at != ended for incident in incidents)
    return replace(hurt, began_at=began, ended_at=ended, by_remedy=by_remedy)


def _by_cause(incidents: Iterable[Incident]) -> defaultdict[int, list[Incident]]:
    """Return incidents by the deployment that caused them."""
    found = defaultdict(list)
    for incident in incidents:
        if incident.caused_by is not None:
            found[incident.caused_by].append(incident)
    return found


def _hurt(
    deployment: Deployment, incidents: Sequence[Incident], now: datetime
) -> tuple[str | None, list[Interval], bool]:
    """Return why the recovery is unknown (or None), the intervals in which it hurt, and whether it still does."""
    if not incidents:
        return "no_incident", [], False
    intervals, is_open = [], False
    for incident in incidents:
        if incident.opened_at is None:
            return "no_start_time", [], False
        start = max(incident.opened_at, deployment.began_at or incident.opened_at)
        end = _end(incident, start)
        if end is None and incident.resolved:
            return "no_end_time", [], False
        is_open = is_open or end is None
        intervals.append((start, end or now))
    return None, intervals, is_open


def _end(incident: Incident, start: datetime) -> datetime | None:
    """Return the first of the incident's resolution and a remedy that came after it began."""
    remedy = incident.remedied_at
    ends = [incident.resolved_at, remedy if remedy is not None and remedy >= start else None]
    return min((end for end in ends if end is not None), default=None)
