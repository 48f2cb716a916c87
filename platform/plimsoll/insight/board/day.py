"""A day of deployments on a line: when each came, and whether it held.

Counted are those that brought something new and touched production. One that failed is named as soon as that is known;
while it is watched, or where linkage has no answer, it is undecided.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from plimsoll.insight.metrics.definition import Definition
from plimsoll.insight.metrics.population import PLANNED, why_never_exposed
from plimsoll.insight.metrics.windows import Window, day_start
from plimsoll.insight.outcome import outcome
from plimsoll.store.facts import Deployment

Outcome = Literal["held", "failed", "undecided"]
# The hours that a day line always shows.
FIRST_HOUR, LAST_HOUR = 8, 20


@dataclass(frozen=True, slots=True)
class Landing:
    """A deployment on the line."""

    id: int
    at: datetime
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Day:
    """One day of deployments, in the order in which they came."""

    day: date
    window: Window
    landings: tuple[Landing, ...]

    def count(self, outcome: Outcome) -> int:
        """How many of them there were."""
        return sum(landing.outcome == outcome for landing in self.landings)

    @property
    def hours(self) -> tuple[int, int]:
        """The first and the last hour of the line: the working day, or wider by even hours where something happened."""
        told = [landing.at.astimezone(self.window.zone) for landing in self.landings]
        begins = min((at.hour for at in told), default=FIRST_HOUR)
        ends = max((at.hour + (at.minute > 0) for at in told), default=LAST_HOUR)
        return min(FIRST_HOUR, begins - begins % 2), max(LAST_HOUR, ends + ends % 2)


def day_of(day: date, zone: ZoneInfo, deployments: Iterable[Deployment], now: datetime, by: Definition) -> Day:
    """Return the day of these deployments."""
    window = Window(day_start(day, zone), day_start(day + timedelta(days=1), zone), zone)
    landings = [
        Landing(each.id, each.at, _became(each, now))
        for each in deployments
        if each.at is not None and each.at in window and is_on_line(each, by)
    ]
    return Day(day, window, tuple(sorted(landings, key=lambda landing: (landing.at, landing.id))))


def is_on_line(deployment: Deployment, by: Definition) -> bool:
    """Whether it brought something new to production, successfully or not."""
    return deployment.kind in PLANNED and why_never_exposed(deployment, by) is None


def _became(deployment: Deployment, now: datetime) -> Outcome:
    """Return what became of a deployment, as a line has room for: what is still watched is undecided."""
    found = outcome(deployment, now)
    return "undecided" if found == "pending" else found
