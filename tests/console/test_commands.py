"""Commands: what they print and how they end, on a data folder where nobody runs."""

import json
import re
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from plimsoll.console import run
from plimsoll.env import Address
from plimsoll.postgres import embedded
from plimsoll.store.models import Source
from plimsoll.store.sources import secrets_of
from tests.console.installation import command_environment, plimsoll


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("commands")


def rows(data: Path, query: str) -> list[tuple[object, ...]]:
    server = embedded.start(data)
    try:
        with psycopg.connect(embedded.socket_url(data)) as connection:
            # The tests' own words, no input.
            return connection.execute(query.encode()).fetchall()
    finally:
        embedded.stop(server)


def test_the_help_names_every_command() -> None:
    said = subprocess.run([sys.executable, "-m", "plimsoll", "--help"], capture_output=True, text=True, check=True)

    for command in ("up", "demo", "check", "drain", "token", "source", "receive", "web", "work", "migrate", "bench"):
        assert re.search(rf"^    {command} ", said.stdout, re.MULTILINE), command


def test_the_version_is_alone_on_stdout(data: Path) -> None:
    assert plimsoll(data, "version").stdout == "0.1.0\n"


@pytest.mark.parametrize("arguments", [[], ["nothing"], ["token"], ["token", "new", "x"], ["up", "--colour"]])
def test_a_wrong_call_ends_with_exit_code_2(data: Path, arguments: list[str]) -> None:
    said = plimsoll(data, *arguments)

    assert said.returncode == 2
    assert said.stdout == ""
    assert "usage: plimsoll" in said.stderr


def test_a_first_token_makes_the_database_and_is_alone_on_stdout(data: Path) -> None:
    said = plimsoll(data, "token", "new", "ci", "--scope", "ingest", "--scope", "read", "--cluster", "east")

    assert said.returncode == 0, said.stderr
    assert re.fullmatch(r"plm_[0-9a-f]{8}_[\w-]{43}\n", said.stdout)
    assert said.stderr == ""
    assert rows(data, "SELECT name, scopes, cluster FROM token") == [("ci", ["ingest", "read"], "east")]


@pytest.mark.django_db
def test_a_source_prints_its_path_alone(capsys: pytest.CaptureFixture[str]) -> None:
    settings = {"default_environment": "production"}

    code = run(["source", "add", "github", "org", "--secret", "s", "--settings", json.dumps(settings)])

    source = Source.objects.get()
    assert code == 0
    assert capsys.readouterr() == (f"/hooks/github/{source.public_id}\n", "")
    assert (source.provider, source.name, source.settings) == ("github", "org", settings)
    assert secrets_of(source) == ["s"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["source", "add", "gitlob", "x"], 2, "plimsoll: 'gitlob' is not a provider; it is one of alertmanager, "),
        (["source", "add", "github", "x", "--settings", "{"], 2, "plimsoll: --settings is not JSON"),
        (["source", "add", "github", "x", "--settings", "[]"], 2, "plimsoll: --settings must be a JSON object"),
        (["source", "add", "github", "x", "--secret", "s", "--team", "none"], 1, "plimsoll: There is no team 'none'"),
        (
            ["source", "add", "github", "x"],
            2,
            "plimsoll: A source of github without --secret answers 401 to everybody; ",
        ),
        (
            ["source", "add", "alertmanager", "x", "--secret", ""],
            2,
            "plimsoll: A source of alertmanager without --secret ",
        ),
        (
            ["source", "add", "github", "x", "--secret", "s", "--settings", '{"flap_gap_s": 1, "Branches": ["main"]}'],
            2,
            "plimsoll: --settings: a source of github does not know 'Branches', 'flap_gap_s', but allow_unsigned, "
            "branches, default_environment, default_service, deploy_workflows, environment_map, ignore_actors, "
            "incident_labels, service_map, service_strip_suffix.",
        ),
        (["token", "new", "x", "--scope", "read", "--team", "none"], 1, "plimsoll: There is no team 'none'"),
    ],
)
def test_what_can_be_explained_is_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, words: str
) -> None:
    assert run(arguments) == code

    said = capsys.readouterr()
    assert said.err.startswith(words)
    assert said.err.count("\n") == 1
    assert said.out == ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("provider", "settings"),
    [
        ("generic", {"replay_window_s": 60, "default_service": "shop"}),
        ("github", {"allow_unsigned": True}),
        ("alertmanager", {"allow_unsigned": True, "flap_gap_s": 120}),
    ],
)
def test_a_source_may_do_without_a_secret_where_somebody_gets_in_without(
    capsys: pytest.CaptureFixture[str], provider: str, settings: dict[str, object]
) -> None:
    code = run(["source", "add", provider, "ci", "--settings", json.dumps(settings)])

    assert code == 0, capsys.readouterr()
    assert (Source.objects.get().settings, Source.objects.get().secrets) == (settings, [])


def test_an_address_that_is_none_is_one_line(data: Path) -> None:
    said = plimsoll(data, "up", "--web", "here")

    assert said.returncode == 2
    assert said.stderr == "plimsoll: PLIMSOLL_WEB='here' is not HOST:PORT, for example 127.0.0.1:8000.\n"


@pytest.mark.parametrize("command", ["up", "receive", "check"])
def test_a_receiver_that_is_open_to_other_machines_is_refused_in_one_line(tmp_path: Path, command: str) -> None:
    settings = {"PLIMSOLL_WEB": "127.0.0.1:0", "PLIMSOLL_OTLP_GRPC": "0.0.0.0:0", "PLIMSOLL_OTLP_AUTH": "open"}

    said = plimsoll(tmp_path, command, **settings)

    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr == (
        "plimsoll: PLIMSOLL_OTLP_AUTH='open' is for loopback alone, and PLIMSOLL_OTLP_GRPC=0.0.0.0:0 is not; leave it "
        "out, and senders need a token (plimsoll token new NAME --scope ingest).\n"
    )


def test_a_name_that_begins_like_a_loopback_address_is_none() -> None:
    hosts = ("127.0.0.1", "127.9.8.7", "::1", "localhost", "127.example.org", "0.0.0.0", "::", "10.0.0.1")

    loopback = [host for host in hosts if Address(host, 1).is_loopback]

    assert loopback == ["127.0.0.1", "127.9.8.7", "::1", "localhost"]


def test_migrating_tells_the_version_and_what_it_took(tmp_path: Path) -> None:
    first = plimsoll(tmp_path, "migrate").stdout.splitlines()
    partitions = rows(tmp_path, "SELECT count(*) FROM pg_inherits WHERE inhparent = 'edge_minute'::regclass")
    second = plimsoll(tmp_path, "migrate").stdout.splitlines()

    assert first[0] == second[0] == f"PostgreSQL {embedded.version()}"
    assert re.fullmatch(r"\d+ migrations applied", first[1])
    assert second[1] == "up to date"
    # Today and two days ahead.
    assert partitions == [(3,)]


def test_a_database_that_does_not_answer_is_one_line_without_its_password(data: Path) -> None:
    said = plimsoll(data, "drain", PLIMSOLL_DATABASE_URL="postgresql://me:hush@127.0.0.1:1/plimsoll")

    assert said.returncode == 1
    assert said.stderr.startswith("plimsoll: The database 127.0.0.1:1/plimsoll does not answer: ")
    assert said.stderr.count("\n") == 1
    assert "hush" not in said.stderr


def test_two_short_commands_at_once_take_turns(data: Path) -> None:
    command = [sys.executable, "-m", "plimsoll", "token", "new", "twin", "--scope", "read", "--data", str(data)]
    own = command_environment(data)
    twins = [subprocess.Popen(command, env=own, stdout=subprocess.PIPE, text=True) for _ in range(3)]

    printed = {twin.communicate(timeout=60)[0] for twin in twins}

    assert [twin.returncode for twin in twins] == [0, 0, 0]
    assert len(printed) == 3
