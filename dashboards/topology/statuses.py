"""How services and calls stand to their marks: the worse of the error rate and of the 95th percentile."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboards.frame.marks import Status, status, worst
from plimsoll.insight.topology import Arc, Vertex, Whole
from plimsoll.store.marks import Marks

WORDS: Final[Mapping[Status, str | Promise]] = {
    "ok": _("on track"),
    "warn": _("near the mark"),
    "bad": _("over the mark"),
    "unk": _("no mark"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Marks, and what stands how to them. Without a mark a status is unknown, never well."""

    marks: Marks
    whole: Whole
    _limits: dict[tuple[str | None, str | None, str | None], tuple[float | None, float | None]] = field(
        default_factory=dict, compare=False, repr=False
    )
    # By the number of what is there in memory, which is kept beside it: a page asks several times for thousands. Those
    # of the map that is remembered, and no others: what a comparison adds to it is made anew for each view.
    _known: Mapping[int, tuple[Vertex | Arc, Status]] = field(default_factory=dict, compare=False, repr=False)

    def limits(self, server: Vertex, client: Vertex | None = None) -> tuple[float | None, float | None]:
        """Return the marks of a service, or of a caller's calls of it: error rate and P95 in ms."""
        caller = None if client is None else client.service_name
        key = server.team, server.service_name, caller
        if key not in self._limits:
            about = {"team": server.team, "service": server.service_name, "client": caller}
            self._limits[key] = self.marks.of("error_rate", **about), self.marks.of("p95_ms", **about)
        return self._limits[key]

    def node(self, vertex: Vertex) -> Status:
        """Return how a service stands."""
        known = self._known.get(id(vertex))
        return known[1] if known else _worse(vertex, self.limits(vertex))

    def arc(self, arc: Arc) -> Status:
        """Return how calls stand."""
        known = self._known.get(id(arc))
        if known:
            return known[1]
        vertices = self.whole.vertices
        return _worse(arc, self.limits(vertices[arc.server], vertices[arc.client]))

    def judged(self) -> "Standing":
        """Return the same with all of the map judged."""
        vertices: list[tuple[Vertex | Arc, Status]] = [(each, self.node(each)) for each in self.whole.vertices.values()]
        arcs = [(each, self.arc(each)) for each in self.whole.arcs]
        return replace(self, _known={id(each[0]): each for each in (*vertices, *arcs)})

    def of(self, whole: Whole) -> "Standing":
        """Return how a part of the map stands, or the same map of a window that ends at another moment."""
        return replace(self, whole=whole)


# How the map stands that was asked about last: it may be shown many times before anything on it changes.
_last: Standing | None = None


def standing(marks: Marks, whole: Whole) -> Standing:
    """Return how a map stands to marks."""
    global _last
    known = _last
    if known is None or known.marks != marks or not known.whole.has_same_calls(whole):
        _last = known = Standing(marks, whole).judged()
    return known.of(whole)


def _worse(of: Vertex | Arc, limits: tuple[float | None, float | None]) -> Status:
    return worst((status(of.error_rate, limits[0], "error_rate"), status(of.p95_ms, limits[1], "p95_ms")))
