"""The find box and its two switches: what is marked on the map, what is faded, and what is left out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards.frame.marks import Status
from dashboards.frame.page import Visit
from dashboards.topology.statuses import Standing
from plimsoll.insight.topology import Arc, Vertex, Whole
from plimsoll.insight.topology.compare import Verdict
from plimsoll.insight.topology.find import Fault, Measured, Problem, Query, parsed

# What stays, by the value of `only`: what stands so.
_ONLY: Final[Mapping[str, Status]] = {"mark": "bad", "near": "warn"}


@dataclass(frozen=True, slots=True)
class Found:
    """What is looked for. `matched` are ids of vertices and arcs, None when nothing is looked for: then none is faded.

    `kept` are those that stay when the rest is hidden: what matches, and the ends of matching calls.
    """

    text: str = ""
    matched: frozenset[str] | None = None
    kept: frozenset[str] | None = None
    is_only: bool = False
    is_hidden: bool = False
    only_query: str = ""
    hide_query: str = ""
    clear_query: str = ""
    said: str = ""

    @property
    def hides(self) -> bool:
        """Whether what does not match is to be left out."""
        return self.is_hidden and self.kept is not None


def found(visit: Visit, whole: Whole, standing: Standing, verdicts: dict[str, Verdict] | None = None) -> Found:
    """Return what the address looks for; terms without a meaning are told in notices, and left out."""
    given = visit.request.GET
    text = given.get("find", "").strip()
    query = parsed(text)
    visit.notices.extend(_told(problem) for problem in query.problems)
    only, is_hidden = _ONLY.get(given.get("only", "")), given.get("hide") == "1"
    matched = kept = None
    if query or only:
        vertices = {v.id for v in whole.vertices.values() if _vertex_matches(v, whole, standing, query, only)}
        arcs = [arc for arc in whole.arcs if _arc_matches(arc, whole, standing, query, verdicts, only)]
        matched = frozenset(vertices | {arc.id for arc in arcs})
        kept = matched | {end for arc in arcs for end in (arc.client, arc.server)}
    return Found(
        text=text,
        matched=matched,
        kept=kept,
        is_only=only == "bad",
        is_hidden=is_hidden,
        only_query=visit.filters.query(only=None if only == "bad" else "mark"),
        hide_query=visit.filters.query(hide=None if is_hidden else 1),
        clear_query=visit.filters.query(find=None, only=None, hide=None),
        said=_said(whole, matched),
    )


def without_the_rest(whole: Whole, kept: Iterable[str]) -> Whole:
    """Return the map without what is not kept."""
    left = frozenset(kept)
    return replace(
        whole,
        vertices={id_: vertex for id_, vertex in whole.vertices.items() if id_ in left},
        arcs=tuple(arc for arc in whole.arcs if arc.id in left and {arc.client, arc.server} <= left),
        quiet=tuple(pair for pair in whole.quiet if {*pair} <= left),
    )


def _vertex_matches(vertex: Vertex, whole: Whole, standing: Standing, query: Query, only: Status | None) -> bool:
    if only and standing.node(vertex) != only:
        return False
    flags = {"idle"} if vertex.is_idle else set()
    return query.matches(_measured(vertex, whole, flags), vertex)


def _arc_matches(
    arc: Arc, whole: Whole, standing: Standing, query: Query, verdicts: dict[str, Verdict] | None, only: Status | None
) -> bool:
    if only and standing.arc(arc) != only:
        return False
    is_new = arc.is_new if verdicts is None else verdicts.get(arc.id) == "new"
    flags = {name for name, is_so in (("new", is_new), ("gone", arc.is_gone)) if is_so}
    ends = (whole.vertices[arc.client], whole.vertices[arc.server])
    return query.matches(_measured(arc, whole, flags), *ends)


def _measured(thing: Vertex | Arc, whole: Whole, flags: set[str]) -> Measured:
    rate = whole.rate(thing.requests) if whole.seconds else None
    return Measured(rate, thing.error_rate, thing.p50_ms, thing.p95_ms, thing.p99_ms, frozenset(flags))


def _said(whole: Whole, matched: frozenset[str] | None) -> str:
    if matched is None:
        return ""
    services = sum(1 for id_ in matched if id_ in whole.vertices)
    calls = len(matched) - services
    return ", ".join(
        (
            ngettext("%(n)d service", "%(n)d services", services) % {"n": services},
            ngettext("%(n)d call matches", "%(n)d calls match", calls) % {"n": calls},
        )
    )


def _told(problem: Problem) -> str:
    """Return in words what is wrong with a term."""
    said = {"term": problem.term[:40], "choices": ", ".join(problem.choices)}
    return {
        Fault.KEY: _("“%(term)s” is not understood: before the colon may stand %(choices)s."),
        Fault.FIGURE: _("“%(term)s” is not understood: figures are %(choices)s."),
        Fault.WAY: _("“%(term)s” is not understood: compare with %(choices)s."),
        Fault.VALUE: _("“%(term)s” is not understood: after the sign comes a number, such as err>1 or p95>350ms."),
        Fault.UNIT: _("“%(term)s” is not understood: its units are %(choices)s."),
        Fault.EMPTY: _("“%(term)s” asks for nothing."),
        Fault.LONG: _("What is looked for is too long; it was cut after 200 characters."),
    }[problem.fault] % said
