"""What people do about an incident: each a word of theirs beside the sender's, with a line in the audit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from django.http import HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboards.access.deeds import Deed, acting
from dashboards.frame.page import message
from plimsoll.insight.around.saying import say
from plimsoll.store import notices
from plimsoll.store.audit import Done
from plimsoll.store.overruling import CAUSE, DISMISSED, RESOLVED, on_it
from plimsoll.store.queries.pages.deployment import head_of
from plimsoll.store.queries.pages.incidents import IncidentRecord, incident
from plimsoll.store.references import NOBODY, reference_to

Words = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Said:
    """The word that a form says, and what the audit calls it."""

    action: Done
    words: Callable[[Deed], Words | None]


def _linked(deed: Deed) -> Words | None:
    """Return the word that names a deployment; None where the form names none that there is."""
    given = deed.request.POST.get("deployment", "").strip().removeprefix("#")
    pk = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0
    head = head_of(pk, deed.reader.team) if pk else None
    return None if head is None else {CAUSE: reference_to(head)}


DEEDS: Final[Mapping[str, _Said]] = {
    "take": _Said("take", lambda deed: {on_it(deed.actor.name): True}),
    "leave": _Said("leave", lambda deed: {on_it(deed.actor.name): False}),
    "resolve": _Said("resolve", lambda deed: {RESOLVED: timezone.now()}),
    "reopen": _Said("take back resolution", lambda deed: {RESOLVED: None}),
    "link": _Said("link deployment", _linked),
    "unlink": _Said("unlink deployment", lambda deed: {CAUSE: NOBODY}),
    "by_sender": _Said("take back link", lambda deed: {CAUSE: None}),
    "dismiss": _Said("not an incident", lambda deed: {DISMISSED: True}),
    "restore": _Said("an incident after all", lambda deed: {DISMISSED: None}),
}


@acting("act")
def act(deed: Deed, pk: int, what: str) -> HttpResponse:
    """Say what the form says about an incident, and show it again."""
    record = incident(pk, deed.reader.team)
    said = DEEDS.get(what)
    if record is None or said is None:
        deed.require()
        missing = _("There is no incident %(id)s.") % {"id": pk}
        return message(deed.request, HTTPStatus.NOT_FOUND, missing, _("Look for it, or go on from the top bar."))
    deed.require(*({each.team_id for each in record.item.services} or {None}))
    words = said.words(deed)
    if words is None:
        hint = _("Give the number at the end of its address, such as 1234.")
        return message(deed.request, HTTPStatus.BAD_REQUEST, _("There is no such deployment."), hint)
    with deed.audited(said.action, f"incident {pk}") as change:
        change.before = _plain(record)
        say(pk, words, timezone.now())
        after = incident(pk, None)
        change.after = _plain(after or record)
        notices.changed("incidents", "deployments", "metrics")
    return HttpResponseRedirect(f"/incidents/{pk}/", status=HTTPStatus.SEE_OTHER)


def _plain(record: IncidentRecord) -> dict[str, object]:
    """Return what the audit keeps of an incident."""
    item = record.item
    return {
        "status": item.status,
        "resolved_at": item.resolved_at,
        "assignees": list(item.assignees),
        "caused_by": item.caused_by,
        "cause": record.said(CAUSE),
        "not_an_incident": record.is_dismissed,
    }
