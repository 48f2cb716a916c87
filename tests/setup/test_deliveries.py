"""What the snippets of CI servers send is a deployment to the real endpoint."""

import json
import os
import re
import shlex
import subprocess
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client
from jsonschema import Draft202012Validator

from ingest.webhooks import normalise
from plimsoll.setup import snippets
from plimsoll.store import schema
from plimsoll.store.access import new_token
from plimsoll.store.models import Deployment
from plimsoll.store.sources import add_source

pytestmark = pytest.mark.django_db
SHA = "8c1f2a7be4d94d10a7c35f5d1e0b9a6c3d2e1f00"
GITLAB = {
    "CI_PROJECT_PATH": "acme/checkout",
    "CI_PROJECT_NAME": "checkout",
    "CI_JOB_ID": "42",
    "CI_JOB_URL": "https://gitlab.example/acme/checkout/-/jobs/42",
    "CI_JOB_STARTED_AT": "2026-03-02T08:00:00Z",
    "CI_ENVIRONMENT_NAME": "live",
    "CI_ENVIRONMENT_TIER": "production",
    "CI_COMMIT_SHA": SHA,
    "CI_COMMIT_SHORT_SHA": SHA[:8],
}
JENKINS = {
    "BUILD_TAG": "jenkins-checkout-42",
    "BUILD_NUMBER": "42",
    "BUILD_URL": "https://jenkins.example/job/checkout/42/",
    "GIT_COMMIT": SHA,
}
# What Argo CD puts in the place of each action for the Application below; its conditions are all met.
ARGO = {
    "$labels := default dict .app.metadata.labels": "",
    "$state := .app.status.operationState": "",
    ".app.metadata.namespace": "argocd",
    ".app.metadata.name": "checkout",
    "$state.startedAt": "2026-03-02T08:00:00Z",
    "$state.finishedAt": "2026-03-02T08:04:00Z",
    "$labels.service | default .app.metadata.name | toJson": '"checkout"',
    "with $labels.environment": "",
    "with $state.syncResult": "",
    "with .revision": "",
    'ternary "sha" "version" (regexMatch "^[0-9a-f]{40}$" .) | toJson': '"sha"',
    "with .app.status.summary": "",
    "with .images": "",
    "first . | toJson": '"registry.example/checkout@sha256:11ff"',
    'ternary "success" "failure" (eq $state.phase "Succeeded") | toJson': '"success"',
    "end": "",
}


def filled(name: str) -> tuple[str, str, str]:
    """Return a snippet with the path of a source and a token, and these two."""
    path = f"/hooks/generic/{add_source('generic', name).public_id}"
    token = new_token(name, ["write"])
    return snippets.for_webhooks(name, f"http://plimsoll.example{path}", token=token), path, token


def sent(script: str, folder: Path, **variables: str) -> list[str]:
    """Run a script as a CI server does and return what it gives to curl."""
    curl = folder / "curl"
    curl.write_text(f"#!/bin/sh\nprintf '%s\\0' \"$@\" > {shlex.quote(str(folder / 'given'))}\n")
    curl.chmod(0o755)
    path = f"{folder}:{os.environ['PATH']}"
    subprocess.run(["sh", "-eu", "-c", script], env={"PATH": path, **variables}, check=True, timeout=20)
    return (folder / "given").read_text().rstrip("\0").split("\0")


def arrived(path: str, headers: list[str], body: str) -> Deployment:
    """Post what was sent to the real endpoint and return the deployment that it made."""
    Draft202012Validator(schema.events()).validate(json.loads(body))
    given = dict(header.split(": ", 1) for header in headers)
    kind = given.pop("Content-Type")
    assert Client().post(path, data=body, content_type=kind, headers=given).status_code == 202
    normalise.run()
    return Deployment.objects.get()


def by_curl(path: str, given: list[str]) -> Deployment:
    """Post what curl was given."""
    assert f"http://plimsoll.example{path}" in given
    headers = [value for option, value in pairwise(given) if option == "-H"]
    return arrived(path, headers, given[given.index("-d") + 1])


@pytest.mark.parametrize(
    ("ended", "status"), [("success", "success"), ("failed", "failure"), ("canceled", "cancelled")]
)
def test_a_job_of_gitlab_tells_how_its_deployment_ended(ended: str, status: str, tmp_path: Path) -> None:
    text, path, token = filled("gitlab")
    (script,) = yaml.safe_load(text)[".plimsoll"]["after_script"]

    made = by_curl(path, sent(script, tmp_path, PLIMSOLL_TOKEN=token, CI_JOB_STATUS=ended, **GITLAB))

    assert token in text
    assert (made.external_id, made.status, made.sha, made.repo) == ("acme/checkout/42", status, SHA, "acme/checkout")
    assert made.environment is not None
    assert (made.environment.name, made.environment.environment_class) == ("live", "production")
    assert made.started_at == datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ended", "status"),
    [("SUCCESS", "success"), ("UNSTABLE", "success"), ("FAILURE", "failure"), ("ABORTED", "cancelled")],
)
def test_a_stage_of_jenkins_tells_how_its_deployment_ended(ended: str, status: str, tmp_path: Path) -> None:
    text, path, token = filled("jenkins")
    before, script, after = text.split("'''")
    outside = before + after

    made = by_curl(path, sent(script, tmp_path, PLIMSOLL_TOKEN=token, RESULT=ended, **JENKINS))

    # Groovy reads a backslash itself; at the end of a line it means to it what it means to the shell.
    assert re.findall(r"\\(?!\n)", script) == []
    assert [outside.count(opening) - outside.count(closing) for opening, closing in ("{}", "()", "[]")] == [0, 0, 0]
    assert token in text
    assert (made.external_id, made.status, made.sha) == ("jenkins-checkout-42-production", status, SHA)


def test_a_sync_of_argo_cd_is_a_deployment() -> None:
    text, path, token = filled("argo")
    secret, configuration = yaml.safe_load_all(text)
    parts: dict[str, Any] = {name: yaml.safe_load(value) for name, value in configuration["data"].items()}
    webhook, template = parts["service.webhook.plimsoll"], parts["template.plimsoll"]["webhook"]["plimsoll"]
    environment = template["body"].replace('"environment": {{toJson .}}', '"environment": "production"')
    body = re.sub(r"{{(.+?)}}", lambda action: {**ARGO, "toJson .": f'"{SHA}"'}[action[1]], environment)
    headers = [f"{header['name']}: {header['value']}" for header in webhook["headers"]]
    known = [header.replace("$plimsoll-token", secret["stringData"]["plimsoll-token"]) for header in headers]

    made = arrived(path, known, body)

    assert (webhook["url"], template["method"]) == (f"http://plimsoll.example{path}", "POST")
    assert {name for trigger in parts["trigger.plimsoll"] for name in trigger["send"]} == {"plimsoll"}
    assert f"Authorization: Bearer {token}" in known
    assert (made.external_id, made.status) == ("argocd/checkout/2026-03-02T08:00:00Z", "success")
    assert (made.sha, made.artifact) == (SHA, "registry.example/checkout@sha256:11ff")
    assert made.finished_at == datetime(2026, 3, 2, 8, 4, tzinfo=UTC)
