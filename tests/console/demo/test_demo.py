"""`plimsoll demo`, the real thing: what it answers is what its company did, to the last one."""

import json
import signal
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import psutil
import pytest

from plimsoll.console.demo import history, state
from plimsoll.console.demo.company import found
from plimsoll.console.demo.facts import History
from plimsoll.console.demo.figures import Figures, expected
from plimsoll.console.demo.load import story
from tests.console.installation import Installation, plimsoll, within

DAYS = 7


def asked(installation: Installation, path: str, **parameters: str) -> Any:
    """Return what the API answers a visitor on this machine, who needs no token."""
    query = urllib.parse.urlencode(parameters)
    with urllib.request.urlopen(f"http://{installation.address('web')}{path}?{query}", timeout=10) as answer:
        return json.load(answer)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A demo with a week of history and no live traffic."""
    data = tmp_path_factory.mktemp("demo")
    installation = Installation(data, ["demo", "--days", str(DAYS), "--no-live"])
    try:
        yield installation.wait_ready()
    finally:
        # Also when it did not become ready: what it leaves open would be blamed on another test.
        installation.clean_up()


def end(installation: Installation) -> float:
    """Ask a demo to end as Ctrl-C does, and return how many seconds it took."""
    began = time.monotonic()
    if installation.process.poll() is None:
        installation.process.send_signal(signal.SIGINT)
    installation.process.wait(15)
    took = time.monotonic() - began
    installation.clean_up()
    return took


@pytest.fixture(scope="module")
def memory(loaded: Installation) -> state.State:
    kept = state.read(state.file_of(loaded.data))
    assert kept is not None
    return kept


@pytest.fixture(scope="module")
def answer(loaded: Installation, memory: state.State) -> Any:
    assert memory.told_until is not None
    start, stop = memory.anchor - timedelta(days=DAYS + 1), memory.told_until + timedelta(seconds=1)
    return asked(loaded, "/api/v1/metrics/dora/", **{"from": start.isoformat(), "to": stop.isoformat()})


@pytest.fixture(scope="module")
def truth(memory: state.State, answer: Any) -> Figures:
    assert memory.told_until is not None
    told = history.write(found(memory.seed), memory.anchor, memory.days, memory.told_until, ZoneInfo(memory.time_zone))
    until = memory.told_until
    told = History(
        tuple(deployment for deployment in told.deployments if deployment.finished_at <= until),
        tuple(incident for incident in told.incidents if incident.opened_at <= until),
    )
    start, stop = memory.anchor - timedelta(days=DAYS + 1), until + timedelta(seconds=1)
    return expected(told, start, stop, datetime.fromisoformat(answer["as_of"]))


def test_every_webhook_was_taken_and_understood(loaded: Installation, memory: state.State) -> None:
    assert memory.told_until is not None
    sent = len(story(memory, memory.told_until))

    assert loaded.shown(f"{DAYS} days, {sent} webhooks in")


def test_deployments_are_counted_to_the_last_one(answer: Any, truth: Figures) -> None:
    [row] = answer["results"]

    counts = (row["deployments"], row["rollbacks"], row["redeploys"])
    assert counts == (truth.deployments, truth.rollbacks, truth.redeploys)
    assert truth.deployments > 100


def test_every_commit_has_its_lead_time(answer: Any, truth: Figures) -> None:
    [row] = answer["results"]

    assert row["lead_time_n"] == len(truth.lead_times_s)
    assert row["lead_time_p50_s"] == median(truth.lead_times_s)
    assert row["lead_time_left_out_reasons"].startswith("first_deployment=")


def test_failures_are_those_that_happened(answer: Any, truth: Figures) -> None:
    [row] = answer["results"]

    counts = (row["failed_deployments"], row["change_failure_n"], row["change_failure_pending"])
    assert counts == (truth.failed, truth.judged, truth.pending)
    assert truth.failed == 1


def test_recovery_took_as_long_as_it_took(answer: Any, truth: Figures) -> None:
    [row] = answer["results"]

    assert (row["recovery_n"], row["recovery_p50_s"]) == (1, truth.recoveries_s[0])


def test_visitors_on_this_machine_see_the_wall_without_signing_in(loaded: Installation) -> None:
    with urllib.request.urlopen(f"http://{loaded.address('wall')}", timeout=10) as page:
        assert page.status == 200


def test_a_second_demo_on_the_folder_is_refused(loaded: Installation) -> None:
    refused = plimsoll(loaded.data, "demo", PLIMSOLL_WEB="127.0.0.1:0", PLIMSOLL_OTLP_GRPC="127.0.0.1:0")

    assert refused.returncode == 2
    assert "is in use by `plimsoll demo`" in refused.stderr


def test_another_seed_needs_another_folder(loaded: Installation) -> None:
    refused = plimsoll(loaded.data, "demo", "--seed", "2")

    assert refused.returncode == 2
    assert "The demo in this folder began with --seed 1;" in refused.stderr


def test_numbers_that_make_no_sense_are_one_line(tmp_path: Path) -> None:
    refused = plimsoll(tmp_path, "demo", "--days", "0")

    assert (refused.returncode, refused.stderr) == (2, "plimsoll: --days 0 is not between 1 and 365.\n")


def test_started_again_it_goes_on_with_live_traffic_and_ends_within_ten_seconds(
    loaded: Installation, memory: state.State
) -> None:
    """Also ends the demo of the tests above, so it is the last one."""
    assert end(loaded) < 10
    assert (loaded.process.returncode, loaded.members()) == (0, [])

    live = Installation(loaded.data, ["demo", "--rate", "150", "--canary-every", "0"])
    try:
        live.wait_ready()
        assert live.shown(f"{DAYS} days, {happened_since(memory, live)} more webhooks in")
        wanted = {("istio-ingressgateway", "permits-api"), ("permits-api", "permits-review"), ("ledger", "pg-ledger")}
        assert within(60, lambda: wanted <= calls(live))
        first = mesh_of(live)
        assert first is not None
        first.kill()
        assert within(20, lambda: live.shown("mesh       was ended by SIGKILL; starting again in 0.5 s"))
        assert within(20, lambda: mesh_of(live) not in (None, first))
        took = end(live)
    finally:
        live.clean_up()

    assert (live.process.returncode, live.members(), took < 10) == (0, [], True)


def mesh_of(installation: Installation) -> psutil.Process | None:
    """Return the process that plays the mesh, None while there is none."""
    return next((each for each in installation.members() if "plimsoll.console.demo.mesh" in each.info["cmdline"]), None)


def happened_since(memory: state.State, later: Installation) -> int:
    """Return how many webhooks the story has between two starts: it goes on meanwhile, so seldom it is not 0."""
    now = state.read(state.file_of(later.data))
    assert now is not None
    assert now.told_until is not None
    assert memory.told_until is not None
    return sum(memory.told_until < hook.at for hook in story(now, now.told_until))


def calls(installation: Installation) -> set[tuple[str, str]]:
    """Return who calls whom, as the map shows it, after a second's wait."""
    time.sleep(1)
    rows = asked(installation, "/api/v1/topology/edges/")["results"]
    return {(row["client"], row["server"]) for row in rows}
