"""The lines of a map: what each one shows, in which order they are drawn, and which carry a label at rest."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboards import words
from dashboards.frame.marks import GRAVITY, Status
from dashboards.topology.drawing.curves import Frame, curves, thickness
from dashboards.topology.drawing.items import Looks
from dashboards.topology.drawing.labels import Pill, Room
from dashboards.topology.drawing.shapes import Line
from plimsoll.insight.topology import Arc

# More labels than this at rest are noise; the worst have them.
MOST_LABELS: Final = 14
_ARROW: Final = 6.0
Change = str
_CHANGED: Final[Mapping[Change, str | Promise]] = {
    "new": gettext_lazy("new"), "slower": gettext_lazy("slower"), "errors": gettext_lazy("more errors"),
}  # fmt: skip


class Drawn(NamedTuple):
    """A line before it is drawn: between which boxes it goes, and what it says."""

    id: str
    data: str
    ends: tuple[str, str]
    # What scripts know its ends by.
    client: str
    server: str
    status: Status
    rate: float
    said: str
    label: str
    change: Change = ""
    error_rate: float = 0.0

    @property
    def order(self) -> tuple[int, float, float]:
        """What matters most first."""
        return GRAVITY.index(self.status), -self.error_rate, -self.rate


def of_arc(arc: Arc, ends: tuple[str, str], looks: Looks, names: Mapping[str, str], change: Change) -> Drawn:
    """Return the line of one edge."""
    whole = looks.standing.whole
    status: Status = "unk" if arc.is_gone else looks.standing.arc(arc)
    rate = whole.rate(arc.requests)
    said = looks.figures(None, arc.error_rate, arc.p95_ms)
    full = _("gone") if arc.is_gone else " · ".join(filter(None, (words.per_second(rate), said)))
    if change == "new" and status not in ("bad", "warn"):
        said = _("new %(rate)s") % {"rate": words.per_second(rate)}
    pair = f"{names[arc.client]} → {names[arc.server]}"
    label = ", ".join((pair, *filter(None, (_changed(change), looks.words[status], full))))
    return Drawn(
        f"e-{arc.id}",
        arc.id,
        ends,
        arc.client,
        arc.server,
        status,
        rate,
        said,
        label,
        change,
        arc.error_rate or 0.0,
    )


def _changed(change: Change) -> str:
    return str(_CHANGED.get(change, ""))


def lines(drawn: Sequence[Drawn], frames: Mapping[str, Frame], looks: Looks, room: Room) -> list[Line]:
    """Return the lines, those that matter most last: they are drawn over the others."""
    there = [each for each in drawn if each.ends[0] in frames and each.ends[1] in frames]
    paths = curves(frames, [each.ends for each in there], _ARROW)
    pills: dict[int, Pill] = {}
    orders = [each.order for each in there]
    wanted = sorted((n for n, each in enumerate(there) if _is_labelled(each)), key=orders.__getitem__)
    for number in wanted[:MOST_LABELS]:
        client, server = (frames[end] for end in there[number].ends)
        found = room.place(there[number].said, paths[number], client, server)
        if found is not None:
            pills[number] = found
    result = []
    for number in sorted(range(len(there)), key=orders.__getitem__, reverse=True):
        each, path, pill = there[number], paths[number], pills.get(number)
        tint = each.change if each.change in ("new", "gone") and each.status not in ("bad", "warn") else each.status
        css = " ".join(filter(None, ("edge", each.status, each.change, _chosen(each, looks))))
        result.append(
            Line(
                each.id,
                each.data,
                each.client,
                each.server,
                css,
                tint if tint in ("bad", "warn", "new", "gone") else "calm",
                path.path,
                thickness(each.rate),
                looks.links.to(each.id),
                each.label,
                each.said,
                pill,
                each.status in ("bad", "warn"),
            )
        )
    return result


def _is_labelled(each: Drawn) -> bool:
    """Whether a line has its figures beside it at rest: at or over a mark, or new."""
    return bool(each.said) and (each.status in ("bad", "warn") or each.change == "new")


def _chosen(each: Drawn, looks: Looks) -> str:
    if not looks.selected:
        return ""
    if looks.selected == each.id:
        return "selected"
    return "near" if looks.selected in (f"n-{each.client}", f"n-{each.server}") else ""
