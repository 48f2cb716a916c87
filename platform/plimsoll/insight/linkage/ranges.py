"""Which changes each deployment of a series was the first to bring live."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from plimsoll.insight.linkage.commits import Commits, is_among, made_at
from plimsoll.insight.linkage.groups import Group
from plimsoll.insight.linkage.starts import link
from plimsoll.insight.linkage.words import is_merge
from plimsoll.store.facts import Change, ChangeLink


@dataclass(frozen=True, slots=True)
class Carrier:
    """A deployment that went live, and what had been live in its series before: `previous` is the latest of that."""

    id: int
    finished_at: datetime
    repo: str | None
    sha: str | None
    commits: tuple[str, ...]
    previous_sha: str | None
    live_shas: frozenset[str]
    previous: str | None
    previous_finished_at: datetime | None

    @property
    def is_first(self) -> bool:
        return self.previous_finished_at is None

    @property
    def stops(self) -> frozenset[str]:
        """Where its range ends: at the commit its sender names, else at whatever was live before."""
        return frozenset({self.previous_sha}) if self.previous_sha else self.live_shas

    @property
    def is_walked(self) -> bool:
        """Whether its range is to be found from commit to parent."""
        if self.commits or self.repo is None or self.sha is None:
            return False
        return self.previous_sha is not None or not (self.is_first or is_among(self.sha, self.live_shas))


def carriers(groups: Sequence[Group]) -> list[Carrier]:
    """Return the deployments of a series that may carry changes, from its deployments in order."""
    found: list[Carrier] = []
    shas: list[str] = []
    for group in groups:
        if not group.succeeded or group.finished_at is None:
            continue
        previous = found[-1] if found else None
        found.append(
            Carrier(
                id=group.id,
                finished_at=group.finished_at,
                repo=_first(group, "repo"),
                sha=group.sha,
                commits=tuple(dict.fromkeys(sha for attempt in group.attempts for sha in attempt.commits or ())),
                previous_sha=_first(group, "previous_sha"),
                live_shas=frozenset(shas),
                previous=previous.sha if previous else None,
                previous_finished_at=previous.finished_at if previous else None,
            )
        )
        if group.sha:
            shas.append(group.sha)
    return found


def _first(group: Group, name: str) -> str | None:
    told = (getattr(attempt, name) for attempt in reversed(group.attempts))
    return next((value for value in told if value), None)


@dataclass(frozen=True, slots=True)
class Carried:
    """A change that a deployment brought live: the link, the change itself, and the pull request it came by."""

    link: ChangeLink
    change: Change
    pull: Change | None


def carried(series: Sequence[Carrier], commits: Commits) -> list[Carried]:
    """Return the changes that the deployments of a series brought live, each with the first that did.

    An explicit list of commits counts as told. Else the range is walked from the deployed commit along its parents to
    the stated previous commit, or to any commit that was live before. Where the walk ends at a commit nobody told us
    of, only what was made after the previous deployment finished is surely new. Without parents, a branch is read in
    the order of its authors' clocks. The first deployment of a series carries nothing unless its sender says so
    (dora-definitions, section 4).
    """
    found: list[Carried] = []
    seen: set[int] = set()
    for carrier in series:
        for change, method, pull, merged in _unfolded(carrier, *_range(carrier, commits), commits):
            if change.id not in seen:
                seen.add(change.id)
                told = link(carrier.id, carrier.finished_at, change, method, pull, is_merge=merged)
                found.append(Carried(told, change, pull))
    return found


def _range(carrier: Carrier, commits: Commits) -> tuple[list[Change], str]:
    """Return the commits of a deployment, and how they are known."""
    if carrier.commits and carrier.repo is not None:
        named = (commits.find(carrier.repo, sha) for sha in carrier.commits)
        return [commit for commit in named if commit is not None], "explicit"
    if not carrier.is_walked or carrier.repo is None or carrier.sha is None:
        return [], "pushed"
    method = "previous_sha" if carrier.previous_sha else "pushed"
    found, is_whole = commits.walk(carrier.repo, carrier.sha, carrier.stops)
    if is_whole or not found:
        return found, method
    older = commits.find(carrier.repo, carrier.previous_sha or carrier.previous or "")
    if found[0].parent_sha is None and older is not None and older.branch == found[0].branch:
        return commits.between(older, found[0]), method
    since = carrier.previous_finished_at
    return [commit for commit in found if since and (at := made_at(commit)) and at > since], method


Unfolded = tuple[Change, str, Change | None, bool]


def _unfolded(carrier: Carrier, found: Sequence[Change], method: str, commits: Commits) -> Iterator[Unfolded]:
    """Yield what a range means: the change, how it is known, its pull request if it was merged by one, and whether it
    is only a merge.

    A squashed commit gives way to the commits pushed to its pull request's branch, or, when nobody told us of those, to
    the pull request itself. A rebase keeps the authors' dates, so its commits speak for themselves.
    """
    if carrier.repo is None:
        return
    shas = {commit.sha for commit in found if commit.sha}
    for commit in found:
        pulls = commits.pulls(carrier.repo, commit.sha or "")
        if not pulls:
            yield commit, method, None, is_merge(commit.title)
        for pull in pulls:
            yield from _merged(commit, pull, shas, method, carrier.live_shas, commits)
    if not found and carrier.is_walked and carrier.sha is not None:
        # The deployed commit is one nobody told us of, but a pull request was merged as it.
        for pull in commits.pulls(carrier.repo, carrier.sha):
            originals = commits.originals(pull, carrier.live_shas)
            for change in originals or [pull]:
                yield change, "merge_sha", pull, False


def _merged(
    commit: Change, pull: Change, shas: Collection[str], method: str, live: Collection[str], commits: Commits
) -> Iterator[Unfolded]:
    """Yield what a commit means that a pull request was merged as."""
    if pull.head_sha == commit.sha:
        yield commit, method, pull, False
        return
    if pull.head_sha is not None and is_among(pull.head_sha, shas):
        yield commit, method, pull, True
        return
    originals = commits.originals(pull, live)
    made = made_at(commit)
    is_rebased = made is not None and (
        any(made_at(original) == made for original in originals)
        if originals
        else pull.opened_at is not None and made < pull.opened_at
    )
    if is_rebased or not (originals or pull.first_commit_at or pull.opened_at):
        yield commit, method, pull, False
        return
    for change in originals or [pull]:
        yield change, "merge_sha", pull, False
