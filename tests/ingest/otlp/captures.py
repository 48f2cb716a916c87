"""The Envoy captures as OTLP requests, and the receiver that takes them."""

import base64
import json
import time
from pathlib import Path
from typing import Any

from google.protobuf.json_format import ParseDict
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

PAYLOADS = Path(__file__).resolve().parent.parent.parent / "payloads" / "envoy"
_IDS = ("traceId", "spanId", "parentSpanId")


def _hex_to_base64(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: base64.b64encode(bytes.fromhex(item)).decode() if key in _IDS else _hex_to_base64(item)
            for key, item in value.items()
        }
    return [_hex_to_base64(item) for item in value] if isinstance(value, list) else value


def trace_request(name: str) -> ExportTraceServiceRequest:
    """Return a capture of spans, moved to now: the receiver takes nothing older than a day."""
    request = ParseDict(_hex_to_base64(json.loads((PAYLOADS / name).read_text())), ExportTraceServiceRequest())
    spans = [s for rs in request.resource_spans for ss in rs.scope_spans for s in ss.spans]
    shift = time.time_ns() - max(span.end_time_unix_nano for span in spans)
    for span in spans:
        span.start_time_unix_nano += shift
        span.end_time_unix_nano += shift
    return request


def metrics_request(name: str) -> ExportMetricsServiceRequest:
    """Return a capture of metric points as it is."""
    return ParseDict(json.loads((PAYLOADS / name).read_text()), ExportMetricsServiceRequest())


def one_by_one(request: ExportTraceServiceRequest) -> list[bytes]:
    """Return the same spans, each in a request of its own."""
    parts = []
    for resource_spans in request.resource_spans:
        for scope_spans in resource_spans.scope_spans:
            for span in scope_spans.spans:
                part = ExportTraceServiceRequest()
                into = part.resource_spans.add(resource=resource_spans.resource)
                into.scope_spans.add(scope=scope_spans.scope, spans=[span])
                parts.append(part.SerializeToString())
    return parts
