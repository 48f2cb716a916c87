"""Deployment frequency: how often something new went live, per calendar day of the window's zone."""

from datetime import datetime
from itertools import pairwise

from plimsoll.insight.metrics.definition import STANDARD, Definition
from plimsoll.insight.metrics.figure import Figure, Tally
from plimsoll.insight.metrics.percentile import percentile
from plimsoll.insight.metrics.population import PLANNED, inside, why_not_live
from plimsoll.insight.metrics.windows import Window, local_day
from plimsoll.store.facts import DeliveryFacts


def deployment_frequency(
    facts: DeliveryFacts, window: Window, now: datetime, definition: Definition = STANDARD
) -> Figure:
    """Return deployments per day (real division by the window's days), and what else went on in the window.

    Counted are deployments of kind standard and hotfix that finished successfully (dora-definitions, section 4).
    Rollbacks and redeploys are series of their own. Evidence ids are deployments.
    """
    tally, finishes = Tally(), []
    for deployment in inside(facts.deployments, window):
        reason = why_not_live(deployment, definition)
        if reason is None and deployment.kind not in PLANNED:
            reason = deployment.kind or "not_linked"
        if reason is not None:
            tally.left_out[reason].append(deployment.id)
        elif deployment.finished_at is not None:
            tally.counted.append(deployment.id)
            finishes.append(deployment.finished_at)
    values: dict[str, float | None] = {
        "count": len(finishes),
        "per_day": len(finishes) / window.days if window.days else None,
        "days": len({local_day(finish, window.zone) for finish in finishes}),
        "time_between_p50_s": _time_between(finishes),
        "rollbacks": len(tally.left_out.get("rollback", ())),
        "redeploys": len(tally.left_out.get("redeploy", ())),
        "failed_attempts": len(tally.left_out.get("failed_attempt", ())),
    }
    return tally.figure("deployment_frequency", values, window, definition)


def _time_between(finishes: list[datetime]) -> float | None:
    """Return the median time between one deployment and the next, in seconds."""
    return percentile(((later - earlier).total_seconds() for earlier, later in pairwise(sorted(finishes))), 0.5)
