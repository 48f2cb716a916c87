"""Who owns what: teams, services, environments and clusters."""

from django.db import models

from plimsoll.store.models.base import ChangingRow


class Team(ChangingRow):
    """People who own services; `time_zone` decides what their day is, empty means the organisation's."""

    slug = models.SlugField(unique=True)
    name = models.TextField()
    time_zone = models.TextField(default="", blank=True)

    class Meta:
        db_table = "team"


class Environment(ChangingRow):
    """A named place that versions are deployed to, and its class."""

    name = models.TextField(unique=True)
    # production, staging, testing, development or other
    environment_class = models.TextField(default="other")

    class Meta:
        db_table = "environment"


class Cluster(ChangingRow):
    """A mesh cluster."""

    name = models.TextField(unique=True)
    cloud = models.TextField(default="", blank=True)
    region = models.TextField(default="", blank=True)

    class Meta:
        db_table = "cluster"


class Service(ChangingRow):
    """A logical service: what teams own and deploy, over all clusters. Webhooks seldom know the namespace: it may be
    empty.
    """

    namespace = models.TextField(default="", blank=True)
    name = models.TextField()
    team = models.ForeignKey(Team, models.SET_NULL, null=True, related_name="services")
    tier = models.TextField(default="", blank=True)
    # discovered (seen in telemetry or a webhook) or owned (somebody said so)
    state = models.TextField(default="discovered")

    class Meta:
        db_table = "service"
        constraints = [models.UniqueConstraint("namespace", "name", name="service_identity")]
        indexes = [models.Index(fields=["name"])]
