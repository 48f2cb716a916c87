"""The delivery metrics as flat rows, one a bucket and group, and the evidence behind each of their numbers."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from plimsoll.insight.dora.columns import columns
from plimsoll.insight.dora.grouping import GROUPS, GroupKey, grouped
from plimsoll.insight.metrics import DEFINITIONS, METRICS
from plimsoll.insight.metrics.definition import Definition
from plimsoll.insight.metrics.lead_time import OF_DEPLOYMENTS
from plimsoll.insight.metrics.windows import BUCKETS, Window, buckets
from plimsoll.store.facts import DeliveryFacts, Deployment
from plimsoll.store.queries import delivery as stored
from plimsoll.store.queries.delivery import Names, Scope, Series

__all__ = ["evidence", "rows"]


def rows(
    *,
    start: datetime,
    end: datetime,
    bucket: str,
    group_by: Collection[str],
    tz: str,
    now: datetime,
    definition: str = "standard",
    teams: Sequence[str] = (),
    services: Sequence[str] = (),
    environments: Sequence[str] = (),
    environment_classes: Sequence[str] = ("production",),
) -> list[dict[str, object]]:
    """Return a row for each group and bucket, by group and then time; the columns are those of `columns`.

    Teams are given by slug, services and environments by name; empty means all. Ratios and percentiles of nothing are
    None. The counts of deployments are None too, not 0, before anything was known of the group's deployments and in the
    future. `data_through` says until when deliveries are in the numbers. Raises KeyError for an unknown definition and
    ValueError for an unknown bucket or zone.
    """
    calendar = {name: name for name in BUCKETS}
    if bucket not in calendar:
        raise ValueError(f"{bucket!r} is not one of {', '.join(BUCKETS)}.")
    by = _definition(definition, environment_classes)
    scope = Scope(tuple(teams), tuple(services), tuple(environments))
    window = Window(start, end, ZoneInfo(tz))
    series = stored.series(scope)
    facts = _facts(scope, window, by, [] if "environment" in group_by else series)
    groups = grouped(facts, series, group_by, by.environment_classes)
    parts, names, through = buckets(window, calendar[bucket]), stored.names(), stored.data_through()
    found = []
    for key, group in groups.items():
        place = _place(key, names)
        for part, own in group.slices(parts):
            figures = {name: metric(own, part, now, by) for name, metric in METRICS.items()}
            known = group.is_known(part, now)
            found.append({**columns(figures, part, is_known=known), **place, "data_through": through})
    return sorted(found, key=lambda row: [str(row[name] or "") for name in (*GROUPS, "bucket_start")])


def evidence(
    metric: str,
    *,
    start: datetime,
    end: datetime,
    now: datetime,
    tz: str = "UTC",
    definition: str = "standard",
    teams: Sequence[str] = (),
    services: Sequence[str] = (),
    environments: Sequence[str] = (),
    environment_classes: Sequence[str] = ("production",),
    of_deployments: bool = False,
) -> dict[str, list[int]]:
    """Return the ids behind a metric's numbers: `counted`, and by name each reason to leave out and each subset.

    Ids are of deployments; for `time_to_restore` of incidents, for `lead_time` of `deployment_change` rows or, with
    `of_deployments`, of the deployments that it left out.
    """
    by = _definition(definition, environment_classes)
    window = Window(start, end, ZoneInfo(tz))
    scope = Scope(tuple(teams), tuple(services), tuple(environments))
    facts = _facts(scope, window, by, stored.series(scope))
    figure = METRICS[metric](facts, window, now, by)
    parts: Mapping[str, Sequence[int]] = {"counted": figure.counted, **figure.left_out, **figure.subsets}
    if metric == "lead_time":
        parts = {name: ids for name, ids in parts.items() if (name in OF_DEPLOYMENTS) == of_deployments}
    return {name: list(ids) for name, ids in parts.items()}


def _definition(name: str, environment_classes: Sequence[str]) -> Definition:
    return replace(DEFINITIONS[name], environment_classes=tuple(environment_classes))


def _facts(scope: Scope, window: Window, by: Definition, together: Iterable[Series]) -> DeliveryFacts:
    """Return all facts of a window, in one question a kind; a change counts once a service over series `together`."""
    deployments = stored.deployments(scope, window.start, window.end, by.attribution_window)
    inside = [deployment for deployment in deployments if deployment.at in window]
    ids = [deployment.id for deployment in inside]
    repeats = _already_live(inside, [each for each in together if each.environment_class in by.environment_classes])
    changes = stored.carried_changes(ids)
    carried = (replace(each, already_live=True) if each.id in repeats else each for each in changes)
    own, caused = stored.incidents(scope, window.start, window.end, ids)
    return DeliveryFacts(tuple(deployments), tuple(carried), tuple(own), tuple(caused))


def _already_live(deployments: Iterable[Deployment], series: Iterable[Series]) -> set[int]:
    """Return the `deployment_change` rows of changes that another environment of their service had before."""
    places: defaultdict[int, set[int]] = defaultdict(set)
    for each in series:
        if each.service_id is not None and each.environment_id is not None:
            places[each.service_id].add(each.environment_id)
    several = {service: environments for service, environments in places.items() if len(environments) > 1}
    rows = [each.id for each in deployments if each.service_id in several]
    return stored.already_live(rows, {id_ for environments in several.values() for id_ in environments})


def _place(key: GroupKey, names: Names) -> dict[str, str | None]:
    tables = (names.teams, names.services, names.environments)
    return {name: None if id_ is None else table[id_] for name, id_, table in zip(GROUPS, key, tables, strict=True)}
