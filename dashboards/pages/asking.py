"""What the address of a list asks for: the API's own filters, and for a metric the rows that it counted.

A list that is opened from a metric goes through the same evidence as the API's list, so it has the same rows and the
same count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from dashboards.api.records import COUNTED
from dashboards.figures import bucket_of, figure_of_another, question
from dashboards.frame.page import Visit
from dashboards.pages.saying import REASONS
from dashboards.times import day
from plimsoll.insight import dora
from plimsoll.insight.metrics.parts import HEADLINES
from plimsoll.insight.metrics.recovery_time import Hurt
from plimsoll.insight.metrics.windows import Bucket, Window, day_start
from plimsoll.store.queries.datasets import Dataset
from plimsoll.store.queries.datasets.facts import DEPLOYMENTS, LEAD_TIMES
from plimsoll.store.queries.records import Wanted

_DAY: Final = timedelta(days=1)
# What the list of changes can be narrowed by, but not that of how long they waited.
_OF_CHANGES: Final = frozenset(("grain", "status", "repo", "sha"))


@dataclass(frozen=True, slots=True)
class Bar:
    """The day, or in a long range the week, of a chart's bar that the address chooses by its first day (`on`)."""

    first: date
    bucket: Bucket
    window: Window

    @property
    def name(self) -> str:
        """What it is called in a sentence."""
        named = date_format(self.first, _("j M Y"))
        return _("the week of %(day)s") % {"day": named} if self.bucket == "week" else str(named)


@dataclass(frozen=True, slots=True)
class Asked:
    """The rows that are asked for. `part` is what of a metric's `events` they are.

    `is_whole`: they belong to a row that is named, and are all that do, whenever and wherever they were.
    """

    wanted: Wanted
    metric: str = ""
    part: str = ""
    events: Sequence[int] = ()
    bar: Bar | None = None
    # the weekdays (Monday is 0) and the hours of the page's clock that are chosen, by the names of their parameters
    week: Mapping[str, Sequence[int]] = field(default_factory=dict)
    # the stage of the lead time that is chosen, if any
    stage: str = ""
    is_whole: bool = False
    # those whose cluster nobody told are asked for, too
    no_cluster: bool = False
    # of the recovery time: how long each failed deployment hurt, as the figure counts it
    recoveries: Mapping[int, Hurt] | None = None


def parameters(visit: Visit, name: str) -> tuple[str, ...]:
    """Return all values that the address gives to a parameter."""
    return tuple(dict.fromkeys(value for given, value in visit.filters.parameters if given == name))


def parameter(visit: Visit, name: str) -> str:
    """Return the first of them, or nothing."""
    return next(iter(parameters(visit, name)), "")


def choices(visit: Visit, name: str, known: Sequence[str]) -> tuple[str, ...]:
    """Return the values of a parameter that are known; others are told and left out."""
    given = parameters(visit, name)
    for value in given:
        if value not in known:
            visit.leave_out(
                _("“%(value)s” is no value of %(name)s; it was left out.") % {"value": value[:40], "name": name}
            )
    return tuple(value for value in given if value in known)


def row_ids(visit: Visit, name: str) -> tuple[str, ...]:
    """Return the values of a parameter that are ids; others are told and left out."""
    given = parameters(visit, name)
    return choices(visit, name, [each for each in given if each.isascii() and each.isdigit() and len(each) < 19])


def chosen_bar(visit: Visit) -> Bar | None:
    """Return the bar that the address chooses; what is no day is told and left out."""
    text, bucket = parameter(visit, "on"), bucket_of(visit.filters)
    try:
        if not text:
            return None
        first = day(text)
        first -= _DAY * (first.weekday() if bucket == "week" else 0)
        last = first + _DAY * (7 if bucket == "week" else 1)
        return Bar(first, bucket, Window(day_start(first, visit.zone), day_start(last, visit.zone), visit.zone))
    except ValueError:
        visit.leave_out(_("“%(value)s” is no day; it was left out.") % {"value": text[:40]})
        return None


def say_what_is_not_narrowed(visit: Visit) -> None:
    """Tell on a page of figures that a choice of clusters does not narrow those of deployments."""
    if visit.filters.clusters:
        visit.notices.append(
            _("Deployments are counted over all clusters; the choice of clusters narrows what telemetry says.")
        )


def say_what_needs_a_figure(visit: Visit, *names: str) -> None:
    """Tell of parameters that only have a meaning beside a figure, where none is named."""
    for name in names:
        if parameter(visit, name):
            visit.leave_out(_("“%(name)s” is about a figure, and none is named; it was left out.") % {"name": name})


def say_what_is_of_all(visit: Visit, *names: str) -> None:
    """Tell of parameters that do not narrow all that belongs to a row that is named."""
    for name in names:
        if parameter(visit, name):
            visit.leave_out(_("Shown is all that belongs to what is named; “%(name)s” was left out.") % {"name": name})


def asked(
    visit: Visit,
    dataset: Dataset,
    *,
    fixed: Mapping[str, Sequence[str]],
    facets: Sequence[str] = (),
    free: Sequence[str] = (),
    metrics: Sequence[str] = (),
    classes: Sequence[str] = ("production",),
) -> Asked:
    """Return what the address asks for of a dataset.

    `fixed` always holds; `facets` are the filters with a closed choice that may be given, `free` those that take
    any text; `metrics` those whose events these rows are; `classes` are the environments that are meant where none is
    named.
    """
    bar = chosen_bar(visit)
    # All of it, as it is drawn: also what lies before the range began in the middle of a day.
    window = bar.window if bar else Window(visit.filters.start, visit.filters.end, visit.zone)
    start, end = window.start, window.end
    places = _places(visit, dataset, classes)
    own = {name: found for name in facets if (found := choices(visit, name, dataset.choices[name]))}
    own |= {name: found for name in free if (found := parameters(visit, name))}
    of_rows = {name: found for name in dataset.ids if (found := row_ids(visit, name))}
    metric = next(iter(choices(visit, "metric", metrics)), "")
    filters = {**fixed, **own, **of_rows}
    if not metric:
        say_what_needs_a_figure(visit, "left_out", "evidence")
        if of_rows:
            others = sorted(_OF_CHANGES.difference(facets, free)) if dataset is LEAD_TIMES else []
            say_what_is_of_all(visit, "on", *others)
            return Asked(Wanted(dataset, filters=filters, team=visit.reader.team), is_whole=True)
        wanted = Wanted(dataset, filters={**filters, **places}, start=start, end=end, team=visit.reader.team)
        return Asked(wanted, bar=bar)
    if visit.filters.clusters:
        visit.notices.append(_("The figure is of all clusters; so is this list."))
    part, ids = _evidence(visit, dataset, metric, start, end)
    wanted = Wanted(dataset, filters=filters, ids=ids, team=visit.reader.team)
    return Asked(wanted, metric, part, ids, bar)


def _places(visit: Visit, dataset: Dataset, classes: Sequence[str]) -> dict[str, Sequence[str]]:
    """Return the filters of the bar that the dataset knows."""
    filters = visit.filters
    environments: dict[str, Sequence[str]] = {"environment": filters.environments}
    if not filters.environments and classes and parameter(visit, "everywhere") != "1":
        environments = {"environment_class": classes}
    found = {"team": filters.teams, "service": filters.services, "cluster": filters.clusters, **environments}
    return {name: values for name, values in found.items() if values and name in dataset.filters}


def _evidence(visit: Visit, dataset: Dataset, metric: str, start: datetime, end: datetime) -> tuple[str, list[int]]:
    """Return which part of a metric's events is asked for, and the ids of its rows."""
    filters = replace(visit.filters, start=start, end=end)
    if metric in HEADLINES:
        # The same reading that the figure on the page before came from.
        found = question(filters, visit.now)
        figure = found.reading.figure(metric, found.window, visit.now, found.teams)
    else:
        figure = figure_of_another(metric, filters, visit.now)
    parts = dora.parts_of(figure, of_deployments=dataset is DEPLOYMENTS)
    part = parameter(visit, "left_out") or parameter(visit, "evidence") or COUNTED
    if part not in parts and part not in REASONS:
        visit.leave_out(
            _("There is no part “%(value)s” of this figure; shown is what it counts.") % {"value": part[:40]}
        )
        part = COUNTED
    return part, list(parts.get(part, ()))
