"""One reading of the facts, from which the four metrics of any window, bucket and team are answered.

A page asks for now, the window before, every day of it, and each team: `rows` would read the facts again for each.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from heapq import merge
from itertools import islice

from plimsoll.insight.dora.team_facts import Found, Span, TeamFacts, TeamId, by_team, first_end, remember
from plimsoll.insight.metrics import METRICS
from plimsoll.insight.metrics.change_failure_rate import settles_at
from plimsoll.insight.metrics.definition import Definition
from plimsoll.insight.metrics.figure import Figure
from plimsoll.insight.metrics.parts import HEADLINES, Part, part_of, together, values
from plimsoll.insight.metrics.windows import Bucket, Window, buckets
from plimsoll.store.facts import DeliveryFacts, Deployment
from plimsoll.store.queries.delivery import Series

# What is divided by the length of its window; the others are of what happened in it.
_RATES = frozenset({"deployment_frequency"})


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


Spans = tuple[Span, ...]
Teams = tuple[TeamId, ...] | None


class Reading:
    """The facts since `start` and what was computed from them so far; it never changes.

    What metrics say of a window depends on the deployments in it, not on its ends: so it is remembered by these, and
    for as long as none of them settles by itself.
    """

    def __init__(self, start: datetime, by: Definition, facts: DeliveryFacts, series: Iterable[Series]) -> None:
        self.start = start
        self.by = by
        self.teams = by_team(facts, series, by)
        # What all teams' days are together, and answers.
        self._together: dict[tuple[str, Spans], Found[Part]] = {}
        self._answers: dict[tuple[str, Teams, Spans, float], Found[Answer]] = {}
        # Where stretches of time lie in all teams.
        self._spans: dict[tuple[datetime, datetime], Spans] = {}

    def renewed(self, whose: Collection[TeamId], news: Mapping[TeamId, TeamFacts]) -> "Reading":
        """Return a reading with other facts of these teams, and none where there is no news of one."""
        found = Reading(self.start, self.by, DeliveryFacts(), ())
        found.teams = {team: own for team, own in self.teams.items() if team not in whose or team in news} | dict(news)
        found.take_over(self)
        return found

    def take_over(self, older: "Reading") -> None:
        """Keep what an older reading computed of facts that are the same: of each team all before its first news.

        So a deployment of today is no reason to look at the days that are over.
        """
        news: dict[TeamId, int] = {}
        for team, own in self.teams.items():
            before = older.teams.get(team)
            if before is not None and before is not own:
                news[team] = own.same_until(before)
                own.parts = {
                    key: found for key, found in before.parts.copy().items() if self._is_before([team], [key[1]], news)
                }
        if list(self.teams) == list(older.teams):
            days, answers = older._together.copy(), older._answers.copy()
            self._together = {key: day for key, day in days.items() if self._is_before(None, key[1], news)}
            self._answers = {key: each for key, each in answers.items() if self._is_before(key[1], key[2], news)}

    def _is_before(self, whose: Collection[TeamId] | None, spans: Iterable[Span], news: Mapping[TeamId, int]) -> bool:
        """Whether these stretches of time of teams end before their first news; those without any are as they were."""
        teams = self.teams if whose is None else (team for team in whose if team in self.teams)
        return all(span[1] <= news.get(team, span[1]) for team, span in zip(teams, spans, strict=True))

    def answers(
        self,
        window: Window,
        now: datetime,
        teams: Collection[TeamId] | None = None,
        metrics: Collection[str] = tuple(HEADLINES),
    ) -> dict[str, Answer]:
        """Return metrics over a window, of these teams together; None means all."""
        whose = None if teams is None else tuple(teams)
        spans = self._spans_of(window, whose)
        is_known = self._is_known(window, now, teams)
        found = {}
        for metric in metrics:
            key = (metric, whose, spans, _length(window))
            known = self._answers.get(key)
            if known is None or not known.holds(now):
                known = remember(self._answers, key, self._answer(metric, window, now, whose))
            found[metric] = _told(known.value, window, is_known)
        return found

    def lines(
        self,
        window: Window,
        now: datetime,
        teams: Collection[TeamId] | None = None,
        metrics: Collection[str] = tuple(HEADLINES),
        step: int = 1,
    ) -> dict[str, list[float | None]]:
        """Return what metrics were at the end of each day of a window, or each `step`-th, and at last what they are.

        A rate over a time that is known in part would climb by itself: there it is None, but for the figure itself.
        """
        found: dict[str, list[float | None]] = {metric: [] for metric in metrics}
        *earlier, last = trailing(window, step)
        for each in (*earlier, last):
            answers, is_whole = self.answers(each, now, teams, metrics), each is last or self.knows(each, teams)
            for metric in metrics:
                found[metric].append(answers[metric].value if is_whole or metric not in _RATES else None)
        return found

    def _answer(self, metric: str, window: Window, now: datetime, whose: Teams) -> Found[Answer]:
        days = days_of(window)
        if whose is None:
            parts = [self._whole(metric, day, now) for day in days]
        else:
            parts = [self._part(metric, team, day, now) for team in self._chosen(whose) for day in days]
        all_ = together(part.value for part in parts)
        told = values(metric, all_, _length(window))
        answer = Answer(metric, window, told[HEADLINES[metric]], all_.n, all_.left_out, all_.subsets, told, True)
        return Found(answer, now, first_end(parts))

    def _spans_of(self, window: Window, whose: Teams) -> Spans:
        """Return where a window lies in each of these teams."""
        if whose is not None:
            return tuple(team.span(window.start, window.end) for team in self._chosen(whose))
        key = (window.start, window.end)
        known = self._spans.get(key)
        return known or remember(self._spans, key, tuple(team.span(*key) for team in self.teams.values()))

    def series(
        self,
        window: Window,
        bucket: Bucket,
        now: datetime,
        teams: Collection[TeamId] | None = None,
        metrics: Collection[str] = tuple(HEADLINES),
    ) -> list[tuple[Window, dict[str, Answer]]]:
        """Return metrics over each calendar bucket of a window."""
        parts = days_of(window) if bucket == "day" else buckets(window, bucket)
        return [(part, self.answers(part, now, teams, metrics)) for part in parts]

    def figure(self, metric: str, window: Window, now: datetime, teams: Collection[TeamId] | None = None) -> Figure:
        """Return a metric with the ids behind its numbers."""
        return METRICS[metric](self.facts(window, teams), window, now, self.by)

    def facts(self, window: Window, teams: Collection[TeamId] | None = None) -> DeliveryFacts:
        """Return the facts of the deployments of a window."""
        parts = [team.within(team.span(window.start, window.end)) for team in self._chosen(teams)]
        return DeliveryFacts(
            tuple(each for part in parts for each in part.deployments),
            tuple(each for part in parts for each in part.carried),
            (),
            tuple(each for part in parts for each in part.caused),
        )

    def deployments(
        self, start: datetime, end: datetime, teams: Collection[TeamId] | None = None
    ) -> Iterator[Deployment]:
        """Yield the deployments of a stretch of time, wherever they were, team by team."""
        for team in self._chosen(teams):
            yield from team.deployments[slice(*team.span(start, end))]

    def latest(self, most: int, now: datetime, teams: Collection[TeamId] | None = None) -> list[Deployment]:
        """Return the last deployments that ended up to now where it counts, the latest first."""
        # What happens in this very moment is in.
        told = self.before(now + timedelta.resolution, teams)
        ended = (each for each in told if each.finished_at is not None and self._counts(each))
        return list(islice(ended, most))

    def under_way(self, since: datetime, now: datetime, teams: Collection[TeamId] | None = None) -> list[Deployment]:
        """Return the deployments that began after a moment and whose end is not reported, the latest first."""
        told = self.deployments(since, now + timedelta.resolution, teams)
        found = [each for each in told if each.unfinished and each.began_at is not None and self._counts(each)]
        return sorted(found, key=_place, reverse=True)

    def before(self, moment: datetime, teams: Collection[TeamId] | None = None) -> Iterator[Deployment]:
        """Yield the deployments before a moment, wherever they were, the latest first."""
        return merge(*(team.backwards(moment) for team in self._chosen(teams)), key=_place, reverse=True)

    def known_since(self, teams: Collection[TeamId] | None = None) -> datetime | None:
        """Return since when anything is known of the deployments of these teams."""
        return min((team.known_since for team in self._chosen(teams) if team.known_since is not None), default=None)

    def knows(self, window: Window, teams: Collection[TeamId] | None = None) -> bool:
        """Whether deployments of these teams are known over all of a window, give or take a day."""
        since = self.known_since(teams)
        return since is not None and since - window.start < timedelta(days=1)

    def _counts(self, deployment: Deployment) -> bool:
        return deployment.environment_class in self.by.environment_classes

    def _chosen(self, teams: Collection[TeamId] | None) -> list[TeamFacts]:
        if teams is None:
            return list(self.teams.values())
        return [self.teams[team] for team in teams if team in self.teams]

    def _part(self, metric: str, team: TeamFacts, day: Window, now: datetime) -> Found[Part]:
        """Return what a metric found in a day, or in the part of one that a window cuts off."""
        key = (metric, span) = (metric, team.span(day.start, day.end))
        known = team.parts.get(key)
        if known is not None and known.holds(now):
            return known
        facts = team.within(span)
        part = part_of(METRICS[metric](facts, day, now, self.by))
        return remember(team.parts, key, Found(part, now, self._until(part, facts.deployments, now)))

    def _until(self, part: Part, deployments: Iterable[Deployment], now: datetime) -> datetime | None:
        """Return when time alone makes another of a part: at once while something hurts, or when something settles."""
        if part.subsets.get("censored"):
            return now
        if part.is_settled:
            return None
        settling = (settles_at(each, self.by) for each in deployments)
        return min((at for at in settling if at is not None and at > now), default=None)

    def _whole(self, metric: str, day: Window, now: datetime) -> Found[Part]:
        """Return what a metric found in a day, or in a part of one, of all teams."""
        key = (metric, self._spans_of(day, None))
        known = self._together.get(key)
        if known is not None and known.holds(now):
            return known
        parts = [self._part(metric, team, day, now) for team in self.teams.values()]
        return remember(self._together, key, Found(together(each.value for each in parts), now, first_end(parts)))

    def _is_known(self, window: Window, now: datetime, teams: Collection[TeamId] | None) -> bool:
        since = self.known_since(teams)
        return since is not None and since < window.end and window.start < now


def _told(answer: Answer, window: Window, is_known: bool) -> Answer:
    """Return the answer of a window with the same deployments; it is no count when nothing was known."""
    if is_known and answer.window == window:
        return answer
    value = answer.value if is_known or answer.metric != "deployment_frequency" else None
    return replace(answer, window=window, value=value, is_known=is_known)


def _place(deployment: Deployment) -> tuple[datetime, int]:
    assert deployment.at is not None, "those without a time are in no order"
    return deployment.at, deployment.id


# The days of a window are the same for every team and metric; telling them takes longer than adding them up.
@lru_cache(maxsize=256)
def days_of(window: Window) -> tuple[Window, ...]:
    """Return the calendar days of a window, the first and the last cut to it."""
    return tuple(buckets(window, "day"))


@lru_cache(maxsize=64)
def trailing(window: Window, step: int = 1) -> tuple[Window, ...]:
    """Return windows as long as this one, ending with each of its days, or each `step`-th: the last is this one.

    So a line of them tells what a figure was at the end of each day, and ends where the figure is.
    """
    ends = [day.end for day in days_of(window)]
    length = window.end - window.start
    return tuple(Window(end - length, end, window.zone) for end in ends[(len(ends) - 1) % step :: step])


@lru_cache(maxsize=4096)
def _length(window: Window) -> float:
    return window.days
