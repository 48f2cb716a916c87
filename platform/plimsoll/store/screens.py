"""Screens on walls: each has a token of its own that opens its wallboard, and nothing else.

The token stands in the screen's address (`?k=`), so it must be thought seen by many: it reads one page, it can be taken
back, and what is kept is its SHA-256 and the prefix that people recognise it by.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from plimsoll.errors import PlimsollError
from plimsoll.store import notices
from plimsoll.store.models import Screen, Team
from plimsoll.store.teams import team_named

MARK = "plw_"
# Longer than any token we make: what is longer is refused before it is hashed.
_LONGEST = 128
_LONGEST_NAME = 200
_CONTACT_NOTED_EVERY = timedelta(minutes=1)


def new_screen(name: str, team: Team | str | None = None) -> str:
    """Make a screen and return its token in clear, for the only time; `team` may be a slug, None is the organisation.

    Raises PlimsollError when the name is empty, too long, or taken, be it by a revoked screen.
    """
    name = name.strip()
    if not name or len(name) > _LONGEST_NAME:
        raise PlimsollError(f"A screen needs a name of 1 to {_LONGEST_NAME} letters, such as the room it hangs in.")
    if Screen.objects.filter(name=name).exists():
        raise PlimsollError(f"There is a screen {name!r} already; give this one another name.")
    prefix = f"{MARK}{secrets.token_hex(4)}"
    clear = f"{prefix}_{secrets.token_urlsafe(32)}"
    Screen.objects.create(
        name=name,
        team=team_named(team) if isinstance(team, str) else team,
        prefix=prefix,
        digest=_digest(clear),
    )
    return clear


def screens() -> list[Screen]:
    """Return all screens with their teams, by name; the revoked ones last."""
    return list(Screen.objects.select_related("team").order_by(F("revoked_at").asc(nulls_first=True), "name"))


def screen_for(clear: str) -> Screen | None:
    """Return the screen that `clear` opens, or None when there is none or it was revoked.

    The look-up is by digest, so its time says nothing about how much of a guess was right. That the screen was here is
    written down at most once a minute.
    """
    if not clear.startswith(MARK) or len(clear) > _LONGEST:
        return None
    screen = Screen.objects.select_related("team").filter(revoked_at=None, digest=_digest(clear)).first()
    if screen is not None:
        _note_contact(screen, timezone.now())
    return screen


def revoke_screen(screen: int) -> bool:
    """Take a screen's token back; return whether it was valid until now. A stream that it keeps open ends."""
    revoked = Screen.objects.filter(pk=screen, revoked_at=None)
    was_valid = bool(revoked.update(revoked_at=timezone.now(), updated_at=Now()))
    if was_valid:
        notices.access_changed()
    return was_valid


def _note_contact(screen: Screen, now: datetime) -> None:
    stale = now - _CONTACT_NOTED_EVERY
    if screen.last_seen_at is None or screen.last_seen_at <= stale:
        # The same condition in the statement: of several requests at once only the first one writes.
        due = Q(last_seen_at=None) | Q(last_seen_at__lte=stale)
        Screen.objects.filter(due, pk=screen.pk).update(last_seen_at=now)
        screen.last_seen_at = now


def _digest(clear: str) -> bytes:
    """Return what is kept of a token."""
    return hashlib.sha256(clear.encode("utf-8", "replace")).digest()
