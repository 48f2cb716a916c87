"""Who changed what, when and from where: written in the transaction of the change, never changed, never deleted."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from django.db import transaction
from django.db.models import Q

from plimsoll.store import notices
from plimsoll.store.models import AuditEvent

# Never written down, whatever a caller hands over.
_SECRET = ("secret", "password", "clear", "digest")
PAGE = 50

# All that is ever written down as done; the audit's page has a word for each.
Done = Literal[
    "add",
    "change",
    "remove",
    "revoke",
    "rotate",
    "claim",
    "link",
    "set_password",
    "set_password_failed",
    "sign_in",
    "sign_out",
    "sign_in_failed",
    "lay_out",
    "take",
    "leave",
    "resolve",
    "take back resolution",
    "link deployment",
    "unlink deployment",
    "take back link",
    "not an incident",
    "an incident after all",
]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who makes a change: the name as it is now, the user behind it if there is one, and the address it came from."""

    name: str
    user: int | None = None
    address: str = ""


COMMAND_LINE = Actor("command line")


@dataclass(slots=True)
class Difference:
    """What a change is about to leave behind it: fill in `before` and `after`; what is equal in both is left out."""

    target: str
    before: dict[str, object] = field(default_factory=dict)
    after: dict[str, object] = field(default_factory=dict)


@contextmanager
def audited(actor: Actor, action: Done, target: str) -> Iterator[Difference]:
    """Make a change in one transaction with its line in the audit.

    A change of which nothing differs leaves no line; an action without `before` and `after` does, such as a revocation.
    """
    with transaction.atomic():
        change = Difference(target)
        yield change
        before, after = _differing(change.before, change.after)
        if before or after or not (change.before or change.after):
            record(actor, action, change.target, before, after)
            notices.changed("catalog")


def record(
    actor: Actor,
    action: Done,
    target: str,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    """Write one line; secrets are left out."""
    origin = {"address": actor.address} if actor.address else {}
    AuditEvent.objects.create(
        actor=actor.name,
        user_id=actor.user,
        action=action,
        target=target,
        before=_open(before or {}),
        after={**_open(after or {}), **origin},
    )


def _differing(
    before: Mapping[str, object], after: Mapping[str, object]
) -> tuple[dict[str, object], dict[str, object]]:
    absent = object()
    names = [name for name in {**before, **after} if before.get(name, absent) != after.get(name, absent)]
    return (
        {name: before[name] for name in names if name in before},
        {name: after[name] for name in names if name in after},
    )


def _open(values: Mapping[str, object]) -> dict[str, object]:
    """Return what may be written down, as JSON has it."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in values.items()
        if not any(word in name.casefold() for word in _SECRET)
    }


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the audit."""

    id: int
    at: datetime
    actor: str
    action: str
    target: str
    before: Mapping[str, object]
    after: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines, newest first, and the id to go on after; None: there are no more."""

    events: tuple[Event, ...]
    after: int | None


def events(*, actor: str = "", action: str = "", target: str = "", after: int | None = None) -> Page:
    """Return the newest lines that match: actor and action exactly, target by a part of it; `after` pages on."""
    wanted = Q()
    if actor:
        wanted &= Q(actor=actor)
    if action:
        wanted &= Q(action=action)
    if target:
        wanted &= Q(target__icontains=target)
    if after is not None:
        wanted &= Q(pk__lt=after)
    rows = AuditEvent.objects.filter(wanted).order_by("-pk")[: PAGE + 1]
    found = [Event(row.pk, row.created_at, row.actor, row.action, row.target, row.before, row.after) for row in rows]
    return Page(tuple(found[:PAGE]), found[PAGE - 1].id if len(found) > PAGE else None)


def words_used() -> tuple[list[str], list[str]]:
    """Return the actors and the actions that the audit knows, for its filters."""
    rows = AuditEvent.objects.order_by()
    actors = rows.values_list("actor", flat=True).distinct()
    return sorted(actors)[:200], sorted(rows.values_list("action", flat=True).distinct())
