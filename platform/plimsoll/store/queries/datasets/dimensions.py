"""Who and where, as the API lists it: services, teams, environments, clusters; and the log of webhook deliveries."""

from collections.abc import Sequence

from django.db.models import Count, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from plimsoll.store.models import Cluster, Environment, Service, Team, WebhookDelivery
from plimsoll.store.queries.datasets import Column, Dataset, of_services, one_of
from plimsoll.store.queries.datasets.facts import ENVIRONMENT_CLASSES

_OWNED = Service.objects.filter(team=OuterRef("pk")).order_by().values("team")

_ROW = (Column("created_at", "time", "created_at"), Column("updated_at", "time", "updated_at"))


def _ownership(values: Sequence[str]) -> Q:
    """Return the services that a team owns, or those of nobody."""
    wanted = {value == "unowned" for value in values}
    return Q(team__isnull=wanted.pop()) if len(wanted) == 1 else Q()


SERVICES = Dataset(
    name="services",
    about="Logical services, over all clusters.",
    model=Service,
    columns=(
        Column("id", "id", "pk"),
        Column("namespace", "text", "namespace"),
        Column("name", "text", "name"),
        Column("team", "text", "team__slug"),
        Column("tier", "text", "tier"),
        Column("state", "text", "state", "discovered or owned."),
        *_ROW,
    ),
    filters={
        "service": of_services(),
        "namespace": one_of("namespace"),
        "team": one_of("team__slug"),
        "state": one_of("state"),
        "tier": one_of("tier"),
        "ownership": _ownership,
    },
    choices={"state": ("discovered", "owned"), "ownership": ("owned", "unowned")},
    orderings=("updated_at", "created_at", "name"),
    of_team=lambda team: Q(team=team),
)

TEAMS = Dataset(
    name="teams",
    about="People who own services; everywhere else a team is named by its `slug`.",
    model=Team,
    columns=(
        Column("id", "id", "pk"),
        Column("slug", "text", "slug"),
        Column("name", "text", "name"),
        Column("time_zone", "text", "time_zone", "Empty: the organisation's."),
        Column("services", "count", Coalesce(Subquery(_OWNED.values(n=Count("pk"))), Value(0)), "Services it owns."),
        *_ROW,
    ),
    filters={"team": one_of("slug")},
    orderings=("updated_at", "created_at", "slug"),
    of_team=lambda team: Q(pk=team),
)

ENVIRONMENTS = Dataset(
    name="environments",
    about="Named places that versions are deployed to.",
    model=Environment,
    columns=(
        Column("id", "id", "pk"),
        Column("name", "text", "name"),
        Column("environment_class", "text", "environment_class"),
        *_ROW,
    ),
    filters={"environment": one_of("name"), "environment_class": one_of("environment_class")},
    choices={"environment_class": ENVIRONMENT_CLASSES},
    orderings=("updated_at", "created_at", "name"),
)

CLUSTERS = Dataset(
    name="clusters",
    about="Mesh clusters.",
    model=Cluster,
    columns=(
        Column("id", "id", "pk"),
        Column("name", "text", "name"),
        Column("cloud", "text", "cloud"),
        Column("region", "text", "region"),
        *_ROW,
    ),
    filters={"cluster": one_of("name")},
    orderings=("updated_at", "created_at", "name"),
)

DELIVERIES = Dataset(
    name="deliveries",
    about="Webhook deliveries and what became of them; bodies, headers and secrets are not shown.",
    model=WebhookDelivery,
    columns=(
        Column("id", "id", "pk"),
        Column("provider", "text", "source__provider"),
        Column("source", "text", "source__name"),
        Column("key", "text", "key", "What makes it the same delivery when it comes again."),
        Column("event", "text", "event"),
        Column("received_at", "time", "received_at"),
        Column("status", "text", "status"),
        Column("result", "text", "result", "The reason, when it was ignored or failed."),
        Column("attempts", "count", "attempts"),
        Column("not_before", "time", "not_before"),
        Column("processed_at", "time", "processed_at"),
        *_ROW,
    ),
    filters={
        "status": one_of("status"),
        "provider": one_of("source__provider"),
        "source": one_of("source__name"),
        "event": one_of("event"),
    },
    choices={"status": ("pending", "applied", "ignored", "failed")},
    event_times=("received_at",),
    orderings=("updated_at", "created_at", "received_at"),
    of_team=lambda team: Q(source__team=team),
)
