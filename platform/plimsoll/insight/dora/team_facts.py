"""What a team delivered in the order of time, and what was found of stretches of it, for as long as that holds."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Generic, TypeVar

from plimsoll.insight.metrics.definition import Definition
from plimsoll.insight.metrics.parts import Part
from plimsoll.store.facts import CarriedChange, DeliveryFacts, Deployment, Incident
from plimsoll.store.queries.delivery import Series

TeamId = int | None
Span = tuple[int, int]
"""A stretch of a team's time by what lies in it: the places of the first deployment inside and the first after it."""
Key = TypeVar("Key")
Value = TypeVar("Value")
_MOST_REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Found(Generic[Value]):
    """What was computed of facts at a moment: of the same facts it is the same until `until` (None: for good)."""

    value: Value
    at: datetime
    until: datetime | None

    def holds(self, now: datetime) -> bool:
        """Whether it would be computed the same at this moment."""
        return now == self.at or (now > self.at and (self.until is None or now < self.until))


def first_end(found: Iterable[Found[Value]]) -> datetime | None:
    """Return until when all of these hold."""
    return min((each.until for each in found if each.until is not None), default=None)


def remember(memory: dict[Key, Value], key: Key, value: Value) -> Value:
    """Keep a value; what no longer holds is never asked for again, so a memory begins anew when it is full."""
    if len(memory) >= _MOST_REMEMBERED:
        memory.clear()
    memory[key] = value
    return value


@dataclass(slots=True)
class TeamFacts:
    """What was delivered by a team's services (or by those of no team), sorted for looking up a stretch of time."""

    deployments: list[Deployment] = field(default_factory=list)
    carried: dict[int, list[CarriedChange]] = field(default_factory=dict)
    caused: dict[int, list[Incident]] = field(default_factory=dict)
    known_since: datetime | None = None
    # By metric and span: a minute that passes moves a window's ends, but seldom past a deployment.
    parts: dict[tuple[str, Span], Found[Part]] = field(default_factory=dict)
    _times: list[datetime] = field(default_factory=list)

    def sort(self) -> None:
        """Put the deployments in the order of their times; those without one belong to no window."""
        timed = [(at, each.id, each) for each in self.deployments if (at := each.at) is not None]
        timed.sort(key=lambda entry: entry[:2])
        self.deployments = [each for _, _, each in timed]
        self._times = [at for at, _, _ in timed]

    def same_until(self, other: "TeamFacts") -> int:
        """Return how many of the first deployments are the same in both, with all that is known of them."""
        pairs = zip(self.deployments, other.deployments, strict=False)
        same = (mine == theirs and self._about(mine) == other._about(theirs) for mine, theirs in pairs)
        shorter = min(len(self.deployments), len(other.deployments))
        return next((place for place, is_same in enumerate(same) if not is_same), shorter)

    def _about(self, deployment: Deployment) -> tuple[Sequence[CarriedChange], Sequence[Incident]]:
        return self.carried.get(deployment.id, ()), self.caused.get(deployment.id, ())

    def without(self, services: Collection[int | None]) -> DeliveryFacts:
        """Return the facts of all services but these."""
        return self._facts([each for each in self.deployments if each.service_id not in services])

    def span(self, start: datetime, end: datetime) -> Span:
        """Return where a stretch of time lies."""
        return bisect_left(self._times, start), bisect_left(self._times, end)

    def backwards(self, moment: datetime) -> Iterator[Deployment]:
        """Yield the deployments before a moment, the latest first."""
        return (self.deployments[place] for place in range(bisect_left(self._times, moment) - 1, -1, -1))

    def within(self, span: Span) -> DeliveryFacts:
        """Return the facts of the deployments of a stretch of time."""
        return self._facts(self.deployments[slice(*span)])

    def _facts(self, chosen: Sequence[Deployment]) -> DeliveryFacts:
        carried = [change for each in chosen for change in self.carried.get(each.id, ())]
        caused = [incident for each in chosen for incident in self.caused.get(each.id, ())]
        return DeliveryFacts(tuple(chosen), tuple(carried), (), tuple(caused))


def by_team(facts: DeliveryFacts, series: Iterable[Series], by: Definition) -> dict[TeamId, TeamFacts]:
    """Return the facts sorted by whose deployments they are about."""
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
