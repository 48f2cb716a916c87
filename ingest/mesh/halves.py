"""Halves of calls: what a span says of its own side, until the other side is found (mesh-dialects, section 8)."""

import json
import struct
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from ingest.mesh.outcome import Outcome
from plimsoll.store.cells import SPAN_CLIENT_PROXY, SPAN_SERVER_PROXY, SPAN_WAYPOINT, Lane, Ref


class Half(NamedTuple):
    """One side of a call, the same for all spans that mean the same.

    `peer` is the node that a client span named by itself; None when only a join can tell, and without a name where all
    that is known of it is which kind of database it is.
    """

    ref: Ref
    version: str
    environment: str
    protocol: str
    vantage: int
    outcome: Outcome
    instance: str = ""
    peer: Ref | None = None
    evidence: str = "joined"
    via: str = ""

    @property
    def layer(self) -> str:
        """Whether a proxy or an application speaks."""
        return "proxy" if self.vantage in (SPAN_CLIENT_PROXY, SPAN_SERVER_PROXY, SPAN_WAYPOINT) else "application"


class Side(NamedTuple):
    """A half in an epoch minute, with the number of requests that each of its spans stands for (None: not known)."""

    half: Half
    minute: int
    weight: float | None

    def encoded(self) -> bytes:
        """Return the stored form; `decoded` reads it back."""
        return _WHEN.pack(self.minute, self.weight or _NO_WEIGHT) + _encoded(self.half)


# A weight is at least 1.
_NO_WEIGHT: Final = 0.0
_WHEN: Final = struct.Struct(">qd")


@lru_cache(maxsize=16_384)
def _encoded(half: Half) -> bytes:
    return json.dumps(half, ensure_ascii=False, separators=(",", ":")).encode()


@lru_cache(maxsize=16_384)
def _decoded(stored: bytes) -> Half:
    ref, version, environment, protocol, vantage, outcome, instance, peer, evidence, via = json.loads(stored)
    return Half(
        Ref(*ref),
        version,
        environment,
        protocol,
        vantage,
        Outcome(*outcome),
        instance,
        Ref(*peer) if peer else None,
        evidence,
        via,
    )


def decoded(stored: bytes) -> Side:
    """Return a side from its stored form."""
    minute, weight = _WHEN.unpack_from(stored)
    return Side(_decoded(stored[_WHEN.size :]), minute, weight or None)


class Meaning(NamedTuple):
    """What a span of a certain form says; its minute and its weight are not part of it.

    `lane` is an edge that the span names by itself. `half` is its side of a call that needs, or may serve, another
    span; `owns` says whether it is the side that calls. `kept` is False when the meaning rests on more than the
    dialect's keys, so that it holds for this one span only. `drop` is why the span says nothing, for ingest health.
    """

    outcome: Outcome = Outcome()
    lane: Lane | None = None
    entry: Lane | None = None
    half: Half | None = None
    owns: bool = False
    denied: bool = False
    kept: bool = True
    drop: str = ""


class Group:
    """Spans that mean the same: their durations, and their keys when they are halves.

    A key is the trace id followed by the span id that the two sides share: an owner's own, a waiter's parent.
    """

    __slots__ = ("durations_ns", "keys", "meaning", "minute", "owns", "waits", "weight")

    def __init__(self, meaning: Meaning, minute: int, weight: float | None) -> None:
        self.meaning = meaning
        self.minute = minute
        self.weight = weight
        self.durations_ns: list[int] = []
        self.keys: list[bytes] = []
        self.owns = meaning.half is not None and meaning.owns
        self.waits = meaning.half is not None and not meaning.owns

    @property
    def side(self) -> Side | None:
        """The side of a call that these spans are; None when they say all by themselves."""
        return None if self.meaning.half is None else Side(self.meaning.half, self.minute, self.weight)


def merged(groups: Iterable[Group]) -> list[Group]:
    """Return the groups of several requests with those of one meaning, minute and weight together, and no negative
    durations (two clocks, section 8.7); the given ones stay as they are, for another try.
    """
    together: dict[tuple[int, int, float | None], Group] = {}
    for group in groups:
        key = (id(group.meaning), group.minute, group.weight)
        whole = together.get(key)
        if whole is None:
            whole = together[key] = Group(group.meaning, group.minute, group.weight)
        durations = group.durations_ns
        whole.durations_ns += durations if min(durations, default=0) >= 0 else [max(ns, 0) for ns in durations]
        whole.keys += group.keys
    return list(together.values())
