"""Deployments in a few words: the last ones, and those that are rolling out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dashboards.figures.now import Health, Recent
from dashboards.figures.question import Question
from plimsoll.insight.outcome import Outcome, outcome
from plimsoll.store.facts import Deployment
from plimsoll.store.queries.attention import Shown, shown
from plimsoll.store.queries.rollouts import UNDER_WAY_FOR


@dataclass(frozen=True, slots=True)
class Line:
    """A deployment as a list shows it; `health` is how its service did in the last minutes."""

    id: int
    at: datetime | None
    service: str | None
    environment: str | None
    version: str
    kind: str | None
    outcome: Outcome
    lead_time_s: float | None
    traffic_percent: float | None
    health: Health | None = None


def latest(asked: Question, most: int) -> list[Line]:
    """Return the last deployments that ended."""
    return lines_of(asked, asked.reading.latest(most, asked.now, asked.teams))


def rolling_out(asked: Question, recent: Recent) -> list[Line]:
    """Return the deployments that are under way."""
    return lines_of(asked, asked.reading.under_way(asked.now - UNDER_WAY_FOR, asked.now, asked.teams), recent)


def lines_of(asked: Question, found: Sequence[Deployment], recent: Recent | None = None) -> list[Line]:
    """Return these deployments, in this order, by the names people know them by."""
    names = shown([each.id for each in found]) if found else {}
    return [_line(each, names[each.id], asked, recent) for each in found if each.id in names]


def _line(each: Deployment, said: Shown, asked: Question, recent: Recent | None) -> Line:
    return Line(
        id=each.id,
        at=each.at,
        service=said.service,
        environment=said.environment,
        version=said.version or (said.sha or "")[:9] or f"#{each.id}",
        kind=each.kind,
        outcome=outcome(each, asked.now),
        lead_time_s=said.lead_time_s,
        traffic_percent=said.traffic_percent,
        health=recent.of(said.service, said.namespace) if recent is not None and said.service else None,
    )
