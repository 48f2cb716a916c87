"""Under which addresses senders reach this server, and whether they can at all."""

from dataclasses import dataclass
from typing import Literal

from plimsoll.env import Address

_EVERYWHERE = frozenset({"0.0.0.0", "::"})

# `here`: from this machine alone; `named`: from wherever the name leads here; `bound`: at its own address.
Reach = Literal["here", "named", "bound"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address as senders write it, and from where it can be reached."""

    address: Address
    reach: Reach

    @property
    def host(self) -> str:
        """The host alone."""
        return self.address.host


def endpoint(bound: Address, seen_as: str) -> Endpoint:
    """Return how senders write an address that is listened on.

    `seen_as` is the name under which whoever asks has reached this machine; "" when nobody has.
    """
    if bound.is_loopback:
        return Endpoint(bound, "here")
    if bound.host in _EVERYWHERE:
        name = seen_as or "localhost"
        return Endpoint(Address(name, bound.port), "here" if Address(name, 0).is_loopback else "named")
    return Endpoint(bound, "bound")


def host_of(header: str) -> str:
    """Return the host of a Host header, without its port."""
    name = header.rpartition(":")[0] if header.rpartition(":")[2].isdigit() else header
    return name.removeprefix("[").removesuffix("]")
