"""Mesh dialects: what spans and metric points of each kind of sender mean.

To add one, write `ingest/mesh/<name>.py` and add its row here; the first row that claims a record decides
(mesh-dialects, section 3). Packages outside this repository offer rows under the entry point group `plimsoll.mesh`;
they come first.
"""

from ingest.mesh.dialect import SpanDialect
from ingest.mesh.envoy import ENVOY, ISTIO_GATEWAY, ISTIO_SIDECAR
from ingest.mesh.istio_waypoint import ISTIO_WAYPOINT
from ingest.mesh.otel_sdk import OTEL_SDK
from plimsoll.registry import plugins

SPAN_DIALECTS: tuple[SpanDialect, ...] = (
    *(row for row in plugins("plimsoll.mesh").values() if isinstance(row, SpanDialect)),
    ISTIO_WAYPOINT,
    ISTIO_GATEWAY,
    ISTIO_SIDECAR,
    ENVOY,
    OTEL_SDK,
)
