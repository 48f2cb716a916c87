"""Halves of calls: what a span says of its own side, until the other side is found (mesh-dialects, section 8)."""

import json
from functools import lru_cache
from typing import NamedTuple

from ingest.mesh.outcome import Outcome
from plimsoll.store.cells import SPAN_CLIENT_PROXY, SPAN_SERVER_PROXY, SPAN_WAYPOINT, Lane, Ref


class Half(NamedTuple):
    """One side of a call, the same for all spans of a request that mean the same.

    `peer` is the node that a client span named by itself; None when only a join can tell. `weight` is None when the
    sampling is not known.
    """

    ref: Ref
    version: str
    environment: str
    protocol: str
    vantage: int
    minute: int
    outcome: Outcome
    weight: float | None
    instance: str = ""
    peer: Ref | None = None
    evidence: str = "joined"
    via: str = ""

    @property
    def layer(self) -> str:
        """Whether a proxy or an application speaks."""
        return "proxy" if self.vantage in (SPAN_CLIENT_PROXY, SPAN_SERVER_PROXY, SPAN_WAYPOINT) else "application"

    def encoded(self) -> bytes:
        """Return the stored form; `decoded` reads it back."""
        return json.dumps(self, ensure_ascii=False, separators=(",", ":")).encode()


@lru_cache(maxsize=16_384)
def decoded(stored: bytes) -> Half:
    """Return a half from its stored form."""
    ref, version, environment, protocol, vantage, minute, outcome, weight, instance, peer, evidence, via = json.loads(
        stored
    )
    return Half(
        Ref(*ref),
        version,
        environment,
        protocol,
        vantage,
        minute,
        Outcome(*outcome),
        weight,
        instance,
        Ref(*peer) if peer else None,
        evidence,
        via,
    )


class Meaning(NamedTuple):
    """What a span of a certain form says, in which minute and with what weight left open.

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
    """Spans of one request that mean the same: their durations, and their keys when they are halves.

    A key is the trace id followed by the span id that the two sides share: an owner's own, a waiter's parent.
    """

    __slots__ = ("durations_ns", "half", "keys", "meaning", "minute", "owns", "weight")

    def __init__(self, meaning: Meaning, minute: int, weight: float | None) -> None:
        self.meaning = meaning
        self.minute = minute
        self.weight = weight
        self.durations_ns: list[int] = []
        self.keys: list[bytes] = []
        self.owns = meaning.half is not None and meaning.owns
        self.half = meaning.half._replace(minute=minute, weight=weight) if meaning.half else None
