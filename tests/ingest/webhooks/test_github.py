"""GitHub's events beyond the captured samples: orders of arrival, traps and hostile values."""

import itertools
import json
from copy import deepcopy
from typing import Any

import pytest

from plimsoll.store.models import Change, Deployment, Environment, Incident, Release
from tests.ingest.webhooks.builders import Sender, github, normalised, outcomes, records, sender

pytestmark = pytest.mark.django_db
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


def test_the_states_of_a_deployment_in_any_order_give_the_same_record() -> None:
    events = [
        ("deployment", deployment()),
        ("deployment_status", status("queued", "08:00:05")),
        ("deployment_status", status("in_progress", "08:01:00")),
        ("deployment_status", status("success", "08:04:00")),
        ("deployment_status", status("inactive", "09:30:00")),
    ]
    seen = set()
    for index, order in enumerate(itertools.permutations(events)):
        if index % 13:
            continue
        Deployment.objects.all().delete()
        told(sender("github", name=str(index)), *order)
        row = Deployment.objects.get()
        seen.add((row.status, str(row.started_at), str(row.finished_at), row.sha))

    assert seen == {("success", "2026-03-02 08:00:00+00:00", "2026-03-02 08:04:00+00:00", sha(1))}


def test_success_after_failure_wins_when_it_arrives_first() -> None:
    told(
        sender("github"),
        ("deployment_status", status("success", "08:14:00") | {"workflow_run": {"id": 900, "run_attempt": 2}}),
        ("deployment_status", status("failure", "08:03:00") | {"workflow_run": {"id": 900, "run_attempt": 1}}),
    )

    row = Deployment.objects.get()
    assert (row.status, row.attempt, row.run_id) == ("success", 2, "900")
    assert str(row.finished_at) == "2026-03-02 08:14:00+00:00"


def test_a_running_state_of_the_same_second_does_not_undo_a_final_one() -> None:
    told(
        sender("github"),
        ("deployment_status", status("success", "08:04:00")),
        ("deployment_status", status("in_progress", "08:04:00")),
    )

    assert Deployment.objects.get().status == "success"


def test_an_unknown_state_is_no_error_and_changes_no_state() -> None:
    result = told(
        sender("github"),
        ("deployment_status", status("success", "08:04:00")),
        ("deployment_status", status("resting", "08:05:00")),
    )

    assert Deployment.objects.get().status == "success"
    assert result[1] == ("applied", "state resting is unknown")


@pytest.mark.parametrize("as_text", [False, True])
def test_a_payload_declares_what_the_pipeline_knows(as_text: bool) -> None:
    payload: dict[str, Any] = {
        "service": "till",
        "version": "1.9.0",
        "previous_sha": sha(3),
        "commits": [sha(4), {"id": sha(5)}],
        "unplanned": True,
        "rollback": "yes",
    }
    told(sender("github"), ("deployment", deployment(payload=json.dumps(payload) if as_text else payload)))

    row = Deployment.objects.get()
    assert row.service is not None
    assert (row.service.name, row.version, row.previous_sha) == ("till", "1.9.0", sha(3))
    assert (row.commits, row.unplanned, row.is_rollback) == ([sha(4), sha(5)], True, True)


@pytest.mark.parametrize("payload", ["", "{", None, 5, [], {"rollback": False, "commits": "no", "service": ""}])
def test_a_payload_of_another_shape_says_nothing(payload: object) -> None:
    told(sender("github"), ("deployment", deployment(payload=payload)))

    row = Deployment.objects.get()
    assert row.service is not None
    assert (row.service.name, row.is_rollback, row.commits) == ("checkout", None, None)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"environment": "blue", "production_environment": True}, "production"),
        ({"environment": "prod-eu", "production_environment": False}, "production"),
        ({"environment": "staging", "production_environment": False}, "staging"),
        ({"environment": "prod-pr-12", "transient_environment": True}, "other"),
        ({"environment": "qa"}, "testing"),
    ],
)
def test_the_class_of_an_environment(changes: dict[str, Any], expected: str) -> None:
    told(sender("github"), ("deployment", deployment(**changes)))

    assert Environment.objects.get().environment_class == expected


def test_a_source_maps_services_and_environments() -> None:
    settings = {
        "service_map": {"acme/check*": "till"},
        "environment_map": {"eu-*": {"name": "europe", "class": "production"}, "lab": "testing"},
    }
    told(
        sender("github", settings),
        ("deployment", deployment(id=1, environment="eu-west")),
        ("deployment", deployment(id=2, environment="lab")),
    )

    shown = [(row["service"], row["environment"], row["environment_class"]) for row in records()]
    assert shown == [("till", "europe", "production"), ("till", "lab", "testing")]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [({"default_service": "shop"}, "shop"), ({"service_strip_suffix": "out"}, "check"), ({}, "checkout")],
)
def test_the_service_of_a_repository(settings: dict[str, Any], expected: str) -> None:
    told(sender("github", settings), ("deployment", deployment()))

    assert records()[0]["service"] == expected


def test_events_of_ignored_actors_are_ignored() -> None:
    ci = sender("github", {"ignore_actors": ["dependabot[bot]"]})

    assert told(ci, ("push", push(1) | {"sender": {"login": "dependabot[bot]"}})) == [
        ("ignored", "events of dependabot[bot] are ignored by this source")
    ]


def test_pushed_commits_know_their_parents() -> None:
    told(sender("github"), ("push", push(2, 3, 4, before=1)))

    rows = {row.sha: row for row in Change.objects.all()}
    assert [rows[sha(n)].parent_sha for n in (2, 3, 4)] == [sha(1), sha(2), sha(3)]
    assert (rows[sha(4)].branch, rows[sha(4)].author, rows[sha(4)].title) == ("main", "c", "Do 4")


@pytest.mark.parametrize("body", [push(2, 3), push(2, 3, before=1, forced=True)])
def test_the_first_commit_of_a_new_or_rewritten_branch_has_no_known_parent(body: dict[str, Any]) -> None:
    told(sender("github"), ("push", body))

    assert [row.parent_sha for row in Change.objects.order_by("sha")] == [None, sha(2)]


def test_what_the_default_branch_says_of_a_commit_outweighs_other_branches_in_any_order() -> None:
    on_branch = ("push", push(2, 3, before=1, ref="refs/heads/retry"))
    on_main = ("push", push(2, 3, 4, before=0xFF))
    for order in ((on_branch, on_main), (on_main, on_branch)):
        Change.objects.all().delete()
        told(sender("github", name=order[0][1]["ref"]), *order)

        row = Change.objects.get(sha=sha(2))
        assert (row.branch, row.parent_sha) == ("main", sha(0xFF))


def test_commits_of_every_branch_are_kept_unless_the_source_names_branches() -> None:
    told(sender("github"), ("push", push(2, before=1, ref="refs/heads/retry")))
    limited = told(
        sender("github", {"branches": ["main", "release/*"]}, name="limited"),
        ("push", push(3, before=1, ref="refs/heads/other")),
        ("push", push(4, before=1, ref="refs/heads/release/1")),
    )

    assert sorted(row.sha or "" for row in Change.objects.all()) == [sha(2), sha(4)]
    assert ("ignored", "branch other is not one of this source's branches") in limited


def test_tags_deletions_and_empty_pushes_are_ignored() -> None:
    result = told(
        sender("github"),
        ("push", push(2, ref="refs/tags/v1")),
        ("push", push(deleted=True)),
        ("push", push(before=5, forced=True)),
    )

    assert [reason for _, reason in result] == ["tags are not used", "branch main was deleted", "no new commits"]


def test_a_push_of_5000_commits_is_capped() -> None:
    result = told(sender("github"), ("push", push(*range(1, 5001), before=0xFFFF)))

    assert Change.objects.count() == 2048
    assert result == [("applied", "the oldest 2952 of 5000 commits were left out")]
    assert Change.objects.get(sha=sha(2953)).parent_sha is None


def test_a_pull_request_in_any_order_gives_the_same_record() -> None:
    merged = {"state": "closed", "merged": True, "merged_at": "2026-03-02T07:58:00Z", "merged_by": {"login": "alice"}}
    hotfix = {"labels": [{"name": "hotfix"}]}
    events = [
        ("pull_request", pull_request("opened", draft=True)),
        ("pull_request", pull_request("ready_for_review", updated_at="2026-03-01T12:00:00Z")),
        ("pull_request_review", review("commented", "dave", "13:00:00")),
        ("pull_request_review", review("approved", "erin", "14:00:00")),
        ("pull_request_review", review("approved", "carol", "11:00:00")),
        ("pull_request", pull_request("labeled", updated_at="2026-03-01T15:00:00Z", **hotfix)),
        (
            "pull_request",
            pull_request("closed", updated_at="2026-03-02T07:58:00Z", **hotfix, **merged),
        ),
    ]
    seen = set()
    for index, order in enumerate(itertools.permutations(events)):
        if index % 701:
            continue
        Change.objects.all().delete()
        told(sender("github", name=str(index)), *order)
        row = Change.objects.get()
        times = (row.opened_at, row.ready_at, row.first_review_at, row.approved_at, row.merged_at)
        seen.add(
            (row.state, row.merge_sha, row.merged_by, str(row.labels), *(f"{time:%d %H:%M}" for time in times if time))
        )

    expected = ("01 10:00", "01 12:00", "01 13:00", "01 14:00", "02 07:58")
    assert seen == {("merged", sha(99), "alice", "['hotfix']", *expected)}


def test_a_test_merge_is_no_merge() -> None:
    told(sender("github"), ("pull_request", pull_request("opened")))

    row = Change.objects.get()
    assert (row.state, row.merge_sha, row.ready_at) == ("open", None, row.opened_at)


def test_authors_do_not_review_themselves() -> None:
    result = told(sender("github"), ("pull_request_review", review("approved", "carol", "11:00:00")))

    assert result == [("ignored", "authors do not review themselves")]


def test_an_issue_is_an_incident_only_with_the_label() -> None:
    ci = sender("github", {"incident_labels": ["Incident", "sev*"]})

    result = told(ci, ("issues", issue("opened")), ("issues", issue("opened", number=8, labels=[{"name": "bug"}])))

    assert result == [("applied", ""), ("ignored", "the issue has no incident label")]
    assert Incident.objects.get().external_id == "acme/checkout#7"


def test_an_issue_closes_reopens_and_says_its_service_severity_and_cause() -> None:
    labels = [{"name": "incident"}, {"name": "service: till"}, {"name": "severity/high"}]
    closed = {"state": "closed", "closed_at": "2026-03-02T09:00:00Z", "updated_at": "2026-03-02T09:00:00Z"}
    # A reopened issue may still carry the time it was closed at.
    reopened = {"closed_at": "2026-03-02T09:00:00Z", "updated_at": "2026-03-02T09:30:00Z"}
    events = [
        ("issues", issue("opened", labels=labels, body="It began.\n\nCaused by: `1.9.0`.")),
        ("issues", issue("closed", labels=labels, **closed)),
        ("issues", issue("reopened", labels=labels, **reopened)),
    ]
    for index, order in enumerate(itertools.permutations(events)):
        Incident.objects.all().delete()
        told(sender("github", {"incident_labels": ["incident"]}, name=str(index)), *order)

        row = records()[0]
        assert (row["service"], row["severity"], row["caused_by_ref"]) == ("till", "high", "1.9.0")
        assert (row["status"], row["resolved_at"], row["reopen_count"]) == ("open", None, 1)


def test_published_and_released_are_one_release() -> None:
    release = {
        "tag_name": "v1",
        "published_at": "2026-03-02T08:00:00Z",
        "prerelease": False,
        "target_commitish": sha(4),
    }
    body = {"release": release, "repository": REPOSITORY}

    told(sender("github"), ("release", body | {"action": "published"}), ("release", body | {"action": "released"}))

    assert Release.objects.get().sha == sha(4)


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


@pytest.mark.parametrize("named", ["Deploy production", ".github/workflows/deploy.yml", "deploy.yml", "deploy *"])
def test_a_workflow_is_declared_by_name_or_path(named: str) -> None:
    told(sender("github", {"deploy_workflows": [named]}), ("workflow_run", workflow_run("success")))

    assert Deployment.objects.get().external_id == "900/1"


@pytest.mark.parametrize(
    ("conclusion", "expected"),
    [("success", "success"), ("failure", "failure"), ("timed_out", "failure"), ("cancelled", "cancelled")],
)
def test_the_conclusion_of_a_run_is_its_status(conclusion: str, expected: str) -> None:
    told(sender("github", {"deploy_workflows": ["deploy.yml"]}), ("workflow_run", workflow_run(conclusion)))

    assert Deployment.objects.get().status == expected


@pytest.mark.parametrize("conclusion", ["skipped", "neutral", "stale", "action_required", "unheard_of"])
def test_other_conclusions_are_no_deployment(conclusion: str) -> None:
    ci = sender("github", {"deploy_workflows": ["deploy.yml"]})

    assert told(ci, ("workflow_run", workflow_run(conclusion))) == [
        ("ignored", f"conclusion {conclusion} is no deployment")
    ]


def test_a_run_that_a_deployment_event_tells_is_not_counted_twice() -> None:
    events = [
        ("workflow_run", workflow_run("success")),
        ("deployment_status", status("success", "08:04:00") | {"workflow_run": {"id": 900, "run_attempt": 1}}),
    ]
    for order in itertools.permutations(events):
        Deployment.objects.all().delete()
        told(sender("github", {"deploy_workflows": ["deploy.yml"]}, name=order[0][0]), *order)

        assert [row["external_id"] for row in records()] == ["1"]


@pytest.mark.parametrize(
    ("event", "body", "reason"),
    [
        ("star", {"repository": REPOSITORY}, "event star is not used"),
        ("push", {"ref": "refs/heads/main"}, "the delivery names no repository"),
        ("deployment", {"repository": REPOSITORY, "action": "vanished"}, "action vanished is not used"),
        ("push", [], "the delivery names no repository"),
    ],
)
def test_what_is_known_but_useless_is_accepted_and_ignored(event: str, body: Any, reason: str) -> None:
    assert told(sender("github"), (event, body)) == [("ignored", reason)]


@pytest.mark.parametrize(
    ("event", "body", "reason"),
    [
        ("deployment", deployment(id=None), "deployment.id is missing"),
        ("deployment", deployment(created_at="yesterday"), "deployment.created_at: 'yesterday' is not a time"),
        ("deployment", deployment(created_at="0000-01-01T00:00:00Z"), "is not a time"),
        ("deployment", deployment(created_at="2026-03-02T08:00:00"), "has no zone"),
        ("push", push(1) | {"commits": [{"id": sha(1)}]}, "timestamp is missing"),
        ("deployment", deployment(ref="x" * 501), "deployment.ref is longer than 500 characters"),
        ("pull_request", {"action": "opened", "repository": REPOSITORY}, "pull_request.number is missing"),
    ],
)
def test_what_cannot_be_used_is_kept_and_says_why(event: str, body: Any, reason: str) -> None:
    ((state, words),) = told(sender("github"), (event, body))

    assert state == "failed"
    assert reason in words


def test_a_time_in_the_year_9999_becomes_the_time_of_receipt_and_is_flagged() -> None:
    body = status("success", "08:00:00")
    body["deployment_status"]["created_at"] = "9999-12-31T00:00:00Z"

    told(sender("github"), ("deployment_status", body))

    row = Deployment.objects.get()
    assert row.finished_at is not None
    assert row.finished_at.year < 9999
    assert row.flags == ["future_event_time", "future_finished_at"]


def test_a_finish_before_the_start_is_put_in_order() -> None:
    told(sender("github"), ("deployment_status", status("success", "07:00:00")))

    row = Deployment.objects.get()
    assert (str(row.started_at)[11:16], str(row.finished_at)[11:16]) == ("07:00", "08:00")
    assert row.flags == ["finished_before_started"]


@pytest.mark.parametrize("ref", ["../../etc/passwd", "a'; DROP TABLE change; --", "\u202egnp.exe", "🚢", "<b>", 'a"b'])
def test_hostile_names_are_kept_as_text(ref: str) -> None:
    told(sender("github"), ("deployment", deployment(ref=ref)))

    assert Deployment.objects.get().ref == ref


def test_text_that_no_database_can_hold_is_cleaned() -> None:
    told(sender("github"), ("deployment", deployment(ref="a\x00b\ud800c")))

    assert Deployment.objects.get().ref == "a\ufffdb\ufffdc"


def test_old_servers_leave_keys_out() -> None:
    body = deepcopy(status("success", "08:04:00"))
    del body["action"], body["deployment_status"]["environment"], body["deployment_status"]["log_url"]

    assert told(sender("github"), ("deployment_status", body)) == [("applied", "")]
    assert records()[0]["environment"] == "production"
