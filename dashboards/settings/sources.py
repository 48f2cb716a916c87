"""Sources: senders of webhooks, with their path and their secret."""

import secrets
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from dashboards.access.deeds import Deed, acting
from dashboards.frame.page import Context, NotHere, Visit
from dashboards.readers import Reader
from dashboards.settings.flash import Flash
from dashboards.settings.forms import SecretForm, SourceForm
from dashboards.settings.section import manageable, section
from dashboards.settings.sending import Done, Nothing, sent
from plimsoll.errors import PlimsollError
from plimsoll.store.models import Source
from plimsoll.store.senders import senders
from plimsoll.store.settings.sources import enable, make_source, rotate, source_of_id, source_rows


@section("settings_sources", "settings/sources.html")
def sources(visit: Visit, flash: Flash) -> Context:
    """List sources, and the form for a new one."""
    seen = None if visit.reader.may("administer") else {team.pk for team in manageable(visit.reader)}
    rows = []
    for row in source_rows(seen):
        may = visit.reader.may("manage", row.team)
        rows.append((row, flash.of(f"secret-{row.id}", SecretForm) if may else None, flash.form == f"secret-{row.id}"))
    root = f"{visit.request.scheme}://{visit.request.get_host()}"
    return {"rows": rows, "root": root, "form": flash.of("add", SourceForm, **_options(visit.reader))}


@acting("manage")
def add(deed: Deed) -> HttpResponse:
    """Add a source; without a secret one is made and shown once."""
    form = SourceForm(deed.request.POST, **_options(deed.reader))
    is_valid = form.is_valid()
    team = form.cleaned_data.get("team") if is_valid else None
    # An invalid form changes nothing: whoever manages any team may read what is wrong with it.
    deed.require(*([team.pk] if team else _own(deed.reader) if not is_valid else [None]))

    def do(given: Mapping[str, Any]) -> Done:
        made, secret = "", given["secret"]
        if not secret and not senders()[given["provider"]].accepts_token:
            made = secret = secrets.token_urlsafe(24)
        source = make_source(deed.actor, given["provider"], given["name"], secret, form.settings, given["team"])
        path = f"/hooks/{source.provider}/{source.public_id}"
        text = _("The source is there. Have the sender post to %(path)s.") % {"path": path}
        return Done(text, label=_("Its secret, shown this once"), once=made)

    return sent(deed, form, "add", reverse("settings_sources"), do, "name")


@acting("manage")
def change_secret(deed: Deed, pk: int) -> HttpResponse:
    """Give a source a new secret."""
    source = _allowed(deed, pk)

    def do(given: Mapping[str, Any]) -> Done:
        made = "" if given["secret"] else secrets.token_urlsafe(24)
        rotate(deed.actor, source, given["secret"] or made)
        text = _("The secret of %(name)s is changed; the one before it is valid until the next change.")
        return Done(text % {"name": source.name}, label=_("Its secret, shown this once"), once=made)

    return sent(deed, SecretForm(deed.request.POST), f"secret-{pk}", reverse("settings_sources"), do, "secret")


@acting("manage")
def switch(deed: Deed, pk: int) -> HttpResponse:
    """Have a source's deliveries refused, or taken again."""
    source = _allowed(deed, pk)
    is_enabled = deed.request.POST.get("enabled") == "1"

    def do(given: Mapping[str, Any]) -> Done:
        enable(deed.actor, source, is_enabled)
        text = _("%(name)s may send again.") if is_enabled else _("What %(name)s sends is refused from now on.")
        return Done(text % {"name": source.name})

    return sent(deed, Nothing(deed.request.POST), f"switch-{pk}", reverse("settings_sources"), do)


def _allowed(deed: Deed, pk: int) -> Source:
    try:
        source = source_of_id(pk)
    except PlimsollError as error:
        raise NotHere(str(error)) from error
    deed.require(source.team_id)
    return source


def _own(reader: Reader) -> list[int | None]:
    return [None, *(team.pk for team in manageable(reader))]


def _options(reader: Reader) -> dict[str, Any]:
    none = {"none": _("all teams")} if reader.may("administer") else {}
    return {"teams": manageable(reader), "senders": senders(), **none}
