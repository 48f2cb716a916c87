"""What requests are written from quickly: fixed parts are encoded once, and joined as protobuf's wire format has it."""

from collections.abc import Iterable, Mapping

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from ingest.otlp.wire import field

__all__ = ["attributes", "field"]


def attributes(number: int, said: Mapping[str, str]) -> bytes:
    """Return text attributes as the repeated field `number`."""
    pairs: Iterable[KeyValue] = (KeyValue(key=key, value=AnyValue(string_value=text)) for key, text in said.items())
    return b"".join(field(number, pair.SerializeToString()) for pair in pairs)
