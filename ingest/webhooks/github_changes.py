"""Changes of GitHub: pushed commits, pull requests, their reviews, and releases."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ingest.webhooks import naming, reading
from ingest.webhooks.naming import Settings
from ingest.webhooks.provider import Applied, Ignored
from plimsoll.store.merge import Observation

# What GitHub lists at most; a longer list is somebody else's.
MOST_COMMITS = 2048
_NO_COMMIT = "0" * 40

_PULL_REQUEST_ACTIONS = frozenset(
    {
        *("opened", "ready_for_review", "closed", "reopened", "synchronize"),
        *("edited", "labeled", "unlabeled", "converted_to_draft"),
    }
)
_STATE_RANKS = {"open": 0, "closed": 1, "merged": 2}


def push(body: object, settings: Settings) -> Applied | Ignored:
    """Commits were pushed to a branch: each is a change whose parent is the one before it.

    The commits of every branch are kept, as a squash-merged pull request's original commits are found by them.
    """
    ref = reading.required(body, "ref")
    branch = ref.removeprefix("refs/heads/")
    if branch == ref:
        return Ignored("tags are not used")
    if reading.at(body, "deleted") is True or reading.text(body, "after") == _NO_COMMIT:
        return Ignored(f"branch {branch} was deleted")
    if settings.get("branches") and not naming.matches(settings, "branches", branch):
        return Ignored(f"branch {branch} is not one of this source's branches")
    commits = [commit for commit in reading.items(body, "commits") if isinstance(commit, Mapping)]
    if not commits:
        return Ignored("no new commits")
    left_out = max(0, len(commits) - MOST_COMMITS)
    parents = _parents(body, commits)[left_out:]
    if left_out:
        parents[0] = None
    observations = [
        _commit(body, commit, parent, branch) for commit, parent in zip(commits[left_out:], parents, strict=True)
    ]
    return Applied(observations, f"the oldest {left_out} of {len(commits)} commits were left out" if left_out else "")


def _parents(body: object, commits: list[Mapping[str, Any]]) -> list[str | None]:
    """Return each commit's parent on its branch.

    The first one follows the old head, unless the branch is new or was rewritten: then its parent is not known.
    """
    before = reading.name(body, "before")
    is_known = before != _NO_COMMIT and reading.at(body, "forced") is not True
    return [before if is_known else None, *(reading.required(commit, "id") for commit in commits[:-1])]


def _commit(body: object, commit: Mapping[str, Any], parent: str | None, branch: str) -> Observation:
    repo, sha = reading.required(body, "repository", "full_name"), reading.required(commit, "id")
    authored_at = reading.required_time(commit, "timestamp")
    is_default = branch == reading.text(body, "repository", "default_branch")
    said: dict[str, object] = {
        "grain": "commit",
        "repo": repo,
        "sha": sha,
        "parent_sha": parent,
        "branch": branch,
        "author": reading.text(commit, "author", "username") or reading.text(commit, "author", "name"),
        "authored_at": authored_at,
        "title": reading.line(reading.text(commit, "message")),
        "url": reading.text(commit, "url"),
    }
    return Observation(
        "change",
        f"{repo}@{sha}",
        # What the default branch says of a commit outweighs what other branches said of it, whenever that arrives.
        _pushed_at(body, authored_at) if is_default else authored_at,
        {name: value for name, value in said.items() if value is not None},
        rank=1 if is_default else 0,
    )


def _pushed_at(body: object, authored_at: datetime) -> datetime:
    pushed = reading.time(body, "repository", "pushed_at") or reading.time(body, "head_commit", "timestamp")
    return max(pushed, authored_at) if pushed else authored_at


def pull_request(body: object, settings: Settings) -> Applied | Ignored:
    """A pull request moved on. Only `merged` says that it was merged: the test merge sets `merge_commit_sha` too."""
    action = reading.text(body, "action")
    if action not in _PULL_REQUEST_ACTIONS:
        return Ignored(f"action {action} is not used")
    repo, number = reading.required(body, "repository", "full_name"), _number(body)
    opened_at = reading.required_time(body, "pull_request", "created_at")
    at = reading.time(body, "pull_request", "updated_at") or opened_at
    is_merged = reading.at(body, "pull_request", "merged") is True
    state = "merged" if is_merged else (reading.text(body, "pull_request", "state") or "open")
    said: dict[str, object] = {
        "grain": "pull_request",
        "repo": repo,
        "number": number,
        "title": reading.line(reading.text(body, "pull_request", "title")),
        "author": reading.text(body, "pull_request", "user", "login"),
        "head_sha": reading.name(body, "pull_request", "head", "sha"),
        "head_branch": reading.name(body, "pull_request", "head", "ref"),
        "branch": reading.name(body, "pull_request", "base", "ref"),
        "opened_at": opened_at,
        "ready_at": _ready_at(body, action, opened_at, at),
        "url": reading.text(body, "pull_request", "html_url"),
        "labels": _labels(body),
        "additions": reading.whole(body, "pull_request", "additions"),
        "deletions": reading.whole(body, "pull_request", "deletions"),
    }
    fields = {name: value for name, value in said.items() if value is not None}
    fields |= {"state": state if state in _STATE_RANKS else None} | _merge(body, is_merged=is_merged)
    return Applied([Observation("change", f"{repo}#{number}", at, fields, _STATE_RANKS.get(state, 0))])


def _merge(body: object, *, is_merged: bool) -> dict[str, object]:
    """Return what is known of the merge; a pull request that is not merged says that there is none."""
    if not is_merged:
        return {"merged_at": None, "merge_sha": None, "merged_by": None}
    return {
        "merged_at": reading.required_time(body, "pull_request", "merged_at"),
        "merge_sha": reading.name(body, "pull_request", "merge_commit_sha"),
        "merged_by": reading.text(body, "pull_request", "merged_by", "login"),
    }


def _ready_at(body: object, action: str, opened_at: datetime, at: datetime) -> datetime | None:
    if action == "ready_for_review":
        return at
    is_draft = reading.at(body, "pull_request", "draft") is True
    return opened_at if action == "opened" and not is_draft else None


def _labels(body: object) -> list[str] | None:
    labels = reading.at(body, "pull_request", "labels")
    return reading.names(labels, "name") if isinstance(labels, list) else None


def _number(body: object) -> int:
    number = reading.whole(body, "pull_request", "number")
    if number is None:
        raise reading.Unusable("pull_request.number is missing")
    return number


def pull_request_review(body: object, settings: Settings) -> Applied | Ignored:
    """Somebody other than the author reviewed a pull request."""
    if reading.text(body, "action") != "submitted":
        return Ignored("the review is not submitted")
    state = (reading.text(body, "review", "state") or "").lower()
    if state not in ("approved", "changes_requested", "commented"):
        return Ignored(f"review state {state} is not used")
    author = reading.text(body, "pull_request", "user", "login")
    reviewer = reading.text(body, "review", "user", "login")
    if reviewer is not None and reviewer == author:
        return Ignored("authors do not review themselves")
    repo, number = reading.required(body, "repository", "full_name"), _number(body)
    at = reading.required_time(body, "review", "submitted_at")
    said: dict[str, object] = {
        "grain": "pull_request",
        "repo": repo,
        "number": number,
        "author": author,
        "opened_at": reading.time(body, "pull_request", "created_at"),
        "first_review_at": at,
        "approved_at": at if state == "approved" else None,
    }
    fields = {name: value for name, value in said.items() if value is not None}
    return Applied([Observation("change", f"{repo}#{number}", at, fields)])


def release(body: object, settings: Settings) -> Applied | Ignored:
    """A version was published; `released` follows for the same one."""
    action = reading.text(body, "action")
    if action not in ("published", "released"):
        return Ignored(f"action {action} is not used")
    repo, version = reading.required(body, "repository", "full_name"), reading.required(body, "release", "tag_name")
    at = reading.required_time(body, "release", "published_at")
    target = reading.name(body, "release", "target_commitish") or ""
    fields: dict[str, object] = {"repo": repo, "version": version, "published_at": at}
    if url := reading.text(body, "release", "html_url"):
        fields["url"] = url
    if len(target) == 40 and set(target) <= set("0123456789abcdef"):
        fields["sha"] = target
    return Applied([Observation("release", f"{repo}@{version}", at, fields)])
