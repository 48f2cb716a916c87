"""When the wait of a change began."""

from datetime import datetime

from plimsoll.store.facts import Change, ChangeLink

Start = tuple[datetime | None, str | None]


def start(change: Change, pull: Change | None, finished_at: datetime) -> Start:
    """Return since when a change waited for a deployment that finished then, and which of its times that is.

    The author's date; where clocks or a rebase put that after the finish, the committer's date, then the merge
    (dora-definitions, section 4: never silently dropped). Without any commit time, the pull request's first commit,
    then its opening. None and `after_end` when every known time is later, None and None when none is known.
    """
    merged = change.merged_at or (pull.merged_at if pull else None)
    times = [("authored", change.authored_at), ("committed", change.committed_at)]
    if change.authored_at is None and change.committed_at is None:
        told = pull or change
        times = [("first_commit", told.first_commit_at), ("opened", told.opened_at)]
    known = [(name, at) for name, at in (*times, ("merged", merged)) if at is not None]
    for name, at in known:
        if at <= finished_at:
            return at, name
    return None, "after_end" if known else None


def link(
    deployment_id: int, finished_at: datetime, change: Change, method: str, pull: Change | None, *, is_merge: bool
) -> ChangeLink:
    """Return the link of a change to the deployment that carried it; a merge commit is no work and has no wait."""
    started_at, name = (None, "merge_commit") if is_merge else start(change, pull, finished_at)
    lead_time_s = None if started_at is None else (finished_at - started_at).total_seconds()
    return ChangeLink(deployment_id, change.id, method, started_at, name, lead_time_s)
