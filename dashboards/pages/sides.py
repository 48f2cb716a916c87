"""The minutes before and after a deployment as windows of the map: there its figures are read again, call by call."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from dashboards.frame.page import Visit
from dashboards.times import written
from plimsoll.insight.around.traffic import Around
from plimsoll.insight.topology import Scope, Vertex


@dataclass(frozen=True, slots=True)
class Side:
    """The minutes of one side, and the address of the list of their calls."""

    start: datetime
    end: datetime
    calls: str

    def by(self, column: str) -> str:
        """Return the address with the highest of a column first."""
        return f"{self.calls}&sort=-{column}"


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides, and the address of the map that compares them."""

    before: Side
    after: Side
    compared: str


def sides(visit: Visit, deployment: int, seen: Around, chosen: Scope) -> Sides:
    """Return where the figures of both sides are: each with the service selected, in the places that were asked."""
    places = {
        "range": None,
        "team": None,
        "cluster": None,
        "service": list(chosen.services),
        "env": list(chosen.environments),
        # Without an environment the map would be that of production.
        "everywhere": None if chosen.environments else 1,
    }

    def address(vertex: Vertex | None, **asked: object) -> str:
        known = vertex or seen.after or seen.before
        sel = None if known is None else f"n-{known.id}"
        return reverse("topology") + visit.filters.shared(**{**places, "from": None, "to": None, "sel": sel, **asked})

    def side(vertex: Vertex | None, window: tuple[datetime, datetime]) -> Side:
        start, end = window
        return Side(start, end, address(vertex, view="list", **{"from": written(start), "to": written(end)}))

    return Sides(
        side(seen.before, seen.windows.before),
        side(seen.after, seen.windows.after),
        address(seen.after, cmp=deployment),
    )
