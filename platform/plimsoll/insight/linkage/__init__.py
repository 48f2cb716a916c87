"""What belongs together: attempts and deployments, deployments and the changes they carried, incidents and causes.

Everything here is a function of the facts alone: whatever the order in which they arrive, the same rows come out.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from plimsoll.insight.linkage import reading
from plimsoll.insight.linkage.causes import SeriesKey
from plimsoll.insight.linkage.groups import collapsed
from plimsoll.insight.linkage.hotfixes import INCIDENT_AGE
from plimsoll.insight.linkage.ranges import Carried, carried
from plimsoll.insight.linkage.relinking import Case, Series, judged
from plimsoll.store import links
from plimsoll.store.facts import Attempt, DeploymentLink, ReportedIncident
from plimsoll.store.queries import linkage as stored

__all__ = ["relink"]


def relink(series: Mapping[SeriesKey, datetime], repos: Collection[str], now: datetime) -> None:
    """Recompute the derived columns after facts changed, in the caller's transaction.

    `series` are the (service, environment) in which a deployment or incident changed, with the earliest time concerned;
    `repos` the repositories in which changes did. Recomputed is what that can have altered, and rows that say the same
    as before are not written. `now` is when it is done; nothing that is derived depends on it.
    """
    touched = dict(series)
    for key, since in stored.series_of_repos(repos).items():
        touched[key] = min(since, touched.get(key, since))
    if not touched:
        return
    attempts = stored.attempts(touched)
    everything = _incidents(touched, attempts)
    incidents = [each for each in everything if _concerns(each, touched, attempts)]
    named = stored.named_deployments({i.caused_by_ref for i in incidents if i.caused_by_ref})
    known = _known(touched, attempts, _other_series(touched, incidents, named))
    found, fallen_back = _changes({key: known[key] for key in touched})
    hidden = stored.hidden(touched)
    links.write_changes(
        [*hidden, *(a.id for key in touched for group in known[key].fresh for a in group.attempts)],
        [each.link for series_found in found.values() for each in series_found],
    )
    histories = {
        key: each.history(found.get(key, ()), _of_service(everything, key), fallen_back) for key, each in known.items()
    }
    rows = [a.id for each in known.values() for group in each.groups for a in group.attempts]
    production = frozenset(stored.production_environments())
    # Reverts are found by what was carried, which has just been written.
    judgement = judged(known, histories, Case(incidents, named, stored.blamed(rows), production, stored.reverts(rows)))
    links.write_deployments([*judgement.deployments, *(DeploymentLink(row) for row in hidden)])
    links.write_causes(judgement.blames)


def _known(
    touched: Mapping[SeriesKey, datetime],
    attempts: Mapping[SeriesKey, Sequence[Attempt]],
    other: Mapping[SeriesKey, datetime],
) -> dict[SeriesKey, Series]:
    """Return all series that matter; the untouched ones are only read for what they say about the incidents."""
    known = {key: Series.of(told, touched[key], stored.ROWS_BEFORE) for key, told in attempts.items()}
    for key, told in stored.attempts(other).items():
        known[key] = Series(collapsed(told), None, is_cut=len(told) >= stored.ROWS_BEFORE)
    return known


def _incidents(
    touched: Mapping[SeriesKey, datetime], attempts: Mapping[SeriesKey, Sequence[Attempt]]
) -> list[ReportedIncident]:
    """Return the incidents that the touched series may concern, or that name one of their deployments."""
    since: dict[int, datetime] = {}
    for (service, _), at in touched.items():
        since[service] = min(at - INCIDENT_AGE, since.get(service, at))
    rows = _since(touched, attempts)
    return stored.incidents(since, _names(rows), [attempt.id for attempt in rows])


def _since(touched: Mapping[SeriesKey, datetime], attempts: Mapping[SeriesKey, Sequence[Attempt]]) -> list[Attempt]:
    """Return the deployments that were touched."""
    return [a for key, each in attempts.items() for a in each if a.at is not None and a.at >= touched[key]]


def _names(rows: Sequence[Attempt]) -> set[str]:
    """Return everything by which a sender may name deployments."""
    return {name for a in rows for name in (a.external_id, a.url, a.version, a.sha) if name}


def _concerns(
    incident: ReportedIncident,
    touched: Mapping[SeriesKey, datetime],
    attempts: Mapping[SeriesKey, Sequence[Attempt]],
) -> bool:
    """Return whether an incident may have another cause now: it opened later than what changed, or names it."""
    # What affects no service is here only because it is linked, or was.
    if incident.caused_by_ref or not incident.service_ids:
        return True
    own = [since for (service, _), since in touched.items() if service in incident.service_ids]
    return incident.opened_at is not None and any(incident.opened_at >= since for since in own)


def _other_series(
    touched: Mapping[SeriesKey, datetime], incidents: Sequence[ReportedIncident], named: Sequence[Attempt]
) -> dict[SeriesKey, datetime]:
    """Return the untouched series that may have caused one of the incidents, with the time up to which they matter."""
    found: dict[SeriesKey, datetime] = {}
    services = {service for incident in incidents for service in incident.service_ids}
    places = stored.series_of_services(services) if services else []
    for incident in incidents:
        for key in places:
            if key not in touched and key[0] in incident.service_ids and incident.opened_at is not None:
                found[key] = min(incident.opened_at, found.get(key, incident.opened_at))
    for attempt in named:
        if attempt.service_id is None or attempt.environment_id is None or attempt.at is None:
            continue
        key = (attempt.service_id, attempt.environment_id)
        if key not in touched:
            found[key] = min(attempt.at, found.get(key, attempt.at))
    return found


def _changes(series: Mapping[SeriesKey, Series]) -> tuple[dict[SeriesKey, list[Carried]], set[int]]:
    """Return what the fresh deployments of each series were the first to carry, and which fell back to older ones."""
    fresh = {key: reading.whole(reading.placed(each.fresh_carriers())) for key, each in series.items()}
    commits = reading.known_commits(fresh)
    found = {key: carried(carriers, commits) for key, carriers in fresh.items()}
    rows = [a.id for each in series.values() for group in each.fresh for a in group.attempts]
    changes = {each.change.id for series_found in found.values() for each in series_found}
    elsewhere = stored.carried_elsewhere(set(series), changes, rows)
    first = {
        key: [each for each in series_found if (key, each.change.id) not in elsewhere]
        for key, series_found in found.items()
    }
    bringing = {each.link.deployment_id for series_found in first.values() for each in series_found}
    idle = [carrier for carriers in fresh.values() for carrier in carriers if carrier.id not in bringing]
    return first, reading.fallen_back(idle)


def _of_service(incidents: Sequence[ReportedIncident], key: SeriesKey) -> list[ReportedIncident]:
    return [incident for incident in incidents if key[0] in incident.service_ids]
