"""The facts of a reading, sorted into the groups and windows that rows are made of."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from plimsoll.insight.metrics.windows import Window
from plimsoll.store.facts import CarriedChange, DeliveryFacts, Deployment, Incident
from plimsoll.store.queries.delivery import Series

GROUPS = ("team", "service", "environment")
GroupKey = tuple[int | None, int | None, int | None]
"""Ids of team, service and environment; None where rows are not grouped by it, or where it is unknown."""
Fact = TypeVar("Fact")


@dataclass(slots=True)
class Group:
    """The facts of one group, and since when anything is known of its deployments."""

    deployments: list[Deployment] = field(default_factory=list)
    carried: list[CarriedChange] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    caused: list[Incident] = field(default_factory=list)
    known_since: datetime | None = None

    def is_known(self, window: Window, now: datetime) -> bool:
        """Return whether a count of zero in the window is measured, not just unreported."""
        return self.known_since is not None and self.known_since < window.end and window.start < now

    def slices(self, windows: Sequence[Window]) -> Iterator[tuple[Window, DeliveryFacts]]:
        """Yield each of the windows, which follow each other, with the facts that can matter to it."""
        deployments = _by_time(windows, ((each.at, each) for each in self.deployments))
        incidents = _by_time(windows, ((each.opened_at or each.resolved_at, each) for each in self.incidents))
        place = {deployment.id: index for index, part in enumerate(deployments) for deployment in part}
        carried = _by_place(len(windows), ((place.get(each.deployment_id), each) for each in self.carried))
        caused = _by_place(len(windows), ((place.get(each.caused_by or 0), each) for each in self.caused))
        for index, window in enumerate(windows):
            yield (
                window,
                DeliveryFacts(
                    tuple(deployments[index]), tuple(carried[index]), tuple(incidents[index]), tuple(caused[index])
                ),
            )


def grouped(
    facts: DeliveryFacts, series: Iterable[Series], group_by: Collection[str], classes: Collection[str]
) -> dict[GroupKey, Group]:
    """Return the facts by group: every group that was ever deployed to an environment of the classes, or had incidents.

    Without grouping there is one group, also when nothing is known.
    """
    groups: dict[GroupKey, Group] = {} if group_by else {(None, None, None): Group()}
    for each in series:
        if each.environment_class in classes:
            group = groups.setdefault(_key(group_by, each.team_id, each.service_id, each.environment_id), Group())
            known = (group.known_since, each.known_since)
            group.known_since = min((at for at in known if at is not None), default=None)
    for incident in facts.incidents:
        if incident.environment_class is None or incident.environment_class in classes:
            for key in _keys(group_by, incident):
                groups.setdefault(key, Group()).incidents.append(incident)
    owner: dict[int, Group] = {}
    for deployment in facts.deployments:
        key = _key(group_by, deployment.team_id, deployment.service_id, deployment.environment_id)
        if key in groups:
            owner[deployment.id] = groups[key]
            groups[key].deployments.append(deployment)
    for change in facts.carried:
        if change.deployment_id in owner:
            owner[change.deployment_id].carried.append(change)
    for incident in facts.caused:
        if incident.caused_by in owner:
            owner[incident.caused_by].caused.append(incident)
    return groups


def _key(group_by: Collection[str], *ids: int | None) -> GroupKey:
    team, service, environment = (id_ if name in group_by else None for name, id_ in zip(GROUPS, ids, strict=True))
    return team, service, environment


def _keys(group_by: Collection[str], incident: Incident) -> set[GroupKey]:
    """Return the groups of an incident: one for each service it affects, or none in particular."""
    affected: list[tuple[int | None, int | None]] = list(zip(incident.team_ids, incident.service_ids, strict=True))
    return {_key(group_by, team, service, incident.environment_id) for team, service in affected or [(None, None)]}


def _by_time(windows: Sequence[Window], facts: Iterable[tuple[datetime | None, Fact]]) -> list[list[Fact]]:
    """Return the facts of each window; those before the first and after the last are in none."""
    starts = [window.start for window in windows]
    found: list[list[Fact]] = [[] for _ in windows]
    for at, fact in facts:
        if at is not None and starts and starts[0] <= at < windows[-1].end:
            found[bisect_right(starts, at) - 1].append(fact)
    return found


def _by_place(count: int, facts: Iterable[tuple[int | None, Fact]]) -> list[list[Fact]]:
    found: list[list[Fact]] = [[] for _ in range(count)]
    for place, fact in facts:
        if place is not None:
            found[place].append(fact)
    return found
