"""What was sent is what is shown, to the last one; also when everything is killed in the middle."""

import json
import os
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.console import shop
from tests.console.installation import Installation, fixed_ports, plimsoll, within

# Of two spans each. More can be asked for; the suite drops the settings of the product itself.
CALLS = int(os.environ.get("LEDGER_CALLS", "2000"))

DORA = {
    # service: deployments, failed attempts, lead times, failed deployments, settled deployments, recoveries
    "cart": (10, 1, 11, 6, 11, 6),
    # The last one's commit never went live.
    "checkout": (16, 2, 18, 10, 18, 10),
    "payments": (7, 0, 7, 4, 8, 4),
}
COLUMNS = (
    "deployments",
    "failed_attempts",
    "lead_time_n",
    "failed_deployments",
    "change_failure_n",
    "recovery_n",
)


class Reader:
    """Reads the API of an installation."""

    def __init__(self, web: str, token: str) -> None:
        self._web = web
        self._token = token

    def answer(self, path: str) -> dict[str, Any]:
        request = urllib.request.Request(
            f"http://{self._web}/api/v1/{path}", headers={"Authorization": f"Bearer {self._token}"}
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            said: dict[str, Any] = json.load(response)
        return said

    def rows(self, path: str, *columns: str) -> set[tuple[Any, ...]]:
        """Return these columns of all rows, each row once."""
        found = [tuple(row[column] for column in columns) for row in self.answer(path)["results"]]
        assert len(set(found)) == len(found)
        return set(found)

    def count(self, path: str) -> int:
        count: int = self.answer(f"{path}count=1")["count"]
        return count


@pytest.fixture
def installations(tmp_path: Path) -> Iterator[list[Installation]]:
    """The installations of a test, on one folder and the same ports."""
    ports = fixed_ports()
    started = [Installation(tmp_path, **ports)]
    yield started
    for each in started:
        each.clean_up()


@pytest.mark.parametrize("is_killed", [False, True], ids=["undisturbed", "killed"])
def test_every_number_equals_what_was_sent(tmp_path: Path, installations: list[Installation], is_killed: bool) -> None:
    ports = installations[0].wait_ready().ports
    added = plimsoll(tmp_path, "source", "add", "github", "shop", "--secret", shop.SECRET, "--settings", shop.SETTINGS)
    token = plimsoll(tmp_path, "token", "new", "reader", "--scope", "admin").stdout.strip()
    deliveries = shop.deliveries(datetime.now(UTC).replace(microsecond=0) - timedelta(days=5))
    mesh = shop.Mesh(ports["PLIMSOLL_OTLP_GRPC"])
    webhooks = shop.Webhooks(f"http://{ports['PLIMSOLL_WEB']}{added.stdout.strip()}", deliveries)

    webhooks.start()
    mesh.calls(range(CALLS // 3))
    assert within(shop.PATIENCE_S, lambda: webhooks.accepted >= len(deliveries) // 2), webhooks.refusals[-3:]
    mesh.calls(range(CALLS // 3, CALLS * 2 // 3))
    if is_killed:
        # While spans are on their way; more come while nobody is there.
        installations[0].process.kill()
        installations.append(Installation(tmp_path, **ports))
    mesh.calls(range(CALLS * 2 // 3, CALLS))
    installations[-1].wait_ready()
    given_up = mesh.end()
    webhooks.join()
    drained = plimsoll(tmp_path, "drain")

    assert (given_up, webhooks.accepted) == (0, len(deliveries)), webhooks.refusals[-3:]
    assert drained.returncode == 0
    assert_the_numbers(Reader(ports["PLIMSOLL_WEB"], token))
    assert installations[-1].end() == 0


def assert_the_numbers(api: Reader) -> None:
    """Compare every number with what the shop sent."""
    calls = CALLS // len(shop.ROUTES)
    assert api.rows("topology/edges/", "client", "server", "requests", "attempts", "failed") == {
        (client, server, calls, calls, shop.failed(calls, every)) for client, server, every in shop.ROUTES
    }
    assert api.rows("topology/nodes/", "name", "requests", "failed", "unattributed") == {
        ("frontend", 0, 0, 0),
        *((server, calls, shop.failed(calls, every), 0) for _, server, every in shop.ROUTES),
    }
    assert api.rows("metrics/dora/?bucket=all&group_by=service", "service", *COLUMNS) == {
        (service, *figures) for service, figures in DORA.items()
    }
    (total,) = api.rows("metrics/dora/?bucket=all", *COLUMNS, "lead_time_p50_s", "recovery_p50_s")
    assert total == (*(sum(figures) for figures in zip(*DORA.values(), strict=True)), 20 * 60, 15 * 60)
    lists = ("deployments/?", "deployments/?status=failure&", "changes/?", "incidents/?", "deliveries/?status=applied&")
    assert [api.count(path) for path in lists] == [40, 7, 40, 20, 200]
