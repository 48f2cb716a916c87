"""The four numbers of a board: over the last 28 days, over the 28 before, and how they went from day to day.

A point of the line under a number is what the number was at the end of a day, and the last what it is: the same metric
over the 28 days until then. So a day on which nothing happened is neither zero nor a gap.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from plimsoll.insight.dora.reading import Answer, Reading
from plimsoll.insight.dora.team_facts import TeamId
from plimsoll.insight.metrics.parts import HEADLINES
from plimsoll.insight.metrics.windows import Window

DAYS: Final = 28
# How far back the facts must reach: to the window before the window, in which the line begins.
MEMORY: Final = timedelta(days=2 * DAYS + 1)
_PENDING: Final = {"change_failure_rate": "pending", "recovery_time": "censored"}


@dataclass(frozen=True, slots=True)
class Number:
    """A metric over the window; `value` is None when unknown, `n` is how many events it was computed from.

    `before` is the value of the equal window before, None where not all of it is known: a part is less than the whole.
    `pending` may still fail, or still hurts. `points` are by day, the last is the value.
    """

    metric: str
    value: float | None
    before: float | None
    n: int | None
    left_out: int
    left_out_reasons: str
    pending: int | None
    points: tuple[float | None, ...] = ()


def window_until(now: datetime, zone: ZoneInfo) -> Window:
    """Return the window that ends with the current minute: what was just reported is in, and it stays for a minute."""
    end = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return Window(end - timedelta(days=DAYS), end, zone)


def numbers(
    reading: Reading, window: Window, now: datetime, teams: Collection[TeamId] | None = None, *, points: bool = True
) -> tuple[Number, ...]:
    """Return the four numbers of these teams together, None means all, in the order of a board."""
    before = Window(window.start - (window.end - window.start), window.start, window.zone)
    current = reading.answers(window, now, teams)
    earlier = reading.answers(before, now, teams) if reading.knows(before, teams) else {}
    lines = reading.lines(window, now, teams) if points else {}
    return tuple(_number(current[metric], earlier.get(metric), tuple(lines.get(metric, ()))) for metric in HEADLINES)


def _number(answer: Answer, before: Answer | None, points: tuple[float | None, ...]) -> Number:
    pending = _PENDING.get(answer.metric)
    # Before anything was known of deployments a count of nothing is not zero.
    n = answer.n if answer.is_known or answer.metric in ("lead_time", "recovery_time") else None
    return Number(
        metric=answer.metric,
        value=answer.value,
        before=None if before is None else before.value,
        n=n,
        left_out=sum(answer.left_out.values()),
        left_out_reasons="; ".join(f"{reason}={count}" for reason, count in sorted(answer.left_out.items())),
        pending=answer.subsets.get(pending, 0) if pending and answer.is_known else None,
        points=points,
    )
