"""Names from deliveries to rows of the catalog, made in state `discovered` when they are new."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import NamedTuple

from django.db.models.functions import Now

from plimsoll.store.catalog_file.applying import managed_environments
from plimsoll.store.environments import settled_class
from plimsoll.store.models import Environment, Service


class ServiceName(NamedTuple):
    """How a sender calls a service; webhooks seldom know the namespace."""

    namespace: str
    name: str


def service_ids(names: Mapping[ServiceName, int | None]) -> dict[ServiceName, int]:
    """Return the service for each name; the mapping's values are the teams (or None) that own what has to be made.

    The same namespace and name, else the only service of that name, else the one without a namespace, which is made
    when it is missing.
    """
    if not names:
        return {}
    known = _known(names)
    missing = {name: team for name, team in names.items() if _chosen(name, known) is None}
    if missing:
        owners = {name.name: team for name, team in sorted(missing.items(), key=lambda item: item[0])}
        Service.every.bulk_create(
            [Service(namespace="", name=name, team_id=team) for name, team in owners.items()], ignore_conflicts=True
        )
        known = _known(names)
    return {name: found for name in names if (found := _chosen(name, known)) is not None}


def _known(names: Collection[ServiceName]) -> dict[str, dict[str, int]]:
    known: dict[str, dict[str, int]] = defaultdict(dict)
    rows = Service.every.filter(name__in={name.name for name in names})
    for row_id, namespace, name in rows.values_list("id", "namespace", "name"):
        known[name][namespace] = row_id
    return known


def _chosen(name: ServiceName, known: Mapping[str, Mapping[str, int]]) -> int | None:
    by_namespace = known.get(name.name, {})
    if name.namespace in by_namespace:
        return by_namespace[name.namespace]
    if len(by_namespace) == 1:
        return next(iter(by_namespace.values()))
    return by_namespace.get("")


def environment_ids(claims: Mapping[str, Collection[str]]) -> dict[str, int]:
    """Return the environment for each name, after what senders claim its class to be."""
    if not claims:
        return {}
    rows = {row.name: row for row in Environment.every.filter(name__in=claims)}
    made = [
        Environment(name=name, environment_class=settled_class(name, *said))
        for name, said in sorted(claims.items())
        if name not in rows
    ]
    if made:
        Environment.every.bulk_create(made, ignore_conflicts=True)
        rows = {row.name: row for row in Environment.every.filter(name__in=claims)}
    differing = {
        name: settled
        for name, row in rows.items()
        if (settled := settled_class(name, row.environment_class, *claims[name])) != row.environment_class
    }
    decided = managed_environments(differing) if differing else set()
    for name, settled in differing.items():
        # What the catalog file says of an environment, no sender changes.
        if name not in decided:
            row = rows[name]
            Environment.every.filter(pk=row.pk).update(environment_class=settled, updated_at=Now())
    return {name: row.pk for name, row in rows.items()}
