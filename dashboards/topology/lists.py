"""Calls in the side panel: who calls and who is called, the worst ones, those that a deployment changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboards.frame.cut import Cut, cut
from dashboards.frame.marks import GRAVITY, Status
from dashboards.frame.page import Visit
from dashboards.topology.compare import Compared
from dashboards.topology.selection import Selection
from dashboards.topology.statuses import Standing
from dashboards.topology.story import written
from plimsoll.insight.topology import Arc, Vertex, Whole
from plimsoll.insight.topology.compare_windows import Comparison

# A panel is one screen high: what is beyond is shown on request.
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
    """Some calls, and where the rest of them is."""

    title: str
    calls: Cut[Item]


def around(visit: Visit, chosen: Selection, found: Whole, standing: Standing) -> tuple[Listed, ...]:
    """Return who calls and who is called: of a node both, of an edge who else calls the same."""
    arcs = [arc for arc in found.arcs if not arc.is_gone]
    if isinstance(chosen.thing, Vertex):
        callers = [arc for arc in arcs if arc.server == chosen.thing.id and arc.client != arc.server]
        called = [arc for arc in arcs if arc.client == chosen.thing.id and arc.client != arc.server]
        return (
            _listed(visit, "callers", _("Callers"), callers, found, standing),
            _listed(visit, "called", _("Called"), called, found, standing),
        )
    others = [arc for arc in arcs if arc.server == chosen.thing.server and arc.id != chosen.thing.id]
    called = [arc for arc in arcs if arc.client == chosen.thing.server]
    return (
        _listed(visit, "callers", _("Who else calls it"), others, found, standing),
        _listed(visit, "called", _("What it calls"), called, found, standing),
    )


def _listed(
    visit: Visit, name: Literal["callers", "called"], title: str, arcs: Sequence[Arc], found: Whole, standing: Standing
) -> Listed:
    shown = cut(visit, name, arcs, MOST)
    others = [found.vertices[arc.client if name == "callers" else arc.server] for arc in shown.rows]
    items = [
        _item(visit, arc, found, standing, names=(other.name,)) for arc, other in zip(shown.rows, others, strict=True)
    ]
    return Listed(title, shown.drawn(items))


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


def changed(visit: Visit, standing: Standing, compared: Compared | None) -> tuple[Listed, ...]:
    """Return the calls that a comparison found changed, the worst first; nothing where nothing is compared."""
    if compared is None or compared.comparison is None:
        return ()
    order = ("errors", "slower", "gone", "new")
    changed = sorted(
        (order.index(verdict), id_) for id_, verdict in compared.verdicts.items() if verdict in order
    )  # fmt: skip
    shown = cut(visit, "changed", changed, MOST)
    items = [_item_of(visit, id_, compared.comparison, standing, str(_SHORT[order[rank]])) for rank, id_ in shown.rows]
    return (Listed(_("Changed with the deployment"), shown.drawn(items)),)


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


def worst_calls(visit: Visit, calling: Sequence[Arc], found: Whole, standing: Standing, *, is_part: bool) -> Listed:
    """Return the worst calls: by status, then by how many requests failed, then the slowest.

    Those of a part of the map are shown here on request; those of all of it are too many, and are in the list view.
    """
    ranked = _worst_first(calling, standing, len(calling) if is_part else MOST)
    in_list = visit.filters.query(view="list", sort=None, hide=None)
    shown = (
        cut(visit, "worst", ranked, MOST)
        if is_part
        else Cut("worst", ranked[:MOST], max(0, len(calling) - MOST), is_all=False, query=in_list)
    )
    items = [
        _item(visit, arc, found, standing, names=(found.vertices[arc.client].name, found.vertices[arc.server].name))
        for arc in shown.rows
    ]
    return Listed(_("Worst calls"), shown.drawn(items))


def _worst_first(calling: Sequence[Arc], standing: Standing, wanted: int) -> list[Arc]:
    """Return calls in that order, as many as are wanted or a few more: to put thousands in order takes its time."""
    found: list[Arc] = []
    for status in GRAVITY:
        if len(found) < wanted:
            same = [arc for arc in calling if standing.arc(arc) == status]
            found += sorted(same, key=lambda arc: (-arc.failed, -(arc.p95_ms or 0.0), arc.id))
    return found
