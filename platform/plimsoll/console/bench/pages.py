"""`plimsoll bench pages`: what each page takes, with a company of any size in a database of its own."""

import http.client
import math
import os
import re
import signal
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from plimsoll.console import children, folder, ports
from plimsoll.console.parts import answer
from plimsoll.env import Address
from plimsoll.errors import PlimsollError
from plimsoll.postgres import embedded

_PATIENCE_S: Final = 60.0
_HEALTH: Final = "/healthz"
_WARMING: Final = 3
# What a page names of its own files; charts come later and are kept for a year, so they are counted apart (ux, 3).
_FILES: Final = re.compile(r'(?:href|src)="(/static/[^"]+\.(?:css|js))"')
_FONT: Final = re.compile(r"""url\(["']?([^"')]+\.woff2)""")
_CHARTS: Final = "/static/plotly/"


@dataclass(frozen=True, slots=True)
class Measure:
    """One page: its waits in ms, in order, how many queries it asks, and its sizes as sent."""

    page: str
    path: str
    status: int
    waits_ms: tuple[float, ...]
    queries: int
    page_bytes: int
    first_visit_bytes: int

    def percentile(self, share: float) -> float:
        """Return the wait that so many were not longer than."""
        return self.waits_ms[max(0, math.ceil(share * len(self.waits_ms)) - 1)]


def measured(
    services: int, edges: int, deployments: int, times: int, only: Collection[str] = ()
) -> tuple[Measure, list[Measure]]:
    """Return what the probe takes, and what each page takes (or these alone), on a company of this size."""
    with tempfile.TemporaryDirectory(prefix="plimsoll-bench-") as data, running(Path(data)) as address:
        from datetime import UTC, datetime

        from plimsoll.console.bench.pages_places import places
        from plimsoll.console.bench.pages_rows import Size, fill

        fill(Size(services, edges, deployments), datetime.now(UTC))
        health = _measure(address, "healthz", _HEALTH, max(times, 20))
        return health, [_measure(address, page, path, times) for page, path in places(only).items()]


@contextmanager
def running(data: Path) -> Iterator[Address]:
    """Run a database and a web process, empty and open to visitors of this machine; other settings are left alone."""
    for setting in [name for name in os.environ if name.startswith("PLIMSOLL_")]:
        del os.environ[setting]
    os.environ |= {
        "PLIMSOLL_DATA": str(data),
        "PLIMSOLL_OTLP_GRPC": "127.0.0.1:0",
        "PLIMSOLL_WEB": "127.0.0.1:0",
        "PLIMSOLL_VIEWER": "loopback",
        "DJANGO_SETTINGS_MODULE": "plimsoll.settings",
    }
    address = ports.checked()["PLIMSOLL_WEB"]
    with folder.locked(data, "bench", is_lasting=True):
        database = embedded.start(data)
        try:
            import django

            django.setup()
            from plimsoll.store import migrated, partitions

            migrated.migrate()
            partitions.run()
            web = children.spawn("plimsoll", ["web"], {"PLIMSOLL_WEB": str(address)})
            try:
                _await(web, address)
                yield address
            finally:
                children.end([web], signal.SIGTERM)
                if not children.wait([web], 10):
                    children.end([web], signal.SIGKILL)
                    children.wait([web], 5)
                from django.db import connection

                connection.close()
        finally:
            embedded.stop(database)


def _await(web: children.Process, address: Address) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while answer(address, _HEALTH) != b"ok":
        if web.poll() is not None or time.monotonic() > deadline:
            raise PlimsollError("The web process did not start; its words are above.")
        time.sleep(0.05)


def _measure(address: Address, page: str, path: str, times: int) -> Measure:
    """Ask for a page so often, one after the other over one connection, as a browser would."""
    client = http.client.HTTPConnection(address.host, address.port, timeout=60)
    try:
        for _ in range(_WARMING):
            status, page_bytes = _asked(client, path)
        waits = []
        for _ in range(times):
            began = time.perf_counter()
            _asked(client, path)
            waits.append(1000 * (time.perf_counter() - began))
        weight = page_bytes + sum(_asked(client, file)[1] for file in _files(client, path))
    finally:
        client.close()
    return Measure(page, path, status, tuple(sorted(waits)), _queries(path), page_bytes, weight)


def _asked(client: http.client.HTTPConnection, path: str, encoding: str = "br, gzip") -> tuple[int, int]:
    status, body = _got(client, path, encoding)
    return status, len(body)


def _got(client: http.client.HTTPConnection, path: str, encoding: str) -> tuple[int, bytes]:
    client.request("GET", path, headers={"Accept-Encoding": encoding, "Accept-Language": "en"})
    response = client.getresponse()
    return response.status, response.read()


def _files(client: http.client.HTTPConnection, path: str) -> Sequence[str]:
    """Return the style sheets, scripts and the font that a first visit of the page fetches."""
    text = _got(client, path, "identity")[1].decode()
    own = [file for file in dict.fromkeys(_FILES.findall(text)) if not file.startswith(_CHARTS)]
    fonts = []
    for sheet in (file for file in own if file.endswith(".css")):
        found = _FONT.search(_got(client, sheet, "identity")[1].decode())
        if found:
            fonts.append(found[1] if found[1].startswith("/") else sheet.rpartition("/")[0] + "/" + found[1])
    return [*own, *dict.fromkeys(fonts)]


def _queries(path: str) -> int:
    """Return how many queries the page asks, in this process, which has the same database."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        Client().get(path, headers={"host": "localhost"})
    return len(captured)
