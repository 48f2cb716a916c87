"""Which deployments a metric may count, and why not the others."""

from collections.abc import Iterable, Iterator

from plimsoll.insight.metrics.definition import Definition
from plimsoll.insight.metrics.windows import Window
from plimsoll.store.facts import Deployment

PLANNED = ("standard", "hotfix")
"""The kinds that bring something new: what frequency counts and a failure is a share of."""


def inside(deployments: Iterable[Deployment], window: Window) -> Iterator[Deployment]:
    """Yield the deployments whose finish, or the best that is known of it, lies in the window."""
    return (d for d in deployments if d.at in window)


def why_not_live(deployment: Deployment, definition: Definition) -> str | None:
    """Return why a deployment did not go live where it counts, or None when it did."""
    if deployment.environment_class not in definition.environment_classes:
        return "not_production"
    if not deployment.succeeded:
        return _why_not_succeeded(deployment)
    return None if deployment.finished_at else "no_finish_time"


def why_never_exposed(deployment: Deployment, definition: Definition) -> str | None:
    """Return why a deployment never touched production, or None when it did, whether or not it succeeded."""
    reason = why_not_live(deployment, definition)
    if reason == "aborted":
        return None if deployment.finished_at else "no_finish_time"
    return reason


def _why_not_succeeded(deployment: Deployment) -> str:
    if deployment.unfinished:
        return "unfinished"
    return "aborted" if deployment.exposed else "failed_attempt"
