"""The four large charts of a team: bars by day or week, the median of seven, the mark, and failures as events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from dashboards import words
from dashboards.charts import Chart, Row
from dashboards.charts.bars import Bar, Tick, bars, some, ticks_for
from dashboards.charts.drawing import drawing, label, level_line
from dashboards.charts.level import Level
from dashboards.figures import Question, phrases
from plimsoll.insight.dora.reading import Answer
from plimsoll.insight.metrics.windows import Window

SMOOTHED: Final = 7
# What one unit of the axis is, by metric: seconds are shown as minutes, hours or days.
_UNITS: Final = ((86400.0, "d"), (3600.0, "h"), (60.0, "min"))


@dataclass(frozen=True, slots=True)
class Event:
    """A failed deployment on a chart: when, how high, in words, and whether it still hurts."""

    at: datetime
    value: float
    title: str
    href: str
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """One bar's window, value, and number of events."""

    window: Window
    value: float | None
    n: int
    is_open: bool
    is_chosen: bool
    href: str

    @property
    def day(self) -> str:
        """Its first day, as the address has it."""
        return f"{self.window.start.astimezone(self.window.zone):%Y-%m-%d}"

    @property
    def name(self) -> str:
        """Its first day, as an axis has it."""
        return str(date_format(self.window.start.astimezone(self.window.zone), _("j M")))


def points(asked: Question, metric: str, on: str) -> list[Point]:
    """Return the bars of a metric; days before anything was known have no value."""
    found = []
    for part, answers in asked.reading.series(asked.drawn, asked.bucket, asked.now, asked.teams, (metric,)):
        point = Point(part, _height(answers[metric]), answers[metric].n, part.end > asked.now, False, "")
        href = asked.filters.query(on=None if point.day == on else point.day) + "#events"
        found.append(Point(part, point.value, point.n, point.is_open, point.day == on, href))
    return found


def _height(answer: Answer) -> float | None:
    """Return a bar's height: of a frequency the number of deployments, so that today's part of a day is no rate."""
    if answer.metric == "deployment_frequency":
        return float(answer.n) if answer.is_known else None
    return answer.value


def smoothed(values: Sequence[float | None]) -> list[float | None]:
    """Return for each value the median of the last seven that are known, where there are that many places."""
    found: list[float | None] = []
    for index in range(len(values)):
        past = [value for value in values[max(index - SMOOTHED + 1, 0) : index + 1] if value is not None]
        found.append(median(past) if index >= SMOOTHED - 1 and past else None)
    return found


def chart(
    asked: Question, metric: str, shown: Sequence[Point], mark: float | None, events: Sequence[Event] = ()
) -> Chart:
    """Return one of the four charts."""
    by_day = metric == "deployment_frequency" and asked.bucket == "day"
    mark = mark if metric != "deployment_frequency" or by_day else None if mark is None else mark * 7
    values = [point.value for point in shown]
    line = smoothed([None if point.is_open else point.value for point in shown])
    highest = max([*(v for v in values if v is not None), *(event.value for event in events), mark or 0.0])
    scale, is_count = _scale(metric, highest), metric == "deployment_frequency"
    ticks = [Tick(value * scale.size, scale.name(value)) for value in ticks_for(highest / scale.size, whole=is_count)]
    summary = _summary(metric, shown, mark)
    level = None if mark is None else Level(mark, phrases.limit(metric, mark))
    svg = bars(
        [_bar(metric, point) for point in shown],
        ticks,
        line=line,
        mark=level,
        dots=_dots(shown, events),
        label=summary,
    )
    return Chart(
        id=metric,
        title=_title(metric, asked.bucket),
        summary=summary,
        svg=svg,
        figure=_figure(metric, shown, line, level, events, ticks),
        columns=(
            _("Week of") if asked.bucket == "week" else _("Day"),
            _value_name(metric),
            _("Events"),
            _("Median of 7"),
        ),
        rows=[_row(metric, point, smooth) for point, smooth in zip(shown, line, strict=True)],
        note="" if level is None else _("mark %(limit)s") % {"limit": level.name},
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    size: float
    unit: str

    def name(self, value: float) -> str:
        number = f"{value:g}"
        return f"{number} {self.unit}".strip()


def _scale(metric: str, highest: float) -> _Scale:
    if metric == "deployment_frequency":
        return _Scale(1.0, "")
    if metric == "change_failure_rate":
        return _Scale(0.01, "%")
    units = {"d": _("d"), "h": _("h"), "min": _("min")}
    size, unit = next(((size, unit) for size, unit in _UNITS if highest >= 2 * size), (60.0, "min"))
    return _Scale(size, units[unit])


def _title(metric: str, bucket: str) -> str:
    by_week = bucket == "week"
    match metric:
        case "deployment_frequency":
            return _("Deployments by week") if by_week else _("Deployments by day")
        case "lead_time":
            return _("Lead time by week, median") if by_week else _("Lead time by day, median")
        case "change_failure_rate":
            return _("Change failure rate by week") if by_week else _("Change failure rate by day")
        case _:
            return _("Recovery time by week, P90") if by_week else _("Recovery time by day, P90")


def _value_name(metric: str) -> str:
    return str(phrases.TITLES[metric]) if metric != "deployment_frequency" else _("Deployments")


def _said(metric: str, value: float | None) -> str:
    if value is None:
        return _("unknown") if metric == "deployment_frequency" else "–"
    return words.number(value) if metric == "deployment_frequency" else phrases.said(metric, value)


def _bar(metric: str, point: Point) -> Bar:
    parts = [f"{point.name}: {_said(metric, point.value)}"]
    if metric != "deployment_frequency":
        parts.append(phrases.basis(metric, point.n))
    if point.is_open:
        parts.append(_("not over yet"))
    return Bar(point.name, point.value, " · ".join(parts), point.href, point.is_open, point.is_chosen)


def _row(metric: str, point: Point, smooth: float | None) -> Row:
    cells = (_said(metric, point.value), f"{point.n:,}", "–" if smooth is None else _said(metric, smooth))
    return Row(point.day, cells, point.href, point.is_chosen)


def _dots(shown: Sequence[Point], events: Sequence[Event]) -> list[tuple[float, Bar]]:
    found = []
    for event in events:
        for index, point in enumerate(shown):
            if event.at in point.window:
                share = (event.at - point.window.start) / (point.window.end - point.window.start)
                found.append((index + share, Bar("", event.value, event.title, event.href, event.is_open)))
    return found


def _summary(metric: str, shown: Sequence[Point], mark: float | None) -> str:
    told = [point for point in shown if point.value is not None]
    known = [point for point in told if not point.is_open] or told
    if not known:
        return _("No recovery is known for this range.") if metric == "recovery_time" else _("Nothing is known here.")
    most = max(known, key=lambda point: point.value or 0.0)
    text = _("%(n)d bars; the highest on %(day)s with %(value)s.") % {
        "n": len(shown),
        "day": most.name,
        "value": _said(metric, most.value),
    }
    if mark is None:
        return text
    below = metric == "deployment_frequency"
    over = sum((point.value or 0.0) < mark if below else (point.value or 0.0) > mark for point in known)
    return f"{text} " + _("%(over)d of %(n)d are over the mark.") % {"over": over, "n": len(known)}


def _figure(
    metric: str, shown: Sequence[Point], line: Sequence[float | None], mark: Level | None, events: Sequence[Event],
    ticks: Sequence[Tick],
) -> str:  # fmt: skip
    days = [point.day for point in shown]
    traces: list[Mapping[str, Any]] = [
        {
            "type": "bar",
            "x": days,
            "y": [point.value for point in shown],
            "marker": {
                "color": "var(--info)",
                "opacity": [1.0 if point.is_chosen else 0.45 for point in shown],
                "pattern": {"shape": ["/" if point.is_open else "" for point in shown], "size": 6},
            },
            "customdata": [point.href for point in shown],
            "text": [label(_bar(metric, point).title) for point in shown],
            "textposition": "none",
            "hovertemplate": "%{text}<extra></extra>",
        },
        {
            "type": "scatter",
            "mode": "lines",
            "x": days,
            "y": list(line),
            "line": {"color": "var(--info)", "width": 2},
            "hoverinfo": "skip",
        },
    ]
    if events:
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [_local(event.at, shown) for event in events],
                "y": [event.value for event in events],
                "marker": {
                    # A triangle stands on the axis or its bar: turned round it is moved up, away from the point.
                    "symbol": ["triangle-down-open" if event.is_open else "triangle-down" for event in events],
                    "angle": 180,
                    "standoff": 7,
                    "size": 11,
                    "color": "var(--bad)",
                },
                "customdata": [event.href for event in events],
                "text": [label(event.title) for event in events],
                "hovertemplate": "%{text}<extra></extra>",
                "cliponaxis": False,
            }
        )
    named = some(shown)
    days_axis = {"tickvals": [point.day for point in named], "ticktext": [label(point.name) for point in named]}
    axis = {"tickvals": [tick.value for tick in ticks], "ticktext": [label(tick.name) for tick in ticks]}
    # Room for a line at the top, and for what stands on it.
    top = ticks[-1].value * (1.12 if events else 1.04)
    extra = {} if mark is None else level_line(mark, top)
    return drawing(traces, x_axis=days_axis, y_axis={**axis, "range": [0, top], "rangemode": "normal"}, **extra)


def _local(at: datetime, shown: Sequence[Point]) -> str:
    """Return a moment on an axis of days: plotly draws a bar around the midnight that it is named by."""
    for point in shown:
        if at in point.window:
            share = (at - point.window.start) / (point.window.end - point.window.start) - 0.5
            middle = point.window.start.astimezone(point.window.zone).replace(tzinfo=None)
            return f"{middle + (point.window.end - point.window.start) * share:%Y-%m-%d %H:%M}"
    return ""
