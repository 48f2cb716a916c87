"""Decoding of metric requests."""

from google.protobuf.message import DecodeError

from ingest.mesh.dialect import Context
from ingest.otlp.effect import Effect, Undecodable, batch_id
from ingest.otlp.messages import ExportMetricsServiceRequest


def metrics(body: bytes, source: str, context: Context, received_ns: int) -> Effect:
    """Decode an ExportMetricsServiceRequest. Raises Undecodable."""
    request = ExportMetricsServiceRequest()
    try:
        request.ParseFromString(body)
    except (DecodeError, UnicodeDecodeError) as error:
        raise Undecodable(f"The body is not an ExportMetricsServiceRequest: {error}") from error
    effect = Effect(batch_id(source, "metrics", body), source)
    for resource_metrics in request.resource_metrics:
        for scope_metrics in resource_metrics.scope_metrics:
            for metric in scope_metrics.metrics:
                kind = next((field.name for field, _ in metric.ListFields() if field.message_type), "")
                n = len(getattr(metric, kind).data_points) if kind else 0
                effect.items += n
                effect.cells.count("dropped", "no dialect reads this metric", n)
    effect.cells.count("received", "points", effect.items)
    return effect
