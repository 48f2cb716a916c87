"""The minutes before and after a deployment as windows of the map: there its figures are read again, call by call."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards import words
from dashboards.frame import states
from dashboards.frame.calls import Calls, on_the_map
from dashboards.frame.freshness import clock
from dashboards.frame.page import Visit
from dashboards.frame.states import State
from dashboards.topology.compare import not_kept, not_there
from plimsoll.insight.around.traffic import Around
from plimsoll.insight.topology import Scope, Vertex
from plimsoll.insight.topology.compare_windows import MINUTE


@dataclass(frozen=True, slots=True)
class Side:
    """The minutes of one side that telemetry covers, and where their calls are."""

    start: datetime
    end: datetime
    calls: Calls

    @property
    def is_told(self) -> bool:
        """Whether telemetry covers any of them."""
        return self.start < self.end

    def by(self, column: str) -> str:
        """Return the address of the calls with the highest of a column first."""
        return self.calls.by(column)


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides, and the address of the map that compares them."""

    before: Side
    after: Side
    compared: str


def sides(visit: Visit, deployment: int, seen: Around, chosen: Scope) -> Sides:
    """Return where the figures of both sides are: each with the service selected, in the places that were asked."""

    def selected(vertex: Vertex | None) -> str | None:
        known = vertex or seen.after or seen.before
        return None if known is None else f"n-{known.id}"

    def side(vertex: Vertex | None, whole: tuple[datetime, datetime], told: tuple[datetime, datetime]) -> Side:
        # Of a side without a minute that is told, the map shows that.
        shown = told if told[0] < told[1] else whole
        return Side(*told, Calls(visit.filters, *shown, chosen, selected(vertex)))

    before, after = seen.told
    return Sides(
        side(seen.before, seen.windows.before, before),
        side(seen.after, seen.windows.after, after),
        on_the_map(visit.filters, chosen, selected(seen.after), cmp=deployment),
    )


def caption(seen: Around) -> str:
    """Return how many minutes each side has."""
    before, after = ((end - start) // MINUTE for start, end in seen.told)
    if before == after:
        return ngettext("%(n)d min each", "%(n)d min each", after) % {"n": after}
    return _("%(before)d min before, %(after)d min after") % {"before": before, "after": after}


def counted(seen: Around) -> str:
    """Return of how many requests the figures are; a side on which it was not heard of has no number."""
    sides = {
        name: None if each is None else words.number(each.requests)
        for name, each in (("before", seen.before), ("after", seen.after))
    }
    if sides["before"] is None:
        return _("n = %(after)s requests after; it was not heard of before.") % sides
    if sides["after"] is None:
        return _("n = %(before)s requests before; it was not heard of after.") % sides
    return _("n = %(before)s requests before, %(after)s after.") % sides


def lacking(visit: Visit, seen: Around) -> State | None:
    """Return what the minutes lack, None where they are whole."""
    said = []
    if seen.windows.lost:
        said.append(not_kept(seen.windows.lost))
    (start, end), _after = seen.told
    began = seen.told_since
    if began is not None and start > seen.windows.before[0] + seen.windows.lost * MINUTE:
        n = (end - start) // MINUTE
        text = (
            ngettext(
                "Telemetry began at %(time)s: %(n)d minute before it is measured.",
                "Telemetry began at %(time)s: %(n)d minutes before it are measured.",
                n,
            )
            if n
            else _("Telemetry began at %(time)s: nothing before it is measured.")
        )
        said.append(text % {"time": clock(began, visit.now, visit.zone), "n": n})
    if seen.windows.missing:
        said.append(not_there(seen.windows.missing))
    return states.partial(" ".join(said)) if said else None
