"""What became of a deployment in one word; `store/queries/datasets/outcomes` asks the database the same.

One held when its watch window is over without a failure: an hour after its end (attribution, section 4), or when the
next one began, if that was sooner. The change failure rate waits longer before it counts it: an incident of a whole day
can still be blamed on it, and then it failed.
"""

from datetime import datetime
from typing import Literal

from plimsoll.insight.metrics.population import PLANNED
from plimsoll.store.facts import WATCH, Deployment

Outcome = Literal["held", "failed", "pending", "undecided"]


def outcome(deployment: Deployment, now: datetime) -> Outcome:
    """Return what became of a deployment; `pending` is still watched, of `undecided` nobody knows."""
    if deployment.failed:
        return "failed"
    if deployment.failed is None or deployment.finished_at is None:
        return "undecided"
    over = deployment.finished_at + WATCH
    if deployment.superseded_at is not None:
        over = min(over, deployment.superseded_at)
    return "pending" if deployment.kind in PLANNED and now < over else "held"
