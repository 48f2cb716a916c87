"""Attribute values, read only when somebody asks.

The derived messages keep an attribute's value as the bytes of an AnyValue (`messages`); most are never looked into, or
serve as a dictionary key as they are.
"""

from collections.abc import Iterable, Mapping

from google.protobuf.message import DecodeError
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

# reliability.md, section 3: clean strings before they reach the database.
_LONGEST = 256
# No character has more than four bytes, and the last may be cut.
_MOST_BYTES = 4 * _LONGEST + 4


def text(raw: bytes | None) -> str:
    """Return a value as clean text of at most 256 characters; absent is empty.

    Numbers arrive as string, int, double or bool for the same key (mesh-dialects, section 4.4): all become text.
    """
    if not raw:
        return ""
    if raw[0] == 0x0A:  # string_value, and with a one-byte length by far the most frequent
        length = len(raw) - 2
        read = raw[2:] if 0 <= length < 128 and raw[1] == length else _string(raw)
        if read is not None:
            return clean(read.decode("utf-8", "replace"))
    value = AnyValue()
    try:
        value.ParseFromString(raw)
    except DecodeError:
        return ""
    kind = value.WhichOneof("value")
    if kind is None:
        return ""
    if kind == "bool_value":
        return "true" if value.bool_value else "false"
    if kind == "double_value":
        number = value.double_value
        return str(int(number)) if number.is_integer() else f"{number:g}"
    if kind == "array_value":
        return clean(",".join(text(item.SerializeToString()) for item in value.array_value.values[:_LONGEST]))
    if kind in ("kvlist_value", "bytes_value"):
        return ""
    return clean(str(getattr(value, kind)))


def _string(raw: bytes) -> bytes | None:
    """Return as much of a string_value as is kept, or None when there is more or less in it than its length says.

    Not by the parser, which refuses what is no UTF-8.
    """
    length = shift = 0
    for at, byte in enumerate(raw[1:6], start=2):
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return raw[at : at + _MOST_BYTES] if len(raw) == at + length else None
    return None


def clean(value: str) -> str:
    """Return text that PostgreSQL can store, cut to its length (reliability, section 3)."""
    if "\x00" in value:
        value = value.replace("\x00", "�")
    return value[:_LONGEST].strip()


def texts(attributes: Mapping[str, bytes]) -> dict[str, str]:
    """Return all attributes as text."""
    return {key: text(attributes[key]) for key in attributes}


def attributes_of(raw: Iterable[bytes]) -> dict[str, bytes]:
    """Return the attributes of a metric point by key, from KeyValues as they came. Raises DecodeError."""
    pairs = (KeyValue.FromString(each) for each in raw)
    return {pair.key: pair.value.SerializeToString() for pair in pairs}
