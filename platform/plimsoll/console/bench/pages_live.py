"""`plimsoll bench live`: many open pages, and what they cost everybody else."""

import asyncio
import math
import resource
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import psutil

from plimsoll.console.bench.pages import running
from plimsoll.env import Address
from plimsoll.errors import PlimsollError

_REQUESTS: Final = 300
_OPENING: Final = 50
_PATIENCE_S: Final = 60.0
_TRANSACTIONS: Final = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"
_END_IDLE: Final = """
SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
WHERE datname = current_database() AND state = 'idle'
  AND application_name <> 'plimsoll live' AND pid <> pg_backend_pid()
"""
_REQUEST: Final = b"GET %s HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Report:
    """What so many open pages cost. Transactions are those of the whole database while they were told."""

    streams: int
    opened: int
    told: int
    told_after_ms_p50: float
    told_after_ms_p95: float
    memory_before_mb: float
    memory_with_mb: float
    kb_per_stream: float
    connections_to_database: int
    transactions_while_told: int
    requests_p95_ms_without: float
    requests_p95_ms_with: float
    requests_p95_ms_while_told: float
    p95_ratio_with: float
    p95_ratio_while_told: float

    def named(self) -> dict[str, float]:
        """Return the figures under the names of the JSON."""
        return {name: round(value, 2) for name, value in asdict(self).items()}


def measured(streams: int) -> Report:
    """Open so many streams to a web process of its own, tell all of them something, and measure others meanwhile."""
    _have_files(streams + 200)
    with tempfile.TemporaryDirectory(prefix="plimsoll-bench-") as data, running(Path(data)) as address:
        return asyncio.run(_measured(address, streams))


def _have_files(wanted: int) -> None:
    soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= wanted:
        return
    if most != resource.RLIM_INFINITY and most < wanted:
        raise PlimsollError(f"{wanted} open files are needed and the system allows {most}; open fewer streams.")
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


async def _measured(address: Address, streams: int) -> Report:
    web = await asyncio.to_thread(_web)
    await _waits(address, 50)
    without = await _waits(address, _REQUESTS)
    before = web.memory_info().rss / 1e6
    pages = await _opened(address, streams)
    await asyncio.wait_for(asyncio.gather(*(page.hears("beat") for page in pages)), _PATIENCE_S)
    await asyncio.sleep(2)
    with_streams = await _waits(address, _REQUESTS)
    memory = web.memory_info().rss / 1e6
    transactions = await asyncio.to_thread(_transactions)
    for page in pages:
        page.heard.clear()
    told_at = time.perf_counter()
    await asyncio.to_thread(_tell)
    # Requests are asked for as long as the telling lasts.
    asking = asyncio.ensure_future(_waits_while(address))
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.gather(*(page.hears("changed") for page in pages)), _PATIENCE_S)
    asking.cancel()
    while_told = await asking
    after = sorted(1000 * (page.heard["changed"] - told_at) for page in pages if "changed" in page.heard)
    connections = await asyncio.to_thread(_connections)
    transactions = await asyncio.to_thread(_transactions_in_the_end) - transactions
    for page in pages:
        page.close()
    p95 = _percentile(without, 0.95)
    return Report(
        streams, len(pages), len(after), _percentile(after, 0.5), _percentile(after, 0.95), before, memory,
        1000 * (memory - before) / max(1, len(pages)), connections, transactions, p95, _percentile(with_streams, 0.95),
        _percentile(while_told, 0.95), _percentile(with_streams, 0.95) / p95, _percentile(while_told, 0.95) / p95,
    )  # fmt: skip


class _Page:
    """One open stream: when it first heard of each kind of event since it was last asked."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard: dict[str, float] = {}
        self._writer = writer
        self._some = asyncio.Event()
        self._reading = asyncio.ensure_future(self._read(reader))

    async def _read(self, reader: asyncio.StreamReader) -> None:
        with suppress(ConnectionError):
            async for line in reader:
                name, _, value = line.decode().strip().partition(": ")
                if name == "event":
                    self.heard.setdefault(value, time.perf_counter())
                    self._some.set()

    async def hears(self, event: str) -> None:
        """Wait for an event of this kind."""
        while event not in self.heard:
            self._some.clear()
            await self._some.wait()

    def close(self) -> None:
        """Hang up."""
        self._reading.cancel()
        self._writer.close()


async def _opened(address: Address, streams: int) -> list[_Page]:
    gate = asyncio.Semaphore(_OPENING)

    async def one() -> _Page:
        async with gate:
            reader, writer = await asyncio.open_connection(address.host, address.port)
            writer.write(_REQUEST % b"/live?topics=deployments")
            status = await asyncio.wait_for(reader.readline(), _PATIENCE_S)
            if b" 200 " not in status:
                raise PlimsollError(f"A stream was refused: {status.decode().strip()}")
            return _Page(reader, writer)

    return await asyncio.gather(*(one() for _ in range(streams)))


async def _waits(address: Address, requests: int) -> list[float]:
    """Return how long each of so many requests waited, in ms, one after the other."""
    reader, writer = await asyncio.open_connection(address.host, address.port)
    try:
        return sorted([await _wait(reader, writer) for _ in range(requests)])
    finally:
        writer.close()


async def _waits_while(address: Address) -> list[float]:
    reader, writer = await asyncio.open_connection(address.host, address.port)
    waits: list[float] = []
    try:
        while True:
            waits.append(await _wait(reader, writer))
    except asyncio.CancelledError:
        return sorted(waits) or [0.0]
    finally:
        writer.close()


async def _wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> float:
    began = time.perf_counter()
    writer.write(_REQUEST % b"/healthz")
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    await reader.readexactly(int(length.partition(b":")[2]))
    return 1000 * (time.perf_counter() - began)


def _percentile(values: list[float], share: float) -> float:
    return values[max(0, math.ceil(share * len(values)) - 1)] if values else math.nan


def _web() -> psutil.Process:
    return next(each for each in psutil.Process().children() if each.cmdline()[-1:] == ["web"])


def _tell() -> None:
    from plimsoll.store import notices

    notices.changed("deployments")


def _connections() -> int:
    return _number("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'plimsoll live'")


def _transactions() -> int:
    return _number(_TRANSACTIONS)


def _transactions_in_the_end() -> int:
    """Return the transactions when the others have ended: a connection counts its own up to 10 s late otherwise."""
    return _number(_END_IDLE, _TRANSACTIONS)


def _number(*statements: str) -> int:
    """Return what the last of the statements answers, all over one connection."""
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        (number,) = cursor.fetchone() or (0,)
    return int(number)
