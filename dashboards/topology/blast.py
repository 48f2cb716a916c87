"""The blast radius of what is selected: who calls it, how much of that passes there, and what was measured there."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards import words
from dashboards.frame.marks import Status
from plimsoll.insight.topology import Vertex, Whole
from plimsoll.insight.topology.blast import Flow, Radius, Served, radius_of_edge, radius_of_node
from plimsoll.insight.topology.compare import Change, Why, fails_more, grown, is_faster
from plimsoll.insight.topology.compare_windows import Comparison

_WORSE = ("slower", "errors")


@dataclass(frozen=True, slots=True)
class Affected:
    """A caller: the share of its requests that passes there in words, and what was measured at it in a comparison."""

    id: str
    name: str
    share: str
    calls_away: int
    change: str = ""
    status: Status = "unk"

    @property
    def sel(self) -> str:
        """The id of its element on the map."""
        return f"n-{self.id}"


@dataclass(frozen=True, slots=True)
class Blast:
    """The callers of what is selected, and the ids of everything that leads there."""

    title: str
    affected: tuple[Affected, ...]
    ids: frozenset[str]


def radius(found: Whole, sel: str) -> Radius | None:
    """Return what calls the selected node (`n-12`) or edge (`e-12-34`); None when nothing such is selected."""
    kind, _dash, id_ = sel.partition("-")
    flows = [Flow(arc.id, arc.client, arc.server, arc.requests, arc.is_whole) for arc in found.arcs]
    served = {vertex.id: Served(vertex.requests, vertex.is_whole) for vertex in found.vertices.values()}
    # A gateway hands on what it gets: where that is a sample only, what it hands on stands for it.
    for vertex in found.vertices.values():
        if vertex.kind == "gateway" and not vertex.is_whole:
            del served[vertex.id]
    if kind == "n" and id_ in found.vertices:
        return radius_of_node(flows, served, id_)
    if kind == "e" and any(arc.id == id_ for arc in found.arcs):
        return radius_of_edge(flows, served, id_)
    return None


def blast(found: Whole, sel: str, compared: Comparison | None) -> Blast | None:
    """Return who is reached by the trouble of what is selected."""
    reached = radius(found, sel)
    if reached is None:
        return None
    changes = compared.vertices if compared else {}
    affected = tuple(
        Affected(
            id=each.node,
            name=found.vertices[each.node].name,
            share=_share(each.share),
            calls_away=each.calls_away,
            change=_change(each.node, compared) if compared else "",
            status=_status(changes.get(each.node)),
        )
        for each in reached.callers
    )
    return Blast(_title(affected, changes, is_compared=compared is not None), affected, _ids(reached, sel))


def _ids(reached: Radius, sel: str) -> frozenset[str]:
    return reached.nodes | reached.edges | {sel[2:]}


def _title(affected: tuple[Affected, ...], changes: Mapping[str, Change], *, is_compared: bool) -> str:
    n = len(affected)
    if not n:
        return _("Blast radius: nobody calls it")
    if not is_compared:
        return ngettext("Blast radius: %(n)d caller", "Blast radius: %(n)d callers", n) % {"n": n}
    judged = [changes[each.id].verdict for each in affected if each.status != "unk"]
    worse = sum(verdict in _WORSE for verdict in judged)
    if not judged:
        return ngettext("Blast radius: %(n)d caller, not judged", "Blast radius: %(n)d callers, none judged", n) % {
            "n": n
        }
    if len(judged) < n:
        # Of one caller either all or none are judged.
        return _("Blast radius: %(n)d callers, %(worse)d of %(judged)d judged worse") % {
            "n": n, "worse": worse, "judged": len(judged),
        }  # fmt: skip
    return ngettext(
        "Blast radius: %(worse)d of %(n)d caller worse", "Blast radius: %(worse)d of %(n)d callers worse", n
    ) % {"worse": worse, "n": n}


def _share(share: float | None) -> str:
    """Return the share in words: it is the most that can pass there."""
    if share is None:
        return _("share unknown")
    if 0 < share < 0.001:
        return _("under 0.1 %")
    return _("up to %(share)s %%") % {"share": words.short(share * 100)}


def _status(change: Change | None) -> Status:
    if change is None or change.verdict == "unknown":
        return "unk"
    return "bad" if change.verdict in _WORSE else "ok"


def _change(id_: str, compared: Comparison) -> str:
    """Return what was measured at a caller, in words."""
    before, after = compared.before.vertices.get(id_), compared.after.vertices.get(id_)
    change = compared.vertices.get(id_)
    if before is None or after is None or change is None:
        return _("not measured")
    if change.why is Why.FEW:
        return _("too few requests (%(n)s)") % {"n": words.number(min(before.requests, after.requests))}
    if change.verdict == "errors":
        return _errors(before, after)
    ratio = grown(before.p95_ms, after.p95_ms)
    if ratio is not None and (change.verdict == "slower" or is_faster(before, after)):
        return _("P95 %(change)s %%") % {"change": words.signed(ratio, 0, 0.01)}
    return _("no change")


def _errors(before: Vertex, after: Vertex) -> str:
    assert fails_more(before, after), "said of those alone"
    points = ((after.error_rate or 0.0) - (before.error_rate or 0.0)) * 100
    return _("errors +%(points)s pt") % {"points": words.short(points)}
