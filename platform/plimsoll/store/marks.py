"""Marks: the levels that figures must not cross, the most special one first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from django.db.models.functions import Now

from plimsoll.store.models import Mark, Service, Team
from plimsoll.store.naming import whole_name
from plimsoll.store.queries.places import own_name

Direction = Literal["at_least", "at_most"]

# Each figure that can have a mark, and on which side of it is well.
DIRECTIONS: Final[Mapping[str, Direction]] = {
    "deployment_frequency": "at_least",
    "lead_time": "at_most",
    "change_failure_rate": "at_most",
    "recovery_time": "at_most",
    "error_rate": "at_most",
    "p95_ms": "at_most",
}

# What many do adds up: a goal for all of them says nothing about each.
_SUMS: Final = frozenset({"deployment_frequency"})

# figure, team's slug, service's name, calling service's name, both whole; None where it is about all of them
Key = tuple[str, str | None, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Marks:
    """All marks, by what they are about."""

    values: Mapping[Key, float] = field(default_factory=dict)

    def of(
        self, metric: str, *, team: str | None = None, service: str | None = None, client: str | None = None
    ) -> float | None:
        """Return the mark that counts: the edge's, the service's, the team's, the organisation's; None for none.

        Services are named whole (`naming`), or one alone by its own name, as filters have it.

        A deployment frequency has its own mark or none: the organisation's is the goal of all its teams together.
        """
        keys: list[Key] = [(metric, team, None, None), (metric, None, None, None)]
        if service is not None:
            # Without a service these would be the organisation's, which comes last.
            keys = [(metric, None, service, client), (metric, None, service, None), *keys]
        if metric in _SUMS:
            keys = [(metric, None if service else team, service, None)]
        return next((self.values[key] for key in keys if key in self.values), None)

    def of_those(self, metric: str, teams: Sequence[str], services: Sequence[str]) -> float | None:
        """Return the mark of what teams and services do together; none named means all.

        Several have the one that covers them all; but what just these add up to has no mark.
        """
        if metric in _SUMS and max(len(teams), len(services)) > 1:
            return None
        return self.of(metric, team=_only(teams), service=_only(services))


def _only(names: Sequence[str]) -> str | None:
    return names[0] if len(names) == 1 else None


def marks() -> Marks:
    """Return every mark that is set; that of a service by its whole name, and by the one that it alone has."""
    service, client = ("service__namespace", "service__name"), ("client__namespace", "client__name")
    rows = Mark.objects.values_list(
        "metric", "team__slug", "value", own_name("service__"), own_name("client__"), *service, *client
    )
    found: dict[Key, float] = {}
    for metric, team, value, own, callers_own, *names in rows:
        whole, callers_whole = (whole_name(*pair) if pair[1] else None for pair in (names[:2], names[2:]))
        found[metric, team, own, callers_own] = found[metric, team, whole, callers_whole] = value
    return Marks(found)


def set_mark(
    metric: str,
    value: float | None,
    *,
    team: Team | None = None,
    service: Service | None = None,
    client: Service | None = None,
) -> None:
    """Set a mark of the organisation, a team, a service, or of the calls of `client` to a service; None removes it.

    Raises KeyError for a figure that can have none.
    """
    DIRECTIONS[metric]
    if value is None:
        Mark.objects.filter(metric=metric, team=team, service=service, client=client).delete()
    else:
        Mark.objects.update_or_create(
            metric=metric,
            team=team,
            service=service,
            client=client,
            defaults={"value": value, "updated_at": Now()},
        )
