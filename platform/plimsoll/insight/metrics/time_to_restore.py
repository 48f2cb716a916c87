"""Time to restore (MTTR): how long incidents lasted, whatever caused them."""

from datetime import datetime

from plimsoll.insight.metrics.definition import STANDARD, Definition
from plimsoll.insight.metrics.figure import Figure, Tally
from plimsoll.insight.metrics.percentile import percentile
from plimsoll.insight.metrics.windows import Window
from plimsoll.store.facts import DeliveryFacts, Incident


def time_to_restore(facts: DeliveryFacts, window: Window, now: datetime, definition: Definition = STANDARD) -> Figure:
    """Return the median, p90 and mean duration of the incidents that opened in the window, in seconds.

    An operational metric of its own, apart from the recovery of failed deployments (dora-definitions, section 1). An
    incident belongs to the window of its opening, or of its resolution when its opening is unknown; one without an
    environment counts. Incidents that are open are censored: `open_at_least_s` is the longest so far. Evidence ids are
    incidents.
    """
    tally, durations, still_open = Tally(), [], []
    for incident in facts.incidents:
        if (incident.opened_at or incident.resolved_at) not in window:
            continue
        reason = _why_not(incident, definition)
        if reason is not None or incident.opened_at is None:
            tally.left_out[reason or "no_start_time"].append(incident.id)
        elif incident.resolved_at is None:
            tally.subsets["censored"].append(incident.id)
            still_open.append((now - incident.opened_at).total_seconds())
        else:
            tally.counted.append(incident.id)
            durations.append((incident.resolved_at - incident.opened_at).total_seconds())
    values: dict[str, float | None] = {
        "p50_s": percentile(durations, 0.5),
        "p90_s": percentile(durations, 0.9),
        "mean_s": sum(durations) / len(durations) if durations else None,
        "censored": len(still_open),
        "open_at_least_s": max(still_open, default=None),
    }
    return tally.figure("time_to_restore", values, window, definition)


def _why_not(incident: Incident, definition: Definition) -> str | None:
    """Return why an incident's duration does not count, or None when it does."""
    if incident.environment_class is not None and incident.environment_class not in definition.environment_classes:
        return "not_production"
    if incident.opened_at is None:
        return "no_start_time"
    if incident.resolved_at is None:
        return "no_end_time" if incident.resolved else None
    return "start_after_end" if incident.resolved_at < incident.opened_at else None
