"""Writes of what linkage says; a row that already says so stays as it is, one that changes gets a new `updated_at`."""

from collections.abc import Collection, Mapping, Sequence

from django.db.models.functions import Now

from plimsoll.store.facts import Blame, ChangeLink, DeploymentLink
from plimsoll.store.models import Change, Deployment, DeploymentChange
from plimsoll.store.sql import changed_rows

_CHANGING = ("method", "started_at", "start", "lead_time_s")


def write_deployments(links: Sequence[DeploymentLink]) -> int:
    """Write kinds, failures and roll-outs; return how many rows changed."""
    return changed_rows(
        "link_deployments",
        {
            "ids": [link.id for link in links],
            "rollouts": [link.rollout_of for link in links],
            "kinds": [link.kind for link in links],
            "failed": [link.failed for link in links],
            "reasons": [link.failed_reason for link in links],
        },
    )


def write_causes(blames: Mapping[int, Blame]) -> int:
    """Write which deployment caused each incident, by the incident's id; return how many rows changed."""
    return changed_rows(
        "link_incidents",
        {
            "ids": list(blames),
            "deployments": [blame.deployment_id for blame in blames.values()],
            "methods": [blame.method for blame in blames.values()],
            "confidences": [blame.confidence for blame in blames.values()],
        },
    )


def write_changes(rows: Collection[int], links: Sequence[ChangeLink]) -> int:
    """Make `links` all that these deployment rows carried; return how many links changed.

    A deployment or change whose links changed has changed itself: what it carried and how long it waited are shown on
    it.
    """
    rows_before = DeploymentChange.objects.filter(deployment__in=list(rows))
    present = {(row.deployment_id, row.change_id): row for row in rows_before}
    wanted = {(link.deployment_id, link.change_id): link for link in links}
    gone = [row for key, row in present.items() if key not in wanted]
    new = [_row(link) for key, link in wanted.items() if key not in present]
    other = [_updated(row, wanted[key]) for key, row in present.items() if key in wanted and _differs(row, wanted[key])]
    changed = [*gone, *new, *other]
    if not changed:
        return 0
    touched = {link.deployment_id for link in changed}, {link.change_id for link in changed}
    DeploymentChange.objects.filter(pk__in=[link.pk for link in gone]).delete()
    DeploymentChange.objects.bulk_create(new)
    DeploymentChange.objects.bulk_update(other, _CHANGING, batch_size=500)
    Deployment.objects.filter(pk__in=touched[0]).update(updated_at=Now())
    Change.objects.filter(pk__in=touched[1]).update(updated_at=Now())
    return len(changed)


def _row(link: ChangeLink) -> DeploymentChange:
    return DeploymentChange(
        deployment_id=link.deployment_id,
        change_id=link.change_id,
        method=link.method,
        started_at=link.started_at,
        start=link.start,
        lead_time_s=link.lead_time_s,
    )


def _differs(row: DeploymentChange, link: ChangeLink) -> bool:
    return any(getattr(row, name) != getattr(link, name) for name in _CHANGING)


def _updated(row: DeploymentChange, link: ChangeLink) -> DeploymentChange:
    for name in _CHANGING:
        setattr(row, name, getattr(link, name))
    return row
