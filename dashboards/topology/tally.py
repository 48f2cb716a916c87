"""How many calls and services there are, how they stand, and where each of these counts leads."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards.frame.marks import GRAVITY, Status
from dashboards.frame.page import Visit
from dashboards.topology.statuses import Standing
from dashboards.topology.story import Story
from plimsoll.insight.topology import Arc

# What is counted, and how the count is said: the same as a link to what it counts.
Counted = Callable[[str, str], str]
_LISTS: Final[Mapping[str, Mapping[str, object]]] = {
    "busy": {"view": "matrix", "find": "-idle -gone", "hide": 1},
    "idle": {"view": None, "find": "idle", "hide": 1},
    "calls": {"view": "list"},
    "bad": {"view": "list", "only": "mark", "hide": 1},
    "warn": {"view": "list", "only": "near", "hide": 1},
}
_PLAIN: Final = {"find": None, "only": None, "hide": None, "sort": None, "page": None}


def on_the_map(visit: Visit) -> Counted:
    """Return links to the views of the whole map that show what is counted, and nothing else."""
    return lambda what, said: _link(visit.filters.query(**{**_PLAIN, **_LISTS[what]}), said)


def in_place(visit: Visit) -> Counted:
    """Return links to all calls of a part of the map, which are listed below; its services are those in its box."""
    every = visit.filters.query(worst="all")
    return lambda what, said: said if what in ("busy", "idle") else _link(every, said)


def tallied(calling: Iterable[Arc], standing: Standing, counted: Counted) -> Story:
    """Return how all calls stand, in one box."""
    statuses = [standing.arc(arc) for arc in calling]
    counts: dict[Status, int] = {each: statuses.count(each) for each in GRAVITY}
    if not statuses:
        return Story("unk", _("No calls"), (_("in this window."),))
    if counts["unk"] == len(statuses):
        return Story("unk", _("No mark"), (_("is set for any of these calls, so nothing is judged."),))
    if counts["bad"] or counts["warn"]:
        how: Status = "bad" if counts["bad"] else "warn"
        said = [
            counted(
                name,
                ngettext("%(n)d call is over its mark.", "%(n)d calls are over their marks.", n) % {"n": n}
                if name == "bad"
                else ngettext("%(n)d is near it.", "%(n)d are near theirs.", n) % {"n": n},
            )
            for name in ("bad", "warn")
            if (n := counts[name])
        ]
        return Story(how, _("Over the mark") if how == "bad" else _("Near the mark"), tuple(said))
    return Story("ok", _("On track"), (_("No call is over its mark or near it."),))


def _link(href: str, said: str) -> str:
    return format_html('<a href="{}">{}</a>', href, said)
