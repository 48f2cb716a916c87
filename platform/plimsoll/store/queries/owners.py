"""What belongs to a team."""

from collections.abc import Collection

from plimsoll.store.models import Team


def visible_teams(slugs: Collection[str], limited_to: int | None) -> set[str]:
    """Return those of the slugs that are teams the reader may see; `limited_to` is the reader's team."""
    teams = Team.objects.filter(slug__in=list(slugs))
    return set((teams if limited_to is None else teams.filter(pk=limited_to)).values_list("slug", flat=True))


def slug_of(team: int) -> str:
    """Return the team's slug."""
    return Team.objects.values_list("slug", flat=True).get(pk=team)
