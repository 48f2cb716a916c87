"""Answers to OTLP requests over gRPC (reliability, section 3)."""

import random

import grpc
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from ingest.otlp.effect import Effect
from ingest.otlp.wire import field, varint


def retry_info(delay_s: int) -> bytes:
    """Return a google.rpc.RetryInfo: field 1 is the delay, a Duration whose field 1 is the seconds."""
    return field(1, b"\x08" + varint(delay_s))


def retry_trailers(code: grpc.StatusCode, message: str, delay_s: int | None = None) -> tuple[tuple[str, bytes], ...]:
    """Return the two trailers that carry a retry hint of 1 to 3 seconds.

    Go exporters read `grpc-status-details-bin` (a google.rpc.Status), the Python SDK only `google.rpc.retryinfo-bin`.
    """
    info = retry_info(delay_s or random.randint(1, 3))
    packed = field(1, b"type.googleapis.com/google.rpc.RetryInfo") + field(2, info)
    status = b"\x08" + varint(code.value[0]) + field(2, message.encode()) + field(3, packed)
    return ("grpc-status-details-bin", status), ("google.rpc.retryinfo-bin", info)


def trace_response(effect: Effect) -> bytes:
    """Return the response to a trace request: a partial success when spans were refused, else empty."""
    response = ExportTraceServiceResponse()
    if effect.rejected_items:
        response.partial_success.rejected_spans = effect.rejected_items
        response.partial_success.error_message = effect.reasons()
    return response.SerializeToString()


def metrics_response(effect: Effect) -> bytes:
    """Return the response to a metrics request: a partial success when points were refused, else empty."""
    response = ExportMetricsServiceResponse()
    if effect.rejected_items:
        response.partial_success.rejected_data_points = effect.rejected_items
        response.partial_success.error_message = effect.reasons()
    return response.SerializeToString()
