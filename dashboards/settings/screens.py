"""Screens on walls: made, their address shown once, and taken back."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from dashboards.access.deeds import Deed, acting
from dashboards.frame.page import Context, NotHere, Visit
from dashboards.readers import Reader
from dashboards.settings.flash import Flash
from dashboards.settings.forms import ScreenForm
from dashboards.settings.section import manageable, section
from dashboards.settings.sending import Done, Nothing, sent
from plimsoll.errors import PlimsollError
from plimsoll.store import screens as store
from plimsoll.store.settings.screens import make_screen, screen_of_id, take_back


@section("settings_screens", "settings/screens.html")
def screens(visit: Visit, flash: Flash) -> Context:
    """List screens, and the form for a new one."""
    rows = [
        (screen, visit.reader.may("manage", screen.team_id))
        for screen in store.screens()
        if visit.reader.may("manage", screen.team_id)
    ]
    return {"rows": rows, "form": flash.of("add", ScreenForm, **_options(visit.reader))}


@acting("manage")
def add(deed: Deed) -> HttpResponse:
    """Make a screen, and show the address that its browser opens."""
    form = ScreenForm(deed.request.POST, **_options(deed.reader))
    is_valid = form.is_valid()
    team = form.cleaned_data.get("team") if is_valid else None
    # An invalid form changes nothing: whoever manages any team may read what is wrong with it.
    own: list[int | None] = [None, *(each.pk for each in manageable(deed.reader))]
    deed.require(*([team.pk] if team else own if not is_valid else [None]))

    def do(given: Mapping[str, Any]) -> Done:
        clear = make_screen(deed.actor, given["name"], given["team"])
        slug = given["team"].slug if given["team"] else "all"
        address = deed.request.build_absolute_uri(f"{reverse('wall', args=[slug])}?k={clear}")
        return Done(_("The screen is there."), label=_("Open this on the screen; it is shown this once"), once=address)

    return sent(deed, form, "add", reverse("settings_screens"), do, "name")


@acting("manage")
def revoke(deed: Deed, pk: int) -> HttpResponse:
    """Take a screen's token back."""
    try:
        screen = screen_of_id(pk)
    except PlimsollError as error:
        raise NotHere(str(error)) from error
    deed.require(screen.team_id)

    def do(given: Mapping[str, Any]) -> Done:
        take_back(deed.actor, screen)
        return Done(_("%(name)s shows nothing any more.") % {"name": screen.name})

    return sent(deed, Nothing(deed.request.POST), f"revoke-{pk}", reverse("settings_screens"), do)


def _options(reader: Reader) -> dict[str, Any]:
    none = {"none": _("the organisation and every team in turn")} if reader.may("administer") else {}
    return {"teams": manageable(reader), **none}
