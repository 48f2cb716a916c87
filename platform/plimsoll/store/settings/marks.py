"""Marks: the levels that figures must not cross."""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext as _

from plimsoll.errors import PlimsollError
from plimsoll.store.audit import Actor, Done, audited
from plimsoll.store.marks import DIRECTIONS, set_mark
from plimsoll.store.models import Mark, Service, Team
from plimsoll.store.naming import whole_name
from plimsoll.store.settings.ruling import refuse_ruled, ruled


@dataclass(frozen=True, slots=True)
class MarkRow:
    """A mark in the list, and whose admins may change it (None: the organisation's)."""

    id: int
    metric: str
    value: float
    team: str
    service: str
    client: str
    owner: int | None
    is_ruled: bool


def mark_rows(limited_to: Collection[int] | None = None) -> list[MarkRow]:
    """Return the marks by figure, the most general first; of those of teams only what the reader may see."""
    by_file = ruled("mark")
    found = Mark.objects.select_related("team", "service", "client")
    rows = [
        MarkRow(
            mark.pk,
            mark.metric,
            mark.value,
            mark.team.name if mark.team else "",
            _label(mark.service),
            _label(mark.client),
            owner_of(mark),
            mark.pk in by_file,
        )
        for mark in found
    ]
    shown = [row for row in rows if limited_to is None or row.owner is None or row.owner in limited_to]
    order = list(DIRECTIONS)
    return sorted(shown, key=lambda row: (order.index(row.metric), bool(row.team), row.service, row.client, row.team))


def _label(service: Service | None) -> str:
    """Return the service's name as `service_labels` has it, with the namespace where there is one."""
    return whole_name(service.namespace, service.name).removeprefix("/") if service else ""


def owner_of(mark: Mark) -> int | None:
    """Return the team that a mark belongs to: its own, or that of its service."""
    return mark.team_id or (mark.service.team_id if mark.service else None)


def mark_of_id(pk: int) -> Mark:
    """Return the mark; PlimsollError when there is none."""
    found = Mark.objects.select_related("team", "service", "client").filter(pk=pk).first()
    if found is None:
        raise PlimsollError(_("This mark does not exist any more."))
    return found


def put_mark(
    actor: Actor,
    metric: str,
    value: float | None,
    *,
    team: Team | None = None,
    service: Service | None = None,
    client: Service | None = None,
) -> None:
    """Set a mark, or (None) remove it."""
    there = Mark.objects.filter(metric=metric, team=team, service=service, client=client).first()
    if there is not None:
        refuse_ruled("mark", there.pk)
    action: Done = "remove" if value is None else "change" if there else "add"
    with audited(actor, action, f"mark {metric} of {_about(team, service, client)}") as change:
        change.before = {"value": there.value} if there else {}
        change.after = {} if value is None else {"value": value}
        set_mark(metric, value, team=team, service=service, client=client)


def _about(team: Team | None, service: Service | None, client: Service | None) -> str:
    if service is not None:
        return f"calls from {_label(client)} to {_label(service)}" if client else f"service {_label(service)}"
    return f"team {team.slug}" if team else "the organisation"
