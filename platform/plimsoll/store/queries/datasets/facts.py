"""The facts that the API lists: deployments, changes, incidents, releases, and how long each change waited."""

from collections.abc import Sequence

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Count, OuterRef, Q, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from plimsoll.store.models import Change, Deployment, DeploymentChange, Incident, Release
from plimsoll.store.queries.datasets import (
    YES_NO_UNKNOWN,
    Column,
    Dataset,
    Filter,
    Median,
    of_services,
    one_of,
    whether,
)
from plimsoll.store.queries.datasets.outcomes import OUTCOMES, with_outcome

YES_NO = ("true", "false")
ENVIRONMENT_CLASSES = ("production", "staging", "testing", "development", "other")

_AFFECTED = Incident.services.through.objects
_CARRIED = DeploymentChange.objects.filter(deployment=OuterRef("pk")).order_by().values("deployment")
_CARRIED_BY = DeploymentChange.objects.filter(change=OuterRef("pk")).order_by().values("change")
_ITS_SERVICES = _AFFECTED.filter(incident=OuterRef("pk")).order_by().values("incident")

_REPORTED = (
    Column("provider", "text", "source__provider", "The kind of tool that reported it."),
    Column("source", "text", "source__name", "The configured sender that reported it."),
)
_ROW = (
    Column("flags", "list", "flags", "What was repaired or is doubtful."),
    Column("is_deleted", "flag", "is_deleted"),
    Column("created_at", "time", "created_at"),
    Column("updated_at", "time", "updated_at", "When anything of the row last changed, derived columns included."),
)


def _deployed_from(of: Q) -> Q:
    """Return the rows of the repositories that the chosen deployments came from."""
    return Q(repo__in=Deployment.objects.filter(of, repo__isnull=False).values("repo"))


def _affecting(of: Q) -> Q:
    """Return the incidents that affect one of the chosen services, each once."""
    return Q(pk__in=_AFFECTED.filter(of).values("incident"))


def _caused(*of: Q) -> Combinable:
    """Return how many of these incidents a deployment caused."""
    found = Incident.objects.filter(*of, caused_by=OuterRef("pk"), is_deleted=False).order_by().values("caused_by")
    return Coalesce(Subquery(found.values(n=Count("pk"))), Value(0))


def _caused_of(team: int) -> Combinable:
    """Return how many incidents a deployment caused of those that a reader of the team may see."""
    return _caused(_affecting(Q(service__team=team)))


def _repos(of: Filter) -> Filter:
    return lambda values: _deployed_from(of(values))


def _affected(of: Filter) -> Filter:
    return lambda values: _affecting(of(values))


def _prefix(path: str) -> Filter:
    """Return the filter of rows whose `path` starts with one of the values, as short shas do."""

    def chosen(values: Sequence[str]) -> Q:
        found = Q(pk__in=())
        for value in values:
            found |= Q(**{f"{path}__startswith": value})
        return found

    return chosen


def _is_rollout(values: Sequence[str]) -> Q:
    """Return the rows that are a further attempt or rollout of another one (`true`), or that deployment itself."""
    wanted = {value == "false" for value in values}
    return Q(rollout_of__isnull=wanted.pop()) if len(wanted) == 1 else Q()


def _carriers(values: Sequence[str]) -> Q:
    """Return the deployments that carried one of these changes, each once."""
    return Q(pk__in=DeploymentChange.objects.filter(change__in=list(values)).values("deployment"))


DEPLOYMENTS = Dataset(
    name="deployments",
    about="Attempts and rollouts as reported; those that are one deployment point to its first with `rollout_of`.",
    model=Deployment,
    columns=(
        Column("id", "id", "pk"),
        Column("external_id", "text", "external_id", "What the sender calls it."),
        *_REPORTED,
        Column("service", "text", "service__name"),
        Column("service_namespace", "text", "service__namespace"),
        Column("team", "text", "service__team__slug"),
        Column("environment", "text", "environment__name"),
        Column("environment_class", "text", "environment__environment_class"),
        Column("cluster", "text", "cluster"),
        Column("region", "text", "region"),
        Column("version", "text", "version"),
        Column("artifact", "text", "artifact"),
        Column("repo", "text", "repo"),
        Column("sha", "text", "sha"),
        Column("ref", "text", "ref"),
        Column("title", "text", "title"),
        Column("status", "text", "status"),
        Column("queued_at", "time", "queued_at"),
        Column("started_at", "time", "started_at"),
        Column("finished_at", "time", "finished_at"),
        Column("url", "text", "url"),
        Column("actor", "text", "actor"),
        Column("attempt", "count", "attempt"),
        Column("traffic_percent", "number", "traffic_percent", "The share of traffic that a rollout has reached."),
        Column("previous_sha", "text", "previous_sha"),
        Column("is_rollback", "flag", "is_rollback", "The sender says it restores an older version."),
        Column("rolled_back", "flag", "rolled_back", "The sender says it was undone."),
        Column("unplanned", "flag", "unplanned"),
        Column("trigger", "text", "trigger"),
        Column("run_id", "text", "run_id"),
        Column("rollout_of", "id", "rollout_of_id", "The first attempt or rollout of the same deployment."),
        Column("kind", "text", "kind", "standard, hotfix, rollback, redeploy or config."),
        Column("failed", "flag", "failed", "Whether there is accepted evidence that it failed."),
        Column("failed_reason", "text", "failed_reason"),
        Column("lead_time_s", "number", Subquery(_CARRIED.values(p=Median("lead_time_s"))), "Median of its changes."),
        Column("changes", "count", Coalesce(Subquery(_CARRIED.values(n=Count("pk"))), Value(0)), "Changes it carried."),
        Column("incidents", "count", _caused(), "It caused, of those that you may see.", of_team=_caused_of),
        *_ROW,
    ),
    filters={
        "service": of_services("service__"),
        "team": one_of("service__team__slug"),
        "environment": one_of("environment__name"),
        "environment_class": one_of("environment__environment_class"),
        "cluster": one_of("cluster"),
        "status": one_of("status"),
        "kind": one_of("kind"),
        "failed": whether("failed"),
        "outcome": with_outcome,
        "version": one_of("version"),
        "sha": _prefix("sha"),
        "change": _carriers,
        "is_rollout": _is_rollout,
        "is_deleted": whether("is_deleted"),
    },
    ids=("change",),
    choices={
        "status": ("pending", "running", "success", "failure", "cancelled", "unknown"),
        "outcome": OUTCOMES,
        "is_rollout": YES_NO,
        "is_deleted": YES_NO,
        "kind": ("standard", "hotfix", "rollback", "redeploy", "config"),
        "environment_class": ENVIRONMENT_CLASSES,
        "failed": YES_NO_UNKNOWN,
    },
    event_times=("finished_at", "started_at", "queued_at"),
    orderings=("updated_at", "created_at", "finished_at", "started_at"),
    of_team=lambda team: Q(service__team=team),
)

CHANGES = Dataset(
    name="changes",
    about="Commits and pull requests.",
    model=Change,
    columns=(
        Column("id", "id", "pk"),
        Column("external_id", "text", "external_id"),
        *_REPORTED,
        Column("grain", "text", "grain", "commit or pull_request."),
        Column("repo", "text", "repo"),
        Column("sha", "text", "sha"),
        Column("parent_sha", "text", "parent_sha"),
        Column("head_sha", "text", "head_sha"),
        Column("merge_sha", "text", "merge_sha"),
        Column("number", "count", "number"),
        Column("title", "text", "title"),
        Column("author", "text", "author"),
        Column("authored_at", "time", "authored_at"),
        Column("committed_at", "time", "committed_at"),
        Column("first_commit_at", "time", "first_commit_at"),
        Column("opened_at", "time", "opened_at"),
        Column("ready_at", "time", "ready_at"),
        Column("first_review_at", "time", "first_review_at"),
        Column("approved_at", "time", "approved_at"),
        Column("merged_at", "time", "merged_at"),
        Column("merged_by", "text", "merged_by"),
        Column("status", "text", "state", "open, merged or closed, for pull requests."),
        Column("branch", "text", "branch"),
        Column("head_branch", "text", "head_branch"),
        Column("labels", "list", "labels"),
        Column("url", "text", "url"),
        Column("additions", "count", "additions"),
        Column("deletions", "count", "deletions"),
        Column("deployments", "count", Coalesce(Subquery(_CARRIED_BY.values(n=Count("pk"))), Value(0)), "Carried it."),
        *_ROW,
    ),
    filters={
        "service": _repos(of_services("service__")),
        "team": _repos(one_of("service__team__slug")),
        "repo": one_of("repo"),
        "status": one_of("state"),
        "grain": one_of("grain"),
        "sha": _prefix("sha"),
        "is_deleted": whether("is_deleted"),
    },
    choices={
        "status": ("open", "merged", "closed"),
        "grain": ("commit", "pull_request"),
        "is_deleted": YES_NO,
    },
    event_times=("merged_at", "committed_at", "authored_at", "opened_at"),
    orderings=("updated_at", "created_at", "authored_at", "opened_at", "merged_at"),
    of_team=lambda team: _deployed_from(Q(service__team=team)),
)


def _class_or_unknown(values: Sequence[str]) -> Q:
    """Return the rows in environments of these classes; `unknown` are those that do not say where they are."""
    found = Q(environment__environment_class__in=list(values))
    return found | Q(environment=None) if "unknown" in values else found


INCIDENTS = Dataset(
    name="incidents",
    about="What went wrong, from its opening to its resolution.",
    model=Incident,
    columns=(
        Column("id", "id", "pk"),
        Column("external_id", "text", "external_id"),
        *_REPORTED,
        Column("title", "text", "title"),
        Column(
            "services",
            "text",
            Subquery(_ITS_SERVICES.values(names=StringAgg("service__name", ",", order_by="service__name"))),
            "The services it affects, joined by commas.",
        ),
        Column(
            "teams",
            "text",
            Subquery(_ITS_SERVICES.values(slugs=StringAgg("service__team__slug", ",", distinct=True))),
            "The teams that own them, joined by commas.",
        ),
        Column("environment", "text", "environment__name"),
        Column("environment_class", "text", "environment__environment_class"),
        Column("cluster", "text", "cluster"),
        Column("severity", "text", "severity"),
        Column("status", "text", "status"),
        Column("opened_at", "time", "opened_at"),
        Column("acknowledged_at", "time", "acknowledged_at"),
        Column("resolved_at", "time", "resolved_at"),
        Column("reopen_count", "count", "reopen_count"),
        Column("assignees", "list", "assignees", "Who is on it; empty: nobody."),
        Column("url", "text", "url"),
        Column("caused_by_ref", "text", "caused_by_ref", "What the sender said caused it."),
        Column("caused_by", "id", "caused_by_id", "The deployment that caused it."),
        Column("caused_by_method", "text", "caused_by_method", "explicit or window."),
        Column("caused_by_confidence", "number", "caused_by_confidence"),
        *_ROW,
    ),
    filters={
        "service": _affected(of_services("service__")),
        "team": _affected(one_of("service__team__slug")),
        "environment": one_of("environment__name"),
        "environment_class": _class_or_unknown,
        "cluster": one_of("cluster"),
        "status": one_of("status"),
        "severity": one_of("severity"),
        "caused_by": one_of("caused_by"),
        "is_deleted": whether("is_deleted"),
    },
    ids=("caused_by",),
    choices={
        "status": ("open", "acknowledged", "resolved"),
        "environment_class": (*ENVIRONMENT_CLASSES, "unknown"),
        "is_deleted": YES_NO,
    },
    event_times=("opened_at", "acknowledged_at", "resolved_at"),
    orderings=("updated_at", "created_at", "opened_at", "resolved_at"),
    of_team=lambda team: _affecting(Q(service__team=team)),
)

RELEASES = Dataset(
    name="releases",
    about="Published versions of repositories.",
    model=Release,
    columns=(
        Column("id", "id", "pk"),
        Column("external_id", "text", "external_id"),
        *_REPORTED,
        Column("repo", "text", "repo"),
        Column("version", "text", "version"),
        Column("sha", "text", "sha"),
        Column("published_at", "time", "published_at"),
        Column("url", "text", "url"),
        *_ROW,
    ),
    filters={
        "service": _repos(of_services("service__")),
        "team": _repos(one_of("service__team__slug")),
        "repo": one_of("repo"),
    },
    event_times=("published_at",),
    orderings=("updated_at", "created_at", "published_at"),
    of_team=lambda team: _deployed_from(Q(service__team=team)),
)

LEAD_TIMES = Dataset(
    name="lead_times",
    about="Which deployment carried which change, how that is known, and how long the change waited.",
    model=DeploymentChange,
    columns=(
        Column("id", "id", "pk"),
        Column("deployment", "id", "deployment_id"),
        Column("change", "id", "change_id"),
        Column("service", "text", "deployment__service__name"),
        Column("team", "text", "deployment__service__team__slug"),
        Column("environment", "text", "deployment__environment__name"),
        Column("environment_class", "text", "deployment__environment__environment_class"),
        Column("version", "text", "deployment__version"),
        Column("repo", "text", "change__repo"),
        Column("sha", "text", "change__sha"),
        Column("number", "count", "change__number"),
        Column("title", "text", "change__title"),
        Column("author", "text", "change__author"),
        Column("method", "text", "method", "explicit, previous_sha, pushed or merge_sha."),
        Column("start", "text", "start", "Which time `started_at` is."),
        Column("started_at", "time", "started_at"),
        Column("finished_at", "time", "deployment__finished_at"),
        Column("lead_time_s", "number", "lead_time_s"),
        Column("created_at", "time", "created_at"),
    ),
    filters={
        "service": of_services("deployment__service__"),
        "team": one_of("deployment__service__team__slug"),
        "environment": one_of("deployment__environment__name"),
        "environment_class": one_of("deployment__environment__environment_class"),
        "method": one_of("method"),
        "deployment": one_of("deployment"),
        "change": one_of("change"),
    },
    ids=("deployment", "change"),
    choices={
        "environment_class": ENVIRONMENT_CLASSES,
        "method": ("explicit", "previous_sha", "pushed", "merge_sha"),
    },
    event_times=("deployment__finished_at",),
    orderings=("created_at", "finished_at", "lead_time_s"),
    of_team=lambda team: Q(deployment__service__team=team),
)
