"""What the bar of the map can be asked for besides the frame's own filters: window, view, grouping, namespace."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboards.frame.bar import Menu, Option, keyed
from dashboards.frame.filters import Filters
from dashboards.times import written
from dashboards.topology.asked import DEFAULT_WINDOW, GROUPINGS, VIEWS, WINDOWS, Asked, View
from plimsoll.store.queries.namespaces import namespaces

_VIEWS = {"map": gettext_lazy("Map"), "matrix": gettext_lazy("Matrix"), "list": gettext_lazy("List")}
_GROUPINGS = {
    "namespace": gettext_lazy("namespace"), "team": gettext_lazy("team"), "domain": gettext_lazy("domain"),
}  # fmt: skip
_WINDOWS = {
    "15m": gettext_lazy("15 min"), "1h": gettext_lazy("1 hour"), "6h": gettext_lazy("6 hours"),
    "24h": gettext_lazy("24 hours"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the three views."""

    view: View
    title: str | Promise
    query: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class Controls:
    """The controls of the bar; those in `more` stand in one menu, each with its choices."""

    window: Menu
    # Its begin and end in full.
    times: str
    tabs: Sequence[Tab]
    more: Sequence[Menu]
    # How many of those are set.
    more_set: int


def controls(asked: Asked, filters: Filters, team: Menu) -> Controls:
    """Return the controls for what is asked; `team` is the frame's own menu."""
    chosen = [value for name, value in filters.parameters if name == "namespace"]
    more = (team, _namespaces(filters, chosen), _groupings(asked, filters))
    is_set = (bool(filters.teams), bool(chosen), asked.has_group)
    times = replace(filters, start=asked.start, end=asked.end).times
    return Controls(_window(asked, filters), times, _tabs(asked, filters), more, sum(is_set))


def _window(asked: Asked, filters: Filters) -> Menu:
    options = [
        Option(
            str(_WINDOWS[name]),
            filters.query(window=None if name == DEFAULT_WINDOW else name, range=None, **{"from": None, "to": None}),
            name == asked.window,
            is_name=False,
        )
        for name in WINDOWS
    ]
    options = keyed(options, list(WINDOWS.values()), asked.length)
    said = str(_WINDOWS[asked.window]) if asked.window else _times(asked, filters)
    return Menu("window", _("window"), said, options, is_name=False, link=_link(asked, filters))


def _times(asked: Asked, filters: Filters) -> str:
    first, last, now = (moment.astimezone(filters.zone) for moment in (asked.start, asked.end, filters.end))
    day = "" if first.date() == now.date() else f"{first:%m-%d} "
    return f"{day}{first:%H:%M} – {last:%H:%M}"


def _link(asked: Asked, filters: Filters) -> str:
    """Return the query with the times that are shown instead of a window."""
    begin, end = written(asked.start), written(asked.end)
    # A comparison shows its own minutes, unless the address names a moment.
    at = end if {"at", "cmp"} <= dict(filters.parameters).keys() else None
    return filters.query(window=None, range=None, at=at, **{"from": begin, "to": end})


def _tabs(asked: Asked, filters: Filters) -> list[Tab]:
    return [Tab(view, _VIEWS[view], filters.query(view=view, sort=None), view == asked.view) for view in VIEWS]


def _namespaces(filters: Filters, chosen: Sequence[str]) -> Menu:
    every = Option(_("all"), filters.query(namespace=None), not chosen, is_name=False)
    options = [Option(name, filters.toggled("namespace", name), name in chosen) for name in namespaces()]
    return Menu("namespace", _("namespace"), ", ".join(chosen), [every, *options])


def _groupings(asked: Asked, filters: Filters) -> Menu:
    options = [
        Option(str(_GROUPINGS[name]), filters.query(group=name, open=None), name == asked.group, is_name=False)
        for name in GROUPINGS
    ]
    return Menu("group", _("one box for each"), str(_GROUPINGS[asked.group]), options, is_name=False)
