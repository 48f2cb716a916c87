"""Addresses to listen on: whether they are free, found out by taking them for a moment."""

import errno
import socket
import time

from plimsoll import env
from plimsoll.env import Address
from plimsoll.errors import BadSetting

# Setting: default and flag (architecture, section 5).
LISTENING = {
    "PLIMSOLL_OTLP_GRPC": ("127.0.0.1:4317", "--otlp-grpc"),
    "PLIMSOLL_WEB": ("127.0.0.1:8000", "--web"),
}
# What was killed a moment ago may still be on its way out.
_PATIENCE_S = 2.0


def checked() -> dict[str, Address]:
    """Return the addresses of all listening parts, free ones; port 0 becomes a free port."""
    wanted = {setting: env.address(setting, default) for setting, (default, _) in LISTENING.items()}
    # Before anything is started; alone, a part is told by its settings.
    env.otlp_auth(wanted["PLIMSOLL_OTLP_GRPC"])
    taken: list[socket.socket] = []
    try:
        # All are held until the last is found, so that no two get the same free port.
        return {setting: _free(setting, address, taken) for setting, address in wanted.items()}
    finally:
        for each in taken:
            each.close()


def _free(setting: str, address: Address, taken: list[socket.socket]) -> Address:
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            bound = _bound(address)
        except OSError as error:
            if error.errno == errno.EADDRINUSE and time.monotonic() < deadline:
                time.sleep(0.05)
                continue
            flag = LISTENING[setting][1]
            is_busy = error.errno == errno.EADDRINUSE
            what = "is in use; free it, or" if is_busy else f"cannot be listened on ({error.strerror});"
            raise BadSetting(f"{address} {what} choose another address with {flag} or {setting}.") from error
        taken.append(bound)
        return Address(address.host, bound.getsockname()[1])


def _bound(address: Address) -> socket.socket:
    """Return a socket bound as a server would bind it, not listening."""
    family, kind, protocol, _, where = socket.getaddrinfo(
        address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(where)
    except OSError:
        bound.close()
        raise
    return bound


def reachable(address: Address) -> Address:
    """Return where this machine reaches a server that listens on an address: loopback when it listens everywhere."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}
    return Address(everywhere.get(address.host, address.host), address.port)
