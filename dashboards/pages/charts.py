"""The charts of a service's traffic by the minute: rate, errors and latency, each with a text and a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards import words
from dashboards.frame.page import Visit
from dashboards.pages.drawing import Band, Tick, Value, drawn
from plimsoll.insight.topology.series import Point
from plimsoll.store.marks import Marks
from plimsoll.store.queries.pages.deployment import DeploymentRecord


@dataclass(frozen=True, slots=True)
class Chart:
    """One figure by the minute: the drawing, and what it says in a sentence."""

    name: str
    drawing: SafeString
    summary: str


@dataclass(frozen=True, slots=True)
class Charts:
    """All figures of one series, and the minutes themselves as rows of a table."""

    charts: Sequence[Chart]
    rows: Sequence[Point]


def minutes_chart(visit: Visit, points: Sequence[Point], record: DeploymentRecord, limits: Marks) -> Charts:
    """Return the charts around a deployment, its rollouts as bands."""
    item = record.item
    bands = [
        Band(each.started_at, each.finished_at or visit.now, each.cluster or item.name)
        for each in record.rollouts
        if each.started_at is not None
    ]
    split = min((band.start for band in bands), default=record.began_at)
    marked = {name: limits.of(name, team=item.team, service=item.service) for name in ("p95_ms", "error_rate")}
    return charts(visit, points, marked, bands=bands, split=split, large="p95")


def charts(
    visit: Visit,
    points: Sequence[Point],
    marked: dict[str, float | None],
    *,
    bands: Sequence[Band] = (),
    ticks: Sequence[Tick] = (),
    split: datetime | None = None,
    large: str = "",
) -> Charts:
    """Return rate, errors and latency; the figure `large` comes first and is higher."""
    asked: list[tuple[str, str, Value, float | None]] = [
        ("p95", _("P95 latency"), lambda point: point.p95_ms, marked.get("p95_ms")),
        ("rate", _("Rate"), lambda point: point.rate, None),
        ("errors", _("Error rate"), lambda point: point.error_rate, marked.get("error_rate")),
    ]
    if not large:
        asked = [asked[1], asked[2], asked[0]]
    writing = {"p95": words.milliseconds, "rate": words.per_second, "errors": _share}
    found = []
    for name, title, value, mark in asked:
        summary = _summary(title, points, value, writing[name], mark)
        drawing = drawn(
            points, value, written=writing[name], zone=visit.zone, label=summary, mark=mark, bands=bands, ticks=ticks,
            split=split, height=210.0 if name == large else 130.0,
        )  # fmt: skip
        found.append(Chart(title, drawing, summary))
    return Charts(found, points)


def _share(rate: float) -> str:
    reading = words.share(rate)
    return f"{reading.number} {reading.unit}"


def _summary(title: str, points: Sequence[Point], value: Value, written: object, mark: float | None) -> str:
    """Return a chart in a sentence: from the least to the most, and how many minutes were over the mark."""
    assert callable(written)
    known = [found for point in points if (found := value(point)) is not None]
    if not known:
        return _("%(figure)s: no minute is known.") % {"figure": title}
    said = _("%(figure)s by the minute: from %(least)s to %(most)s.") % {
        "figure": title,
        "least": written(min(known)),
        "most": written(max(known)),
    }
    if mark is not None:
        over = sum(each > mark for each in known)
        said += " " + ngettext(
            "%(n)d minute was over the mark of %(mark)s.", "%(n)d minutes were over the mark of %(mark)s.", over
        ) % {"n": over, "mark": written(mark)}
    return said
