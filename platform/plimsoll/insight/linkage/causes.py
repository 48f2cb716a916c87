"""Which deployment caused an incident: the one its sender names, else the latest one that can be blamed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from plimsoll.insight.linkage.groups import Group
from plimsoll.insight.linkage.versions import same_sha
from plimsoll.store.facts import Attempt, Blame, ReportedIncident

WINDOW = timedelta(hours=24)
"""How long after its finish a deployment can be blamed (dora-definitions, section 4: attribution window)."""
SUREST, LEAST_SURE = 0.9, 0.4

SeriesKey = tuple[int, int]


def stated(incident: ReportedIncident, named: Iterable[Attempt]) -> Attempt | None:
    """Return the deployment row that the incident's sender names, or None when nothing known bears that name.

    Tried in this order: an external id of the same source, any external id, url, version, sha (or the beginning of
    one). Among several: of the incident's services, of its environment, begun before it opened, the latest.
    """
    reference = incident.caused_by_ref
    if not reference:
        return None
    ranked = [(_likeness(attempt, incident, reference), attempt) for attempt in named]
    found = [(rank, attempt) for rank, attempt in ranked if rank is not None]
    return max(found, key=lambda each: each[0])[1] if found else None


Likeness = tuple[int, bool, bool, bool, float, str, int]


def _likeness(attempt: Attempt, incident: ReportedIncident, reference: str) -> Likeness | None:
    fits = (
        attempt.external_id == reference and attempt.source_id == incident.source_id,
        attempt.external_id == reference,
        attempt.url == reference,
        attempt.version == reference,
        attempt.sha is not None and same_sha(attempt.sha, reference),
    )
    if not any(fits):
        return None
    began = attempt.at
    return (
        -fits.index(True),
        attempt.service_id in incident.service_ids,
        incident.environment_id is not None and attempt.environment_id == incident.environment_id,
        began is not None and incident.opened_at is not None and began <= incident.opened_at,
        began.timestamp() if began else 0.0,
        attempt.external_id,
        attempt.id,
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
