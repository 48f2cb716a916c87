"""Reports as senders make them, with defaults: a test mentions only what it is about."""

from datetime import datetime, timedelta
from typing import Any

from plimsoll.insight.linkage.groups import Group, collapsed
from plimsoll.insight.linkage.kinds import History, history
from plimsoll.store.facts import Attempt, Change, ReportedIncident
from tests.insight.builders import NOON, minutes


def sha(name: str) -> str:
    """Return a full commit id that begins with a name of hexadecimal digits."""
    return name.encode().hex().ljust(40, "0")[:40]


def attempt(id: int, at: float = 0, version: str | None = "1", **fields: Any) -> Attempt:
    """Return a successful five-minute run that began so many minutes after noon."""
    started = NOON + minutes(at)
    defaults: dict[str, Any] = {
        "service_id": 1,
        "environment_id": 1,
        "source_id": 1,
        "external_id": f"d-{id}",
        "repo": "acme/pay",
        "sha": sha(version) if version else None,
        "version": version,
        "status": "success",
        "started_at": started,
        "finished_at": started + minutes(5),
    }
    return Attempt(id=id, **{**defaults, **fields})


def releases(*versions: str, gap: timedelta = timedelta(hours=2)) -> list[Attempt]:
    """Return one run a version, two hours apart, with ids from 1."""
    return [attempt(n + 1, n * gap.total_seconds() / 60, version) for n, version in enumerate(versions)]


def judge(*attempts: Attempt) -> tuple[list[Group], History]:
    """Return the deployments of a series, and their history."""
    groups = collapsed(attempts)
    return groups, history(groups, {}, lambda group: False)


def commit(id: int, name: str, parent: str | None = None, at: float = -60, **fields: Any) -> Change:
    """Return a commit on main that was made so many minutes after noon."""
    fields.setdefault("authored_at", NOON + minutes(at))
    fields.setdefault("branch", "main")
    return Change(id=id, repo="acme/pay", sha=sha(name), parent_sha=sha(parent) if parent else None, **fields)


def pull(id: int, merge: str, head: str, **fields: Any) -> Change:
    """Return a pull request that was opened three hours and merged half an hour before noon."""
    fields = {
        "branch": "main",
        "head_branch": "feature",
        "opened_at": NOON - minutes(180),
        "merged_at": NOON - minutes(30),
        **fields,
    }
    return Change(
        id=id, repo="acme/pay", grain="pull_request", number=id, merge_sha=sha(merge), head_sha=sha(head), **fields
    )


def report(id: int = 1, opened_at: datetime | None = NOON, **fields: Any) -> ReportedIncident:
    """Return an incident of service 1 in environment 1."""
    return ReportedIncident(
        **{"id": id, "opened_at": opened_at, "source_id": 1, "environment_id": 1, "service_ids": (1,), **fields}
    )
