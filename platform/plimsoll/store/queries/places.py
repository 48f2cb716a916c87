"""What pages can be narrowed to: teams, environments and clusters that are known."""

from collections.abc import Mapping
from dataclasses import dataclass

from plimsoll.store.models import Cluster, Environment, Node, Team


@dataclass(frozen=True, slots=True)
class Places:
    """Teams (slug to name), and the names of environments and clusters, in the order in which they are shown."""

    teams: Mapping[str, str]
    environments: Mapping[str, str]
    clusters: Mapping[str, str]


def places(team: int | None = None) -> Places:
    """Return what is known; with a team, it alone."""
    teams = Team.objects.order_by("name") if team is None else Team.objects.filter(pk=team)
    environments = Environment.objects.order_by("name").values_list("name", flat=True)
    named = Cluster.objects.values_list("name", flat=True)
    seen = Node.objects.exclude(cluster="").values_list("cluster", flat=True)
    clusters = sorted(named.union(seen))
    return Places(
        dict(teams.values_list("slug", "name")),
        {name: name for name in environments},
        {name: name for name in clusters},
    )
