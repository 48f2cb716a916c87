"""The side panel: everything about what is selected on the map, or the worst calls when nothing is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboards.frame.cut import Cut, cut
from dashboards.frame.marks import Status, status
from dashboards.frame.page import Visit
from dashboards.templatetags.pages import service_link
from dashboards.topology.asked import Asked
from dashboards.topology.blast import Affected, Blast, blast
from dashboards.topology.causes import Causes, causes
from dashboards.topology.compare import Compared, told
from dashboards.topology.lists import MOST, Listed, around, changed, worst_calls
from dashboards.topology.members import part
from dashboards.topology.selection import Selection, selected, shown
from dashboards.topology.statuses import Standing
from dashboards.topology.story import Story, story, written
from dashboards.topology.strip import strip
from dashboards.topology.tally import in_place, on_the_map, tallied
from plimsoll.insight.topology import Arc, Vertex, Whole
from plimsoll.insight.topology.compare import Change, Why
from plimsoll.insight.topology.compare_windows import MINUTE, Comparison

_FIGURES: Final = (
    ("rate", gettext_lazy("Rate")),
    ("error_rate", gettext_lazy("Errors")),
    ("p50_ms", gettext_lazy("P50")),
    ("p95_ms", gettext_lazy("P95")),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A figure: its series, and its values; `before` is empty when nothing is compared."""

    name: str
    strip: SafeString
    before: str
    now: str
    status: Status
    is_unknown: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """What the panel shows. `names` are the ends of an edge, or the name of a node; empty when nothing is selected."""

    names: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    first_seen: datetime | None = None
    story: Story | None = None
    caption: str = ""
    lines: tuple[Line, ...] = ()
    is_compared: bool = False
    lists: tuple[Listed, ...] = ()
    blast: Blast | None = None
    reached: Cut[Affected] | None = None
    causes: Causes | None = None
    notes: tuple[str, ...] = ()
    button: tuple[str, str] | None = None
    close: str = ""
    blast_query: str = ""
    is_blast_shown: bool = False
    sel: str = ""

    @property
    def is_edge(self) -> bool:
        """Whether it is about calls from one to another."""
        return len(self.names) == 2


def panel(visit: Visit, asked: Asked, found: Whole, standing: Standing, compared: Compared | None) -> Panel:
    """Return the panel for what is selected."""
    comparison = compared.comparison if compared else None
    chosen = selected(asked.sel, found, standing, comparison)
    if chosen is None:
        return _overall(visit, asked, found, standing, compared)
    said = story(visit, chosen, compared.rollout if comparison and compared else None)
    reached = blast(found, asked.sel, comparison)
    behind = causes(visit, chosen, asked.scope, said.since, compared.rollout if compared else None)
    is_shown = visit.request.GET.get("blast") == "1"
    return Panel(
        names=_names(chosen),
        about=_about(chosen),
        places=chosen.thing.clusters,
        first_seen=chosen.thing.first_seen if isinstance(chosen.thing, Arc) else None,
        story=said,
        caption=_caption(found, comparison),
        lines=_lines(visit, chosen, found, comparison),
        is_compared=comparison is not None,
        lists=around(visit, chosen, found, standing),
        blast=reached,
        reached=cut(visit, "reached", reached.affected, MOST) if reached else None,
        causes=behind if said.status == "bad" or compared else None,
        notes=_notes(chosen, compared),
        button=_button(chosen, behind, compared),
        close=visit.filters.query(sel=None, blast=None),
        # In the list there is no map to show it on.
        blast_query=visit.filters.query(blast=None if is_shown else 1, **_as_map(asked)),
        is_blast_shown=is_shown,
        sel=asked.sel,
    )


def _as_map(asked: Asked) -> dict[str, None]:
    return {} if asked.view == "map" else {"view": None}


def _names(chosen: Selection) -> tuple[str, ...]:
    return tuple(each.name for each in (chosen.client, chosen.server) if each is not None)


_KINDS: Final = {
    "service": gettext_lazy("service"),
    "gateway": gettext_lazy("gateway"),
    "database": gettext_lazy("database"),
    "messaging": gettext_lazy("messaging"),
    "external": gettext_lazy("outside the mesh"),
    "user": gettext_lazy("user"),
    "unresolved": gettext_lazy("not resolved"),
}


def _about(chosen: Selection) -> tuple[str, ...]:
    if isinstance(chosen.thing, Arc):
        return tuple(protocol.upper() for protocol in chosen.thing.protocols)
    return (str(_KINDS.get(chosen.thing.kind, chosen.thing.kind)),)


def _caption(found: Whole, compared: Comparison | None) -> str:
    """Return what the columns are about."""
    if compared is not None:
        before, after = ((end - start) // MINUTE for start, end in compared.told)
        if before == after:
            return ngettext("%(n)d min each", "%(n)d min each", after) % {"n": after}
        return _("%(before)d min, then %(after)d min") % {"before": before, "after": after}
    return _("in %(n)d min") % {"n": found.minutes}


def _lines(visit: Visit, chosen: Selection, found: Whole, compared: Comparison | None) -> tuple[Line, ...]:
    """Return the figures: of both sides of a comparison, else of the window."""
    sides = (
        (compared.before, chosen.before), (compared.after, chosen.after)
    ) if compared else ((None, None), (found, chosen.thing))  # fmt: skip
    start = chosen.points[0].minute if compared and chosen.points else found.start
    return tuple(
        _line(chosen, metric, str(name), sides, shown(chosen, start, visit.now, metric)) for metric, name in _FIGURES
    )


_Side = tuple[Whole | None, Vertex | Arc | None]


def _line(
    chosen: Selection, metric: str, name: str, sides: tuple[_Side, _Side], values: Sequence[float | None]
) -> Line:
    before, now = (_value(side, metric) for side in sides)
    mark = next((value for name, value in chosen.marks.items() if name == metric), None)
    how: Status = "unk" if mark is None else status(now, mark, metric)
    return Line(
        name=name,
        strip=strip(
            values, split=chosen.split, is_bad=how == "bad", label=_("%(figure)s by the minute") % {"figure": name}
        ),
        before=written(metric, before),
        now=written(metric, now),
        status=how,
        is_unknown=now is None,
    )


def _value(side: _Side, metric: str) -> float | None:
    """Return a figure of one side; None where it is not known."""
    whole, thing = side
    if whole is None or thing is None:
        return None
    if metric == "rate":
        return whole.rate(thing.requests) if whole.seconds else None
    value: float | None = getattr(thing, metric)
    return value


_BEYOND: Final = gettext_lazy(
    "It is outside the filters: its figures are of all its calls, the lists are of those within them."
)
_WHY: Final = {
    Why.FEW: gettext_lazy("Too few requests to judge: fewer than 100 before or after."),
    Why.NOT_HEARD_OF: gettext_lazy("Its caller was not heard of after the deployment, so nothing is known of it."),
    Why.NOT_ALIKE: gettext_lazy("Before and after were counted at different places, so they are not compared."),
    Why.UNWATCHED: gettext_lazy("Its clusters told nothing before the deployment, so nobody knows whether it is new."),
    Why.QUIET_BEFORE: gettext_lazy("It had no calls in the minutes before, though it was known."),
}
_BECAME: Final = {
    "new": gettext_lazy("New with this deployment."),
    "gone": gettext_lazy("Gone with this deployment: it had calls before, and none after."),
    "slower": gettext_lazy("Slower, by more than chance explains."),
    "errors": gettext_lazy("More errors, by more than chance explains."),
    "same": gettext_lazy("No change that chance would not explain."),
}


def _notes(chosen: Selection, compared: Compared | None) -> tuple[str, ...]:
    """Return what a comparison says of it, and what is missing of that."""
    beyond = (str(_BEYOND),) if isinstance(chosen.thing, Vertex) and chosen.thing.is_neighbour else ()
    if compared is None:
        return beyond
    if compared.comparison is None:
        return (*beyond, *compared.missing)
    return (*beyond, _became(chosen, compared.comparison), *compared.missing)


def _became(chosen: Selection, compared: Comparison) -> str:
    """Return what became of it, or which side says too little of it for that."""
    changes = compared.arcs if isinstance(chosen.thing, Arc) else compared.vertices
    change: Change | None = changes.get(chosen.thing.id)
    if change is not None:
        return str(_WHY[change.why] if change.verdict == "unknown" else _BECAME[change.verdict])
    if chosen.after is not None:
        return _("Nothing was heard of it in the minutes before, so nothing is compared.")
    if chosen.before is not None:
        return _("Nothing was heard of it in the minutes after, so nothing is compared.")
    return _("It had no calls in the minutes that are compared.")


def _button(chosen: Selection, behind: Causes, compared: Compared | None) -> tuple[str, str] | None:
    """Return what the one large button says, and where it leads: the deployment behind it, else the service."""
    deployment = compared.rollout.id if compared else behind.found[0].id if behind.found else None
    if deployment is not None:
        return _("Open the deployment"), f"/deployments/{deployment}/"
    if chosen.server.service:
        return _("Open the service"), service_link(chosen.server.service, chosen.server.service_namespace)
    return None


def _overall(visit: Visit, asked: Asked, found: Whole, standing: Standing, compared: Compared | None) -> Panel:
    """Return the panel when no service or call is selected: what the map shows, or a group of it, the worst first."""
    names, services, calls = part(found, asked)
    calling = [arc for arc in (calls if names else found.arcs) if arc.requests > 0]
    there = [vertex for vertex in found.vertices.values() if not names or vertex.id in services]
    busy = sum(1 for vertex in there if not vertex.is_idle)
    idle = len(there) - busy
    counted = in_place(visit) if names else on_the_map(visit)
    about = [
        counted("busy", ngettext("%(n)d service and store", "%(n)d services and stores", busy) % {"n": busy}),
        counted("calls", ngettext("%(n)d call", "%(n)d calls", len(calling)) % {"n": len(calling)}),
    ]
    if idle:
        about.append(counted("idle", ngettext("%(n)d idle", "%(n)d idle", idle) % {"n": idle}))
    notes = []
    if asked.sel and not names:
        notes.append(_("What is selected had no calls in this window, or is outside the filters."))
    if compared:
        notes += [told(compared.verdicts)] if compared.comparison else []
        notes += compared.missing
    return Panel(
        names=names,
        close=visit.filters.query(sel=None),
        sel=asked.sel if names else "",
        about=tuple(about),
        story=tallied(calling, standing, counted),
        caption=_caption(found, None),
        lists=(
            *changed(visit, standing, compared),
            worst_calls(visit, calling, found, standing, is_part=bool(names)),
        ),
        notes=tuple(notes),
        button=(_("Open the deployment"), f"/deployments/{compared.rollout.id}/") if compared else None,
    )
