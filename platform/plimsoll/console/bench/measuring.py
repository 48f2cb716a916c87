"""The measurement: a database of its own, the receiver as a process of its own, and this process as the sender."""

import math
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import SystemRandom

import psutil

from plimsoll.console import children, folder, ports
from plimsoll.console.bench import parsing, points, spans
from plimsoll.console.bench.client import send
from plimsoll.console.bench.figures import Figures, Signal
from plimsoll.env import Address
from plimsoll.errors import PlimsollError
from plimsoll.postgres import embedded

_PARSED_BYTES = 16 * 1024 * 1024
_PARSING_S = 0.4
_MOST_REQUESTS = 8_000
# So many of 64 have every pod call every service that it calls.
_WARMING_REQUESTS = 200
_ADDED_UP_EVERY_S = 1.1


@dataclass(frozen=True, slots=True)
class _Bench:
    """What is measured, and where."""

    address: Address
    receiver: psutil.Process
    database: psutil.Process
    data: Path


def measured(sizes: Sequence[int], seconds: float, items: int) -> list[Figures]:
    """Measure requests of each size, spans first; each for so many seconds and items at the most."""
    report = []
    with tempfile.TemporaryDirectory(prefix="plimsoll-bench-") as data, _started(Path(data)) as bench:
        for name in ("spans", "points"):
            # The first requests make partitions, nodes and edges; that is not what a day looks like.
            send(bench.address, name, _bodies(name, 64, _WARMING_REQUESTS), seconds)
            report += [_figures(bench, name, size, seconds, items) for size in sizes]
    return report


@contextmanager
def _started(data: Path) -> Iterator[_Bench]:
    """Run database and receiver; the environment's own settings are left alone."""
    for setting in [name for name in os.environ if name.startswith("PLIMSOLL_")]:
        del os.environ[setting]
    os.environ |= {"PLIMSOLL_DATA": str(data), "PLIMSOLL_OTLP_GRPC": "127.0.0.1:0", "PLIMSOLL_WEB": "127.0.0.1:0"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "plimsoll.settings"
    address = ports.checked()["PLIMSOLL_OTLP_GRPC"]
    with folder.locked(data, "bench", is_lasting=True):
        database = embedded.start(data)
        try:
            _prepare_database()
            receiver = children.spawn("plimsoll", ["receive"], {"PLIMSOLL_OTLP_GRPC": str(address)})
            try:
                yield _Bench(address, psutil.Process(receiver.pid), psutil.Process(database.pid), data)
            finally:
                _end(receiver)
        finally:
            embedded.stop(database)


def _prepare_database() -> None:
    import django

    django.setup()
    from plimsoll.store import migrated, partitions

    migrated.migrate()
    partitions.run()


def _end(receiver: children.Process) -> None:
    children.end([receiver], signal.SIGTERM)
    if not children.wait([receiver], 10):
        children.end([receiver], signal.SIGKILL)
        children.wait([receiver], 5)


def _figures(bench: _Bench, name: Signal, size: int, seconds: float, items: int) -> Figures:
    """Send requests of one size and return what that took."""
    count = min(_MOST_REQUESTS, max(2, math.ceil(items / size)))
    count += count % 2
    bodies = _bodies(name, size, count)
    rows, counted = _rows(bench), _counted(name)
    receiver, database = _cpu_s(bench.receiver), _cpu_s(bench.database)
    sent = send(bench.address, name, bodies, seconds)
    receiver, database = _cpu_s(bench.receiver) - receiver, _cpu_s(bench.database) - database
    acknowledged = sent.requests * size
    waits = sorted(sent.waits_s)
    return Figures(
        signal=name,
        items_per_request=size,
        requests=sent.requests,
        acknowledged=acknowledged,
        counted=_counted(name) - counted,
        seconds=sent.seconds,
        bytes_per_item=sum(map(len, bodies)) / count / size,
        cpu_us=receiver * 1e6 / acknowledged,
        parse_us=_parse_us(bench, name, bodies, size, min(_PARSING_S, seconds)),
        database_cpu_us=database * 1e6 / acknowledged,
        ack_p50_ms=1000 * waits[math.ceil(0.50 * len(waits)) - 1],
        ack_p95_ms=1000 * waits[math.ceil(0.95 * len(waits)) - 1],
        rows_written=_rows(bench) - rows,
    )


def _bodies(name: Signal, size: int, count: int) -> list[bytes]:
    if name == "spans":
        return list(spans.requests(size, count, SystemRandom().getrandbits(64)))
    return list(points.requests(size, count, time.time_ns()))


def _parse_us(bench: _Bench, name: Signal, bodies: Sequence[bytes], size: int, seconds: float) -> float:
    """Return the CPU time of bare parsing for one item, in microseconds."""
    sample = bodies[: max(2, _PARSED_BYTES // len(bodies[0]))]
    file = bench.data / "requests"
    parsing.write(file, sample)
    command = children.command(parsing.__name__, name, str(file), str(seconds))
    environment = os.environ | {"PYTHONPATH": children.search_path()}
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if said.returncode:
        raise PlimsollError(f"Bare parsing failed: {said.stderr.strip()}")
    return float(said.stdout) / (len(sample) * size)


def _cpu_s(process: psutil.Process) -> float:
    """Return the CPU seconds of a process and of all that it started, the ended ones too."""
    total = 0.0
    for each in (process, *process.children(recursive=True)):
        try:
            times = each.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def _rows(bench: _Bench) -> int:
    """Return how many rows of the tables of traffic were ever written: inserted, changed or deleted.

    PostgreSQL adds up what a connection did at most once a second, at the end of a transaction. So a second later the
    receiver gets an empty request, which it has had before and writes none of these rows for.
    """
    time.sleep(_ADDED_UP_EVERY_S)
    send(bench.address, "spans", [b"", b""], 1)
    return _number(
        """
        SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)
        FROM pg_stat_user_tables
        WHERE relname ~ '^(edge_minute|node_minute|span_owner|span_wait|metric_series|ingest_batch)'
        """
    )


def _counted(name: Signal) -> int:
    """Return how many spans are in edges, or points in ingest health.

    A caller's span is in its own edge, and its callee's, once both have met.
    """
    if name == "spans":
        return _number("SELECT coalesce(sum(observed), 0) FROM edge_minute WHERE vantage BETWEEN 6 AND 10")
    return _number("SELECT coalesce(sum(count), 0) FROM ingest_health WHERE counter = 'received' AND reason = 'points'")


def _number(statement: str) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)
        (number,) = cursor.fetchone() or (0,)
    return int(number)
