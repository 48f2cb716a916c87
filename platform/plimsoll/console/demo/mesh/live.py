"""Everything that goes on in the demo while it runs: traffic, scrapes, failing canaries, and the story's next days."""

import asyncio
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from plimsoll.console.demo import history
from plimsoll.console.demo.company import Company, found
from plimsoll.console.demo.facts import Deployment, History
from plimsoll.console.demo.hooks import Hook, hooks
from plimsoll.console.demo.mesh import canary, episode
from plimsoll.console.demo.mesh.exporter import METRICS, TRACES, Batches, Exporter
from plimsoll.console.demo.mesh.meters import Meters
from plimsoll.console.demo.mesh.pace import Pace
from plimsoll.console.demo.mesh.pods import Fleet, Pod
from plimsoll.console.demo.mesh.requests import visit
from plimsoll.console.demo.mesh.spans import spans_of
from plimsoll.console.demo.sender import Sender
from plimsoll.console.demo.state import State
from plimsoll.env import Address
from plimsoll.errors import PlimsollError

TICK_S, SCRAPE_S = 0.05, 15.0
# A visitor's request is about this many spans; only used to turn spans a second into visitors a second.
_TRIAL_VISITS = 400
# How far ahead the story is written at a time.
_AHEAD = timedelta(days=1)


class Mesh:
    """The running mesh; `run` lasts until it is cancelled. `canary` is the file for the canary that is under way."""

    def __init__(self, state: State, web: Address, otlp: Address, pace: Pace, canary: Path) -> None:
        self._state, self._web, self._pace, self._canary = state, web, pace, canary
        self._company = found(state.seed)
        self._random = Random()
        self._fleet = Fleet(self._company, _versions(self._company, self._past()))
        self._meters, self._batches = Meters(time.time_ns()), Batches()
        self._exporter = Exporter(str(otlp), state.tokens)

    async def run(self) -> None:
        """Do everything at once."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._exporter.run())
            tasks.create_task(self._complain())
            tasks.create_task(self._scrapes())
            tasks.create_task(self._story())
            tasks.create_task(self._canaries())
            if self._pace.spans_per_s > 0:
                tasks.create_task(self._traffic())

    async def _traffic(self) -> None:
        """Let visitors come in, as many as the pace says, at random moments."""
        per_tick = self._pace.spans_per_s * TICK_S / _spans_per_visit(self._fleet)
        while True:
            began = time.monotonic()
            for _ in range(_poisson(per_tick, self._random)):
                self._visit(began)
            for cluster, request in self._batches.due(began):
                self._exporter.put(cluster, TRACES, request)
            await asyncio.sleep(max(0.0, TICK_S - (time.monotonic() - began)))

    def _visit(self, now: float) -> None:
        """Let one visitor's request be over now."""
        exchange = visit(self._fleet, self._random)
        self._meters.count(exchange)
        for reporter, span in spans_of(exchange, time.time_ns(), self._random):
            self._batches.add(reporter, span, now)

    async def _scrapes(self) -> None:
        """Let each cluster's collector send what it scraped."""
        while True:
            await asyncio.sleep(SCRAPE_S)
            for cluster, request in self._meters.scrape(time.time_ns()).items():
                self._exporter.put(cluster, METRICS, request)

    async def _canaries(self) -> None:
        """Let a canary fail every few minutes; one that an earlier mesh left half told comes first."""
        left = episode.kept(self._canary)
        if left is not None:
            await self._play(left)
        if self._pace.canary_every_s == 0:
            return
        await asyncio.sleep(self._pace.first_canary_s)
        while True:
            began = time.monotonic()
            now = datetime.now(UTC)
            # Tens of seconds since the anchor: never the same twice, and later ones are higher.
            number = int((now - self._state.anchor).total_seconds() // 10)
            planned = canary.plan(self._fleet, number, self._random, now)
            episode.keep(self._canary, planned)
            await self._play(planned)
            await asyncio.sleep(max(1.0, self._pace.canary_every_s - (time.monotonic() - began)))

    async def _play(self, planned: episode.Episode) -> None:
        """Let one canary fail, and remember when that is over."""
        sender = Sender(self._state.doors(self._web))
        try:
            await canary.play(self._fleet, planned, lambda hook: _post(sender, hook))
            episode.forget(self._canary)
        finally:
            sender.close()
            self._retire(planned.service, planned.version)

    async def _story(self) -> None:
        """Let the company go on as the history says it does, at its own pace."""
        sender = Sender(self._state.doors(self._web))
        told = self._state.told_until or datetime.now(UTC)
        while True:
            until = datetime.now(UTC) + _AHEAD
            ahead = self._told(until)
            going_live = {deployment.finished_at: deployment for deployment in ahead.deployments}
            for hook in hooks(self._company, ahead):
                if told < hook.at <= until:
                    await asyncio.sleep(max(0.0, (hook.at - datetime.now(UTC)).total_seconds()))
                    await _post(sender, hook)
                    if hook.at in going_live:
                        self._deploy(going_live[hook.at])
            await asyncio.sleep(max(0.0, (until - datetime.now(UTC)).total_seconds()))
            told = until

    def _deploy(self, deployment: Deployment) -> None:
        """Replace a service's pods."""
        before = self._fleet.versions[deployment.service]
        self._fleet.versions[deployment.service] = deployment.version
        if before != deployment.version:
            self._retire(deployment.service, before)

    def _retire(self, service: str, version: str) -> None:
        """Stop the pods of a version."""
        known = self._company.services[service]
        for cluster in known.clusters:
            self._meters.forget(Pod(service, known.namespace, cluster, version))

    def _told(self, until: datetime) -> History:
        state = self._state
        return history.write(self._company, state.anchor, state.days, until, ZoneInfo(state.time_zone))

    def _past(self) -> Iterator[Deployment]:
        now = datetime.now(UTC)
        return (d for d in self._told(now).deployments if d.finished_at <= now)

    async def _complain(self) -> None:
        """Say once a minute what could not be sent."""
        said = (0, 0)
        while True:
            await asyncio.sleep(60)
            found = (self._exporter.refused, self._exporter.dropped)
            if found != said:
                print(
                    f"demo: {found[0]} requests refused, {found[1]} given up; last: {self._exporter.last_refusal}",
                    file=sys.stderr,
                    flush=True,
                )
                said = found


async def _post(sender: Sender, hook: Hook) -> None:
    """Post a webhook; one that is not taken is told of and left."""
    try:
        await asyncio.to_thread(sender.send, hook)
    except PlimsollError as error:
        print(f"demo: {error}", file=sys.stderr, flush=True)


def _versions(company: Company, past: Iterator[Deployment]) -> dict[str, str]:
    """Return what runs after the past; a service that was not deployed runs its first version."""
    versions = {service.name: "v{}.{}.{}".format(*service.version) for service in company.services.values()}
    return versions | {deployment.service: deployment.version for deployment in past}


def _spans_per_visit(fleet: Fleet) -> float:
    """Return how many spans a visitor's request is on average."""
    random = Random(1)
    spans = sum(1 for _ in range(_TRIAL_VISITS) for _ in spans_of(visit(fleet, random), time.time_ns(), random))
    return spans / _TRIAL_VISITS


def _poisson(mean: float, random: Random) -> int:
    """Return how many of many independent visitors come."""
    count, waited = 0, random.expovariate(1.0)
    while waited < mean:
        count += 1
        waited += random.expovariate(1.0)
    return count
