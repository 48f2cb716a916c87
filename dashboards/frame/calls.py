"""The calls that a figure of telemetry was computed from: the map's list of exactly its minutes and places."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse

from dashboards.frame.filters import Filters
from dashboards.times import written
from plimsoll.insight.topology import Scope


def on_the_map(filters: Filters, scope: Scope, sel: str | None, **asked: object) -> str:
    """Return the address of the map of these places, with one of its elements selected."""
    places = {
        "team": scope.teams,
        "cluster": scope.clusters,
        "service": scope.services,
        # What names none is among those that are shown where none is asked for, and cannot be asked for itself.
        "env": None if "" in scope.environments else scope.environments,
        # Without an environment the map would be that of production.
        "everywhere": None if scope.environments else 1,
    }
    now = {"range": None, "from": None, "to": None}
    return reverse("topology") + filters.shared(**{**places, **now, "sel": sel, **asked})


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls of some minutes in some places; `sel` is the element of the map that says their figures."""

    filters: Filters
    start: datetime
    end: datetime
    scope: Scope
    sel: str | None = None

    @property
    def address(self) -> str:
        """Where they are listed, and the figures of what is selected said beside them."""
        times = {"from": written(self.start), "to": written(self.end)}
        return on_the_map(self.filters, self.scope, self.sel, view="list", **times)

    def by(self, column: str) -> str:
        """Return the address with the highest of a column first."""
        return f"{self.address}&sort=-{column}"

    def of_node(self, id_: str, name: str) -> "Calls":
        """Return those of one service of the map, and to whom it speaks, as the map calls it."""
        return replace(self, scope=replace(self.scope, services=(name,)), sel=f"n-{id_}")

    def of_edge(self, id_: str) -> "Calls":
        """Return the same with the calls of one to another selected."""
        return replace(self, sel=f"e-{id_}")
