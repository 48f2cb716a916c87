"""Teams, and who owns what."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count

from plimsoll.store.models import Service, Team
from plimsoll.store.queries.datasets import of_services
from plimsoll.store.queries.places import OWN_NAME


@dataclass(frozen=True, slots=True)
class TeamName:
    """A team by the names people know it by, and how many services it owns."""

    id: int
    slug: str
    name: str
    services: int


def teams() -> list[TeamName]:
    """Return all teams by name."""
    rows = Team.objects.annotate(owned=Count("services")).order_by("name", "pk")
    return [TeamName(*row) for row in rows.values_list("pk", "slug", "name", "owned")]


@dataclass(frozen=True, slots=True)
class Owned:
    """A service that a team owns; `own_name` is that of no other service."""

    id: int
    name: str
    own_name: str
    namespace: str
    tier: str


def services_of_team(team: int, named: Sequence[str] = ()) -> list[Owned]:
    """Return the services of a team by name: all, or those of them that are named."""
    rows = Service.objects.filter(team=team).order_by("name", "namespace")
    if named:
        rows = rows.filter(of_services()(named))
    return [Owned(*row) for row in rows.values_list("pk", "name", OWN_NAME, "namespace", "tier")]
