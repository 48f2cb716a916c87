"""The known commits and pull requests of repositories, and walks along them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from plimsoll.insight.linkage.versions import same_sha
from plimsoll.store.facts import Change

MOST_STEPS = 5000
"""Commits in one range at most."""
MOST_ORIGINALS = 1000
_FULL = 40
_CUT = 12


class Commits:
    """Changes by what deployments and each other name them by."""

    def __init__(self, changes: Iterable[Change]) -> None:
        self._commits: dict[tuple[str, str], Change] = {}
        self._pulls: dict[tuple[str, str], list[Change]] = defaultdict(list)
        for change in sorted(changes, key=lambda change: (change.number or 0, change.id)):
            if change.grain == "pull_request":
                if change.merge_sha and change.merged_at:
                    self._pulls[change.repo, change.merge_sha].append(change)
            elif change.sha:
                self._commits[change.repo, change.sha] = change

    def find(self, repo: str, sha: str) -> Change | None:
        """Return a commit by its id, or by the beginning of it when only one commit begins so."""
        exact = self._commits.get((repo, sha))
        if exact is not None or len(sha) >= _FULL:
            return exact
        alike = [commit for (place, full), commit in self._commits.items() if place == repo and same_sha(full, sha)]
        return alike[0] if len(alike) == 1 else None

    def pulls(self, repo: str, merge_sha: str) -> list[Change]:
        """Return the pull requests that were merged as a commit; some hosts tell its first twelve characters only."""
        return self._pulls.get((repo, merge_sha)) or self._pulls.get((repo, merge_sha[:_CUT]), [])

    def walk(self, repo: str, sha: str, stops: Collection[str]) -> tuple[list[Change], bool]:
        """Return the commits from one back to a stop, the newest first, and whether a stop was reached."""
        found: list[Change] = []
        seen: set[str] = set()
        step: str | None = sha
        while step is not None and step not in seen and len(found) < MOST_STEPS:
            if is_among(step, stops):
                return found, True
            seen.add(step)
            commit = self.find(repo, step)
            if commit is None:
                break
            found.append(commit)
            step = commit.parent_sha
        return found, False

    def between(self, older: Change, newer: Change) -> list[Change]:
        """Return the commits of a branch after one up to another by their authors' clocks."""
        since, until = made_at(older), made_at(newer)
        if since is None or until is None:
            return [newer]
        found = [
            (at, commit.id, commit)
            for (repo, _), commit in self._commits.items()
            if repo == newer.repo and commit.branch == newer.branch and (at := made_at(commit)) is not None
        ]
        ordered = sorted(found, reverse=True, key=lambda each: each[:2])
        return [commit for at, _, commit in ordered if since < at <= until]

    def originals(self, pull: Change, stops: Collection[str]) -> list[Change]:
        """Return the commits that were pushed to a pull request's own branch, the newest first."""
        if pull.head_sha is None:
            return []
        found: list[Change] = []
        step: str | None = pull.head_sha
        while step is not None and len(found) < MOST_ORIGINALS and not is_among(step, stops):
            commit = self.find(pull.repo, step)
            if commit is None or (pull.branch is not None and commit.branch == pull.branch) or commit in found:
                break
            found.append(commit)
            step = commit.parent_sha
        return found


def made_at(commit: Change) -> datetime | None:
    """Return when a commit was made, as its author's clock said."""
    return commit.authored_at or commit.committed_at


def is_among(sha: str, stops: Collection[str]) -> bool:
    """Return whether a commit is one of those; a cut id counts for the one it begins."""
    return sha in stops or (
        any(len(stop) < _FULL for stop in stops) and any(same_sha(stop, sha) for stop in stops if len(stop) < _FULL)
    )
