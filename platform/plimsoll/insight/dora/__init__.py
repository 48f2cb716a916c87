"""The delivery metrics as flat rows, one a bucket and group, and the evidence behind each of their numbers."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from plimsoll.insight.dora.columns import columns
from plimsoll.insight.dora.facts import definition_of, facts_of
from plimsoll.insight.dora.grouping import GROUPS, GroupKey, grouped
from plimsoll.insight.metrics import METRICS
from plimsoll.insight.metrics.figure import Figure
from plimsoll.insight.metrics.lead_time import OF_DEPLOYMENTS
from plimsoll.insight.metrics.windows import BUCKETS, Window, buckets
from plimsoll.store.queries import delivery as stored
from plimsoll.store.queries.delivery import Names, Scope

__all__ = ["figure", "parts_of", "rows"]


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
    by = definition_of(definition, environment_classes)
    scope = Scope(tuple(teams), tuple(services), tuple(environments))
    window = Window(start, end, ZoneInfo(tz))
    series = stored.series(scope)
    facts = facts_of(scope, window, by, [] if "environment" in group_by else series)
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


def figure(
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
) -> Figure:
    """Return one metric over a window with the ids behind its numbers; `parts_of` names them."""
    by = definition_of(definition, environment_classes)
    window = Window(start, end, ZoneInfo(tz))
    scope = Scope(tuple(teams), tuple(services), tuple(environments))
    facts = facts_of(scope, window, by, stored.series(scope))
    return METRICS[metric](facts, window, now, by)


def parts_of(found: Figure, *, of_deployments: bool = False) -> dict[str, list[int]]:
    """Return the ids behind a figure: `counted`, and by name each reason to leave out and each subset.

    Ids are of deployments; for `time_to_restore` of incidents, for `lead_time` of `deployment_change` rows or, with
    `of_deployments`, of the deployments that it left out.
    """
    parts: Mapping[str, Sequence[int]] = {"counted": found.counted, **found.left_out, **found.subsets}
    if found.metric == "lead_time":
        parts = {name: ids for name, ids in parts.items() if (name in OF_DEPLOYMENTS) == of_deployments}
    return {name: list(ids) for name, ids in parts.items()}


def _place(key: GroupKey, names: Names) -> dict[str, str | None]:
    tables = (names.teams, names.services, names.environments)
    return {name: None if id_ is None else table[id_] for name, id_, table in zip(GROUPS, key, tables, strict=True)}
