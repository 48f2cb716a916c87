"""People: let in, given roles, helped with a link, turned away."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from dashboards.access.deeds import Deed, acting
from dashboards.frame.page import Context, NotHere, Visit
from dashboards.readers import Reader
from dashboards.settings.flash import Flash
from dashboards.settings.forms import ROLE_WORDS, PersonForm, RoleForm
from dashboards.settings.section import manageable, section
from dashboards.settings.sending import Done, Nothing, sent
from plimsoll.store import people as store
from plimsoll.store.passwords import link_for
from plimsoll.store.people import Person
from plimsoll.store.roles import ROLES
from plimsoll.store.settings.teams import team_of_id

_TEAM_ROLES = ("viewer", "member", "team_admin")


@section("settings_people", "settings/people.html")
def people(visit: Visit, flash: Flash) -> Context:
    """List who can sign in, and the form to let somebody in."""
    reader = visit.reader
    teams = {team.pk for team in manageable(reader)}
    everybody = store.people()
    if not reader.may("administer"):
        everybody = [each for each in everybody if any(role.team in teams for role in each.roles)]
    rows = [{"person": each, "roles": _roles(each, reader)} for each in everybody]
    return {"rows": rows, "form": flash.of("add", PersonForm, **_options(reader)), "may_all": reader.may("administer")}


@section("settings_people", "settings/person.html")
def person(visit: Visit, flash: Flash, pk: int) -> Context:
    """Show somebody with their roles, and what can be done for them."""
    found = _found(visit.reader, pk)
    return {
        "shown_person": found,
        "roles": _roles(found, visit.reader),
        "form": flash.of("role", RoleForm, **_options(visit.reader)),
        "may_all": visit.reader.may("administer"),
        "is_self": visit.reader.person is not None and visit.reader.person.id == pk,
    }


@acting("manage")
def add(deed: Deed) -> HttpResponse:
    """Let somebody in, and show the link by which they choose a password."""
    form = PersonForm(deed.request.POST, **_options(deed.reader))
    _require_for(deed, form)

    def do(given: Mapping[str, Any]) -> Done:
        made = store.add_person(deed.actor, given["name"], given["role"], given["team"])
        return _with_link(deed, made, _("%(name)s is let in.") % {"name": made.name})

    return sent(deed, form, "add", reverse("settings_people"), do, "name")


@acting("administer")
def link(deed: Deed, pk: int) -> HttpResponse:
    """Show a new link by which somebody chooses a password: for site admins alone, as it opens what they may do."""
    deed.require()
    found = _found(deed.reader, pk)

    def do(given: Mapping[str, Any]) -> Done:
        return _with_link(deed, found, _("A new link for %(name)s is made.") % {"name": found.name})

    return sent(deed, Nothing(deed.request.POST), "link", _page(pk), do)


@acting("manage")
def grant(deed: Deed, pk: int) -> HttpResponse:
    """Give somebody a role, in place of the one they had there."""
    _found(deed.reader, pk)
    form = RoleForm(deed.request.POST, **_options(deed.reader))
    _require_for(deed, form)

    def do(given: Mapping[str, Any]) -> Done:
        store.grant(deed.actor, pk, given["role"], given["team"])
        return Done(_("The role is given."))

    return sent(deed, form, "role", _page(pk), do, "role")


@acting("manage")
def withdraw(deed: Deed, pk: int) -> HttpResponse:
    """Take a role away."""
    _found(deed.reader, pk)
    number = deed.request.POST.get("team", "")
    team = team_of_id(int(number)) if number.isdecimal() and len(number) < 19 else None
    if number and team is None:
        raise NotHere(_("There is no such team."))
    deed.require(team.pk if team else None)

    def do(given: Mapping[str, Any]) -> Done:
        store.withdraw(deed.actor, pk, team)
        return Done(_("The role is taken away."))

    return sent(deed, Nothing(deed.request.POST), "withdraw", _page(pk), do)


@acting("administer")
def switch(deed: Deed, pk: int) -> HttpResponse:
    """Turn somebody away, or let them in again."""
    deed.require()
    found = _found(deed.reader, pk)
    is_active = deed.request.POST.get("active") == "1"

    def do(given: Mapping[str, Any]) -> Done:
        store.activate(deed.actor, pk, is_active)
        text = _("%(name)s can sign in again.") if is_active else _("%(name)s is turned away, everywhere and at once.")
        return Done(text % {"name": found.name})

    return sent(deed, Nothing(deed.request.POST), "switch", _page(pk), do)


@acting("administer")
def remove(deed: Deed, pk: int) -> HttpResponse:
    """Remove somebody for good."""
    deed.require()
    found = _found(deed.reader, pk)

    def do(given: Mapping[str, Any]) -> Done:
        store.remove(deed.actor, pk)
        return Done(_("%(name)s is removed.") % {"name": found.name}, onward=reverse("settings_people"))

    return sent(deed, Nothing(deed.request.POST), "remove", _page(pk), do)


def _with_link(deed: Deed, who: Person, text: str) -> Done:
    address = deed.request.build_absolute_uri(link_for(deed.actor, who.id))
    label = _("Give this link to them; it opens once, within a day, and is shown this once")
    return Done(text, label=label, once=address, onward=_page(who.id))


def _require_for(deed: Deed, form: PersonForm) -> None:
    """Roles in a team are given by its admins, roles over the site by site admins."""
    if form.is_valid():
        team = form.cleaned_data["team"]
        deed.require(team.pk if team else None)
    else:
        # An invalid form changes nothing: whoever manages any team may read what is wrong with it.
        deed.require(None, *(each.pk for each in manageable(deed.reader)))


def _found(reader: Reader, pk: int) -> Person:
    """Return the person, if the reader may know them: those who are in a team that the reader manages."""
    found = store.person(pk) if pk < 2**31 else None
    own = {team.pk for team in manageable(reader)}
    if found is None or not (reader.may("administer") or any(role.team in own for role in found.roles)):
        raise NotHere(_("There is nobody here by this number."))
    return found


def _roles(who: Person, reader: Reader) -> list[dict[str, object]]:
    return [
        {"role": role, "words": ROLE_WORDS[role.role], "may": reader.may("manage", role.team)} for role in who.roles
    ]


def _options(reader: Reader) -> dict[str, Any]:
    if reader.may("administer"):
        return {"teams": manageable(reader), "none": _("everywhere"), "roles": ROLES}
    return {"teams": manageable(reader), "roles": _TEAM_ROLES}


def _page(pk: int) -> str:
    return reverse("settings_person", args=[pk])
