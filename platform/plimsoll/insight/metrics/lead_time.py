"""Lead time for changes: from a commit's making to its first running in production, per commit."""

from collections.abc import Iterable
from datetime import datetime

from plimsoll.insight.metrics.definition import STANDARD, Definition
from plimsoll.insight.metrics.figure import Figure, Tally
from plimsoll.insight.metrics.percentile import percentile, ratio
from plimsoll.insight.metrics.population import inside, why_not_live
from plimsoll.insight.metrics.windows import Window
from plimsoll.store.facts import CarriedChange, DeliveryFacts, Deployment

# Reasons that say the change is known to be deployed but not when it began.
_NO_START = ("no_commit_time", "start_after_end", "unknown_commit")

OF_DEPLOYMENTS = ("first_deployment", "no_known_changes", "unknown_commit")
"""Reasons under which the ids are deployments; everywhere else they are `deployment_change` rows."""


def lead_time(facts: DeliveryFacts, window: Window, now: datetime, definition: Definition = STANDARD) -> Figure:
    """Return the median, p75 and p90 wait of the commits that went live in the window, in seconds.

    The window is by the deployment's finish, so no recent week looks fast (dora-definitions, section 4). Merge commits
    are left out, and changes that were live in another environment before: a wait ends once a service. The first
    deployment of a series carries nothing. Evidence ids are `deployment_change` rows, except
    under `first_deployment`, `no_known_changes` and `unknown_commit` (one entry a commit), where they are deployments.
    `known_start_rate` is the share of the deployed commits whose start is known.
    """
    tally, waits = Tally(), []
    live = {d.id: d for d in inside(facts.deployments, window) if why_not_live(d, definition) is None}
    for change in facts.carried:
        deployment = live.get(change.deployment_id)
        if deployment is None or deployment.finished_at is None:
            continue
        wait = None if change.already_live else _wait(change, deployment.finished_at)
        if wait is None:
            tally.left_out[_why_no_wait(change)].append(change.id)
            continue
        waits.append(wait)
        tally.counted.append(change.id)
        tally.subsets[f"from_{change.start}"].append(change.id)
    _leave_out_deployments(tally, live.values(), facts.carried)
    unknown = sum(len(tally.left_out.get(reason, ())) for reason in _NO_START)
    values = {
        "p50_s": percentile(waits, 0.5),
        "p75_s": percentile(waits, 0.75),
        "p90_s": percentile(waits, 0.9),
        "known_start_rate": ratio(len(waits), len(waits) + unknown),
    }
    return tally.figure("lead_time", values, window, definition, waits)


def _wait(change: CarriedChange, finished_at: datetime) -> float | None:
    """Return the seconds from a change's start to its deployment's finish, None when the start is unknown or later."""
    if change.started_at is None or change.started_at > finished_at:
        return None
    return (finished_at - change.started_at).total_seconds()


def _why_no_wait(change: CarriedChange) -> str:
    if change.already_live:
        return "already_live"
    if change.start == "merge_commit":
        return "merge_commit"
    return "start_after_end" if change.started_at is not None or change.start == "after_end" else "no_commit_time"


def _leave_out_deployments(tally: Tally, live: Iterable[Deployment], carried: Iterable[CarriedChange]) -> None:
    """Note the deployments that should carry changes and carry none, and the commits nobody told us about."""
    carrying = {change.deployment_id for change in carried}
    for deployment in live:
        tally.left_out["unknown_commit"] += [deployment.id] * deployment.unknown_commits
        if deployment.kind not in ("standard", "hotfix") or deployment.id in carrying or deployment.unknown_commits:
            continue
        tally.left_out["first_deployment" if deployment.is_first else "no_known_changes"].append(deployment.id)
    if not tally.left_out["unknown_commit"]:
        del tally.left_out["unknown_commit"]
