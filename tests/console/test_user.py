"""`plimsoll user`: people are let in from the command line, and helped when they cannot sign in."""

import io
import json

import pytest
from django.test import Client
from pytest_django import Settings

from plimsoll.console import run
from plimsoll.store import people
from plimsoll.store.audit import events
from plimsoll.store.roles import Grant
from plimsoll.store.teams import add_team

pytestmark = pytest.mark.django_db

GOOD = "correct horse battery"


@pytest.fixture(autouse=True)
def _fast_hashes(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def test_somebody_new_signs_in_by_the_link_that_is_printed_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["user", "add", "lin", "--role", "site_admin"]) == 0

    said = capsys.readouterr()
    address = said.out.strip()
    assert said.out == f"{address}\n"
    assert address.startswith("http://localhost:8000/sign-in/link/")
    assert "opens once, within a day" in said.err
    path = address.removeprefix("http://localhost:8000")
    assert Client().post(path, {"password": GOOD, "again": GOOD}).status_code == 302
    assert Client().get(path).status_code == 410
    assert (events().events[-1].actor, events().events[-1].target) == ("command line", "person lin")


def test_a_password_is_read_from_stdin(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    team = add_team("payments", "Payments")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{GOOD}\n"))

    assert run(["user", "add", "lin", "--role", "member", "--team", "payments", "--password-stdin"]) == 0

    assert capsys.readouterr() == ("lin\n", "")
    assert Client().post("/sign-in/", {"name": "lin", "password": GOOD}).status_code == 302
    lin = people.named("lin")
    assert lin is not None
    assert lin.grants == (Grant("member", team.pk),)


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "words"),
    [
        (["add", "lin", "--role", "viewer"], "", 1, "There is already somebody called lin"),
        (["add", "two words", "--role", "viewer"], "", 2, "is no name to sign in with"),
        (["add", "mei", "--role", "team_admin"], "", 2, "A team admin needs a team"),
        (["add", "mei", "--role", "viewer", "--team", "games"], "", 1, "add it with `plimsoll team add games`"),
        (["add", "mei", "--role", "viewer", "--password-stdin"], "", 2, "no password on stdin"),
        (["add", "mei", "--role", "viewer", "--password-stdin"], "short\n", 2, "too short"),
        (["link", "mei"], "", 1, "There is nobody called 'mei'"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    stdin: str,
    code: int,
    words: str,
) -> None:
    run(["user", "add", "lin", "--role", "viewer"])
    capsys.readouterr()
    monkeypatch.setattr("sys.stdin", io.StringIO(stdin))

    assert run(["user", *arguments]) == code

    said = capsys.readouterr()
    assert words in said.err
    assert (said.err.count("\n"), said.out) == (1, "")


def test_a_new_link_helps_somebody_who_lost_their_password(capsys: pytest.CaptureFixture[str]) -> None:
    run(["user", "add", "lin", "--role", "viewer"])
    capsys.readouterr()

    assert run(["user", "link", "LIN", "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["name"] == "lin"
    assert Client().get(told["link"].removeprefix("http://localhost:8000")).status_code == 200


def test_the_list_shows_everybody(capsys: pytest.CaptureFixture[str]) -> None:
    add_team("payments", "Payments")
    run(["user", "add", "lin", "--role", "member", "--team", "payments"])
    run(["user", "add", "mei", "--role", "site_admin"])
    capsys.readouterr()

    assert run(["user", "list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert run(["user", "list"]) == 0
    table = capsys.readouterr().out

    assert rows == [
        {"name": "lin", "active": True, "last_sign_in": None, "roles": [{"role": "member", "team": "payments"}]},
        {"name": "mei", "active": True, "last_sign_in": None, "roles": [{"role": "site_admin", "team": None}]},
    ]
    assert "member of payments" in table
    assert "never" in table
