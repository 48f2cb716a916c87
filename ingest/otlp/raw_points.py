"""Points of sums, read no further than needed.

All that tells a series from others is, of a point, all but its times and its value: bytes that come again with every
request. So they serve as a dictionary key as they are, and are parsed once a series.
"""

from struct import Struct, error
from typing import Final

from ingest.otlp.messages import NumberDataPoint

# How nearly every point begins: start, time and value, each after its tag; the value is a double or an integer.
_AS_DOUBLE: Final = Struct("<cQcQcd")
_AS_INTEGER: Final = Struct("<cQcQcq")
_EXEMPLAR: Final = 0x2A


# Start, time and value of a point of a sum, and the bytes of all else, which are the same for all of its series.
SumPoint = tuple[int, int, float, bytes]


def sum_point(raw: bytes) -> SumPoint:
    """Read a point of a sum. Raises DecodeError."""
    try:
        start_tag, start, time_tag, time, value_tag, value = _AS_DOUBLE.unpack_from(raw)
    except error:
        return _parsed(raw)
    if start_tag != b"\x11" or time_tag != b"\x19" or (len(raw) > 27 and raw[27] == _EXEMPLAR):
        return _parsed(raw)
    if value_tag == b"\x31":
        value = float(_AS_INTEGER.unpack_from(raw)[5])
    elif value_tag != b"\x21":
        return _parsed(raw)
    return start, time, value, raw[27:]


def _parsed(raw: bytes) -> SumPoint:
    """Read a point whose fields came in another order, or beside others."""
    point = NumberDataPoint.FromString(raw)
    value = point.as_double if point.WhichOneof("value") == "as_double" else float(point.as_int)
    start, time = point.start_time_unix_nano, point.time_unix_nano
    point.ClearField("value")
    point.ClearField("start_time_unix_nano")
    point.ClearField("time_unix_nano")
    point.DiscardUnknownFields()
    return start, time, value, point.SerializeToString()
