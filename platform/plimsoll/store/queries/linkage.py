"""What linkage reads: the attempts of series, the commits that lead to what they run, incidents and their causes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.db.models.functions import Left

from plimsoll.store.facts import Attempt, Change, ReportedIncident
from plimsoll.store.models import Change as ChangeRow
from plimsoll.store.models import Deployment as DeploymentRow
from plimsoll.store.models import DeploymentChange, Environment, Incident
from plimsoll.store.references import reference_to, rows_of
from plimsoll.store.sql import answers

SeriesKey = tuple[int, int]
Since = Mapping[SeriesKey, datetime]

# How many rows before a moment are read with those after it: a rollback may return to what they deployed.
ROWS_BEFORE = 200
_CUT = 12
_SHORTEST = 7
_CHANGE = (
    *("id", "repo", "grain", "sha", "parent_sha", "head_sha", "merge_sha", "number", "title", "branch", "head_branch"),
    *("labels", "authored_at", "committed_at", "first_commit_at", "opened_at", "merged_at"),
)
_ATTEMPT = (
    *(
        "id",
        "source_id",
        "external_id",
        "service_id",
        "environment_id",
        "cluster",
        "version",
        "artifact",
        "repo",
        "sha",
    ),
    *("ref", "title", "status", "queued_at", "started_at", "finished_at", "url", "commits", "previous_sha"),
    *("is_rollback", "rolled_back", "unplanned", "trigger", "run_id", "kind"),
)


def series_of_repos(repos: Collection[str]) -> dict[SeriesKey, datetime]:
    """Return the series that deployed from repositories whose changes this transaction touched, and since when."""
    rows = answers("series_of_repos", {"repos": sorted(repos)}) if repos else []
    return {(service, environment): since for service, environment, since in rows}


def attempts(wanted: Since) -> dict[SeriesKey, list[Attempt]]:
    """Return, for each series, its deployment rows since a moment, and `ROWS_BEFORE` rows before it."""
    keys = sorted(wanted)
    found: dict[SeriesKey, list[Attempt]] = {key: [] for key in keys}
    parameters = {
        "services": [service for service, _ in keys],
        "environments": [environment for _, environment in keys],
        "sinces": [wanted[key] for key in keys],
        "before": ROWS_BEFORE,
    }
    for row in answers("series_attempts", parameters) if keys else []:
        attempt = _attempt(row)
        found[attempt.service_id or 0, attempt.environment_id or 0].append(attempt)
    return found


def hidden(wanted: Since) -> list[int]:
    """Return the rows of services that are told by other rows and still say what linkage once said of them."""
    if not wanted:
        return []
    rows = DeploymentRow.objects.filter(is_deleted=True, service__in={service for service, _ in wanted})
    linked = Q(kind__isnull=False) | Q(rollout_of__isnull=False) | Q(failed__isnull=False) | Q(carried__isnull=False)
    return list(rows.filter(linked).values_list("pk", flat=True).distinct())


def named_deployments(references: Collection[str]) -> list[Attempt]:
    """Return the deployment rows that bear one of the names: external id, url, version, sha or the beginning of one."""
    wanted = sorted(references)
    if not wanted:
        return []
    named = Q(external_id__in=wanted) | Q(url__in=wanted) | Q(version__in=wanted) | Q(sha__in=wanted)
    named |= Q(pk__in=rows_of(wanted))
    for reference in wanted:
        if 7 <= len(reference) < 40 and all(digit in "0123456789abcdef" for digit in reference):
            named |= Q(sha__startswith=reference)
    rows = DeploymentRow.objects.filter(named, is_deleted=False, service__isnull=False, environment__isnull=False)
    return [_attempt(row) for row in rows.values_list(*_ATTEMPT)]


def incidents(
    since: Mapping[int, datetime], names: Collection[str], rows: Collection[int] = ()
) -> list[ReportedIncident]:
    """Return the incidents of services that opened since a moment, and those that name one of the deployments.

    `rows` are these deployments' rows: what people link is linked to a row, and what is linked already may end.
    """
    wanted = Q(pk__in=[])
    if rows:
        wanted |= Q(caused_by__in=list(rows)) | Q(caused_by_ref__in=[reference_to(row) for row in rows])
    if since:
        wanted |= Q(services__in=list(since), opened_at__gte=min(since.values()))
    if names:
        # A sender may cut a commit id; which of those that begin so is really meant is looked at again.
        cut = Q(beginning__in=sorted({name[:_SHORTEST] for name in names if len(name) >= _SHORTEST}))
        wanted |= Q(caused_by_ref__isnull=False) & (Q(caused_by_ref__in=sorted(names)) | cut)
    beginning = Left("caused_by_ref", _SHORTEST)
    chosen = Incident.objects.alias(beginning=beginning).filter(wanted, is_deleted=False).distinct()
    columns = ("id", "source_id", "external_id", "opened_at", "environment_id", "caused_by_ref")
    found = {row[0]: row for row in chosen.values_list(*columns)}
    services: dict[int, list[int]] = {id_: [] for id_ in found}
    links = Incident.services.through.objects.filter(incident__in=list(found)).order_by("service_id")
    for incident_id, service_id in links.values_list("incident_id", "service_id"):
        services[incident_id].append(service_id)
    return [
        ReportedIncident(id_, source, external_id, opened_at, environment, tuple(services[id_]), reference)
        for id_, source, external_id, opened_at, environment, reference in found.values()
    ]


def blamed(deployment_ids: Collection[int]) -> list[tuple[int, int, str | None]]:
    """Return (incident, deployment, method) of the incidents that are linked to these deployment rows now."""
    rows = Incident.objects.filter(caused_by__in=list(deployment_ids), is_deleted=False)
    return [
        (incident, cause, method)
        for incident, cause, method in rows.values_list("id", "caused_by_id", "caused_by_method")
        if cause is not None
    ]


def reverts(deployment_ids: Collection[int]) -> list[tuple[int, int]]:
    """Return (reverting, reverted) deployments of one series, by the titles of the changes they carried."""
    return [(one, other) for one, other in answers("reverts", {"rows": sorted(deployment_ids)})]


def series_of_services(services: Collection[int]) -> list[SeriesKey]:
    """Return the series of services."""
    rows = DeploymentRow.objects.filter(service__in=list(services), environment__isnull=False, is_deleted=False)
    pairs = rows.order_by().values_list("service_id", "environment_id").distinct()
    return sorted((service, environment) for service, environment in pairs if service and environment)


def production_environments() -> set[int]:
    """Return the ids of the environments of class production."""
    return set(Environment.objects.filter(environment_class="production").values_list("pk", flat=True))


def walked(seeds: Iterable[tuple[int, str, str]], stops: Iterable[tuple[int, str]], most: int) -> list[Change]:
    """Return the commits from (walker, repo, sha) back along their parents to the same walker's stops."""
    begin, end = list(seeds), list(stops)
    parameters = {
        "walkers": [walker for walker, _, _ in begin],
        "repos": [repo for _, repo, _ in begin],
        "shas": [sha for _, _, sha in begin],
        "stop_walkers": [walker for walker, _ in end],
        "stop_shas": [sha for _, sha in end],
        "most": most,
    }
    return _changes(Q(pk__in=[row[0] for row in answers("commit_walks", parameters)])) if begin else []


def commits_by_sha(shas: Mapping[str, Collection[str]]) -> list[Change]:
    """Return the commits that bear one of the ids in a repository; an id may be cut."""
    wanted = Q(pk__in=[])
    for repo, ids in sorted(shas.items()):
        wanted |= Q(repo=repo, sha__in=sorted(ids))
        for cut in sorted(sha for sha in ids if 7 <= len(sha) < 40):
            wanted |= Q(repo=repo, sha__startswith=cut)
    return _changes(wanted & Q(grain="commit")) if any(shas.values()) else []


def commits_between(branches: Iterable[tuple[str, str | None, datetime, datetime]]) -> list[Change]:
    """Return the commits of (repo, branch) that were made after one moment and up to another."""
    wanted = Q(pk__in=[])
    for repo, branch, since, until in branches:
        made = Q(authored_at__gt=since, authored_at__lte=until) | Q(
            authored_at=None, committed_at__gt=since, committed_at__lte=until
        )
        place = Q(branch=branch) if branch is not None else Q(branch=None)
        wanted |= made & place & Q(repo=repo, grain="commit")
    return _changes(wanted) if wanted != Q(pk__in=[]) else []


def merged_pulls(shas: Mapping[str, Collection[str]]) -> list[Change]:
    """Return the pull requests that were merged as one of the commits; some hosts cut the id to twelve characters."""
    wanted = Q(pk__in=[])
    for repo, ids in sorted(shas.items()):
        wanted |= Q(repo=repo, merge_sha__in=sorted({*ids, *(sha[:_CUT] for sha in ids)}))
    return _changes(wanted & Q(grain="pull_request", merged_at__isnull=False)) if any(shas.values()) else []


def pull_request_commits(pulls: Collection[int], most: int) -> list[Change]:
    """Return the commits that were pushed to pull requests' own branches."""
    parameters = {"pulls": sorted(pulls), "most": most}
    return _changes(Q(pk__in=[row[0] for row in answers("pull_request_commits", parameters)])) if pulls else []


def repos_of_commits(shas: Collection[str]) -> dict[str, str]:
    """Return the repository of each commit id that only one repository knows."""
    if not shas:
        return {}
    found: dict[str, set[str]] = {}
    rows = ChangeRow.objects.filter(sha__in=sorted(shas), grain="commit", is_deleted=False)
    for sha, repo in rows.values_list("sha", "repo").distinct():
        found.setdefault(str(sha), set()).add(repo)
    return {sha: next(iter(repos)) for sha, repos in found.items() if len(repos) == 1}


def carried_elsewhere(
    keys: Collection[SeriesKey], changes: Collection[int], rows: Collection[int]
) -> set[tuple[SeriesKey, int]]:
    """Return which of the changes were carried in which of the series by other deployments than these rows."""
    if not changes:
        return set()
    links = DeploymentChange.objects.filter(
        change__in=list(changes),
        deployment__is_deleted=False,
        deployment__service__in={service for service, _ in keys},
        deployment__environment__in={environment for _, environment in keys},
    ).exclude(deployment__in=list(rows))
    found = links.values_list("deployment__service_id", "deployment__environment_id", "change_id")
    return {((service, environment), change) for service, environment, change in found if service and environment}


def _changes(wanted: Q) -> list[Change]:
    rows = ChangeRow.objects.filter(wanted, is_deleted=False).values(*_CHANGE)
    return [Change(**{**row, "labels": tuple(row["labels"] or ())}) for row in rows]


def _attempt(row: Sequence[Any]) -> Attempt:
    told = dict(zip(_ATTEMPT, row, strict=True))
    if told["commits"] is not None:
        told["commits"] = tuple(told["commits"])
    return Attempt(**told)
