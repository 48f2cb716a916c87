"""Charts: SVG drawn on the server first, the same as a plotly figure on top of it, a table, and a summary in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a chart's table: what it is about, the cells, and where it leads."""

    name: str
    cells: Sequence[str]
    href: str = ""
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart in all its forms; `figure` is plotly's JSON, empty where there is none."""

    id: str
    title: str
    summary: str
    svg: SafeString
    figure: str
    columns: Sequence[str]
    rows: Sequence[Row]
    note: str = ""
