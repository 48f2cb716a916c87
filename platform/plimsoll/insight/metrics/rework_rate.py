"""Deployment rework rate: the share of deployments that repaired instead of delivered."""

from datetime import datetime

from plimsoll.insight.metrics.definition import STANDARD, Definition
from plimsoll.insight.metrics.figure import Figure, Tally
from plimsoll.insight.metrics.percentile import ratio
from plimsoll.insight.metrics.population import inside, why_not_live
from plimsoll.insight.metrics.windows import Window
from plimsoll.store.facts import DeliveryFacts


def rework_rate(facts: DeliveryFacts, window: Window, now: datetime, definition: Definition = STANDARD) -> Figure:
    """Return (hotfix + rollback) / all deployments of every kind that went live in the window.

    The denominator holds the rollbacks too, else the rate could exceed 1 (dora-definitions, section 4). Evidence ids
    are deployments.
    """
    tally = Tally()
    for deployment in inside(facts.deployments, window):
        if reason := why_not_live(deployment, definition):
            tally.left_out[reason].append(deployment.id)
            continue
        tally.counted.append(deployment.id)
        if deployment.kind in ("hotfix", "rollback"):
            tally.subsets["rework"].append(deployment.id)
    rework = tally.size("rework")
    values: dict[str, float | None] = {"rate": ratio(rework, len(tally.counted)), "rework": rework}
    return tally.figure("rework_rate", values, window, definition)
