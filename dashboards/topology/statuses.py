"""How services and calls stand to their marks: the worse of the error rate and of the 95th percentile."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext_lazy as _

from dashboards.frame.marks import Status, status
from plimsoll.insight.topology import Arc, Vertex, Whole
from plimsoll.store.marks import Marks

# From the worst.
ORDER: Final[tuple[Status, ...]] = ("bad", "warn", "ok", "unk")
WORDS: Final = {"ok": _("on track"), "warn": _("near the mark"), "bad": _("over the mark"), "unk": _("no mark")}


def worst(statuses: Iterable[Status]) -> Status:
    """Return the worst; what is unknown says nothing beside what is known."""
    return min(statuses, key=ORDER.index, default="unk")


@dataclass(frozen=True, slots=True)
class Standing:
    """Marks, and what stands how to them. Without a mark a status is unknown, never well."""

    marks: Marks
    whole: Whole
    _known: dict[tuple[str | None, str | None, str | None], tuple[float | None, float | None]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def limits(self, server: Vertex, client: Vertex | None = None) -> tuple[float | None, float | None]:
        """Return the marks of a service, or of a caller's calls of it: error rate and P95 in ms."""
        caller = None if client is None else client.service
        key = server.team, server.service, caller
        if key not in self._known:
            about = {"team": server.team, "service": server.service, "client": caller}
            self._known[key] = self.marks.of("error_rate", **about), self.marks.of("p95_ms", **about)
        return self._known[key]

    def node(self, vertex: Vertex) -> Status:
        """Return how a service stands."""
        return _worse(vertex.error_rate, vertex.p95_ms, self.limits(vertex))

    def arc(self, arc: Arc) -> Status:
        """Return how calls stand."""
        vertices = self.whole.vertices
        return _worse(arc.error_rate, arc.p95_ms, self.limits(vertices[arc.server], vertices[arc.client]))


def _worse(error_rate: float | None, p95_ms: float | None, limits: tuple[float | None, float | None]) -> Status:
    return worst((status(error_rate, limits[0], "error_rate"), status(p95_ms, limits[1], "p95_ms")))
