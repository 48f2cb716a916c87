"""What pages can be narrowed to: teams, environments and clusters that are known."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from plimsoll.store.environments import TEST
from plimsoll.store.models import Cluster, Edge, Environment, Node, Team


@dataclass(frozen=True, slots=True)
class Places:
    """Teams (slug to name), and the names of environments and clusters, in the order in which they are shown."""

    teams: Mapping[str, str]
    environments: Mapping[str, str]
    clusters: Mapping[str, str]


def environments() -> list[str]:
    """Return the names of all environments, those that senders told of and those that telemetry comes from."""
    told = Environment.objects.values_list("name", flat=True)
    seen_in = Edge.objects.exclude(environment__in=("", TEST)).values_list("environment", flat=True)
    return sorted(told.union(seen_in))


def places(limited_to: Collection[int] | None = None) -> Places:
    """Return what is known; of the teams only those that the reader is limited to, if any."""
    teams = Team.objects.order_by("name")
    if limited_to is not None:
        teams = teams.filter(pk__in=limited_to)
    named = Cluster.objects.values_list("name", flat=True)
    seen = Node.objects.exclude(cluster="").values_list("cluster", flat=True)
    clusters = sorted(named.union(seen))
    return Places(
        dict(teams.values_list("slug", "name")),
        {name: name for name in environments()},
        {name: name for name in clusters},
    )
