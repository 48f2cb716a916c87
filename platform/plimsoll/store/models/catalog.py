"""Who owns what: teams, services, environments and clusters."""

from django.db import models

from plimsoll.store.models.base import ChangingRow, Real


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

    objects = Real["Environment"]()
    every = models.Manager["Environment"]()

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
    description = models.TextField(default="", db_default="", blank=True)
    # discovered (seen in telemetry or a webhook) or owned (somebody said so)
    state = models.TextField(default="discovered")

    objects = Real["Service"]()
    every = models.Manager["Service"]()

    class Meta:
        db_table = "service"
        constraints = [models.UniqueConstraint("namespace", "name", name="service_identity")]
        indexes = [models.Index(fields=["name"])]


class Organisation(ChangingRow):
    """The one organisation of this installation, as pages call it; there is at most one row."""

    only = models.BooleanField(primary_key=True, default=True)
    name = models.TextField(default="", blank=True)

    class Meta:
        db_table = "organisation"


class Mark(ChangingRow):
    """A level that a figure must not cross, of the organisation (all null), a team, a service, or an edge.

    Figures and units: `deployment_frequency` (a day, at least), `lead_time` and `recovery_time` (seconds, at most),
    `change_failure_rate` and `error_rate` (ratios, at most), `p95_ms` (at most). An edge's mark is of the callers'
    service `client` and the called `service`. The most special mark counts: edge, service, team, organisation.
    """

    metric = models.TextField()
    value = models.FloatField()
    team = models.ForeignKey(Team, models.CASCADE, null=True, related_name="marks")
    service = models.ForeignKey(Service, models.CASCADE, null=True, related_name="marks")
    client = models.ForeignKey(Service, models.CASCADE, null=True, related_name="marks_of_calls")

    class Meta:
        db_table = "mark"
        constraints = [
            models.UniqueConstraint("metric", "team", "service", "client", name="mark_once", nulls_distinct=False)
        ]


class Shift(ChangingRow):
    """Who is on call or captain, of a team or (null) of the organisation, from when until when."""

    team = models.ForeignKey(Team, models.CASCADE, null=True, related_name="shifts")
    # on_call or captain
    duty = models.TextField(default="on_call")
    person = models.TextField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        db_table = "shift"
        indexes = [models.Index(fields=["starts_at", "ends_at"])]
