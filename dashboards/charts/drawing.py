"""Figures for plotly.js, built and checked on the server: colours by token, labels that cannot be markup.

Colours are `var(--token)`: charts.js puts in what the theme makes of them, and again when the theme changes.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import plotly.graph_objects as go

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
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
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


def level_line(value: float, name: str) -> dict[str, Any]:
    """Return the layout's line at a mark, with its name at the right."""
    return {
        "shapes": [
            {
                "type": "line",
                "xref": "paper",
                "x0": 0,
                "x1": 1,
                "y0": value,
                "y1": value,
                "line": {"color": "var(--line-strong)", "width": 1.5, "dash": "dash"},
            }
        ],
        "annotations": [
            {
                "xref": "paper",
                "x": 1,
                "y": value,
                "text": f"⊖ {label(name)}",
                "showarrow": False,
                "xanchor": "right",
                "yanchor": "bottom",
                "font": {"color": "var(--muted)", "size": 12},
            }
        ],
    }
