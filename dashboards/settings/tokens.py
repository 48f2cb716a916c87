"""Tokens: made, shown once, and taken back."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from dashboards.access.deeds import Deed, acting
from dashboards.frame.page import Context, NotHere, Visit
from dashboards.readers import Reader
from dashboards.settings.flash import Flash
from dashboards.settings.forms import TokenForm
from dashboards.settings.section import manageable, section
from dashboards.settings.sending import Done, Nothing, sent
from plimsoll.errors import PlimsollError
from plimsoll.store.access import SCOPES
from plimsoll.store.settings.tokens import make_token, revoke_token, token_rows, token_team


@section("settings_tokens", "settings/tokens.html")
def tokens(visit: Visit, flash: Flash) -> Context:
    """List tokens, and the form for a new one."""
    seen = None if visit.reader.may("administer") else {team.pk for team in manageable(visit.reader)}
    rows = [(row, visit.reader.may("manage", row.team)) for row in token_rows(seen)]
    return {"rows": rows, "form": flash.of("add", TokenForm, **_options(visit.reader))}


@acting("manage")
def add(deed: Deed) -> HttpResponse:
    """Make a token."""
    form = TokenForm(deed.request.POST, **_options(deed.reader))
    is_valid = form.is_valid()
    team = form.cleaned_data.get("team") if is_valid else None
    # An invalid form changes nothing: whoever manages any team may read what is wrong with it.
    deed.require(*([team.pk] if team else _own(deed.reader) if not is_valid else [None]))

    def do(given: Mapping[str, Any]) -> Done:
        clear = make_token(
            deed.actor,
            given["name"],
            [given["scope"]],
            given["team"],
            given["cluster"],
            given["environment"],
            form.ends_at,
        )
        return Done(_("The token is made."), label=_("The token, shown this once"), once=clear)

    return sent(deed, form, "add", reverse("settings_tokens"), do, "name")


@acting("manage")
def revoke(deed: Deed, pk: int) -> HttpResponse:
    """Take a token back."""
    try:
        deed.require(token_team(pk))
    except PlimsollError as error:
        raise NotHere(str(error)) from error

    def do(given: Mapping[str, Any]) -> Done:
        return Done(_("The token %(name)s opens nothing any more.") % {"name": revoke_token(deed.actor, pk)})

    return sent(deed, Nothing(deed.request.POST), f"revoke-{pk}", reverse("settings_tokens"), do)


def _own(reader: Reader) -> list[int | None]:
    return [None, *(team.pk for team in manageable(reader))]


def _options(reader: Reader) -> dict[str, Any]:
    """Return what the reader may choose: telemetry and administration are of the whole site."""
    if reader.may("administer"):
        return {"teams": manageable(reader), "none": _("everything"), "scopes": SCOPES}
    return {"teams": manageable(reader), "scopes": ("read", "write")}
