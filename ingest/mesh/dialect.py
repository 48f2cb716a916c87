"""What a dialect of spans is: how to tell it, and what its spans mean."""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from ingest.mesh.halves import Meaning
from ingest.mesh.identity import Emitter
from plimsoll.store.cells import Ref

SERVER: Final = 2
CLIENT: Final = 3
PRODUCER: Final = 4
CONSUMER: Final = 5

# How a span stands to its parent: it has none, the parent may be in another process, or it is in this one.
ROOT: Final = 0
REMOTE: Final = 1
LOCAL: Final = 2

USER: Final = Ref("", "", "user", "user")


@dataclass(frozen=True, slots=True)
class Context:
    """What a source says where telemetry is silent, and what the mesh has shown so far."""

    cluster: str = "default"
    environment: str = ""
    namespaces: Container[str] = ()


class SpanFacts(NamedTuple):
    """One span as a dialect sees it: all attributes as text."""

    kind: int
    parent: int
    attributes: Mapping[str, str]
    error: bool
    name: str
    linked: bool = False


@dataclass(frozen=True, slots=True)
class SpanDialect:
    """One row of the detection table (mesh-dialects, section 3).

    `claims(resource, scope name, attributes of a span)` tells the dialect. `keys` are the attributes that its
    meaning rests on: spans alike in them mean the same, and are looked into once. `emitter` says who speaks,
    `meaning` what is said.
    """

    name: str
    claims: Callable[[Mapping[str, str], str, Mapping[str, str]], bool]
    keys: tuple[str, ...]
    emitter: Callable[[Mapping[str, str], Mapping[str, str], Context], Emitter]
    meaning: Callable[[SpanFacts, Emitter, Mapping[str, str], Context], Meaning]
    # Whether the span's status decides where no code does.
    reads_status: bool = False
