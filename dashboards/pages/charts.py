"""The charts of a service's traffic by the minute: rate, errors and latency, with rollouts and deployments in them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards import words
from dashboards.charts import Chart, Row
from dashboards.charts.bars import ticks_for
from dashboards.charts.drawing import drawing, label, level_line
from dashboards.charts.level import Level
from dashboards.frame.page import Visit
from dashboards.pages.drawing import Band, Tick, Value, drawn
from plimsoll.insight.topology.series import Point
from plimsoll.store.marks import Marks
from plimsoll.store.queries.pages.deployment import DeploymentRecord

Written = Callable[[float], str]

_HALF: Final = timedelta(seconds=30)
_COLOURS: Final = {"ok": "var(--ok)", "warn": "var(--warn)", "bad": "var(--bad)", "unk": "var(--unk)"}
# More minutes than an hour has are a long table: it is as long as the chart, in a place that scrolls.
HIGH, LOW = 200.0, 150.0


@dataclass(frozen=True, slots=True)
class Around:
    """What is drawn with every figure: rollouts, deployments, and the moment that divides before from after."""

    bands: Sequence[Band] = ()
    ticks: Sequence[Tick] = ()
    split: datetime | None = None
    marks: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Figure:
    id: str
    title: str
    value: Value
    written: Written
    mark: float | None

    @property
    def level(self) -> Level | None:
        """The mark as it is drawn."""
        return None if self.mark is None else Level(self.mark, self.written(self.mark))


def minutes_charts(visit: Visit, points: Sequence[Point], record: DeploymentRecord, limits: Marks) -> list[Chart]:
    """Return the charts around a deployment, its rollouts as bands; the latency first."""
    item = record.item
    bands = [
        Band(each.started_at, each.finished_at or visit.now, each.cluster or item.name)
        for each in record.rollouts
        if each.started_at is not None
    ]
    split = min((band.start for band in bands), default=record.began_at)
    marked = {name: limits.of(name, team=item.team, service=item.whole_service) for name in ("p95_ms", "error_rate")}
    return charts(visit, points, Around(bands, (), split, marked), first="p95")


def charts(visit: Visit, points: Sequence[Point], around: Around, first: str = "") -> list[Chart]:
    """Return rate, errors and latency; the figure `first` comes first and is higher."""
    figures = [
        _Figure("rate", _("Rate"), lambda point: point.rate, words.per_second, None),
        _Figure("errors", _("Error rate"), lambda point: point.error_rate, _share, around.marks.get("error_rate")),
        _Figure("p95", _("P95 latency"), lambda point: point.p95_ms, words.milliseconds, around.marks.get("p95_ms")),
    ]
    figures.sort(key=lambda figure: figure.id != first)
    return [_chart(visit, points, figure, around, HIGH if figure.id == first else LOW) for figure in figures]


def _chart(visit: Visit, points: Sequence[Point], figure: _Figure, around: Around, height: float) -> Chart:
    summary = _summary(points, figure)
    svg = drawn(
        points, figure.value, written=figure.written, zone=visit.zone, label=summary, mark=figure.level,
        bands=around.bands, ticks=around.ticks, split=around.split, height=height,
    )  # fmt: skip
    return Chart(
        id=figure.id,
        title=figure.title,
        summary=summary,
        svg=svg,
        figure=_plotly(visit.zone, points, figure, around) if svg else "",
        columns=(_("Minute"), figure.title),
        rows=[
            Row(f"{point.minute.astimezone(visit.zone):%H:%M}", (_said(figure, figure.value(point)),))
            for point in points
        ],
        note="" if figure.mark is None else _("mark %(value)s") % {"value": figure.written(figure.mark)},
    )


def _said(figure: _Figure, value: float | None) -> str:
    return _("unknown") if value is None else figure.written(value)


def _share(rate: float) -> str:
    return str(words.share(rate))


def _summary(points: Sequence[Point], figure: _Figure) -> str:
    """Return a chart in a sentence: from the least to the most, and how many minutes were over the mark."""
    known = [found for point in points if (found := figure.value(point)) is not None]
    if not known:
        return _("%(figure)s: no minute is known.") % {"figure": figure.title}
    said = _("%(figure)s by the minute: from %(least)s to %(most)s.") % {
        "figure": figure.title,
        "least": figure.written(min(known)),
        "most": figure.written(max(known)),
    }
    if figure.mark is None:
        return said
    over = sum(each > figure.mark for each in known)
    counted = ngettext(
        "%(n)d minute was over the mark of %(mark)s.", "%(n)d minutes were over the mark of %(mark)s.", over
    ) % {"n": over, "mark": figure.written(figure.mark)}
    return f"{said} {counted}"


def _plotly(zone: ZoneInfo, points: Sequence[Point], figure: _Figure, around: Around) -> str:
    """Return the same drawing for plotly.js."""
    known = [value for point in points if (value := figure.value(point)) is not None]
    scale = ticks_for(max([*known, (figure.mark or 0.0) * 1.05]))
    top = scale[-1]
    traces = [_line(zone, points, figure, around.split, is_after=is_after) for is_after in (False, True)]
    if around.ticks:
        traces.append(_markers(zone, around.ticks, top))
    layout: dict[str, Any] = {} if figure.level is None else level_line(figure.level, top * 1.04)
    layout["shapes"] = [*(_band(zone, band) for band in around.bands), *layout.get("shapes", ())]
    y_axis = {
        "range": [0, top * 1.04],
        "rangemode": "normal",
        "tickvals": scale,
        "ticktext": [label(figure.written(value)) if value else "0" for value in scale],
    }
    start, end = _local(zone, points[0].minute), _local(zone, points[-1].minute + 2 * _HALF)
    return drawing(traces, x_axis={"range": [start, end], "tickformat": "%H:%M", "nticks": 8}, y_axis=y_axis, **layout)


def _line(
    zone: ZoneInfo, points: Sequence[Point], figure: _Figure, split: datetime | None, *, is_after: bool
) -> dict[str, Any]:
    """Return the line before or after the split; the way between belongs to what came."""
    last = max((n for n, point in enumerate(points) if split is not None and point.minute < split), default=-1)
    part = points[max(last, 0) :] if is_after else points[: last + 1]
    values = [figure.value(point) for point in part]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": [_local(zone, point.minute + _HALF) for point in part],
        "y": values,
        "line": {"color": "var(--info)" if is_after else "var(--line-strong)", "width": 2},
        # A line needs two points: a minute between two that are not known is a dot.
        "marker": {"size": [5 if _is_alone(values, n) else 0 for n in range(len(values))]},
        "text": [label(_said(figure, value)) for value in values],
        "hovertemplate": "%{x|%H:%M}  %{text}<extra></extra>",
    }


def _is_alone(values: Sequence[float | None], n: int) -> bool:
    return all(value is None for value in (*values[max(n - 1, 0) : n], *values[n + 1 : n + 2]))


def _markers(zone: ZoneInfo, ticks: Sequence[Tick], top: float) -> dict[str, Any]:
    """Return the deployments on top of the chart; a click opens one."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [_local(zone, tick.at) for tick in ticks],
        "y": [top for _tick in ticks],
        "marker": {
            "symbol": ["triangle-up" if tick.css == "bad" else "circle" for tick in ticks],
            # One that failed can be told from the rollback that it lies on.
            "size": [14 if tick.css == "bad" else 9 for tick in ticks],
            "line": {"color": "var(--surface)", "width": 1},
            # Of several sizes plotly would draw them as bubbles that can be seen through.
            "opacity": 1,
            "color": [_COLOURS[tick.css] for tick in ticks],
        },
        "customdata": [tick.href for tick in ticks],
        "text": [label(tick.name) for tick in ticks],
        "hovertemplate": "%{text}<extra></extra>",
        "cliponaxis": False,
    }


def _band(zone: ZoneInfo, band: Band) -> dict[str, Any]:
    return {
        "type": "rect",
        "xref": "x",
        "yref": "paper",
        "x0": _local(zone, band.start),
        "x1": _local(zone, band.end),
        "y0": 0,
        "y1": 1,
        "fillcolor": "var(--info-soft)",
        "line": {"width": 0},
        "layer": "below",
        "opacity": 0.7,
    }


def _local(zone: ZoneInfo, at: datetime) -> str:
    """Return a moment as the clock of the page shows it: plotly knows no zones."""
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
