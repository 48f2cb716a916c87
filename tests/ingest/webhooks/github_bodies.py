"""Bodies of GitHub's events, with sensible defaults."""

from typing import Any

from tests.ingest.webhooks.builders import Sender, github, normalised, outcomes

REPOSITORY = {"name": "checkout", "full_name": "acme/checkout", "default_branch": "main"}


def sha(number: int) -> str:
    """Return a commit's hash."""
    return f"{number:040x}"


def deployment(**changes: Any) -> dict[str, Any]:
    """Return the body of a `deployment` event."""
    created = {"id": 1, "sha": sha(1), "ref": "main", "environment": "production", "created_at": "2026-03-02T08:00:00Z"}
    return {"action": "created", "deployment": created | changes, "repository": REPOSITORY}


def status(state: str, at: str, **changes: Any) -> dict[str, Any]:
    """Return the body of a `deployment_status` event at a time of day."""
    said = {"id": 9, "state": state, "environment": "production", "created_at": f"2026-03-02T{at}Z", "log_url": ""}
    return deployment(**changes) | {"deployment_status": said}


def push(*commits: int, before: int = 0, ref: str = "refs/heads/main", **changes: Any) -> dict[str, Any]:
    """Return the body of a `push` of commits by number; commit n was made n minutes after eight."""
    listed = [
        {
            "id": sha(n),
            "timestamp": f"2026-03-02T08:{n % 60:02}:00Z",
            "message": f"Do {n}\n\nmore",
            "author": {"name": "c"},
        }
        for n in commits
    ]
    head = sha(commits[-1]) if commits else sha(before)
    return {"ref": ref, "before": sha(before), "after": head, "commits": listed, "repository": REPOSITORY} | changes


def pull_request(action: str, **changes: Any) -> dict[str, Any]:
    """Return the body of a `pull_request` event."""
    said = {
        "number": 31,
        "state": "open",
        "merged": False,
        "merged_at": None,
        "title": "Retry budget",
        "created_at": "2026-03-01T10:00:00Z",
        "updated_at": "2026-03-01T10:00:00Z",
        "merge_commit_sha": sha(99),
        "user": {"login": "carol"},
        "labels": [],
        "head": {"ref": "retry", "sha": sha(5)},
        "base": {"ref": "main"},
    }
    return {"action": action, "pull_request": said | changes, "repository": REPOSITORY}


def review(state: str, by: str, at: str) -> dict[str, Any]:
    """Return the body of a `pull_request_review` event."""
    said = {"state": state, "submitted_at": f"2026-03-01T{at}Z", "user": {"login": by}}
    return pull_request("submitted") | {"review": said}


def issue(action: str, **changes: Any) -> dict[str, Any]:
    """Return the body of an `issues` event."""
    said = {
        "number": 7,
        "state": "open",
        "title": "Checkout is down",
        "created_at": "2026-03-02T08:00:00Z",
        "updated_at": "2026-03-02T08:00:00Z",
        "closed_at": None,
        "labels": [{"name": "incident"}],
    }
    return {"action": action, "issue": said | changes, "repository": REPOSITORY}


def told(ci: Sender, *events: tuple[str, dict[str, Any]]) -> list[tuple[str, str]]:
    """Send events and return what became of them."""
    for name, body in events:
        assert ci.send(body, github(name)).status == 202
    normalised()
    return outcomes()


def workflow_run(conclusion: str, **changes: Any) -> dict[str, Any]:
    """Return the body of a completed `workflow_run`."""
    run = {
        "id": 900,
        "name": "Deploy production",
        "run_attempt": 1,
        "path": ".github/workflows/deploy.yml@main",
        "conclusion": conclusion,
        "head_sha": sha(1),
        "run_started_at": "2026-03-02T08:00:00Z",
        "updated_at": "2026-03-02T08:05:00Z",
    }
    return {"action": "completed", "workflow_run": run | changes, "repository": REPOSITORY}
