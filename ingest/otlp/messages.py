"""OTLP message classes made for reading quickly, derived at start from the opentelemetry-proto descriptors.

Four changes, all compatible on the wire:

- `repeated KeyValue attributes` becomes `map<string, bytes>`: a map entry is a message of a key and a value, as
  KeyValue is, and a message field (AnyValue) and a bytes field look the same. So one attribute is one look-up, its
  value is not parsed until somebody asks (`values.text`), and the raw bytes serve as a dictionary key.
- Of metric points, which are known by all their attributes together, `attributes` becomes `repeated bytes`, each a
  KeyValue as it came: the tuple of them is a dictionary key, and is parsed once a series (`values.attributes_of`).
- Resources, and the points of sums, stay bytes: they come again with every request, serve as dictionary keys as they
  are, and are parsed once a sender (`Resource`) or once a series (`raw_points`).
- Fields that nobody reads (events, dropped counts, schema URLs, exemplars) are left out; the parser skips them.

Measured on two shared cores, 512 Istio-like spans of 20 attributes: `plimsoll bench ingest` prints today's figures.
"""

from typing import Any

from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.metrics.v1 import metrics_pb2
from opentelemetry.proto.resource.v1 import resource_pb2
from opentelemetry.proto.trace.v1 import trace_pb2

_KEY_VALUE = ".opentelemetry.proto.common.v1.KeyValue"

# What is read, by message; a message that is not named keeps all its fields.
_READ = {
    "Resource": {"attributes"},
    "InstrumentationScope": {"name", "attributes"},
    "ResourceSpans": {"resource", "scope_spans"},
    "ScopeSpans": {"scope", "spans"},
    "Span": {
        "trace_id", "span_id", "trace_state", "parent_span_id", "flags", "name", "kind",
        "start_time_unix_nano", "end_time_unix_nano", "attributes", "links", "status",
    },
    "Link": {"trace_id", "span_id"},
    "Status": {"code"},
    "ResourceMetrics": {"resource", "scope_metrics"},
    "ScopeMetrics": {"scope", "metrics"},
    "Metric": {"name", "unit", "sum", "gauge", "histogram", "exponential_histogram"},
    "NumberDataPoint": {"attributes", "start_time_unix_nano", "time_unix_nano", "as_double", "as_int", "flags"},
    "HistogramDataPoint": {
        "attributes", "start_time_unix_nano", "time_unix_nano", "count", "sum", "bucket_counts", "explicit_bounds",
        "flags",
    },
    "ExponentialHistogramDataPoint": {
        "attributes", "start_time_unix_nano", "time_unix_nano", "count", "sum", "scale", "zero_count", "positive",
        "negative", "flags",
    },
}  # fmt: skip

# What stays as it came.
_RAW = {("ResourceSpans", "resource"), ("ResourceMetrics", "resource"), ("Sum", "data_points")}


def _with_map_attributes(message: DescriptorProto) -> None:
    """Turn the field `attributes` of a message into `map<string, bytes>`."""
    for field in message.field:
        if field.name == "attributes" and field.type_name == _KEY_VALUE:
            entry = message.nested_type.add(name="AttributesEntry")
            entry.options.map_entry = True
            optional = FieldDescriptorProto.LABEL_OPTIONAL
            entry.field.add(name="key", number=1, type=FieldDescriptorProto.TYPE_STRING, label=optional)
            entry.field.add(name="value", number=2, type=FieldDescriptorProto.TYPE_BYTES, label=optional)
            field.type_name = "AttributesEntry"


def _with_raw_attributes(message: DescriptorProto) -> None:
    """Turn the field `attributes` of a metric point into `repeated bytes`."""
    for field in message.field:
        if field.name == "attributes":
            field.type = FieldDescriptorProto.TYPE_BYTES
            field.ClearField("type_name")


def _with_raw_fields(message: DescriptorProto) -> None:
    """Turn the fields in `_RAW` into bytes."""
    for field in message.field:
        if (message.name, field.name) in _RAW:
            field.type = FieldDescriptorProto.TYPE_BYTES
            field.ClearField("type_name")


def _keep_used_oneofs(message: DescriptorProto) -> None:
    """Leave out the oneofs that lost their fields, and number the others anew."""
    used = sorted({field.oneof_index for field in message.field if field.HasField("oneof_index")})
    declared = [message.oneof_decl[index].name for index in used]
    del message.oneof_decl[:]
    for name in declared:
        message.oneof_decl.add(name=name)
    for field in message.field:
        if field.HasField("oneof_index"):
            field.oneof_index = used.index(field.oneof_index)


def _slim(message: DescriptorProto) -> None:
    """Leave out, in a message and those inside it, what is not read."""
    for nested in message.nested_type:
        _slim(nested)
    if read := _READ.get(message.name):
        kept = [field for field in message.field if field.name in read]
        del message.field[:]
        message.field.extend(kept)
        _keep_used_oneofs(message)
        (_with_raw_attributes if message.name.endswith("DataPoint") else _with_map_attributes)(message)
    _with_raw_fields(message)


def _pool() -> DescriptorPool:
    """Return a descriptor pool of our own with the derived messages."""
    pool = DescriptorPool()
    for module in (common_pb2, resource_pb2, trace_pb2, metrics_pb2, trace_service_pb2, metrics_service_pb2):
        file = FileDescriptorProto()
        module.DESCRIPTOR.CopyToProto(file)
        for message in file.message_type:
            _slim(message)
        pool.Add(file)
    return pool


def _message(pool: DescriptorPool, name: str) -> Any:
    """Return the class of a derived message."""
    return GetMessageClass(pool.FindMessageTypeByName(f"opentelemetry.proto.{name}"))


_POOL = _pool()
ExportTraceServiceRequest = _message(_POOL, "collector.trace.v1.ExportTraceServiceRequest")
Resource = _message(_POOL, "resource.v1.Resource")
ExportMetricsServiceRequest = _message(_POOL, "collector.metrics.v1.ExportMetricsServiceRequest")
NumberDataPoint = _message(_POOL, "metrics.v1.NumberDataPoint")
