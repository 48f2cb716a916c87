"""Teams: made, renamed, removed, and who is in them."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from dashboards.access.deeds import Deed, acting
from dashboards.frame.page import Context, Visit
from dashboards.settings.flash import Flash
from dashboards.settings.forms import NewTeam, TeamForm
from dashboards.settings.section import found_team, section
from dashboards.settings.sending import Done, Nothing, sent
from plimsoll.store import people
from plimsoll.store.models import Team
from plimsoll.store.settings.ruling import ruled
from plimsoll.store.settings.teams import change_team, make_team, remove_team, team_rows


@section("settings_teams", "settings/teams.html")
def teams(visit: Visit, flash: Flash) -> Context:
    """List the teams."""
    may = visit.reader.may("administer")
    return {"rows": team_rows(visit.reader.teams), "form": flash.of("add", NewTeam) if may else None}


@section("settings_teams", "settings/team.html")
def team(visit: Visit, flash: Flash, slug: str) -> Context:
    """Show a team: its name, its people, and what removing it would do."""
    found = found_team(slug, visit.reader)
    is_ruled = found.pk in ruled("team")
    may = visit.reader.may("manage", found.pk) and not is_ruled
    initial = {"name": found.name, "time_zone": found.time_zone}
    return {
        "team": found,
        "is_ruled": is_ruled,
        "form": flash.of("change", TeamForm, initial=initial) if may else None,
        "may_remove": visit.reader.may("administer") and not is_ruled,
        "row": next(row for row in team_rows([found.pk])),
        "members": [
            (person, next(role.role for role in person.roles if role.team == found.pk))
            for person in people.people(found.pk)
        ],
        "may_people": visit.reader.may("manage", found.pk),
    }


@acting("administer")
def add(deed: Deed) -> HttpResponse:
    """Make a team."""
    deed.require()

    def do(given: Mapping[str, Any]) -> Done:
        made = make_team(deed.actor, given["slug"], given["name"])
        return Done(_("The team is there."), onward=reverse("settings_team", args=[made.slug]))

    return sent(deed, NewTeam(deed.request.POST), "add", reverse("settings_teams"), do, "slug")


@acting("manage")
def change(deed: Deed, slug: str) -> HttpResponse:
    """Rename a team, or say which days are its."""
    found = _team(deed, slug)
    deed.require(found.pk)

    def do(given: Mapping[str, Any]) -> Done:
        change_team(deed.actor, found, given["name"], given["time_zone"])
        return Done(_("The team is changed."))

    return sent(deed, TeamForm(deed.request.POST), "change", reverse("settings_team", args=[slug]), do)


@acting("administer")
def remove(deed: Deed, slug: str) -> HttpResponse:
    """Remove a team."""
    deed.require()
    found = _team(deed, slug)

    def do(given: Mapping[str, Any]) -> Done:
        remove_team(deed.actor, found)
        return Done(_("The team %(name)s is removed.") % {"name": found.name}, onward=reverse("settings_teams"))

    return sent(deed, Nothing(deed.request.POST), "remove", reverse("settings_team", args=[slug]), do)


def _team(deed: Deed, slug: str) -> Team:
    return found_team(slug, deed.reader)
