"""`plimsoll team add`, and what a team is for."""

import pytest

from plimsoll.console import run
from plimsoll.store.audit import events
from plimsoll.store.models import Source, Team, Token

pytestmark = pytest.mark.django_db


def test_a_team_that_was_added_can_own_sources_and_tokens(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["team", "add", "payments"]) == 0
    assert capsys.readouterr() == ("payments\n", "")

    assert run(["source", "add", "generic", "shop", "--team", "payments"]) == 0
    assert run(["token", "new", "board", "--scope", "read", "--team", "payments"]) == 0

    told = [(line.actor, line.action, line.target.partition(" ")[0]) for line in events().events]
    assert told == [("command line", "add", kind) for kind in ("token", "source", "team")]
    team = Team.objects.get(slug="payments", name="Payments")
    assert (Source.objects.get().team, Token.objects.get().team) == (team, team)


def test_a_team_has_the_name_that_people_call_it() -> None:
    run(["team", "add", "sre-2", "--name", "Site reliability"])

    assert Team.objects.get(slug="sre-2").name == "Site reliability"


@pytest.mark.parametrize(
    ("slug", "code", "words"),
    [
        ("payments", 1, "There is already a team 'payments'."),
        (
            "the team",
            2,
            "'the team' is no slug: letters, digits, - and _, at most 50, and not `all`, such as payments.",
        ),
        ("all", 2, "'all' is no slug: letters, digits, - and _, at most 50, and not `all`, such as payments."),
        ("x" * 51, 2, "is no slug"),
        ("", 2, "'' is no slug"),
    ],
)
def test_a_team_that_cannot_be_added_is_one_line(
    capsys: pytest.CaptureFixture[str], slug: str, code: int, words: str
) -> None:
    Team.objects.create(slug="payments", name="Payments")

    assert run(["team", "add", slug]) == code
    said = capsys.readouterr()
    assert words in said.err
    assert (said.err.count("\n"), said.out) == (1, "")


def test_who_names_a_team_that_is_missing_hears_how_it_comes_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["source", "add", "generic", "x"], ["token", "new", "x", "--scope", "read"]):
        assert run([*arguments, "--team", "games"]) == 1
        assert "add it with `plimsoll team add games`" in capsys.readouterr().err
