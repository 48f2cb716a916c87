"""What pages can be narrowed to: teams, services, environments and clusters that are known."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Case, Count, F, Q, TextField, Value, When
from django.db.models.functions import Concat

from plimsoll.store.environments import TEST
from plimsoll.store.models import Cluster, Edge, Environment, Node, Service, Team

_SHARED = Service.objects.order_by().values("name").annotate(n=Count("pk")).filter(n__gt=1).values("name")


def _whole_name(of: str = "") -> Concat:
    """Return what tells a service, or a vertex of the map, from others of its name (`naming`)."""
    return Concat(F(f"{of}namespace"), Value("/"), F(f"{of}name"), output_field=TextField())


def own_name(of: str = "") -> Case:
    """Return the name by which lists and figures are asked for one service alone.

    A name with a `/` may be the whole one of another.
    """
    ambiguous = Q(**{f"{of}name__in": _SHARED}) | Q(**{f"{of}name__contains": "/"})
    return Case(When(ambiguous, then=_whole_name(of)), default=F(f"{of}name"))


WHOLE_NAME = _whole_name()
OWN_NAME = own_name()


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


def services_among(names: Collection[str], limited_to: Collection[int] | None = None) -> frozenset[str]:
    """Return those of the names that a service has, or a vertex of the map, with its namespace before a `/` or without.

    A vertex is asked for in any case of letters.
    """
    if not names:
        return frozenset()
    services, nodes = Service.objects.all(), Node.objects.all()
    if limited_to is not None:
        services, nodes = services.filter(team__in=limited_to), nodes.filter(service__team__in=limited_to)
    told = services.alias(whole=WHOLE_NAME).filter(Q(name__in=names) | Q(whole__in=names))
    folded = {name.casefold() for name in names}
    seen = nodes.alias(whole=WHOLE_NAME).filter(Q(name__in=folded) | Q(whole__in=folded))
    called, heard = (
        {name for pair in found.values_list("name", WHOLE_NAME) for name in pair} for found in (told, seen)
    )
    return frozenset(name for name in names if name in called or name.casefold() in heard)
