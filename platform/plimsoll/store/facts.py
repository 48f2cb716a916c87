"""Frozen facts about delivery: what linkage and the metrics compute with, free of the database."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

Kind = Literal["standard", "hotfix", "rollback", "redeploy", "config"]
"""What a deployment is for (dora-definitions, section 4)."""

# How long after its end a deployment is watched, if no other follows (attribution, section 4).
WATCH: Final = timedelta(minutes=60)


@dataclass(frozen=True, slots=True)
class Deployment:
    """One version of one service becoming live in one environment; attempts and rollouts are collapsed into it.

    `id` is the row of its first attempt. `started_at` is the first start, `finished_at` the last finish. `succeeded`
    says that it went live, `unfinished` that its end is not reported yet. `exposed` says that it touched the
    environment though it did not succeed. `failed` is linkage's answer, None where the question does not arise.
    `superseded_at` is when the next deployment of the same service and environment began.
    """

    id: int
    # None while linkage has not looked at it.
    kind: Kind | None = "standard"
    environment_class: str = "production"
    succeeded: bool = True
    unfinished: bool = False
    exposed: bool = False
    queued_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    failed: bool | None = False
    failed_reason: str | None = None
    superseded_at: datetime | None = None
    # Whether the series (service and environment) has no deployment that went live before this one.
    is_first: bool = False
    # Commits that the sender says it carries, and that nobody told us anything else about.
    unknown_commits: int = 0
    service_id: int | None = None
    environment_id: int | None = None
    team_id: int | None = None

    @property
    def at(self) -> datetime | None:
        """When it counts: its finish, else the best that is known."""
        return self.finished_at or self.started_at or self.queued_at

    @property
    def began_at(self) -> datetime | None:
        """When its rollout began; a sender that tells the finish only makes it a moment."""
        return self.started_at or self.finished_at


@dataclass(frozen=True, slots=True)
class CarriedChange:
    """A change that reached an environment with a deployment; `start` is which time `started_at` is, or why none.

    `already_live` says that it had reached another environment of the service before, among those that are asked about.
    """

    id: int
    deployment_id: int
    change_id: int
    started_at: datetime | None
    start: str | None = "authored"
    method: str = "pushed"
    already_live: bool = False


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that went wrong, from its opening to its resolution; `caused_by` is a deployment's id.

    `remedied_at` is when the first rollback or hotfix after its opening was live where it was caused.
    """

    id: int
    opened_at: datetime | None = None
    resolved_at: datetime | None = None
    resolved: bool = False
    caused_by: int | None = None
    caused_by_method: str | None = None
    caused_by_confidence: float | None = None
    remedied_at: datetime | None = None
    # None where the incident does not name its environment.
    environment_class: str | None = "production"
    environment_id: int | None = None
    service_ids: tuple[int, ...] = ()
    # Of the services, one each; None for a service that nobody owns.
    team_ids: tuple[int | None, ...] = ()


@dataclass(frozen=True, slots=True)
class DeliveryFacts:
    """All that the delivery metrics of one group are computed from.

    `incidents` are those of the group's services; `caused` those that its deployments caused, whosever they are.
    """

    deployments: tuple[Deployment, ...] = ()
    carried: tuple[CarriedChange, ...] = ()
    incidents: tuple[Incident, ...] = ()
    caused: tuple[Incident, ...] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """A deployment as it was reported: one run, or one rollout to one cluster. What was not reported is None."""

    id: int
    source_id: int | None = None
    external_id: str = ""
    service_id: int | None = None
    environment_id: int | None = None
    cluster: str | None = None
    version: str | None = None
    artifact: str | None = None
    repo: str | None = None
    sha: str | None = None
    ref: str | None = None
    title: str | None = None
    status: str = "unknown"
    queued_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    url: str | None = None
    commits: tuple[str, ...] | None = None
    previous_sha: str | None = None
    is_rollback: bool | None = None
    rolled_back: bool | None = None
    unplanned: bool | None = None
    trigger: str | None = None
    run_id: str | None = None
    # What linkage said when it last looked.
    kind: Kind | None = None

    @property
    def at(self) -> datetime | None:
        """When it began, else the best that is known: what attempts are ordered by."""
        return self.started_at or self.queued_at or self.finished_at

    @property
    def last_at(self) -> datetime | None:
        """The latest time that is known of it."""
        return max((t for t in (self.queued_at, self.started_at, self.finished_at) if t is not None), default=None)


@dataclass(frozen=True, slots=True)
class Change:
    """A commit or a pull request as it was reported. What was not reported is None."""

    id: int
    repo: str
    grain: str = "commit"
    sha: str | None = None
    parent_sha: str | None = None
    head_sha: str | None = None
    merge_sha: str | None = None
    number: int | None = None
    title: str | None = None
    branch: str | None = None
    head_branch: str | None = None
    labels: tuple[str, ...] = ()
    authored_at: datetime | None = None
    committed_at: datetime | None = None
    first_commit_at: datetime | None = None
    opened_at: datetime | None = None
    merged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Blame:
    """Which deployment caused an incident (its row's id, None for none), how that is known, and how surely (0 to 1)."""

    deployment_id: int | None = None
    method: Literal["explicit", "window"] | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class ReportedIncident:
    """An incident as it was reported: `caused_by_ref` is what the sender said caused it."""

    id: int
    source_id: int | None = None
    external_id: str = ""
    opened_at: datetime | None = None
    environment_id: int | None = None
    service_ids: tuple[int, ...] = ()
    caused_by_ref: str | None = None


@dataclass(frozen=True, slots=True)
class DeploymentLink:
    """What linkage says of one deployment row; `rollout_of` is the row it is a part of, None on that one itself."""

    id: int
    rollout_of: int | None = None
    kind: Kind | None = None
    failed: bool | None = None
    failed_reason: str | None = None


@dataclass(frozen=True, slots=True)
class ChangeLink:
    """What linkage says of a change that went live: with which deployment, how that is known, and since when it waited.

    `start` says which time `started_at` is; when that is None, why: `merge_commit`, `after_end`, or None for unknown.
    """

    deployment_id: int
    change_id: int
    method: str
    started_at: datetime | None
    start: str | None
    lead_time_s: float | None
