"""What the page is asked for: the window, the view, the grouping, what is selected and what is open."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, TypeVar

from django.utils.translation import gettext as _

from dashboards.frame.heard_from import environments
from dashboards.frame.page import Visit
from plimsoll.insight.topology import Scope
from plimsoll.insight.topology.groups import Grouping

View = Literal["map", "matrix", "list"]

_Choice = TypeVar("_Choice", bound=str)

WINDOWS: Final[Mapping[str, timedelta]] = {
    "15m": timedelta(minutes=15),
    "1h": timedelta(hours=1),
    "6h": timedelta(hours=6),
    "24h": timedelta(hours=24),
}
DEFAULT_WINDOW: Final = "15m"
VIEWS: Final[tuple[View, ...]] = ("map", "matrix", "list")
GROUPINGS: Final[tuple[Grouping, ...]] = ("namespace", "team", "domain")
# What is on when the address has one of these values.
SWITCHES: Final = {"only": ("mark", "near"), "hide": ("1",), "blast": ("1",)}
# Minutes are kept for two days.
LONGEST: Final = timedelta(hours=48)
_MINUTE: Final = timedelta(minutes=1)
_SELECTABLE: Final = re.compile(r"n-\d+|e-\d+-\d+|[gh]-.{1,200}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for. `window` is empty when it has its own `from` and `to`.

    `sel` is the id of the element that is selected: `n-12`, `e-12-34`, `g-` and a group, or `h-` and two groups.
    """

    window: str
    start: datetime
    end: datetime
    scope: Scope
    view: View = "map"
    # Whether the address names the view: if not, small screens see the list.
    has_view: bool = False
    group: Grouping = "namespace"
    has_group: bool = False
    sel: str = ""
    open: tuple[str, ...] = ()
    sort: str = ""
    # 0 is none.
    page: int = 1

    @property
    def length(self) -> timedelta:
        """How long the window is, the minute that runs being one of its minutes."""
        return WINDOWS.get(self.window) or self.end - self.start


def asked(visit: Visit, through: datetime | None) -> Asked:
    """Return what the visit asks for; what cannot be is told in a notice. `through` is how far telemetry goes."""
    given = dict(reversed(visit.filters.parameters))
    window, start, end = _window(visit, given.get("window", ""), through)
    sel = given.get("sel", "")
    if sel and not _SELECTABLE.fullmatch(sel):
        visit.notices.append(_("“%(value)s” is nothing that can be selected here.") % {"value": sel[:40]})
    for switch, known in SWITCHES.items():
        visit.knows(switch, visit.request.GET.get(switch, ""), known)
    return Asked(
        window,
        start,
        end,
        _scope(visit),
        view=_one_of(visit, "view", given.get("view", ""), VIEWS),
        has_view=given.get("view", "") in VIEWS,
        group=_one_of(visit, "group", given.get("group", ""), GROUPINGS),
        has_group=given.get("group", "") in GROUPINGS,
        sel=sel if _SELECTABLE.fullmatch(sel) else "",
        open=tuple(dict.fromkeys(value for name, value in visit.filters.parameters if name == "open")),
        sort=given.get("sort", ""),
        page=_page(given.get("page", "1")),
    )


def _window(visit: Visit, name: str, through: datetime | None) -> tuple[str, datetime, datetime]:
    """Return the window. One that ends now ends where telemetry does, if that is less than a minute or so ago."""
    filters = visit.filters
    if not filters.range:
        start = max(filters.start, filters.end - LONGEST)
        if start > filters.start:
            visit.notices.append(_("The map goes back two days at the most; shown are the last two of the range."))
        return "", start, filters.end
    if name and name not in WINDOWS:
        known = ", ".join(WINDOWS)
        visit.notices.append(_("There is no window “%(name)s”, but %(known)s.") % {"name": name[:20], "known": known})
        name = ""
    name = name or DEFAULT_WINDOW
    end = visit.now
    # The minute that is running is not over: a rate over it would be too low.
    if through is not None and timedelta(0) <= end - through < timedelta(minutes=2):
        end = through
    return name, start_of(end, WINDOWS[name]), end


def start_of(end: datetime, length: timedelta) -> datetime:
    """Return where a window begins: minutes count whole, and the one that runs, of which there is a part, is one."""
    last = (end - timedelta.resolution).replace(second=0, microsecond=0)
    return last + _MINUTE - length


def _scope(visit: Visit) -> Scope:
    filters = visit.filters
    namespaces = tuple(dict.fromkeys(value for name, value in filters.parameters if name == "namespace"))
    return Scope(environments(visit), filters.clusters, filters.teams, filters.services, namespaces)


def _page(given: str) -> int:
    return int(given) if given.isdecimal() and len(given) < 6 else 0


def _one_of(visit: Visit, name: str, value: str, choices: tuple[_Choice, ...]) -> _Choice:
    return choices[choices.index(value)] if visit.knows(name, value, choices) else choices[0]
