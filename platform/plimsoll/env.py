"""Settings from the environment, read strictly: a wrong value stops the process with one sentence."""

import os
import re
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from plimsoll.errors import BadSetting

# Everything, a name or (with a leading dot) all below it, or an address; then perhaps a port.
_HOST = re.compile(r"(\*|\.?[\w.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?", re.ASCII)
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a TCP port to listen on; port 0 lets the system choose."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the address."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def reachable(self) -> "Address":
        """Where this machine reaches a server that listens here: on loopback when it listens everywhere."""
        return Address(_EVERYWHERE.get(self.host, self.host), self.port)


def text(name: str, default: str = "") -> str:
    """Return a setting as text; unset and empty are the same."""
    return os.environ.get(name, "").strip() or default


def choice(name: str, options: tuple[str, ...], default: str) -> str:
    """Return a setting that must be one of the options."""
    value = text(name, default)
    if value not in options:
        raise BadSetting(f"{name}={value!r} is not one of {', '.join(options)}.")
    return value


def path(name: str, default: str) -> Path:
    """Return a setting as an absolute path."""
    return Path(text(name, default)).expanduser().resolve()


def file(name: str) -> Path | None:
    """Return a setting as the absolute path of a file, None when it is not set.

    Links are not followed: whoever mounts a file may swap them.
    """
    value = text(name)
    return Path(value).expanduser().absolute() if value else None


def address(name: str, default: str) -> Address:
    """Return a setting of the form HOST:PORT."""
    return parse_address(text(name, default), name)


def parse_address(value: str, name: str) -> Address:
    """Return HOST:PORT (or [IPv6]:PORT) as an address; `name` is what to call it in the error."""
    host, _, port = value.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isdigit() or int(port) > 65535:
        raise BadSetting(f"{name}={value!r} is not HOST:PORT, for example 127.0.0.1:8000.")
    return Address(host, int(port))


def hosts(name: str) -> list[tuple[str, str]]:
    """Return a setting of host names, with commas, each with the port behind it, such as ":8443", or ""."""
    found = []
    for value in filter(None, (each.strip() for each in text(name).split(","))):
        parts = _HOST.fullmatch(value)
        if parts is None:
            raise BadSetting(f"{name}={value!r} is not HOST or HOST:PORT, for example plimsoll.example:8443.")
        found.append((parts[1], parts[2] or ""))
    return found


def otlp_auth(receiver: Address) -> str:
    """Return what senders of telemetry need: a `token`, or, on loopback alone, nothing (`open`)."""
    auth = choice("PLIMSOLL_OTLP_AUTH", ("token", "open"), "open" if receiver.is_loopback else "token")
    if auth == "open" and not receiver.is_loopback:
        raise BadSetting(
            f"PLIMSOLL_OTLP_AUTH='open' is for loopback alone, and PLIMSOLL_OTLP_GRPC={receiver} is not; leave it out, "
            "and senders need a token (plimsoll token new NAME --scope ingest)."
        )
    return auth


def time_zone(name: str, default: str) -> str:
    """Return a setting that must be an IANA time zone."""
    value = text(name, default)
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadSetting(f"{name}={value!r} is not a time zone, for example Europe/Berlin.") from error
    return value
