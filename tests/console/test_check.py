"""`plimsoll check` and `plimsoll drain` against a running installation."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from plimsoll.postgres import embedded
from tests.console.installation import Installation, plimsoll


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    installation = Installation(tmp_path_factory.mktemp("check"))
    try:
        yield installation.wait_ready()
    finally:
        installation.end()
        installation.clean_up()


def check(running: Installation, *arguments: str) -> tuple[int, str]:
    ports = {"PLIMSOLL_WEB": running.address("web"), "PLIMSOLL_OTLP_GRPC": running.address("otlp")}
    said = plimsoll(running.data, "check", *arguments, **ports)
    return said.returncode, said.stdout + said.stderr


def test_all_is_well_and_what_was_sent_became_visible(running: Installation) -> None:
    code, said = check(running)

    assert code == 0, said
    lines = said.splitlines()
    parts = [line.split()[:2] for line in lines[:-1]]
    names = ["database", "schema", "jobs", "otlp", "web", "disk", "clock", "span", "webhook"]
    assert parts == [["●", name] for name in names]
    assert lines[-1] == "all is well"


def test_it_leaves_what_its_help_says_and_nothing_else(running: Installation) -> None:
    names: dict[str, LiteralString] = {
        "deployments": "SELECT external_id FROM deployment",
        "deliveries": "SELECT key FROM webhook_delivery",
        "sources": "SELECT name FROM source",
        "tokens": "SELECT name FROM token",
        "services": "SELECT name FROM service ORDER BY name",
        "environments": "SELECT name FROM environment",
        "edges": "SELECT environment FROM edge",
    }
    left = []
    for _ in range(2):
        check(running)
        with psycopg.connect(embedded.socket_url(running.data)) as connection:
            left.append({of: [row[0] for row in connection.execute(query)] for of, query in names.items()})

    expected = {
        "deployments": [],
        "deliveries": [],
        "sources": [],
        "tokens": [],
        "services": ["plimsoll-check", "plimsoll-check-server"],
        "environments": ["plimsoll-check"],
        "edges": ["plimsoll-check"],
    }
    assert left == [expected, expected]


def test_as_json_it_is_a_list_of_findings(running: Installation) -> None:
    code, said = check(running, "--json")

    assert code == 0
    assert {finding["state"] for finding in json.loads(said)} == {"ok"}


def test_what_does_not_run_is_a_problem_with_its_remedy(tmp_path: Path) -> None:
    said = plimsoll(tmp_path, "check", PLIMSOLL_WEB="127.0.0.1:1", PLIMSOLL_OTLP_GRPC="127.0.0.1:2")

    assert said.returncode == 1
    assert " ▲ otlp       nothing accepts connections on 127.0.0.1:2   Fix: plimsoll up, or --otlp-grpc" in said.stdout
    assert said.stdout.splitlines()[-1].startswith("4 problems")


def test_with_the_database_away_the_rest_is_still_looked_at(tmp_path: Path, running: Installation) -> None:
    url = "postgresql://u:p4ss@127.0.0.1:1/x"
    ports = {"PLIMSOLL_WEB": "127.0.0.1:1", "PLIMSOLL_OTLP_GRPC": running.address("otlp")}

    said = plimsoll(tmp_path, "check", "--json", PLIMSOLL_DATABASE_URL=url, **ports)

    assert (said.returncode, said.stderr) == (1, "")
    findings = {finding["part"]: finding for finding in json.loads(said.stdout)}
    states = {part: finding["state"] for part, finding in findings.items()}
    assert states == {"database": "problem", "otlp": "ok", "web": "problem", "disk": states["disk"]}
    assert findings["database"]["text"].startswith("The database 127.0.0.1:1/x does not answer: ")
    assert findings["database"]["fix"] == "start it, or correct PLIMSOLL_DATABASE_URL"
    assert "p4ss" not in said.stdout


def test_draining_a_running_installation_returns_at_once(running: Installation) -> None:
    assert plimsoll(running.data, "drain", "--timeout", "5").returncode == 0


def test_a_probe_may_come_under_any_name_and_pages_may_not(running: Installation) -> None:
    def status(path: str) -> int:
        request = urllib.request.Request(f"http://{running.address('web')}{path}", headers={"Host": "10.1.2.3"})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    assert [status(path) for path in ("/healthz", "/readyz", "/wall/all/")] == [200, 200, 400]
