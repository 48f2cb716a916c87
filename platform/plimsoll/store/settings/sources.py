"""Sources: configured senders of webhooks, their secrets, and whether they may send."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from plimsoll.errors import PlimsollError
from plimsoll.store import senders
from plimsoll.store.audit import Actor, audited
from plimsoll.store.models import Source, Team
from plimsoll.store.sources import rotate_secret


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source in the list: never its secrets."""

    id: int
    provider: str
    name: str
    path: str
    team: int | None
    team_name: str
    secrets: int
    verified_at: datetime | None
    last_delivery_at: datetime | None
    refused: int
    disabled_at: datetime | None
    settings: Mapping[str, object]


def source_rows(limited_to: Collection[int] | None = None) -> list[SourceRow]:
    """Return the sources by provider and name, or those of the teams that the reader may see."""
    rows = Source.objects.select_related("team").order_by("provider", "name")
    if limited_to is not None:
        rows = rows.filter(team__in=limited_to)
    return [
        SourceRow(
            row.pk,
            row.provider,
            row.name,
            f"/hooks/{row.provider}/{row.public_id}",
            row.team_id,
            row.team.name if row.team else "",
            len(row.secrets),
            row.verified_at,
            row.last_delivery_at,
            row.refused,
            row.disabled_at,
            row.settings,
        )
        for row in rows
    ]


def source_of_id(pk: int) -> Source:
    """Return the source; PlimsollError when there is none."""
    found = Source.objects.filter(pk=pk).first()
    if found is None:
        raise PlimsollError(_("This source does not exist any more."))
    return found


def make_source(
    actor: Actor, provider: str, name: str, secret: str, settings: Mapping[str, object], team: Team | None
) -> Source:
    """Make a source."""
    with audited(actor, "add", f"source {provider} {name}") as change:
        change.after = {"team": team.slug if team else None, "settings": dict(settings)}
        return senders.add(provider, name, secret=secret or None, settings=settings, team=team)


def rotate(actor: Actor, source: Source, secret: str) -> None:
    """Give a source a new secret; the one before it is valid until the next time."""
    with audited(actor, "rotate", f"source {source.provider} {source.name}"):
        rotate_secret(source, secret)


def enable(actor: Actor, source: Source, is_enabled: bool) -> None:
    """Have a source's deliveries refused, or taken again."""
    with audited(actor, "change", f"source {source.provider} {source.name}") as change:
        change.before = {"enabled": source.disabled_at is None}
        change.after = {"enabled": is_enabled}
        at = None if is_enabled else timezone.now()
        Source.objects.filter(pk=source.pk).update(disabled_at=at, updated_at=Now())
