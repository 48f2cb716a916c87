"""Teams: who owns sources, and the services that these are the first to name."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from plimsoll.errors import BadSetting, PlimsollError
from plimsoll.store.models import Team


def add_team(slug: str, name: str) -> Team:
    """Make a team and return it; BadSetting when the slug is none, PlimsollError when it is taken."""
    team = Team(slug=slug, name=name)
    try:
        team.clean_fields()
    except ValidationError as error:
        raise BadSetting(f"{slug!r} is no slug: letters, digits, - and _, at most 50, such as payments.") from error
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
