"""Pages and streams are measured on a company of any size, and every figure is one of this run."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from plimsoll.__main__ import main
from plimsoll.console.bench.pages import Measure
from plimsoll.console.bench.pages_figures import is_within
from plimsoll.console.bench.pages_places import places
from tests.console.installation import command_environment


def bench(folder: Path, *arguments: str) -> Any:
    ended = subprocess.run(
        [sys.executable, "-m", "plimsoll", "bench", *arguments, "--json"],
        env=command_environment(folder),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert not list(folder.iterdir())
    return json.loads(ended.stdout)


def test_every_page_is_asked_for_and_held_to_its_budget(tmp_path: Path) -> None:
    report = bench(tmp_path, "pages", "--services", "12", "--edges", "20", "--deployments", "60", "--times", "2")

    pages = {page["page"]: page for page in report["pages"]}
    assert {"overview", "team", "deployments", "topology", "wall", "wall of a team"} <= set(pages)
    assert {page["status"] for page in report["pages"]} == {200}
    assert all(page["requests"] == 2 and page["queries"] > 0 for page in report["pages"])
    assert pages["overview"]["budget_ms"] == 150
    # The page, five style sheets and scripts, and the font.
    assert 60_000 < pages["overview"]["first_visit_bytes"] <= 140_000
    assert report["healthz"]["p50_ratio_to_healthz"] == 1.0


@pytest.mark.django_db
def test_pages_may_be_chosen_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    chosen = places(["topology list", "setup"])
    with pytest.raises(SystemExit, match="2"):
        main(["bench", "pages", "--only", "setup", "settings"])

    assert chosen == {"topology list": "/topology/?view=list", "setup": "/setup/"}
    assert "“settings” is none of the pages: overview, teams" in capsys.readouterr().err


def test_all_streams_hear_of_a_change_over_one_connection(tmp_path: Path) -> None:
    report = bench(tmp_path, "live", "--streams", "1000")

    assert (report["streams"], report["opened"], report["told"]) == (1000, 1000, 1000)
    assert report["connections_to_database"] == 1
    # A query for each page would be a thousand; there are a beat's, those that ask for these figures, and the
    # server's own when it cleans up just then.
    assert report["transactions_while_told"] < 500


def test_a_page_is_over_its_budget_by_time_by_weight_or_by_not_answering() -> None:
    def page(*, status: int = 200, ms: float = 100.0, weight: int = 100_000) -> Measure:
        return Measure("overview", "/", status, (ms,), 3, 5_000, weight)

    assert is_within(page())
    assert not is_within(page(ms=151.0))
    assert not is_within(page(weight=140_001))
    assert not is_within(page(status=500))
