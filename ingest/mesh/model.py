"""The vocabulary of dialects: what they turn telemetry into."""

from plimsoll.store.cells import (
    L4,
    METRIC_APP,
    METRIC_CLIENT,
    METRIC_DERIVED,
    METRIC_PROXY,
    METRIC_SERVER,
    METRIC_WAYPOINT,
    SPAN_CLIENT_APP,
    SPAN_CLIENT_PROXY,
    SPAN_SERVER_APP,
    SPAN_SERVER_PROXY,
    SPAN_WAYPOINT,
    Cell,
    Cells,
    Lane,
    Ref,
)

__all__ = [
    "L4",
    "METRIC_APP",
    "METRIC_CLIENT",
    "METRIC_DERIVED",
    "METRIC_PROXY",
    "METRIC_SERVER",
    "METRIC_WAYPOINT",
    "SPAN_CLIENT_APP",
    "SPAN_CLIENT_PROXY",
    "SPAN_SERVER_APP",
    "SPAN_SERVER_PROXY",
    "SPAN_WAYPOINT",
    "Cell",
    "Cells",
    "Lane",
    "Ref",
]
