"""Addresses to listen on: whether they are free, found out by listening there for a moment."""

import errno
import socket
import time
from collections.abc import Iterable, Mapping, Sequence

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
_BACKLOG = 2048
# Whoever takes nothing of an answer for so long is cut off, as proxies do.
STUCK_S = 60.0
_ABSENT = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


def checked() -> dict[str, Address]:
    """Return the addresses of all listening parts, free ones; port 0 becomes a free port."""
    wanted = {setting: env.address(setting, default) for setting, (default, _) in LISTENING.items()}
    # Before anything is started; alone, a part is told by its settings.
    env.otlp_auth(wanted["PLIMSOLL_OTLP_GRPC"])
    held: dict[str, list[socket.socket]] = {}
    try:
        # All are held until the last is found, so that no two get the same.
        for setting, address in wanted.items():
            held[setting] = _taken(setting, address, held)
        return {each: Address(wanted[each].host, own[0].getsockname()[1]) for each, own in held.items()}
    finally:
        for own in held.values():
            _close(own)


def require_free(setting: str, address: Address) -> None:
    """Raise BadSetting when an address cannot be listened on, for a server that would tell in its own words."""
    _close(listening(setting, address))


def listening(setting: str, address: Address) -> list[socket.socket]:
    """Return sockets that listen on an address, one for each that its name has; BadSetting when that cannot be."""
    return _taken(setting, address, {})


def _taken(setting: str, address: Address, held: Mapping[str, Sequence[socket.socket]]) -> list[socket.socket]:
    """Listen on an address. `held` is what we listen on ourselves already, by setting."""
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return _listeners(address)
        except OSError as error:
            is_busy = error.errno == errno.EADDRINUSE
            ours = [each for each, own in held.items() if own[0].getsockname()[1] == address.port]
            if is_busy and not ours and time.monotonic() < deadline:
                time.sleep(0.05)
                continue
            what = f"cannot be listened on ({error.strerror});"
            if is_busy:
                what = f"is where {ours[0]} listens;" if ours else "is in use; free it, or"
            flag = LISTENING[setting][1]
            raise BadSetting(f"{address} {what} choose another address with {flag} or {setting}.") from error


def _listeners(address: Address) -> list[socket.socket]:
    found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    listeners: list[socket.socket] = []
    absent: OSError | None = None
    for family, where in dict.fromkeys((each[0], each[4]) for each in found):
        try:
            listeners.append(_listener(family, where))
        except OSError as error:
            if error.errno not in _ABSENT:
                _close(listeners)
                raise
            absent = error
    # A name may have addresses that this machine has not, such as ::1; one that it has is enough.
    if absent is not None and not listeners:
        raise absent
    return listeners


def _listener(family: int, where: tuple[object, ...]) -> socket.socket:
    # Named as TCP, so that asyncio turns off waiting for fuller packets (Nagle) on what is accepted: an answer in two
    # writes would wait 40 ms for the other side's delayed acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Connections have it from their listener. The system ends them without a word: what is in this process cannot,
        # because closing would wait until all is taken. Only Linux knows it.
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(STUCK_S * 1000))
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(where)
        # To be bound alone takes an address from nobody.
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _close(sockets: Iterable[socket.socket]) -> None:
    for each in sockets:
        each.close()
