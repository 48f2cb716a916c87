"""`plimsoll catalog check`, and the catalog file of a running installation."""

import json
from pathlib import Path

import psycopg
import pytest

from plimsoll.console import run
from plimsoll.postgres import embedded
from tests.console.installation import Installation, plimsoll, within


def test_a_right_file_is_well_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("teams: [{slug: a}, {slug: b}]\nservices: [{name: x}]")

    code = run(["catalog", "check", str(path)])

    assert (code, capsys.readouterr().out) == (0, f"{path}: well, 2 teams, 1 service\n")


def test_a_wrong_file_is_told_line_by_line_with_exit_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("teams:\n- slug: a\n  nam: x\n- {}\n")

    code = run(["catalog", "check", str(path)])

    assert code == 2
    assert capsys.readouterr().out == (
        f"{path}:3:3: a team has no key 'nam'; did you mean name?\n{path}:4:3: the team has no slug; add `slug: ...`\n"
    )


def test_programs_get_the_mistakes_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("teams: x")

    code = run(["catalog", "check", str(path), "--json"])

    said = json.loads(capsys.readouterr().out)
    mistake = {"line": 1, "column": 8, "text": "teams is 'x'", "mend": "write it as a list: one `- ` for each"}
    assert (code, said) == (2, {"file": str(path), "ok": False, "mistakes": [mistake]})


def test_up_refuses_a_wrong_file_in_one_message_before_it_starts_anything(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("teams: [{slug: a, nam: b}]")
    data = tmp_path / "data"

    said = plimsoll(
        data, "up", PLIMSOLL_CATALOG=str(path), PLIMSOLL_WEB="127.0.0.1:0", PLIMSOLL_OTLP_GRPC="127.0.0.1:0"
    )

    assert (said.returncode, said.stdout, data.exists()) == (2, "", False)
    assert said.stderr == (
        "plimsoll: PLIMSOLL_CATALOG is wrong, and nothing was started.\n"
        f"{path}:1:19: a team has no key 'nam'; did you mean name?\n"
    )


def test_a_running_installation_follows_its_file(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("teams: [{slug: first}]")
    installation = Installation(tmp_path / "data", PLIMSOLL_CATALOG=str(path))
    try:
        installation.wait_ready()
        with psycopg.connect(embedded.socket_url(installation.data), autocommit=True) as connection:

            def slugs() -> list[str]:
                return [row[0] for row in connection.execute("SELECT slug FROM team")]

            assert slugs() == ["first"]
            path.write_text("teams: [{slug: second}]")
            assert within(1, lambda: slugs() == ["second"])
            path.write_text("teams: [{slug: all}]")
            assert within(2, lambda: installation.shown("slug is 'all'"))
            assert slugs() == ["second"]
        assert installation.shown("● catalog    1 team")
        assert installation.end() == 0
    finally:
        installation.clean_up()
