"""Screens on walls: made, shown once, and taken back, each with its line in the audit."""

from django.utils.translation import gettext as _

from plimsoll.errors import PlimsollError
from plimsoll.store.audit import Actor, audited
from plimsoll.store.models import Screen, Team
from plimsoll.store.screens import new_screen, revoke_screen


def make_screen(actor: Actor, name: str, team: Team | None) -> str:
    """Make a screen and return its token in clear, for the only time."""
    with audited(actor, "add", f"screen {name}") as change:
        change.after = {"team": team.slug if team else None}
        return new_screen(name, team)


def screen_of_id(pk: int) -> Screen:
    """Return the screen; PlimsollError when there is none."""
    found = Screen.objects.filter(pk=pk).first()
    if found is None:
        raise PlimsollError(_("This screen does not exist any more."))
    return found


def take_back(actor: Actor, screen: Screen) -> None:
    """Revoke a screen's token: it shows nothing from then on."""
    with audited(actor, "revoke", f"screen {screen.name}"):
        if not revoke_screen(screen.pk):
            raise PlimsollError(_("This screen was revoked already."))
