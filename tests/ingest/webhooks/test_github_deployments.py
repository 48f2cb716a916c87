"""GitHub's deployments and deploy workflows beyond the captured samples: orders of arrival and traps."""

import itertools
import json
from typing import Any

import pytest

from plimsoll.store.models import Deployment, Environment
from tests.ingest.webhooks.builders import records, sender
from tests.ingest.webhooks.github_bodies import deployment, sha, status, told, workflow_run

pytestmark = pytest.mark.django_db


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
