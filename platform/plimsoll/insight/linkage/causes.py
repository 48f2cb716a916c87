"""Which deployment caused an incident: the one its sender names, else the latest one that can be blamed."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from plimsoll.insight.linkage.groups import Group
from plimsoll.insight.linkage.versions import same_sha
from plimsoll.store.facts import Attempt, Blame, ReportedIncident
from plimsoll.store.references import row_of

WINDOW = timedelta(hours=24)
"""How long after its finish a deployment can be blamed (dora-definitions, section 4: attribution window)."""
SUREST, LEAST_SURE = 0.9, 0.4
# An external id that no other system gives to something else: a UUID, or a path such as acme/pay/42.
_QUALIFIED = re.compile(r"/|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", re.IGNORECASE)

SeriesKey = tuple[int, int]


def stated(incident: ReportedIncident, named: Iterable[Attempt]) -> Attempt | None:
    """Return the deployment row that the incident's sender names, or None where the name leaves a doubt.

    First an external id of the same source. Then, among the incident's own services: any external id, url, version, sha
    (or the beginning of one); of several, the one of its environment, begun before it opened, the latest. Versions and
    bare numbers repeat across services, so elsewhere only a name that is one anywhere counts: a url, a sha, an external
    id that is a UUID or a path, and any external id when the incident has no service; and only where a single service
    and environment bears it.
    """
    reference = incident.caused_by_ref
    if not reference:
        return None
    found = [match for attempt in named if any((match := _Match.of(attempt, reference)).fits)]
    source = incident.source_id
    same_source = [each for each in found if source is not None and each.by_external_id_of(source)]
    own = [each for each in found if each.attempt.service_id in incident.service_ids]
    suspects = same_source or own or _elsewhere(incident, reference, found)
    return max(suspects, key=lambda each: each.likeness(incident)).attempt if suspects else None


def _elsewhere(incident: ReportedIncident, reference: str, found: Iterable["_Match"]) -> list["_Match"]:
    """Return the matches outside the incident's services if they leave no doubt, else none."""
    is_one_anywhere = not incident.service_ids or _QUALIFIED.search(reference) is not None
    sure = [each for each in found if each.by_url or each.by_sha or (each.by_external_id and is_one_anywhere)]
    nearest = [each for each in sure if each.attempt.environment_id == incident.environment_id] or sure
    places = {(each.attempt.service_id, each.attempt.environment_id) for each in nearest}
    return nearest if len(places) == 1 else []


@dataclass(frozen=True, slots=True)
class _Match:
    """A deployment row, and by which of its names a reference means it."""

    attempt: Attempt
    by_external_id: bool
    by_url: bool
    by_version: bool
    by_sha: bool

    @classmethod
    def of(cls, attempt: Attempt, reference: str) -> "_Match":
        """Return how a reference fits a row."""
        return cls(
            attempt,
            attempt.external_id == reference,
            attempt.url == reference or row_of(reference) == attempt.id,
            attempt.version == reference,
            attempt.sha is not None and same_sha(attempt.sha, reference),
        )

    @property
    def fits(self) -> tuple[bool, ...]:
        """Which names are meant, the surest first."""
        return self.by_external_id, self.by_url, self.by_version, self.by_sha

    def by_external_id_of(self, source_id: int) -> bool:
        """Whether the reference is the id that this source gave to the row; a source gives it once."""
        return self.by_external_id and self.attempt.source_id == source_id

    def likeness(self, incident: ReportedIncident) -> tuple[int, bool, bool, float, str, int]:
        """Return what is greater the more likely the row is the one that was meant."""
        began = self.attempt.at
        return (
            -self.fits.index(True),
            incident.environment_id is not None and self.attempt.environment_id == incident.environment_id,
            began is not None and incident.opened_at is not None and began <= incident.opened_at,
            began.timestamp() if began else 0.0,
            self.attempt.external_id,
            self.attempt.id,
        )


def by_window(opened_at: datetime, series: Sequence[Sequence[Group]], exposed: set[int]) -> Blame:
    """Return the latest deployment that had begun when the incident opened, if that is not too long ago.

    The attribution window is from the rollout's start to 24 h after its finish, and not past the next deployment of its
    service and environment. Runs that died before they touched anything are nobody's cause. Confidence is 0.9 during
    the rollout and falls in proportion to the time since its finish to 0.4 at the window's end. Of several series it is
    the surest. A blame without a deployment means: not caused by a change.
    """
    suspects = [suspect for groups in series if (suspect := _suspect(opened_at, groups, exposed)) is not None]
    if not suspects:
        return Blame()
    confidence, *_, id_ = max(suspects)
    return Blame(id_, "window", confidence)


def _suspect(
    opened_at: datetime, groups: Sequence[Group], exposed: set[int]
) -> tuple[float, datetime, str, int] | None:
    """Return the latest deployment of a series if it can be blamed: how surely, when it began, its name and its id."""
    begun = [g for g in groups if g.began_at <= opened_at and (g.is_live or g.unfinished or g.id in exposed)]
    if not begun:
        return None
    latest = max(begun, key=lambda group: (group.began_at, group.name, group.id))
    since = opened_at - (latest.finished_at or latest.last_at)
    if since > WINDOW:
        return None
    confidence = SUREST - (SUREST - LEAST_SURE) * (max(since, timedelta(0)) / WINDOW)
    return round(confidence, 4), latest.began_at, latest.name, latest.id


def candidates(
    incident: ReportedIncident, series: Mapping[SeriesKey, Sequence[Group]], production: set[int]
) -> list[Sequence[Group]]:
    """Return the series an incident may come from: its services in its environment.

    An incident that does not say where it is is taken to be in production, or anywhere when its service has no
    production.
    """
    # An incident alone makes no series: only where something was deployed can a deployment be to blame.
    own = {key: groups for key, groups in series.items() if key[0] in incident.service_ids and groups}
    if incident.environment_id is not None:
        return [groups for key, groups in sorted(own.items()) if key[1] == incident.environment_id]
    in_production = [groups for key, groups in sorted(own.items()) if key[1] in production]
    return in_production or [groups for _, groups in sorted(own.items())]
