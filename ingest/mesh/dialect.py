"""What a dialect of spans is: how to tell it, and what its spans mean."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from ingest.mesh.halves import Meaning
from ingest.mesh.identity import Emitter
from plimsoll.store.cells import Ref

SERVER: Final = 2
CLIENT: Final = 3
PRODUCER: Final = 4
CONSUMER: Final = 5

# How a span stands to its parent: it has none, the parent may be in another process, or it is in this one; or it has
# none and answers a health checker, which is nobody (section 10.4).
ROOT: Final = 0
REMOTE: Final = 1
LOCAL: Final = 2
CHECKED: Final = 3

_USER_AGENT: Final = ("user_agent.original", "http.user_agent", "user_agent")
_HEALTH_CHECKERS: Final = (
    b"kube-probe/", b"ELB-HealthChecker/", b"GoogleHC/", b"GoogleStackdriverMonitoring-UptimeChecks", b"Envoy/HC",
    b"Amazon-Route53-Health-Check-Service", b"Consul Health Check", b"Edge Health Probe", b"Prometheus/",
    b"Blackbox Exporter/",
)  # fmt: skip

USER: Final = Ref("", "", "user", "user")


@dataclass(frozen=True, slots=True)
class Context:
    """What a source says where telemetry is silent, and what the mesh has shown so far."""

    cluster: str = "default"
    environment: str = ""
    namespaces: Collection[str] = ()


class SpanFacts(NamedTuple):
    """One span as a dialect sees it: all attributes as text."""

    kind: int
    parent: int
    attributes: Mapping[str, str]
    error: bool
    name: str
    linked: bool = False


def role_of_root(kind: int, attributes: Mapping[str, bytes]) -> int:
    """Return ROOT or CHECKED for a span without parent, by the user agent in its raw attributes."""
    if kind == SERVER:
        for key in _USER_AGENT:
            if key in attributes:
                raw = attributes[key]
                # A text comes after its tag and its length, which has one byte below 128.
                return CHECKED if raw.startswith(_HEALTH_CHECKERS, 2 if len(raw) < 130 else 3) else ROOT
    return ROOT


# What the meaning of a span rests on, from its kind and raw attributes: a tuple that is equal for spans alike in it.
FormOf = Callable[[int, Mapping[str, bytes]], tuple[object, ...]]


def form_of(keys: tuple[str, ...]) -> FormOf:
    """Return the form that is the values of some attributes."""
    return lambda _kind, attributes: tuple(map(attributes.get, keys))


@dataclass(frozen=True, slots=True)
class SpanDialect:
    """One row of the detection table (mesh-dialects, section 3).

    `claims(resource, scope name, attributes of a span)` tells the dialect and `emitter` says who speaks; of a span,
    both look at the attributes `told_by` alone, which all spans of one sender share. `form` is what a span's meaning
    rests on: spans of one sender alike in it mean the same, and are looked into once. `meaning` is what is said.
    """

    name: str
    claims: Callable[[Mapping[str, str], str, Mapping[str, str]], bool]
    told_by: tuple[str, ...]
    form: FormOf
    emitter: Callable[[Mapping[str, str], Mapping[str, str], Context], Emitter]
    meaning: Callable[[SpanFacts, Emitter, Mapping[str, str], Context], Meaning]
    # Which layer of its pod the emitter is; empty where its pod has no other, or many pods go by its name.
    layer: Literal["", "proxy", "application"] = ""
    # Whether the span's status decides where no code does.
    reads_status: bool = False
