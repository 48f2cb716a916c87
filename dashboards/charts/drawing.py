"""Figures for plotly.js, built and checked on the server: colours by token, labels that cannot be markup.

Colours are `var(--token)`: charts.js puts in what the theme makes of them, and again when the theme changes.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import plotly.graph_objects as go

from dashboards.charts.level import NAME_AT, RING, SIGN, Level

Trace = Mapping[str, Any]

_CLEAR: Final = "rgba(0,0,0,0)"
_AXIS: Final = {
    "gridcolor": "var(--line)",
    "linecolor": "var(--line-strong)",
    "zerolinecolor": "var(--line)",
    "tickfont": {"color": "var(--muted)", "size": 12},
    "fixedrange": True,
    "automargin": True,
}


# In pixels right of the plot.
_BESIDE: Final = {"xsizemode": "pixel", "xanchor": 1}
_MARGIN: Final = {"l": 8, "r": 8, "t": 8, "b": 8}


def label(text: str) -> str:
    """Return a text from outside as plotly.js shows it: it reads some HTML in labels (reliability, section 5)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def drawing(
    traces: Sequence[Trace],
    *,
    x_axis: Mapping[str, Any] | None = None,
    y_axis: Mapping[str, Any] | None = None,
    **layout: Any,
) -> str:
    """Return the figure as JSON that is safe inside a script element; plotly checks every property."""
    frame = {
        "template": go.layout.Template(),
        "paper_bgcolor": _CLEAR,
        "plot_bgcolor": _CLEAR,
        "font": {"family": "inherit", "size": 12, "color": "var(--text)"},
        "margin": _MARGIN,
        "showlegend": False,
        "hovermode": "closest",
        "hoverlabel": {
            "bgcolor": "var(--raised)",
            "bordercolor": "var(--line-strong)",
            "font": {"color": "var(--text)", "size": 12},
        },
        "bargap": 0.25,
        "xaxis": {**_AXIS, "showgrid": False, "type": "date", **(x_axis or {})},
        "yaxis": {**_AXIS, "rangemode": "tozero", "nticks": 5, "showline": False, **(y_axis or {})},
        **layout,
    }
    written: str = go.Figure(data=list(traces), layout=frame).to_json()
    return written


def level_line(mark: Level, top: float) -> dict[str, Any]:
    """Return the layout's line at a mark of an axis from zero to `top`; its sign and its name stand right of it."""
    # What is placed by an axis is cut off where the plot ends: the sign is placed by its share of the height.
    share = mark.value / top
    line = {"type": "line", "xref": "paper"}
    stroke = {"color": "var(--line-strong)", "width": 1.5}
    return {
        "margin": {**_MARGIN, "r": mark.room},
        "shapes": [
            {**line, "x0": 0, "x1": 1, "y0": mark.value, "y1": mark.value, "line": {**stroke, "dash": "dash"}},
            {**line, **_BESIDE, "x0": 0, "x1": SIGN, "yref": "paper", "y0": share, "y1": share, "line": stroke},
            {
                **_BESIDE,
                "type": "circle",
                "xref": "paper",
                "x0": SIGN / 2 - RING,
                "x1": SIGN / 2 + RING,
                "yref": "paper",
                "ysizemode": "pixel",
                "yanchor": share,
                "y0": -RING,
                "y1": RING,
                "line": stroke,
            },
        ],
        "annotations": [
            {
                "xref": "paper",
                "x": 1,
                "xshift": NAME_AT,
                "yref": "paper",
                "y": share,
                "text": label(mark.name),
                "showarrow": False,
                "xanchor": "left",
                "yanchor": "middle",
                "font": {"color": "var(--muted)", "size": 12},
            }
        ],
    }
