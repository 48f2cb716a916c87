"""Change failure rate: the share of deployments that needed intervention."""

from datetime import datetime

from plimsoll.insight.metrics.definition import STANDARD, Definition
from plimsoll.insight.metrics.figure import Figure, Tally
from plimsoll.insight.metrics.percentile import ratio
from plimsoll.insight.metrics.population import PLANNED, inside, why_never_exposed
from plimsoll.insight.metrics.windows import Window
from plimsoll.store.facts import DeliveryFacts, Deployment


def change_failure_rate(
    facts: DeliveryFacts, window: Window, now: datetime, definition: Definition = STANDARD
) -> Figure:
    """Return failed / all deployments of kind standard and hotfix that touched production, each counted once.

    A deployment is pending, in neither count, while its attribution window is open at `now`: until 24 h after its
    finish or the next deployment of the same service and environment (dora-definitions, section 4). `pending_failed`
    are those of which a failure is already known. A run that never touched production is a failed attempt, with its own
    rate. Evidence ids are deployments.
    """
    tally = Tally()
    for deployment in inside(facts.deployments, window):
        reason = why_never_exposed(deployment, definition)
        if reason is None and deployment.kind not in PLANNED:
            reason = deployment.kind or "not_linked"
        if reason is not None:
            tally.left_out[reason].append(deployment.id)
        elif not is_settled(deployment, now, definition):
            tally.subsets["pending"].append(deployment.id)
            if deployment.failed:
                tally.subsets["pending_failed"].append(deployment.id)
        else:
            tally.counted.append(deployment.id)
            if deployment.failed:
                tally.subsets["failed"].append(deployment.id)
    attempts = len(tally.left_out.get("failed_attempt", ()))
    finished = len(tally.counted) + tally.size("pending") + attempts
    values: dict[str, float | None] = {
        "rate": ratio(tally.size("failed"), len(tally.counted)),
        "failed": tally.size("failed"),
        "pending": tally.size("pending"),
        "pending_failed": tally.size("pending_failed"),
        "failed_attempt_rate": ratio(attempts, finished),
    }
    return tally.figure("change_failure_rate", values, window, definition)


def is_settled(deployment: Deployment, now: datetime, definition: Definition) -> bool:
    """Return whether no incident that opens from now on can still be blamed on the deployment by time alone."""
    at = settles_at(deployment, definition)
    return at is not None and at <= now


def settles_at(deployment: Deployment, definition: Definition) -> datetime | None:
    """Return from when on no incident can be blamed on the deployment by time alone; None while its end is unknown."""
    if deployment.finished_at is None:
        return None
    ends = deployment.finished_at + definition.attribution_window
    return ends if deployment.superseded_at is None else min(ends, deployment.superseded_at)
