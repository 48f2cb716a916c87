"""Teams: who owns sources, and the services that these are the first to name."""

from django.db import IntegrityError, transaction

from plimsoll.errors import BadSetting, PlimsollError
from plimsoll.store.models import Team
from plimsoll.store.slugs import RULE, is_slug


def add_team(slug: str, name: str) -> Team:
    """Make a team and return it; BadSetting when the slug is none, PlimsollError when it is taken."""
    if not is_slug(slug):
        raise BadSetting(f"{slug!r} is no slug: {RULE}, such as payments.")
    team = Team(slug=slug, name=name)
    try:
        with transaction.atomic():
            team.save(force_insert=True)
    except IntegrityError as error:
        raise PlimsollError(f"There is already a team {slug!r}.") from error
    return team


def team_named(slug: str) -> Team:
    """Return the team with the slug; PlimsollError, with how to add it, when there is none."""
    team = Team.objects.filter(slug=slug).first()
    if team is None:
        raise PlimsollError(
            f"There is no team {slug!r}; add it with `plimsoll team add {slug}`, or leave the team out."
        )
    return team
