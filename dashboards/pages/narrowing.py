"""What a list is narrowed to besides the filter bar, each with the way out of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboards.api.records import COUNTED
from dashboards.figures import stages
from dashboards.frame.page import Visit
from dashboards.pages import saying
from dashboards.pages.asking import Asked, parameters
from dashboards.pages.saying import Text
from plimsoll.store.queries.pages import changes, deployments

_NAMES: Final[Mapping[str, Text]] = {
    "version": gettext_lazy("version"),
    "sha": gettext_lazy("commit"),
    "repo": gettext_lazy("repository"),
    "severity": gettext_lazy("severity"),
}
_WORDS: Final[Mapping[str, tuple[Text, Mapping[str, Text]]]] = {
    "kind": (gettext_lazy("kind"), saying.KINDS),
    "status": (gettext_lazy("status"), saying.words_of(saying.RUN_STATUS)),
}


_ROWS: Final[Mapping[str, tuple[Text, Callable[[Sequence[int], int | None], Mapping[int, str]]]]] = {
    "caused_by": (gettext_lazy("caused by"), deployments.names),
    "deployment": (gettext_lazy("deployment"), deployments.names),
    "change": (gettext_lazy("change"), changes.names),
}


@dataclass(frozen=True, slots=True)
class Narrowed:
    """One thing that the list is narrowed to; `without` leads to the list without it."""

    name: Text
    value: Text
    without: str
    is_name: bool = True


@dataclass(frozen=True, slots=True)
class AboutMetric:
    """The metric whose events the list shows: its name, which part of them these are, and how many that part has."""

    metric: Text
    part: Text
    is_counted: bool
    n: int


def narrowed(visit: Visit, found: Asked) -> list[Narrowed]:
    """Return what the list is narrowed to."""
    filters = visit.filters
    chosen = [*([] if found.is_whole else to_services(visit)), *_to_rows(visit, found)]
    for name, title in _NAMES.items():
        for value in parameters(visit, name):
            if name in found.wanted.filters:
                chosen.append(Narrowed(title, value, filters.toggled(name, value)))
    for name, (title, words) in _WORDS.items():
        chosen += [
            Narrowed(title, words.get(value, value), filters.toggled(name, value), is_name=False)
            for value in found.wanted.filters.get(name, ())
        ]
    if found.no_cluster:
        chosen.append(Narrowed(_("cluster"), _("not told"), filters.query(no_cluster=None), is_name=False))
    if found.bar is not None:
        name = _("week of") if found.bar.bucket == "week" else _("day")
        chosen.append(Narrowed(name, date_format(found.bar.first, "j M Y"), filters.query(on=None), is_name=False))
    if found.stage:
        chosen.append(
            Narrowed(_("stage"), stages.NAMES[found.stage], filters.query(stage=None, known=None), is_name=False)
        )
    return [*chosen, *_to_hours(visit, found)]


def _to_hours(visit: Visit, found: Asked) -> list[Narrowed]:
    """Return the weekdays and hours that the list is narrowed to."""
    days = [(_("weekday"), "weekday", each, str(WEEKDAYS[each])) for each in found.week.get("weekday", ())]
    hours = [(_("hour"), "hour", each, f"{each:02d}:00–{each:02d}:59") for each in found.week.get("hour", ())]
    return [
        Narrowed(title, said, visit.filters.toggled(name, str(value)), is_name=False)
        for title, name, value, said in (*days, *hours)
    ]


def _to_rows(visit: Visit, found: Asked) -> list[Narrowed]:
    """Return the deployments and changes that the list is narrowed to what belongs to, by the names people know."""
    chosen = []
    for name in found.wanted.dataset.ids:
        title, named = _ROWS[name]
        values = found.wanted.filters.get(name, ())
        names = named(list(map(int, values)), visit.reader.team) if values else {}
        chosen += [
            Narrowed(title, names.get(int(value), f"#{value}"), visit.filters.toggled(name, value)) for value in values
        ]
    return chosen


def to_services(visit: Visit) -> list[Narrowed]:
    """Return the services that a page is narrowed to."""
    return [Narrowed(_("service"), name, visit.filters.toggled("service", name)) for name in visit.filters.services]


def about_metric(found: Asked) -> AboutMetric | None:
    """Return which metric's events these are."""
    if not found.metric:
        return None
    part, n = saying.reason(found.part), len(set(found.events))
    return AboutMetric(saying.METRICS[found.metric], part, found.part == COUNTED, n)


def everything(visit: Visit) -> str:
    """Return the query of the whole list over the same range."""
    return visit.filters.anywhere()
