"""The story of a deployment or an incident: what happened when, in order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from plimsoll.store.queries.pages.deployment import DeploymentRecord
from plimsoll.store.queries.pages.deployments import DeploymentItem

What = Literal[
    "authored", "merged", "queued", "started", "finished", "undone", "failed_run", "opened", "acknowledged", "resolved",
    "rollback", "followed", "detected", "reopened", "taken", "left", "dismissed", "sender_resolved", "linked",
    "deployed", "cancelled", "ended", "ended_before",
    "rolled_back", "hotfixed",
]  # fmt: skip


_ENDED: Final[Mapping[str, What]] = {"success": "finished", "failure": "failed_run", "cancelled": "cancelled"}


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened. `name` is what it is called outside: a commit, a cluster, an incident, a version."""

    at: datetime
    what: What
    name: str = ""
    # of what `name` is about: an incident or a deployment
    id: int | None = None
    count: int = 1


def story(record: DeploymentRecord) -> list[Step]:
    """Return the steps of a deployment: its changes, its rollouts, its incidents, and what undid it."""
    steps = [*_changes(record), *_rollouts(record), *_incidents(record)]
    later = record.following
    if later is not None and later.started_at is not None:
        what: What = "rollback" if later.kind == "rollback" else "followed"
        steps.append(Step(later.started_at, what, later.name, later.id))
    if later is not None and (live := _remedied(later)) is not None:
        steps.append(Step(live, "rolled_back" if later.kind == "rollback" else "hotfixed", later.name, later.id))
    return sorted(steps, key=lambda step: step.at)


def _remedied(later: DeploymentItem) -> datetime | None:
    """Return when a rollback or hotfix was live with the last of its rollouts."""
    if later.kind not in ("rollback", "hotfix") or later.status != "success":
        return None
    return max((at for at in (later.finished_at, later.last_finish) if at is not None), default=None)


def _changes(record: DeploymentRecord) -> Iterable[Step]:
    carried = record.carried
    if carried.first_made_at is not None:
        yield Step(carried.first_made_at, "authored", count=carried.made_n)
    if carried.last_merged_at is not None:
        yield Step(carried.last_merged_at, "merged", count=carried.merged_n)


def _rollouts(record: DeploymentRecord) -> Iterable[Step]:
    for each in record.rollouts:
        place = each.cluster or ""
        if each.queued_at is not None and each.queued_at != each.started_at:
            yield Step(each.queued_at, "queued", place)
        if each.started_at is not None:
            yield Step(each.started_at, "started", place)
        if each.finished_at is not None:
            yield Step(each.finished_at, "undone" if each.rolled_back else _ENDED.get(each.status, "ended"), place)


def _incidents(record: DeploymentRecord) -> Iterable[Step]:
    for each in record.incidents:
        name = each.title or f"#{each.id}"
        if each.opened_at is not None:
            yield Step(each.opened_at, "opened", name, each.id)
        if each.acknowledged_at is not None:
            yield Step(each.acknowledged_at, "acknowledged", name, each.id)
        if each.resolved_at is not None:
            yield Step(each.resolved_at, "resolved", name, each.id)
