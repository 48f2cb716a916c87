"""One reading of the facts, from which the four metrics of any window, bucket and team are answered.

A page asks for now, the window before, every day of it, and each team: `rows` would read the facts again for each.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice

from plimsoll.insight.metrics import METRICS
from plimsoll.insight.metrics.definition import Definition
from plimsoll.insight.metrics.figure import Figure
from plimsoll.insight.metrics.parts import HEADLINES, Part, part_of, together, values
from plimsoll.insight.metrics.windows import Bucket, Window, buckets, day_start, local_day
from plimsoll.store.facts import CarriedChange, DeliveryFacts, Deployment, Incident
from plimsoll.store.queries.delivery import Series

TeamId = int | None
Parts = dict[tuple[datetime, datetime], Mapping[str, Part]]


@dataclass(frozen=True, slots=True)
class Answer:
    """A metric over a window: `value` is the headline, None when unknown; `n` is how many events it was computed from.

    `is_known` says whether a count of nothing was measured, not just unreported.
    """

    metric: str
    window: Window
    value: float | None
    n: int
    left_out: Mapping[str, int]
    subsets: Mapping[str, int]
    values: Mapping[str, float | None]
    is_known: bool


@dataclass(slots=True)
class TeamFacts:
    """What was delivered by a team's services (or by those of no team), sorted for looking up a stretch of time."""

    deployments: list[Deployment] = field(default_factory=list)
    carried: dict[int, list[CarriedChange]] = field(default_factory=dict)
    caused: dict[int, list[Incident]] = field(default_factory=dict)
    known_since: datetime | None = None
    parts: Parts = field(default_factory=dict)
    _passing: tuple[datetime, Parts] | None = None
    _times: list[datetime] = field(default_factory=list)

    def sort(self) -> None:
        """Put the deployments in the order of their times; those without one belong to no window."""
        timed = [(each.at, each.id, each) for each in self.deployments if each.at is not None]
        timed.sort(key=lambda entry: entry[:2])
        self.deployments = [each for _, _, each in timed]
        self._times = [at for at, _, _ in timed]

    def passing_at(self, now: datetime) -> Parts:
        """Return what was computed of the moment alone: the questions of one page are about the same moment."""
        passing = self._passing
        if passing is None or passing[0] != now:
            passing = self._passing = (now, {})
        return passing[1]

    def same_facts(self, other: "TeamFacts") -> bool:
        """Whether both would answer the same."""
        mine = (self.deployments, self.carried, self.caused, self.known_since)
        return mine == (other.deployments, other.carried, other.caused, other.known_since)

    def within(self, start: datetime, end: datetime) -> DeliveryFacts:
        """Return the facts of the deployments of a stretch of time."""
        chosen = self.deployments[bisect_left(self._times, start) : bisect_left(self._times, end)]
        carried = [change for each in chosen for change in self.carried.get(each.id, ())]
        caused = [incident for each in chosen for incident in self.caused.get(each.id, ())]
        return DeliveryFacts(tuple(chosen), tuple(carried), (), tuple(caused))


class Reading:
    """The facts since `start` and what was computed from them so far; it never changes."""

    def __init__(self, start: datetime, by: Definition, facts: DeliveryFacts, series: Iterable[Series]) -> None:
        self.start = start
        self.by = by
        self.teams = _by_team(facts, series, by)
        # What all teams' days are together, kept like a team's.
        self._whole = TeamFacts()
        # Answers about days that nothing but new facts can change, such as the points of a line.
        self._settled: dict[tuple[Window, tuple[TeamId, ...] | None, tuple[str, ...]], dict[str, Answer]] = {}

    def take_over(self, older: "Reading") -> None:
        """Keep what an older reading computed of teams whose facts are still the same."""
        for team, own in self.teams.items():
            before = older.teams.get(team)
            if before is not None and before.same_facts(own):
                own.parts = before.parts

    def answers(
        self,
        window: Window,
        now: datetime,
        teams: Collection[TeamId] | None = None,
        metrics: Collection[str] = tuple(HEADLINES),
    ) -> dict[str, Answer]:
        """Return metrics over a window, of these teams together; None means all."""
        asked = (window, None if teams is None else tuple(teams), tuple(metrics))
        if asked in self._settled:
            return dict(self._settled[asked])
        days = _days(window)
        if teams is None:
            parts = [self._together(day, now) for day in days]
        else:
            parts = [self._parts(team, day, now) for team in self._chosen(teams) for day in days]
        is_known = self._is_known(window, now, teams)
        found = {metric: _answer(metric, [part[metric] for part in parts], window, is_known) for metric in metrics}
        if all((day.start, day.end) in team.parts for team in self._chosen(teams) for day in days):
            self._settled[asked] = found
        return dict(found)

    def series(
        self,
        window: Window,
        bucket: Bucket,
        now: datetime,
        teams: Collection[TeamId] | None = None,
        metrics: Collection[str] = tuple(HEADLINES),
    ) -> list[tuple[Window, dict[str, Answer]]]:
        """Return metrics over each calendar bucket of a window."""
        parts = _days(window) if bucket == "day" else buckets(window, bucket)
        return [(part, self.answers(part, now, teams, metrics)) for part in parts]

    def figure(self, metric: str, window: Window, now: datetime, teams: Collection[TeamId] | None = None) -> Figure:
        """Return a metric with the ids behind its numbers."""
        return METRICS[metric](self.facts(window, teams), window, now, self.by)

    def facts(self, window: Window, teams: Collection[TeamId] | None = None) -> DeliveryFacts:
        """Return the facts of the deployments of a window."""
        parts = [team.within(window.start, window.end) for team in self._chosen(teams)]
        return DeliveryFacts(
            tuple(each for part in parts for each in part.deployments),
            tuple(each for part in parts for each in part.carried),
            (),
            tuple(each for part in parts for each in part.caused),
        )

    def latest(self, most: int, now: datetime, teams: Collection[TeamId] | None = None) -> list[Deployment]:
        """Return the last deployments that ended up to now where it counts, the latest first."""
        ended = (
            each
            for team in self._chosen(teams)
            for each in islice(self._counting(team, now), most)
            if each.finished_at is not None
        )
        return sorted(ended, key=lambda each: (each.at, each.id), reverse=True)[:most]

    def under_way(self, since: datetime, now: datetime, teams: Collection[TeamId] | None = None) -> list[Deployment]:
        """Return the deployments that began after a moment and whose end is not reported, the latest first."""
        found = [
            each
            for team in self._chosen(teams)
            for each in self._counting(team, now, since)
            if each.unfinished and each.began_at is not None
        ]
        return sorted(found, key=lambda each: (each.at, each.id), reverse=True)

    def _counting(self, team: TeamFacts, now: datetime, since: datetime | None = None) -> Iterator[Deployment]:
        """Yield the deployments of the definition's environments up to now, the latest first."""
        for each in reversed(team.deployments):
            if since is not None and (each.at or since) < since:
                return
            if (each.at or now) <= now and each.environment_class in self.by.environment_classes:
                yield each

    def _chosen(self, teams: Collection[TeamId] | None) -> list[TeamFacts]:
        if teams is None:
            return list(self.teams.values())
        return [self.teams[team] for team in teams if team in self.teams]

    def _parts(self, team: TeamFacts, day: Window, now: datetime) -> Mapping[str, Part]:
        """Return what the metrics found in a day, or in the part of one that a window cuts off."""
        key = (day.start, day.end)
        passing = team.passing_at(now)
        found = team.parts.get(key) or passing.get(key)
        if found is None:
            facts = team.within(*key)
            figures = {metric: METRICS[metric](facts, day, now, self.by) for metric in HEADLINES}
            found = {metric: part_of(figure) for metric, figure in figures.items()}
            # What is pending or still hurts changes by itself; a day that is cut is not asked for again.
            is_lasting = _length(day) == 1 and day.end <= now and all(part.is_settled for part in found.values())
            (team.parts if is_lasting else passing)[key] = found
        return found

    def _together(self, day: Window, now: datetime) -> Mapping[str, Part]:
        """Return what the metrics found in a day, or in a part of one, of all teams."""
        key = (day.start, day.end)
        passing = self._whole.passing_at(now)
        found = self._whole.parts.get(key) or passing.get(key)
        if found is None:
            each = [self._parts(team, day, now) for team in self.teams.values()]
            found = {metric: together(part[metric] for part in each) for metric in HEADLINES}
            is_lasting = all(key in team.parts for team in self.teams.values())
            (self._whole.parts if is_lasting else passing)[key] = found
        return found

    def known_since(self, teams: Collection[TeamId] | None = None) -> datetime | None:
        """Return since when anything is known of the deployments of these teams."""
        return min((team.known_since for team in self._chosen(teams) if team.known_since is not None), default=None)

    def _is_known(self, window: Window, now: datetime, teams: Collection[TeamId] | None) -> bool:
        since = self.known_since(teams)
        return since is not None and since < window.end and window.start < now


def _answer(metric: str, parts: Sequence[Part], window: Window, is_known: bool) -> Answer:
    whole = together(parts)
    told = values(metric, whole, _length(window))
    value = told[HEADLINES[metric]] if is_known or metric != "deployment_frequency" else None
    return Answer(metric, window, value, whole.n, whole.left_out, whole.subsets, told, is_known)


@lru_cache(maxsize=1024)
def days_until(day: Window, count: int) -> Window:
    """Return so many calendar days, of which this one is the last."""
    first = local_day(day.start, day.zone) - timedelta(days=count - 1)
    return Window(day_start(first, day.zone), day.end, day.zone)


# The days of a window are the same for every team and metric; telling them takes longer than adding them up.
@lru_cache(maxsize=256)
def _days(window: Window) -> tuple[Window, ...]:
    return tuple(buckets(window, "day"))


@lru_cache(maxsize=4096)
def _length(window: Window) -> float:
    return window.days


def _by_team(facts: DeliveryFacts, series: Iterable[Series], by: Definition) -> dict[TeamId, TeamFacts]:
    teams: defaultdict[TeamId, TeamFacts] = defaultdict(TeamFacts)
    owner: dict[int | None, TeamFacts] = {}
    for each in facts.deployments:
        owner[each.id] = teams[each.team_id]
        teams[each.team_id].deployments.append(each)
    for change in facts.carried:
        owner[change.deployment_id].carried.setdefault(change.deployment_id, []).append(change)
    for incident in facts.caused:
        if incident.caused_by is not None:
            owner[incident.caused_by].caused.setdefault(incident.caused_by, []).append(incident)
    for one in series:
        if one.environment_class in by.environment_classes:
            known = (teams[one.team_id].known_since, one.known_since)
            teams[one.team_id].known_since = min((at for at in known if at is not None), default=None)
    for team in teams.values():
        team.sort()
    return dict(teams)
