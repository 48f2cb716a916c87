"""Services: found by name, given an owner, claimed."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from dashboards.access.deeds import Deed, acting
from dashboards.frame.page import Context, NotHere, Visit
from dashboards.readers import Reader
from dashboards.settings.flash import Flash
from dashboards.settings.forms import OfTeam, ServiceForm
from dashboards.settings.section import section
from dashboards.settings.sending import Done, sent
from plimsoll.store.models import Team
from plimsoll.store.settings.services import ServiceRow, change_service, claim_service, service_page, service_row
from plimsoll.store.settings.teams import all_teams


@section("settings_services", "settings/services.html")
def services(visit: Visit, flash: Flash) -> Context:
    """List services, those that match, or those that nobody owns."""
    given = visit.request.GET
    search, unowned = given.get("q", "").replace("\x00", "")[:100], given.get("unowned") == "1"
    number = given.get("page", "1")
    page = int(number) if number.isdecimal() and len(number) < 6 else 1
    found = service_page(visit.reader.teams, search=search, unowned=unowned, page=page)
    return {"found": found, "q": search, "unowned": unowned, "claims": bool(_claiming(visit.reader))}


@section("settings_services", "settings/service.html")
def service(visit: Visit, flash: Flash, pk: int) -> Context:
    """Show a service with the form for who may change it, or the one for who may claim it."""
    row = _found(visit.reader, pk)
    initial = {"team": row.team or "", "tier": row.tier, "description": row.description}
    may = _may_change(visit.reader, row) and not row.is_ruled
    claiming = [] if row.team or row.is_ruled or may else _claiming(visit.reader)
    owners = _owners(visit.reader, row)
    return {
        "row": row,
        "form": flash.of("change", ServiceForm, teams=owners, none=_("nobody"), initial=initial) if may else None,
        "claim": flash.of("claim", OfTeam, teams=claiming) if claiming else None,
    }


@acting("manage")
def change(deed: Deed, pk: int) -> HttpResponse:
    """Say whose a service is, how much it matters, and what it is for."""
    row = _found(deed.reader, pk)
    deed.require(row.team)
    form = ServiceForm(deed.request.POST, teams=_owners(deed.reader, row), none=_("nobody"))

    def do(given: Mapping[str, Any]) -> Done:
        change_service(deed.actor, pk, given["team"], given["tier"], given["description"])
        theirs = given["team"]
        stays = deed.reader.teams is None or (theirs is not None and theirs.pk in deed.reader.teams)
        # What was given away is not theirs to look at any more.
        return Done(_("The service is changed."), onward="" if stays else reverse("settings_services"))

    return sent(deed, form, "change", reverse("settings_service", args=[pk]), do)


@acting("claim")
def claim(deed: Deed, pk: int) -> HttpResponse:
    """Make a service that nobody owns a team's."""
    _found(deed.reader, pk)
    form = OfTeam(deed.request.POST, teams=all_teams())
    deed.require(form.cleaned_data["team"].pk if form.is_valid() and form.cleaned_data["team"] else None)

    def do(given: Mapping[str, Any]) -> Done:
        claim_service(deed.actor, pk, given["team"])
        return Done(_("The service is %(team)s's now.") % {"team": given["team"].name})

    return sent(deed, form, "claim", reverse("settings_service", args=[pk]), do)


def _found(reader: Reader, pk: int) -> ServiceRow:
    row = service_row(pk, reader.teams)
    if row is None:
        raise NotHere(_("There is no such service."))
    return row


def _may_change(reader: Reader, row: ServiceRow) -> bool:
    return reader.may("manage", row.team)


def _owners(reader: Reader, row: ServiceRow) -> list[Team]:
    """Return the teams that a service can be given to: a team's admin may hand it to any."""
    return all_teams() if _may_change(reader, row) else []


def _claiming(reader: Reader) -> list[Team]:
    """Return the teams that the reader may claim services for."""
    return [team for team in all_teams() if reader.may("claim", team.pk)]
