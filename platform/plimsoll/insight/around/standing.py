"""Which metrics one deployment counts towards, and why not the others: asked of the metrics themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from plimsoll.insight.metrics import METRICS
from plimsoll.insight.metrics.definition import STANDARD, Definition
from plimsoll.insight.metrics.figure import Figure
from plimsoll.insight.metrics.recovery_time import Hurt, hurts
from plimsoll.insight.metrics.windows import Window
from plimsoll.store.facts import DeliveryFacts

FOUR: Final = ("deployment_frequency", "lead_time", "change_failure_rate", "recovery_time")
_MOMENT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a deployment counts towards a metric.

    `word` is `counted`, the name of a part that is neither in nor out yet (pending, censored), or the reason for
    leaving it out; `none` where the metric does not ask about such a deployment. `n` is of how many events, `value`
    what they come to: seconds, or for the failure rate 1 or 0.
    """

    metric: str
    word: str
    n: int = 0
    value: float | None = None
    # what else was left out of the same deployment, by reason
    left_out: Mapping[str, int] | None = None

    @property
    def is_counted(self) -> bool:
        """Whether the metric's value would be another one without it."""
        return self.word == "counted"


def standings(facts: DeliveryFacts, deployment_id: int, now: datetime, by: Definition = STANDARD) -> list[Standing]:
    """Return how a deployment stands to each of the four metrics; `facts` are those of a window that it is in."""
    own = _only(facts, deployment_id)
    if (window := _moment(own)) is None:
        return [Standing(metric, "no_time") for metric in FOUR]
    return [_standing(METRICS[metric](own, window, now, by)) for metric in FOUR]


def hurt_of(facts: DeliveryFacts, deployment_id: int, now: datetime, by: Definition = STANDARD) -> Hurt | None:
    """Return for how long a deployment hurt, as the recovery time counts it; None where it is not asked for it."""
    own = _only(facts, deployment_id)
    window = _moment(own)
    return None if window is None else next(hurts(own, window, now, by), None)


def _moment(own: DeliveryFacts) -> Window | None:
    """Return the window that the only deployment is in, and nothing else."""
    at = own.deployments[0].at if own.deployments else None
    return None if at is None else Window(at, at + _MOMENT, ZoneInfo("UTC"))


def _only(facts: DeliveryFacts, id_: int) -> DeliveryFacts:
    """Return what the facts say about one deployment."""
    return replace(
        facts,
        deployments=tuple(each for each in facts.deployments if each.id == id_),
        carried=tuple(each for each in facts.carried if each.deployment_id == id_),
        incidents=(),
        caused=tuple(each for each in facts.caused if each.caused_by == id_),
    )


def _standing(figure: Figure) -> Standing:
    left_out = figure.left_out_reasons
    if figure.counted:
        return Standing(figure.metric, "counted", figure.n, _value(figure), left_out)
    for part in ("pending", "censored"):
        if figure.subsets.get(part):
            known = figure.values.get("pending_failed" if part == "pending" else "open_at_least_s")
            return Standing(figure.metric, part, 0, known)
    reason = max(left_out, key=lambda name: left_out[name], default="none")
    return Standing(figure.metric, reason, 0, None, left_out)


def _value(figure: Figure) -> float | None:
    """Return what the metric makes of the one deployment."""
    name = {"lead_time": "p50_s", "recovery_time": "p50_s", "change_failure_rate": "failed"}.get(figure.metric)
    return None if name is None else figure.values[name]
