"""One recomputation of what deployments, changes and incidents mean together, over the series that were touched."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime

from plimsoll.insight.linkage import causes
from plimsoll.insight.linkage.causes import SeriesKey
from plimsoll.insight.linkage.failures import Evidence, verdict
from plimsoll.insight.linkage.groups import COLLAPSE, Group, collapsed
from plimsoll.insight.linkage.hotfixes import hotfix_test
from plimsoll.insight.linkage.kinds import HORIZON, History, history
from plimsoll.insight.linkage.ranges import Carried, Carrier, carriers
from plimsoll.store.facts import Attempt, Blame, Change, DeploymentLink, Kind, ReportedIncident
from plimsoll.store.references import NOBODY


@dataclass(slots=True)
class Series:
    """The deployments of a service in an environment, in order; those since `since` may mean something else now.

    `is_cut` says that there are older ones which were not read.
    """

    groups: list[Group]
    since: datetime | None
    is_cut: bool = False

    @classmethod
    def of(cls, attempts: Sequence[Attempt], since: datetime, most_before: int) -> "Series":
        """Return the series of these attempts; `most_before` is how many were read from before `since` at most."""
        older = [a for a in attempts if a.at is not None and a.at < since]
        return cls(collapsed(attempts), since, len(older) >= most_before)

    @property
    def fresh(self) -> list[Group]:
        """The deployments whose kind and changes are computed again: a late report can split or join an hour."""
        if self.since is None:
            return []
        return [group for group in self.groups if group.last_at >= self.since - COLLAPSE]

    @property
    def judged(self) -> list[Group]:
        """The deployments of which all that could show a failure is known."""
        return self.groups[HORIZON:] if self.is_cut else self.groups

    def fresh_carriers(self) -> list[Carrier]:
        """Return what the fresh deployments may have carried things from."""
        fresh = {group.id for group in self.fresh}
        return [carrier for carrier in carriers(self.groups) if carrier.id in fresh]

    def history(
        self, found: Sequence[Carried], incidents: Iterable[ReportedIncident], fallen_back: AbstractSet[int]
    ) -> History:
        """Return the kinds of all deployments, and which ones were undone."""
        fresh = {group.id for group in self.fresh}
        known: dict[int, Kind] = {
            group.id: group.attempts[0].kind
            for group in self.groups
            if group.id not in fresh and group.attempts[0].kind is not None
        }
        changes: defaultdict[int, list[Change]] = defaultdict(list)
        for each in found:
            changes[each.link.deployment_id] += [each.change] if each.pull is None else [each.change, each.pull]
        return history(self.groups, known, hotfix_test(changes, incidents), fallen_back)


@dataclass(slots=True)
class Judgement:
    """What a recomputation found: the causes of incidents, and the links of deployment rows."""

    blames: dict[int, Blame] = field(default_factory=dict)
    deployments: list[DeploymentLink] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Case:
    """The incidents to find a cause for, the deployments that senders name, and the links that stand already."""

    incidents: Sequence[ReportedIncident] = ()
    named: Sequence[Attempt] = ()
    # (incident, deployment row, method)
    standing: Sequence[tuple[int, int, str | None]] = ()
    production: frozenset[int] = frozenset()
    # (reverting, reverted) deployment
    reverts: Sequence[tuple[int, int]] = ()


def judged(series: Mapping[SeriesKey, Series], histories: Mapping[SeriesKey, History], case: Case) -> Judgement:
    """Return which deployment caused each incident, and what every deployment row is and whether it failed."""
    heads = {a.id: group.id for each in series.values() for group in each.groups for a in group.attempts}
    undone = {id_ for each in histories.values() for id_ in each.undone}
    anew = {incident.id for incident in case.incidents}
    links = [(heads[row], method) for id_, row, method in case.standing if id_ not in anew and row in heads]
    stated = {head for head, method in links if method == "explicit"}
    found = Judgement()
    for incident in case.incidents:
        if incident.caused_by_ref == NOBODY:
            found.blames[incident.id] = Blame()
        elif (cause := causes.stated(incident, case.named)) is not None:
            head = heads.get(cause.id, cause.id)
            found.blames[incident.id] = Blame(head, "explicit", 1.0)
            stated.add(head)
    found.blames |= _by_window(series, case, undone | stated, set(found.blames))
    blamed = {head for head, method in links if method == "window"}
    blamed |= {b.deployment_id for b in found.blames.values() if b.method == "window" and b.deployment_id is not None}
    evidence = Evidence(stated, undone, _reverted(series, case), blamed)
    for key, each in series.items():
        for group in each.judged:
            failed, reason = verdict(group, evidence)
            found.deployments.append(DeploymentLink(group.id, None, histories[key].kinds[group.id], failed, reason))
            found.deployments += [DeploymentLink(rollout.id, group.id) for rollout in group.attempts[1:]]
    return found


def _reverted(series: Mapping[SeriesKey, Series], case: Case) -> set[int]:
    """Return the deployments of which a change was reverted by one of the next `HORIZON` that went live."""
    place = {group.id: (key, n) for key, each in series.items() for n, group in enumerate(each.groups)}
    found = set()
    for reverting, reverted in case.reverts:
        if reverting in place and reverted in place:
            (key, later), (other, earlier) = place[reverting], place[reverted]
            if key == other and earlier < later <= earlier + HORIZON:
                found.add(reverted)
    return found


def _by_window(series: Mapping[SeriesKey, Series], case: Case, exposed: set[int], done: set[int]) -> dict[int, Blame]:
    """Return the causes of the incidents whose senders name none that is known."""
    groups = {key: each.groups for key, each in series.items()}
    found = {}
    for incident in case.incidents:
        if incident.id in done:
            continue
        found[incident.id] = Blame()
        if incident.opened_at is not None:
            possible = causes.candidates(incident, groups, set(case.production))
            found[incident.id] = causes.by_window(incident.opened_at, possible, exposed)
    return found
