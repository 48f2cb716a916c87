"""What a request is worth: decoded once, before anything is written."""

from dataclasses import dataclass, field
from typing import Any

import xxhash
from google.protobuf.message import DecodeError

from ingest.mesh.dialect import Context
from ingest.mesh.halves import Group
from ingest.mesh.spans import SpanReader
from ingest.mesh.speakers import Speakers
from ingest.otlp.messages import ExportTraceServiceRequest
from plimsoll.errors import PlimsollError
from plimsoll.store.cells import Cells

# reliability.md, section 4.
MOST_ITEMS = 100_000


_speakers = Speakers()


class Undecodable(PlimsollError):
    """The bytes are not the message that the method takes."""


@dataclass(slots=True)
class Effect:
    """What one request adds, and what it was refused for."""

    batch_id: bytes
    source: str
    cells: Cells = field(default_factory=Cells)
    groups: list[Group] = field(default_factory=list)
    points: list[Any] = field(default_factory=list)
    items: int = 0
    rejected: dict[str, int] = field(default_factory=dict)

    @property
    def rejected_items(self) -> int:
        """How many spans or points were refused."""
        return sum(self.rejected.values())

    def reasons(self) -> str:
        """Return why items were refused, the most frequent reasons first."""
        ordered = sorted(self.rejected.items(), key=lambda item: -item[1])
        return "; ".join(f"{reason}: {n}" for reason, n in ordered[:5] if n)


def batch_id(source: str, signal: str, body: bytes) -> bytes:
    """Return the identity of a request: a sender that tries again sends the same bytes (reliability, section 2)."""
    digest = xxhash.xxh3_128(f"{source}\n{signal}\n".encode())
    digest.update(body)
    return digest.digest()


def traces(body: bytes, source: str, context: Context, received_ns: int) -> Effect:
    """Decode an ExportTraceServiceRequest. Raises Undecodable."""
    request = ExportTraceServiceRequest()
    _speakers.renew(context.namespaces)
    reader = SpanReader(_speakers, context, received_ns, MOST_ITEMS)
    try:
        request.ParseFromString(body)
        for resource_spans in request.resource_spans:
            reader.resource_spans(resource_spans)
    except (DecodeError, UnicodeDecodeError) as error:
        raise Undecodable(f"The body is not an ExportTraceServiceRequest: {error}") from error
    effect = Effect(batch_id(source, "traces", body), source)
    effect.groups, effect.items, effect.rejected = reader.groups, reader.read, reader.rejected
    effect.cells.sightings.update(who.sighting for who in reader.heard if who.sighting is not None)
    effect.cells.count("received", "spans", reader.read)
    if reader.duplicates:
        effect.cells.count("dropped", "the same span twice in one request", reader.duplicates)
    for group in reader.groups:
        if group.meaning.drop:
            effect.cells.count("dropped", group.meaning.drop, len(group.durations_ns))
    if reader.left_out:
        effect.cells.count("dropped", "links beyond the first 128 of a span", reader.left_out)
    for reason, n in reader.rejected.items():
        effect.cells.count("rejected", reason, n)
    return effect
