"""The audit: who changed what, when and from where."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from dashboards.frame.page import Context, Visit
from dashboards.settings.flash import Flash
from dashboards.settings.section import section
from plimsoll.store import audit

_WORDS: Final[Mapping[str, str | Promise]] = {
    "add": gettext_lazy("added"),
    "change": gettext_lazy("changed"),
    "remove": gettext_lazy("removed"),
    "revoke": gettext_lazy("revoked"),
    "rotate": gettext_lazy("changed the secret of"),
    "claim": gettext_lazy("claimed"),
    "link": gettext_lazy("made a sign-in link for"),
    "set_password": gettext_lazy("set the password of"),
    "set_password_failed": gettext_lazy("gave a wrong old password of"),
    "sign_in": gettext_lazy("signed in"),
    "sign_out": gettext_lazy("signed out"),
    "sign_in_failed": gettext_lazy("failed to sign in"),
    "lay_out": gettext_lazy("laid out anew"),
    "take": gettext_lazy("took on"),
    "leave": gettext_lazy("let go of"),
    "resolve": gettext_lazy("resolved"),
    "take back resolution": gettext_lazy("reopened"),
    "link deployment": gettext_lazy("named the cause of"),
    "unlink deployment": gettext_lazy("said that no deployment caused"),
    "take back link": gettext_lazy("left to the sender the cause of"),
    "not an incident": gettext_lazy("dismissed"),
    "an incident after all": gettext_lazy("restored"),
}


@section("settings_audit", "settings/audit.html")
def history(visit: Visit, flash: Flash) -> Context:
    """List the newest changes, or those that match."""
    given = {name: visit.request.GET.get(name, "").replace("\x00", "")[:200] for name in ("actor", "action", "target")}
    after = visit.request.GET.get("after", "")
    found = audit.events(**given, after=int(after) if after.isdecimal() and len(after) < 19 else None)
    actors, actions = audit.words_used()
    return {
        "rows": [{"event": each, "word": _WORDS.get(each.action), "changes": _changes(each)} for each in found.events],
        "next": found.after,
        "given": given,
        "actors": actors,
        "actions": [(name, _WORDS.get(name, name)) for name in actions],
    }


def _changes(event: audit.Event) -> list[tuple[str, object, object]]:
    """Return what differs: the field, what it was, what it is; what was empty and is, is left out, as is where from."""
    names = [name for name in {**event.before, **event.after} if name != "address"]
    pairs = [(name, _said(event.before.get(name)), _said(event.after.get(name))) for name in names]
    return [(name, before, after) for name, before, after in pairs if before is not None or after is not None]


def _said(value: object) -> object:
    """Return a value, None for one that says nothing."""
    return None if value in ("", {}, []) else value
