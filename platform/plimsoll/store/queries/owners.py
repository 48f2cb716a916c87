"""What belongs to a team."""

from collections.abc import Collection

from plimsoll.store.models import Team


def visible_teams(slugs: Collection[str], limited_to: int | Collection[int] | None) -> set[str]:
    """Return those of the slugs that are teams the reader may see; `limited_to` is the reader's team, or several."""
    teams = Team.objects.filter(slug__in=list(slugs))
    if limited_to is not None:
        teams = teams.filter(pk__in=[limited_to] if isinstance(limited_to, int) else limited_to)
    return set(teams.values_list("slug", flat=True))


def slug_of(team: int) -> str:
    """Return the team's slug."""
    return Team.objects.values_list("slug", flat=True).get(pk=team)
