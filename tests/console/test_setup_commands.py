"""Setting up without the browser: `plimsoll snippet`, `service add` and `metrics`."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import yaml

from ingest.webhooks import normalise
from plimsoll.console import run
from plimsoll.setup import snippets
from plimsoll.store import marks
from plimsoll.store.access import token_for
from plimsoll.store.models import AuditEvent, Service, Source, Team, Token
from plimsoll.store.sources import secrets_of
from tests.ingest.webhooks.builders import sender

pytestmark = pytest.mark.django_db
Captured = pytest.CaptureFixture[str]


def deployed(count: int, *, failed: int = 0, hours_ago: int = 40) -> None:
    """Have deployments of the last hours arrive, the first of them failed."""
    now = datetime.now(UTC)
    ci = sender("generic")
    for number in range(count):
        at = now - timedelta(hours=hours_ago - number)
        record = {
            "kind": "deployment",
            "external_id": str(number),
            "service": "checkout",
            "environment": "production",
            "version": f"1.{number}",
            "status": "failure" if number < failed else "success",
            "started_at": at.isoformat(),
            "finished_at": at.isoformat(),
        }
        assert ci.send(record).status == 202
    normalise.run()


def test_a_snippet_is_alone_on_stdout_with_the_servers_address_and_a_token(capsys: Captured) -> None:
    code = run(["snippet", "collector", "--new-token"])

    said = capsys.readouterr()
    exporter = yaml.safe_load(said.out)["exporters"]["otlp/plimsoll"]
    token = token_for(exporter["headers"]["authorization"].removeprefix("Bearer "))
    assert code == 0
    assert exporter["endpoint"] == "127.0.0.1:4317"
    assert token is not None
    assert token.scopes == ["ingest"]
    assert "is reached from this machine alone" in said.err


def test_without_a_token_its_place_stays(capsys: Captured) -> None:
    run(["snippet", "sdk"])

    assert "authorization=Bearer%20<token>" in capsys.readouterr().out
    assert Token.objects.count() == 0


def test_a_snippet_for_github_makes_its_source(capsys: Captured) -> None:
    run(["snippet", "github", "--new-source"])

    source = Source.objects.get()
    said = capsys.readouterr().out
    assert f"config[url]=http://localhost:8000/hooks/github/{source.public_id}'" in said
    assert f"config[secret]={secrets_of(source)[0]}'" in said


@pytest.mark.parametrize(
    ("arguments", "target"),
    [
        (["collector", "--new-token"], "token plm_"),
        (["curl", "--new-token"], "token plm_"),
        (["github", "--new-source"], "source github github-"),
    ],
)
def test_what_a_snippet_makes_is_in_the_audit(arguments: list[str], target: str, capsys: Captured) -> None:
    run(["snippet", *arguments])

    row = AuditEvent.objects.get()
    assert (row.actor, row.action, row.target.startswith(target)) == ("command line", "add", True)
    assert "plm_" not in str(row.after)


@pytest.mark.parametrize("name", sorted(snippets.ALL))
def test_every_snippet_is_whole_once_it_is_filled_in(name: str, capsys: Captured) -> None:
    way = ["--new-token"] if snippets.ALL[name].way == "otlp" else ["--new-source", "--token", "plm_x"]

    assert run(["snippet", name, *way]) == 0

    said = capsys.readouterr().out
    assert [place for place in ("<otlp", "<token>", "<hook>", "<secret>") if place in said] == []
    if snippets.ALL[name].file.endswith(".yaml"):
        assert all(isinstance(each, dict) for each in yaml.safe_load_all(said))


def test_programs_get_a_snippet_as_json(capsys: Captured) -> None:
    run(["snippet", "sdk", "--token", "plm_x"])
    alone = capsys.readouterr().out

    assert run(["snippet", "sdk", "--token", "plm_x", "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told == {"name": "sdk", "title": "OpenTelemetry SDK", "file": "sdk.sh", "text": alone}


@pytest.mark.parametrize(
    "arguments",
    [["collector", "--new-source"], ["github", "--new-token"], ["sdk", "--token", "x", "--new-token"]],
)
def test_what_a_snippet_cannot_have_is_refused(arguments: list[str], capsys: Captured) -> None:
    assert run(["snippet", *arguments]) == 2
    assert capsys.readouterr().out == ""


def test_a_service_is_added_for_its_team(capsys: Captured) -> None:
    Team.objects.create(slug="pay", name="Pay")

    code = run(["service", "add", "ledger", "--team", "pay", "--namespace", "core", "--tier", "critical"])

    service = Service.objects.get()
    assert (code, capsys.readouterr().out) == (0, "core/ledger\n")
    assert (service.tier, service.state, service.team and service.team.slug) == ("critical", "owned", "pay")
    assert AuditEvent.objects.values_list("actor", "action", "target", "after").get() == (
        "command line",
        "add",
        "service ledger",
        {"namespace": "core", "team": "pay", "tier": "critical"},
    )


def test_programs_get_an_added_service_as_json(capsys: Captured) -> None:
    Team.objects.create(slug="pay", name="Pay")

    assert run(["service", "add", "ledger", "--team", "pay", "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told == {"name": "ledger", "namespace": None, "team": "pay", "tier": None}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["checkout"], 1, "plimsoll: There is already a service 'checkout'; give it a namespace"),
        (["x", "--team", "none"], 1, "plimsoll: There is no team 'none'"),
        (["a/b"], 2, "plimsoll: 'a/b' is no name of a service"),
    ],
)
def test_a_service_that_cannot_be_is_one_line(arguments: list[str], code: int, words: str, capsys: Captured) -> None:
    Service.objects.create(name="checkout", namespace="shop")

    assert run(["service", "add", *arguments]) == code

    said = capsys.readouterr()
    assert said.err.startswith(words)
    assert said.err.count("\n") == 1
    assert Service.objects.count() == 1


def test_of_an_empty_installation_every_number_is_unknown_and_none_is_0(capsys: Captured) -> None:
    run(["metrics"])

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].strip() == "Production, all teams, last 28 days; nothing was reported yet"
    assert [line.split()[-1] for line in lines[2:6]] == ["unknown"] * 4


def test_the_numbers_have_their_level_their_mark_and_what_they_are_from(capsys: Captured) -> None:
    deployed(14)
    marks.set_mark("deployment_frequency", 1.0)

    run(["metrics", "--range", "7d"])

    said = capsys.readouterr().out
    row = next(line for line in said.splitlines() if line.startswith("Deployments"))
    assert row.split() == ["Deployments", "2.0", "per", "day", "elite", "1.0", "per", "day", "14", "deployments"]
    assert "\x1b" not in said


def test_programs_get_the_numbers_as_json(capsys: Captured) -> None:
    deployed(6, hours_ago=10)

    run(["metrics", "--json"])

    said = json.loads(capsys.readouterr().out)
    frequency = said["metrics"]["deployment_frequency"]
    assert (frequency["value"], frequency["n"]) == (pytest.approx(6 / 28), 6)
    assert said["metrics"]["lead_time"]["value"] is None
    assert said["team"] is None
    assert datetime.fromisoformat(said["data_through"]).tzinfo is not None
    assert said["metrics"]["change_failure_rate"]["pending"] == 1


def test_of_few_events_there_is_no_level(capsys: Captured) -> None:
    deployed(3)

    run(["metrics", "--json"])

    rate = json.loads(capsys.readouterr().out)["metrics"]["change_failure_rate"]
    assert rate["level"] is None
    assert rate["n"] < 5


@pytest.mark.parametrize("text", ["0d", "3", "105w", "28 days", "-7d", "²d"])
def test_a_range_that_is_none_is_one_line(text: str, capsys: Captured) -> None:
    assert run(["metrics", f"--range={text}"]) == 2

    assert (
        capsys.readouterr().err
        == f"plimsoll: --range {text} is no range of up to two years, such as 7d, 28d, 12w or 1y.\n"
    )
