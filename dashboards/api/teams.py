"""Teams in addresses: another team's name is as unknown as one that does not exist."""

from collections.abc import Sequence

from dashboards.api.problems import Problem
from plimsoll.store.queries.owners import slug_of, visible_teams


def checked(slugs: Sequence[str], limited_to: int | None) -> tuple[str, ...]:
    """Return the teams to show: those asked for, or the reader's own one; empty means all."""
    unknown = set(slugs) - visible_teams(slugs, limited_to) if slugs else set()
    if unknown:
        raise Problem(404, "unknown_team", f"There is no team {', '.join(sorted(unknown))}; /api/v1/teams/ lists them.")
    if slugs or limited_to is None:
        return tuple(slugs)
    return (slug_of(limited_to),)
