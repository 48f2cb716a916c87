"""Calls in the side panel: who calls and who is called, the worst ones, those that a deployment changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboards.frame.marks import GRAVITY, Status
from dashboards.frame.page import Visit
from dashboards.topology.compare import Compared
from dashboards.topology.selection import Selection
from dashboards.topology.statuses import Standing
from dashboards.topology.story import written
from plimsoll.insight.topology import Arc, Vertex, Whole
from plimsoll.insight.topology.compare_windows import Comparison

# A panel is one screen high: what is beyond is in the list view.
MOST: Final = 6


@dataclass(frozen=True, slots=True)
class Item:
    """A call in a list: the other end, its figures, and where selecting it leads."""

    names: tuple[str, ...]
    figures: tuple[str, ...]
    status: Status
    query: str
    sel: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """Some calls, and how many more there are."""

    title: str
    items: tuple[Item, ...]
    more: int = 0


def around(visit: Visit, chosen: Selection, found: Whole, standing: Standing) -> tuple[Listed, ...]:
    """Return who calls and who is called: of a node both, of an edge who else calls the same."""
    arcs = [arc for arc in found.arcs if not arc.is_gone]
    if isinstance(chosen.thing, Vertex):
        callers = [arc for arc in arcs if arc.server == chosen.thing.id and arc.client != arc.server]
        called = [arc for arc in arcs if arc.client == chosen.thing.id and arc.client != arc.server]
        return (
            _listed(visit, _("Callers"), callers, found, standing, end="client"),
            _listed(visit, _("Called"), called, found, standing, end="server"),
        )
    others = [arc for arc in arcs if arc.server == chosen.thing.server and arc.id != chosen.thing.id]
    called = [arc for arc in arcs if arc.client == chosen.thing.server]
    return (
        _listed(visit, _("Who else calls it"), others, found, standing, end="client"),
        _listed(visit, _("What it calls"), called, found, standing, end="server"),
    )


def _listed(visit: Visit, title: str, arcs: Sequence[Arc], found: Whole, standing: Standing, *, end: str) -> Listed:
    items = tuple(
        _item(visit, arc, found, standing, names=(found.vertices[getattr(arc, end)].name,)) for arc in arcs[:MOST]
    )
    return Listed(title, items, max(0, len(arcs) - MOST))


def _item(visit: Visit, arc: Arc, found: Whole, standing: Standing, *, names: tuple[str, ...], note: str = "") -> Item:
    return Item(
        names=names,
        figures=(
            written("rate", found.rate(arc.requests) if found.seconds else None),
            written("error_rate", arc.error_rate),
            written("p95_ms", arc.p95_ms),
        ),
        status=standing.arc(arc),
        query=visit.filters.query(sel=f"e-{arc.id}", blast=None),
        sel=f"e-{arc.id}",
        note=note,
    )


def changed(visit: Visit, found: Whole, standing: Standing, compared: Compared | None) -> Listed:
    """Return the calls that a comparison found changed, the worst first."""
    if compared is None or compared.comparison is None:
        return Listed("", ())
    order = ("errors", "slower", "gone", "new")
    changed = sorted(
        (order.index(verdict), id_) for id_, verdict in compared.verdicts.items() if verdict in order
    )  # fmt: skip
    items = [
        _item_of(visit, id_, compared.comparison, standing, str(_SHORT[order[rank]])) for rank, id_ in changed[:MOST]
    ]
    return Listed(_("Changed with the deployment"), tuple(items), max(0, len(changed) - MOST))


_SHORT: Final = {
    "errors": gettext_lazy("more errors"),
    "slower": gettext_lazy("slower"),
    "gone": gettext_lazy("gone"),
    "new": gettext_lazy("new"),
}


def _item_of(visit: Visit, id_: str, comparison: Comparison, standing: Standing, note: str) -> Item:
    before, after = comparison.arc(id_)
    whole = comparison.after if after else comparison.before
    arc = after or before
    assert arc is not None, "what changed was there before or after"
    names = (whole.vertices[arc.client].name, whole.vertices[arc.server].name)
    return _item(visit, arc, whole, Standing(standing.marks, whole), names=names, note=note)


def worst_calls(visit: Visit, calling: Sequence[Arc], found: Whole, standing: Standing) -> Listed:
    """Return the worst calls: by status, then by how many requests failed, then the slowest."""
    ranked = sorted(
        calling, key=lambda arc: (GRAVITY.index(standing.arc(arc)), -arc.failed, -(arc.p95_ms or 0.0), arc.id)
    )
    items = tuple(
        _item(visit, arc, found, standing, names=(found.vertices[arc.client].name, found.vertices[arc.server].name))
        for arc in ranked[:MOST]
    )
    return Listed(_("Worst calls"), items, max(0, len(calling) - MOST))
