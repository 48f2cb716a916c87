"""Just enough of protobuf's wire format to write many requests quickly: fixed parts are encoded once and joined."""

from collections.abc import Iterable, Mapping

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue


def field(number: int, payload: bytes) -> bytes:
    """Return a length-delimited field; `number` is below 16."""
    return bytes((number << 3 | 2,)) + _varint(len(payload)) + payload


def attributes(number: int, said: Mapping[str, str]) -> bytes:
    """Return text attributes as the repeated field `number`."""
    pairs: Iterable[KeyValue] = (KeyValue(key=key, value=AnyValue(string_value=text)) for key, text in said.items())
    return b"".join(field(number, pair.SerializeToString()) for pair in pairs)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
