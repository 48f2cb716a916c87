"""Metric requests, parsed no further than needed: senders and the points of sums stay bytes.

All that tells a series from others (its sender, and of a point all but its times and its value) are bytes that come
again with every request. So they serve as dictionary keys as they are, and are parsed once a series. Two changes of
the derived classes (`messages`), compatible on the wire: `ResourceMetrics.resource` and `Sum.data_points` are bytes.
"""

from struct import Struct, error
from typing import Any, Final

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

from ingest.otlp import messages

_RAW: Final = {("ResourceMetrics", "resource"), ("Sum", "data_points")}

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


def _pool() -> DescriptorPool:
    """Return a descriptor pool with the derived messages, changed."""
    pool = DescriptorPool()
    seen = set()

    def add(file: Any) -> None:
        if file.name in seen:
            return
        seen.add(file.name)
        for dependency in file.dependencies:
            add(dependency)
        changed = FileDescriptorProto()
        file.CopyToProto(changed)
        for message in changed.message_type:
            for field in message.field:
                if (message.name, field.name) in _RAW:
                    field.type = FieldDescriptorProto.TYPE_BYTES
                    field.ClearField("type_name")
        pool.Add(changed)

    add(messages.ExportMetricsServiceRequest.DESCRIPTOR.file)
    return pool


def _message(pool: DescriptorPool, name: str) -> Any:
    return GetMessageClass(pool.FindMessageTypeByName(f"opentelemetry.proto.{name}"))


_POOL = _pool()
MetricsRequest = _message(_POOL, "collector.metrics.v1.ExportMetricsServiceRequest")
NumberDataPoint = _message(_POOL, "metrics.v1.NumberDataPoint")
Resource = _message(_POOL, "resource.v1.Resource")
