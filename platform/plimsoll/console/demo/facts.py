"""What happened in the demo's company, as plain facts: the truth that the product's figures are compared with."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal["standard", "hotfix", "rollback", "redeploy"]


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as its author made it; `parent` is the commit before it on its branch, empty when that is not told."""

    sha: str
    parent: str
    authored_at: datetime
    author: str
    message: str


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request, squashed into `squash` on the main branch when it was merged."""

    number: int
    branch: str
    title: str
    author: str
    reviewer: str
    pushed_at: datetime
    opened_at: datetime
    reviewed_at: datetime
    merged_at: datetime
    squash: Commit


@dataclass(frozen=True, slots=True)
class Deployment:
    """A version that went live: `commits` are those it was the first to bring to production.

    `before` is where the main branch stood until then. `first_try` is when an earlier attempt of the same version began
    and failed, if one did.
    """

    number: int
    service: str
    repo: str
    kind: Kind
    version: str
    sha: str
    ref: str
    actor: str
    started_at: datetime
    finished_at: datetime
    commits: tuple[Commit, ...] = ()
    pushed_at: datetime | None = None
    before: str = ""
    pull_request: PullRequest | None = None
    first_try: tuple[datetime, datetime] | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """Something went wrong with a service; `cause` is the number of the deployment that did it, None when none did.

    `told` says whether the sender names the cause itself. `remedied_at` is when the remedy was live.
    """

    name: str
    service: str
    cluster: str
    title: str
    severity: str
    opened_at: datetime
    resolved_at: datetime
    cause: int | None = None
    told: bool = False
    # who is on it, where the sender tells
    assignee: str | None = None
    remedied_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class History:
    """Everything that happened, in order; it does not depend on when one stops reading it."""

    deployments: tuple[Deployment, ...]
    incidents: tuple[Incident, ...]
