"""What a page's filters ask of the delivery metrics, and the reading that answers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dashboards.frame.filters import Filters
from plimsoll.insight import dora
from plimsoll.insight.board.numbers import DAYS
from plimsoll.insight.dora import kept
from plimsoll.insight.dora.reading import Answer, Reading
from plimsoll.insight.metrics.figure import Figure
from plimsoll.insight.metrics.windows import Bucket, Window, day_start, local_day
from plimsoll.store.queries.board import has_deployments, has_incidents
from plimsoll.store.queries.datasets.facts import ENVIRONMENT_CLASSES
from plimsoll.store.queries.teams import TeamName, teams

_DAY = timedelta(days=1)
# Longer ranges are drawn by weeks.
_MOST_DAILY = 62


@dataclass(frozen=True, slots=True)
class Question:
    """A page's window and the one before, the facts of both, and the teams they are about (None: all)."""

    filters: Filters
    now: datetime
    reading: Reading
    window: Window
    previous: Window
    names: Mapping[int, TeamName]
    teams: tuple[int, ...] | None
    # whether anything of the kind was ever reported, by anybody
    has_deployments: bool
    has_incidents: bool

    def answers(self) -> dict[str, Answer]:
        """Return the four metrics over the window."""
        return self.reading.answers(self.window, self.now, self.teams)

    def before(self) -> dict[str, Answer]:
        """Return the four metrics over the equal window before."""
        return self.reading.answers(self.previous, self.now, self.teams)

    def knows(self, window: Window) -> bool:
        """Whether deployments are known over all of a window, give or take a day."""
        return self.reading.knows(window, self.teams)

    def of_team(self, team: TeamName) -> "Question":
        """Return the same question about one team."""
        return replace(self, teams=(team.id,), filters=self.filters.limited_to(team.slug))

    @property
    def drawn(self) -> Window:
        """The window of a chart: whole days, or weeks, and today so far."""
        zone = self.window.zone
        first = local_day(self.window.start, zone)
        if self.bucket == "week":
            first -= _DAY * first.weekday()
        last = local_day(min(self.window.end - timedelta(microseconds=1), self.now), zone)
        end = last + (_DAY * (7 - last.weekday()) if self.bucket == "week" else _DAY)
        return Window(day_start(first, zone), day_start(end, zone), zone)

    @property
    def bucket(self) -> Bucket:
        """What one point of a chart stands for."""
        return bucket_of(self.filters)


def bucket_of(filters: Filters) -> Bucket:
    """Return what one bar of a chart over this range stands for."""
    return "day" if filters.days <= _MOST_DAILY else "week"


def question(filters: Filters, now: datetime) -> Question:
    """Return what the filters ask; a service that is named is read by itself."""
    window = Window(filters.start, filters.end, filters.zone)
    previous = Window(*filters.previous, filters.zone)
    names = {team.id: team for team in teams()}
    chosen = tuple(id_ for id_, team in names.items() if team.slug in filters.teams) if filters.teams else None
    reading = kept.reading(
        # Four weeks at least, for lists of what came last; more by a week, for a chart's first day or week is whole.
        start=min(previous.start, window.start - _DAY * DAYS) - _DAY * 7,
        now=now,
        environments=filters.environments,
        environment_classes=_classes(filters),
        services=filters.services,
    )
    return Question(filters, now, reading, window, previous, names, chosen, has_deployments(), has_incidents())


def figure_of_another(metric: str, filters: Filters, now: datetime) -> Figure:
    """Return a metric that is none of the four: no reading is kept for it."""
    return dora.figure(
        metric,
        start=filters.start,
        end=filters.end,
        now=now,
        tz=filters.zone.key,
        teams=filters.teams,
        services=filters.services,
        environments=filters.environments,
        environment_classes=_classes(filters),
    )


def _classes(filters: Filters) -> tuple[str, ...]:
    """Return the classes of environment that count: where some are named, these of whatever class."""
    return ENVIRONMENT_CLASSES if filters.environments else ("production",)
