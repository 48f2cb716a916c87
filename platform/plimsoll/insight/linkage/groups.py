"""Attempts and rollouts of one version, collapsed into the deployment they are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from plimsoll.insight.linkage.versions import same_version
from plimsoll.store.facts import Attempt

COLLAPSE = timedelta(minutes=60)
"""How long after the first start another report of the same version is still the same deployment."""
_UNFINISHED = ("pending", "running", "unknown")


@dataclass(frozen=True, slots=True)
class Group:
    """One deployment of a series: its attempts and rollouts, the first one giving it its id."""

    attempts: tuple[Attempt, ...]
    began_at: datetime
    finished_at: datetime | None
    last_at: datetime
    succeeded: bool
    rolled_back: bool
    unfinished: bool

    @property
    def id(self) -> int:
        return self.attempts[0].id

    @property
    def is_live(self) -> bool:
        """Whether it served users, be it only until it was undone."""
        return self.succeeded or self.rolled_back

    @property
    def sha(self) -> str | None:
        """The commit it runs, as the attempt that went live told it, else any."""
        told = [attempt for attempt in self.attempts if attempt.sha]
        return next((attempt.sha for attempt in told if attempt.status == "success"), told[0].sha if told else None)

    @property
    def name(self) -> str:
        """What its sender calls it: unlike its id, this does not depend on what arrived first."""
        return self.attempts[0].external_id

    @property
    def order(self) -> tuple[datetime, str, int]:
        """Where it stands in its series: by the moment it was live."""
        return (self.finished_at or self.last_at, self.name, self.id)

    def says(self, name: str) -> bool:
        """Return whether any attempt states a flag."""
        return any(getattr(attempt, name) is True for attempt in self.attempts)


def collapsed(attempts: Iterable[Attempt]) -> list[Group]:
    """Return the deployments of one series, in the order in which they were live.

    Reports of the same version within `COLLAPSE` of the first start are one deployment, whatever cluster or attempt
    they are of (dora-definitions, section 4), unless another version went live in between on the same cluster: then the
    older one came back. A stated rollback is never a part of the deployment that it returns to.
    """
    members: list[list[Attempt]] = []
    for attempt in sorted((a for a in attempts if a.at is not None), key=_begin):
        recent = _recent(members, attempt)
        for group in recent:
            if _belongs(attempt, group) and not _interrupted(attempt, group, recent):
                group.append(attempt)
                break
        else:
            members.append([attempt])
    return sorted((_group(group) for group in members), key=lambda group: group.order)


def _recent(members: Sequence[list[Attempt]], attempt: Attempt) -> list[list[Attempt]]:
    """Return the groups, in the order of their first attempts, that still take reports; the latest first."""
    since = _begin(attempt)[0] - COLLAPSE
    return list(takewhile(lambda group: _begin(group[0])[0] >= since, reversed(members)))


def _begin(attempt: Attempt) -> tuple[datetime, str, int]:
    assert attempt.at is not None
    # Rollouts to several clusters often begin in the same second: their names decide, not which arrived first.
    return attempt.at, attempt.external_id, attempt.id


def _belongs(attempt: Attempt, group: Sequence[Attempt]) -> bool:
    if attempt.is_rollback and not any(member.is_rollback for member in group):
        return False
    return any(same_version(attempt, member) for member in group)


def _interrupted(attempt: Attempt, group: Sequence[Attempt], recent: Iterable[Sequence[Attempt]]) -> bool:
    """Return whether a deployment that began after the group went live on the attempt's cluster."""
    return any(
        _went_live(other) and _same_place(other, attempt)
        for others in recent
        if _begin(others[0]) > _begin(group[0])
        for other in others
    )


def _went_live(attempt: Attempt) -> bool:
    return attempt.status == "success" or attempt.rolled_back is True


def _same_place(one: Attempt, other: Attempt) -> bool:
    return one.cluster is None or other.cluster is None or one.cluster == other.cluster


def _group(attempts: Sequence[Attempt]) -> Group:
    succeeded = [attempt for attempt in attempts if attempt.status == "success"]
    rolled_back = any(attempt.rolled_back for attempt in attempts)
    unfinished = any(attempt.status in _UNFINISHED for attempt in attempts)
    lasts = [attempt.last_at for attempt in attempts if attempt.last_at]
    ended = [attempt.finished_at for attempt in succeeded or attempts if attempt.finished_at]
    done = bool(succeeded) or rolled_back or not unfinished
    return Group(
        attempts=tuple(attempts),
        began_at=min((a.started_at for a in attempts if a.started_at), default=_begin(attempts[0])[0]),
        finished_at=max(ended, default=None) if done else None,
        last_at=max(lasts),
        succeeded=bool(succeeded),
        rolled_back=rolled_back,
        unfinished=not done,
    )
