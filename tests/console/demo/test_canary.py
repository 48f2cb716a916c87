"""The demo's canaries: each fails, is told of and undone, and none stays half told when the mesh ends in its middle."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from plimsoll.console.demo.company import found
from plimsoll.console.demo.hooks import Hook
from plimsoll.console.demo.mesh import canary, episode
from plimsoll.console.demo.mesh.episode import Episode
from plimsoll.console.demo.mesh.pods import Canary, Fleet

COMPANY = found(1)
NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def fleet() -> Fleet:
    return Fleet(COMPANY, dict.fromkeys(COMPANY.services, "v3.4.5"))


def planned(fleet: Fleet, now: datetime = NINE) -> Episode:
    return canary.plan(fleet, 17, Random(5), now)


def played(fleet: Fleet, planned: Episode) -> list[tuple[Hook, Canary | None]]:
    """Play an episode that is over; return what was posted, and the canary that was out at that time."""
    posted: list[tuple[Hook, Canary | None]] = []

    async def post(hook: Hook) -> None:
        posted.append((hook, fleet.canary))

    asyncio.run(canary.play(fleet, planned, post))
    return posted


def test_an_episode_is_an_alert_a_rollback_and_the_end_of_the_alert(fleet: Fleet) -> None:
    one = planned(fleet)

    bodies = [json.loads(hook.body) for hook in canary.told(COMPANY, one)]

    assert one.version == "v3.5.0-rc.17"
    assert [body.get("status") for body in bodies] == [None, "running", "firing", "failure", "success", "resolved"]
    assert (bodies[3]["rolled_back"], bodies[4]["is_rollback"], bodies[4]["version"]) == (True, True, "v3.4.5")
    assert bodies[1]["external_id"] == bodies[3]["external_id"] != bodies[4]["external_id"]


def test_its_parts_come_in_order_within_five_minutes(fleet: Fleet) -> None:
    for seed in range(50):
        one = canary.plan(fleet, seed, Random(seed), NINE)

        times = [hook.at for hook in canary.told(COMPANY, one)]
        assert times == sorted(times)
        assert (times[0], times[-1] <= NINE + timedelta(minutes=5)) == (NINE, True)


def test_it_takes_traffic_until_it_is_undone(fleet: Fleet) -> None:
    soon = datetime.now(UTC) + timedelta(milliseconds=300)
    one = replace(planned(fleet, soon - timedelta(hours=1)), undone_at=soon, calm_at=soon)

    out = [None if there is None else there.version for _, there in played(fleet, one)]

    assert out == [one.version, one.version, one.version, None, None, None]
    assert fleet.canary is None


def test_one_that_was_left_half_told_is_ended_with_the_times_it_was_to_have(fleet: Fleet, tmp_path: Path) -> None:
    path = tmp_path / "canary.json"
    one = planned(fleet)
    episode.keep(path, one)

    left = episode.kept(path)
    assert left is not None
    posted = played(fleet, left)
    episode.forget(path)

    # The same delivery ids: what had been sent before the mesh ended is not counted again.
    assert [hook.key for hook, _ in posted] == [hook.key for hook in canary.told(COMPANY, one)]
    assert {there for _, there in posted} == {None}
    assert posted[-1][0].at == one.calm_at
    assert episode.kept(path) is None
