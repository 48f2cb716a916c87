"""The parts of an installation: what each runs, when it is ready, and what is shown of it."""

import http.client
import json
import socket
from collections.abc import Mapping

from plimsoll.console.supervisor import Part
from plimsoll.env import Address

# The end waits for a question that is under way, so an answer must come within what its graces leave of 10 s.
_PATIENCE_S = 1.0
_WORKERS = 2


def all_parts(addresses: Mapping[str, Address], first_link: str = "") -> list[Part]:
    """Return the parts of `plimsoll up` beside the database, on these addresses; the link is for the first person."""
    web, grpc = addresses["PLIMSOLL_WEB"], addresses["PLIMSOLL_OTLP_GRPC"]
    host = "localhost" if web.reachable.is_loopback else web.host
    about = f"http://{Address(host, web.port)}"
    first = f"   first sign-in link, valid 15 min: {about}{first_link}" if first_link else ""
    return [
        Part("jobs", ["work"], f"{_WORKERS} workers", lambda: part_is_ready(web, "worker")),
        Part("otlp", ["receive"], f"grpc://{grpc}   (try: plimsoll snippet collector)", listens_on=grpc),
        Part("web", ["web"], about, lambda: answer(web, "/healthz") == b"ok", listens_on=web, about_first=first),
    ]


def accepts(address: Address) -> bool:
    """Whether somebody accepts connections on an address."""
    where = address.reachable
    try:
        socket.create_connection((where.host, where.port), _PATIENCE_S).close()
    except OSError:
        return False
    return True


def answer(web: Address, path: str) -> bytes | None:
    """Return what the web process answers on a path, with whatever status; None when it does not answer."""
    where = web.reachable
    connection = http.client.HTTPConnection(where.host, where.port, timeout=_PATIENCE_S)
    try:
        connection.request("GET", path)
        return connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def part_is_ready(web: Address, part: str) -> bool:
    """Whether /readyz says that a part is ready."""
    said = answer(web, "/readyz")
    try:
        return said is not None and json.loads(said)["parts"][part]["state"] == "up"
    except (ValueError, KeyError, TypeError):
        return False
