"""What all lists show around their rows: what they are narrowed to, the ways out, and why there may be no row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.utils.translation import gettext_lazy as _

from dashboards.frame import states
from dashboards.frame.page import Visit
from dashboards.frame.states import Action, State
from dashboards.pages.asking import Asked
from dashboards.pages.listing import Facet, Header, Paging, zones
from dashboards.pages.narrowing import about_metric, everything, narrowed
from dashboards.pages.saying import Text

_CONNECT: Final = _("Connect a sender")
_SHOW_ALL: Final = _("Show all of the range")


@dataclass(frozen=True, slots=True)
class Nothing:
    """What a list without a row says: what connects its first source, or that nothing matches."""

    has_any: Callable[[], bool]
    unconnected: Text
    unmatched: Text
    connect: Text = _CONNECT
    everything: Text = _SHOW_ALL


def framed(
    visit: Visit,
    found: Asked,
    rows: Sequence[object],
    pages: Paging,
    *,
    headers: Mapping[str, Header],
    nothing: Nothing,
    live: Sequence[str],
    facet: Facet | None = None,
) -> dict[str, object]:
    """Return what the template of all lists names; `live` are the topics at which it looks again."""
    return {
        "rows": rows,
        "paging": pages,
        "headers": headers,
        "facet": facet,
        "topics": live,
        "narrowed": narrowed(visit, found),
        "metric": about_metric(found),
        "is_whole": found.is_whole,
        "csv": f"{visit.request.path}rows.csv{visit.filters.query(page=None, sort=None)}",
        "zones": zones(visit),
        "state": None if rows else _state(visit, found, nothing),
    }


def unconnected(nothing: Nothing) -> State | None:
    """Return that no source ever told of anything of the kind, None where one did."""
    if nothing.has_any():
        return None
    return states.not_connected(str(nothing.unconnected), Action(str(nothing.connect), "/setup/"))


def _state(visit: Visit, found: Asked, nothing: Nothing) -> State:
    """Return why the list is empty."""
    if (missing := unconnected(nothing)) is not None:
        return missing
    if found.is_whole:
        return states.empty(str(_("None is known.")), Action(str(nothing.everything), everything(visit)))
    start, end = found.wanted.start or visit.filters.start, found.wanted.end or visit.filters.end
    end -= timedelta(microseconds=1)
    text = str(nothing.unmatched) % {
        "start": start.astimezone(visit.zone).strftime("%Y-%m-%d"),
        "end": end.astimezone(visit.zone).strftime("%Y-%m-%d"),
    }
    return states.empty(text, Action(str(nothing.everything), everything(visit)))
