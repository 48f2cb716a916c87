"""Teams: who owns services."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from plimsoll.errors import PlimsollError
from plimsoll.store import notices
from plimsoll.store.audit import Actor, audited
from plimsoll.store.models import Team
from plimsoll.store.settings.ruling import refuse_ruled, ruled
from plimsoll.store.teams import add_team


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A team in the list."""

    id: int
    slug: str
    name: str
    time_zone: str
    services: int
    people: int
    is_ruled: bool


def team_rows(limited_to: Collection[int] | None = None) -> list[TeamRow]:
    """Return the teams by name, or those of them that the reader may see."""
    teams = Team.objects.order_by("name").annotate(
        services_n=Count("services", distinct=True), people_n=Count("memberships__user", distinct=True)
    )
    if limited_to is not None:
        teams = teams.filter(pk__in=limited_to)
    by_file = ruled("team")
    return [
        TeamRow(team.pk, team.slug, team.name, team.time_zone, team.services_n, team.people_n, team.pk in by_file)
        for team in teams
    ]


def team_of(slug: str) -> Team | None:
    """Return the team of a slug, or None."""
    return Team.objects.filter(slug=slug).first()


def team_of_id(pk: int) -> Team | None:
    """Return the team of a number, or None."""
    return Team.objects.filter(pk=pk).first()


def all_teams() -> list[Team]:
    """Return all teams by name."""
    return list(Team.objects.order_by("name"))


def make_team(actor: Actor, slug: str, name: str) -> Team:
    """Make a team."""
    with audited(actor, "add", f"team {slug}") as change:
        change.after = {"name": name}
        return add_team(slug, name)


def change_team(actor: Actor, team: Team, name: str, time_zone: str) -> None:
    """Rename a team, or say which days are its; its slug stays, as addresses have it."""
    refuse_ruled("team", team.pk)
    with audited(actor, "change", f"team {team.slug}") as change:
        change.before = {"name": team.name, "time_zone": team.time_zone}
        change.after = {"name": name, "time_zone": time_zone}
        Team.objects.filter(pk=team.pk).update(name=name, time_zone=time_zone, updated_at=Now())


def remove_team(actor: Actor, team: Team) -> None:
    """Remove a team with its roles, tokens, marks and screens; its services and sources are nobody's then."""
    refuse_ruled("team", team.pk)
    with audited(actor, "remove", f"team {team.slug}") as change:
        change.before = {"name": team.name}
        removed, _rows = Team.objects.filter(pk=team.pk).delete()
        if not removed:
            raise PlimsollError(_("This team does not exist any more."))
        notices.access_changed()
