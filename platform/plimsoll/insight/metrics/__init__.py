"""The delivery metrics, one a file and a row each: arithmetic over frozen facts, without clock, Django or database."""

from collections.abc import Callable, Mapping
from datetime import datetime

from plimsoll.insight.metrics.change_failure_rate import change_failure_rate
from plimsoll.insight.metrics.definition import STANDARD, Definition
from plimsoll.insight.metrics.deployment_frequency import deployment_frequency
from plimsoll.insight.metrics.figure import Figure
from plimsoll.insight.metrics.lead_time import lead_time
from plimsoll.insight.metrics.recovery_time import recovery_time
from plimsoll.insight.metrics.rework_rate import rework_rate
from plimsoll.insight.metrics.time_to_restore import time_to_restore
from plimsoll.insight.metrics.windows import Window
from plimsoll.store.facts import DeliveryFacts

__all__ = [
    "DEFINITIONS",
    "METRICS",
    "Metric",
    "change_failure_rate",
    "deployment_frequency",
    "lead_time",
    "recovery_time",
    "rework_rate",
    "time_to_restore",
]

Metric = Callable[[DeliveryFacts, Window, datetime, Definition], Figure]
"""A metric answers for a group's facts and a window, as known at a moment, by a definition."""

METRICS: Mapping[str, Metric] = {
    "deployment_frequency": deployment_frequency,
    "lead_time": lead_time,
    "change_failure_rate": change_failure_rate,
    "recovery_time": recovery_time,
    "time_to_restore": time_to_restore,
    "rework_rate": rework_rate,
}

DEFINITIONS: Mapping[str, Definition] = {STANDARD.id: STANDARD}
