"""What CI and incident tools told us, and what it means together.

Fields of `Change`, `Deployment` and `Incident` that a provider reports are merged observation by observation; `merge`
keeps, for each field, the event time that set it, so that any order and any repetition of deliveries gives the same
row. The fields under "derived" are written by linkage alone and can be recomputed at any time.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from plimsoll.store.models.access import Source
from plimsoll.store.models.base import ChangingRow, Row
from plimsoll.store.models.catalog import Environment, Service

# What the external ids of an alert's episodes share.
ALERT = models.Func(
    "external_id", models.Value("@"), models.Value(1), function="split_part", output_field=models.TextField()
)


class WebhookDelivery(Row):
    """One request that a sender made, as it came; normalisation reads it, and may read it again."""

    source = models.ForeignKey(Source, models.CASCADE)
    key = models.TextField()
    received_at = models.DateTimeField()
    event = models.TextField(default="")
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    # pending, applied, ignored or failed
    status = models.TextField(default="pending")
    # the reason, for ignored and failed
    result = models.TextField(default="", blank=True)
    attempts = models.IntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    processed_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "webhook_delivery"
        constraints = [models.UniqueConstraint("source", "key", name="webhook_delivery_once")]
        indexes = [
            models.Index("id", name="webhook_delivery_pending", condition=models.Q(status="pending")),
            models.Index("received_at", name="webhook_delivery_received"),
        ]


class Observed(ChangingRow):
    """A record merged from observations: `merge` is {field: [event time, rank]}, `flags` what was repaired or
    doubtful.
    """

    source = models.ForeignKey(Source, models.SET_NULL, null=True)
    merge = models.JSONField(default=dict)
    flags = ArrayField(models.TextField(), default=list)
    is_deleted = models.BooleanField(default=False)

    class Meta(ChangingRow.Meta):
        abstract = True


class Change(Observed):
    """A commit or a pull request. `external_id` is `<repo>@<sha>` or `<repo>#<number>`."""

    external_id = models.TextField(unique=True)
    # commit or pull_request
    grain = models.TextField()
    repo = models.TextField()
    sha = models.TextField(null=True)
    # the commit before this one on the branch it was pushed to
    parent_sha = models.TextField(null=True)
    head_sha = models.TextField(null=True)
    merge_sha = models.TextField(null=True)
    number = models.BigIntegerField(null=True)
    title = models.TextField(null=True)
    author = models.TextField(null=True)
    authored_at = models.DateTimeField(null=True)
    committed_at = models.DateTimeField(null=True)
    first_commit_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)
    first_review_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    merged_at = models.DateTimeField(null=True)
    merged_by = models.TextField(null=True)
    # open, merged or closed, for pull requests
    state = models.TextField(null=True)
    # where a commit was pushed; for pull requests, what it goes into
    branch = models.TextField(null=True)
    head_branch = models.TextField(null=True)
    labels = ArrayField(models.TextField(), null=True)
    url = models.TextField(null=True)
    additions = models.BigIntegerField(null=True)
    deletions = models.BigIntegerField(null=True)

    class Meta:
        db_table = "change"
        indexes = [
            models.Index(fields=["repo", "sha"]),
            models.Index(fields=["repo", "merge_sha"]),
            models.Index(fields=["repo", "head_sha"]),
        ]


class Deployment(Observed):
    """One attempt or rollout, as reported; linkage says which of them are one deployment."""

    external_id = models.TextField()
    service = models.ForeignKey(Service, models.PROTECT, null=True)
    environment = models.ForeignKey(Environment, models.PROTECT, null=True)
    cluster = models.TextField(null=True)
    region = models.TextField(null=True)
    version = models.TextField(null=True)
    artifact = models.TextField(null=True)
    repo = models.TextField(null=True)
    sha = models.TextField(null=True)
    ref = models.TextField(null=True)
    title = models.TextField(null=True)
    # pending, running, success, failure, cancelled or unknown
    status = models.TextField(default="unknown")
    queued_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    url = models.TextField(null=True)
    actor = models.TextField(null=True)
    attempt = models.IntegerField(null=True)
    # the share of traffic that a rollout under way has reached, 0 to 100
    traffic_percent = models.FloatField(null=True)
    commits = ArrayField(models.TextField(), null=True)
    previous_sha = models.TextField(null=True)
    is_rollback = models.BooleanField(null=True)
    rolled_back = models.BooleanField(null=True)
    unplanned = models.BooleanField(null=True)
    trigger = models.TextField(null=True)
    # the provider's run behind it, so that a workflow and its deployment are one
    run_id = models.TextField(null=True)

    # derived
    # the first attempt or rollout of the same deployment; null on that one itself
    rollout_of = models.ForeignKey("self", models.SET_NULL, null=True, related_name="rollouts")
    # standard, hotfix, rollback, redeploy or config
    kind = models.TextField(null=True)
    failed = models.BooleanField(null=True)
    failed_reason = models.TextField(null=True)

    class Meta:
        db_table = "deployment"
        constraints = [models.UniqueConstraint("source", "external_id", name="deployment_identity")]
        indexes = [
            models.Index(fields=["service", "environment", "finished_at"]),
            models.Index(fields=["finished_at"]),
            models.Index(fields=["repo", "sha"]),
            models.Index(fields=["run_id"], name="deployment_run", condition=models.Q(run_id__isnull=False)),
            # Few of many, and what every page looks for.
            models.Index(fields=["finished_at"], name="deployment_failed", condition=models.Q(failed=True)),
            models.Index(fields=["started_at"], name="deployment_running", condition=models.Q(status="running")),
        ]


class DeploymentChange(Row):
    """A change that reached an environment with a deployment: linkage's answer, with how it knows."""

    deployment = models.ForeignKey(Deployment, models.CASCADE, related_name="carried")
    change = models.ForeignKey(Change, models.CASCADE, related_name="carried_by")
    # explicit, previous_sha, pushed or merge_sha
    method = models.TextField()
    started_at = models.DateTimeField(null=True)
    # which time `started_at` is: authored, committed, first_commit, opened or merged
    start = models.TextField(null=True)
    lead_time_s = models.FloatField(null=True)

    class Meta:
        db_table = "deployment_change"
        constraints = [models.UniqueConstraint("deployment", "change", name="deployment_change_once")]


class Incident(Observed):
    """Something that went wrong, from its opening to its resolution."""

    external_id = models.TextField()
    title = models.TextField(null=True)
    environment = models.ForeignKey(Environment, models.PROTECT, null=True)
    cluster = models.TextField(null=True)
    severity = models.TextField(null=True)
    # open, acknowledged or resolved
    status = models.TextField(default="open")
    opened_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    # who is on it
    assignees = ArrayField(models.TextField(), null=True)
    reopen_count = models.IntegerField(default=0)
    url = models.TextField(null=True)
    # what the sender said caused it: a deployment's external id, url, version or sha
    caused_by_ref = models.TextField(null=True)
    services = models.ManyToManyField(Service, db_table="incident_service", related_name="incidents")

    # derived
    caused_by = models.ForeignKey(Deployment, models.SET_NULL, null=True, related_name="caused")
    # explicit, window
    caused_by_method = models.TextField(null=True)
    caused_by_confidence = models.FloatField(null=True)

    class Meta:
        db_table = "incident"
        constraints = [models.UniqueConstraint("source", "external_id", name="incident_identity")]
        indexes = [
            models.Index(fields=["opened_at"]),
            models.Index(fields=["resolved_at"]),
            models.Index(ALERT, name="incident_alert"),
        ]


class Release(Observed):
    """A published version of a repository."""

    external_id = models.TextField(unique=True)
    repo = models.TextField()
    version = models.TextField(null=True)
    sha = models.TextField(null=True)
    published_at = models.DateTimeField(null=True)
    url = models.TextField(null=True)

    class Meta:
        db_table = "release"
