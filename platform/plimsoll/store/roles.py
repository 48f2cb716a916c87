"""Roles, and what each may do: plain rules without a database.

A role over the whole site counts for every team. Who has roles in teams only, reads only these teams' rows, as an API
token of a team does; what belongs to the organisation is changed by site admins alone.
"""

from collections.abc import Collection, Iterable
from typing import Final, Literal, NamedTuple

Action = Literal["read", "act", "claim", "manage", "administer"]

# From the one that may least.
ROLES: Final = ("viewer", "member", "team_admin", "site_admin")

# The least role for each action: to see; to act on incidents and verdicts; to claim a service for a team; to change
# what belongs to a team; to change what belongs to the organisation.
_LEAST: Final[dict[Action, str]] = {
    "read": "viewer",
    "act": "member",
    "claim": "member",
    "manage": "team_admin",
    "administer": "site_admin",
}
ACTIONS: Final = tuple(_LEAST)


class Grant(NamedTuple):
    """A role that somebody has: over the whole site (`team` is None), or in one team."""

    role: str
    team: int | None = None


def may(grants: Iterable[Grant], action: Action, team: int | None = None) -> bool:
    """Whether these roles allow an action on something of a team, or (None) of no team: the organisation's."""
    if team is None and action in ("manage", "administer"):
        return any(_is_site_admin(grant) for grant in grants)
    return any(_reaches(grant, action) and grant.team in (None, team) for grant in grants)


def may_somewhere(grants: Iterable[Grant], action: Action) -> bool:
    """Whether these roles allow an action on something of any team at all."""
    return any(_reaches(grant, action) for grant in grants)


def readable_teams(grants: Collection[Grant]) -> frozenset[int] | None:
    """Return the teams whose rows these roles may read; None: all rows, whoever owns them."""
    if any(grant.team is None and grant.role in ROLES for grant in grants):
        return None
    return frozenset(grant.team for grant in grants if grant.team is not None and grant.role in ROLES)


def _reaches(grant: Grant, action: Action) -> bool:
    if grant.role not in ROLES:
        return False
    if action == "administer":
        return _is_site_admin(grant)
    return ROLES.index(grant.role) >= ROLES.index(_LEAST[action])


def _is_site_admin(grant: Grant) -> bool:
    return grant.role == "site_admin" and grant.team is None
