"""The rows of the list as text, for the same reason as the map's elements (see `markup`)."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from html import escape
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from dashboards import words
from dashboards.frame.marks import Status
from dashboards.templatetags.plimsoll import count, rate, share, status, when
from dashboards.topology.drawing.table import COLUMNS, Row
from dashboards.topology.statuses import WORDS


def rows(shown: Sequence[Row], zone: ZoneInfo) -> SafeString:
    """Return the rows of the list, with times in the page's zone."""

    # Hundreds of rows have four statuses and few times.
    @cache
    def stands(how: Status) -> str:
        return status(how, str(WORDS[how]))

    @cache
    def seen(first: datetime) -> str:
        return when(first, zone)

    units = words.latency_units()

    def latency(value: float | None) -> str:
        return _("unknown") if value is None else words.milliseconds(value, units)

    labels = tuple(f'data-label="{escape(str(title))}"' for title, *_others in COLUMNS.values())
    return mark_safe(
        "".join(_row(row, labels, _status(row, stands), latency, seen(row.arc.first_seen)) for row in shown)
    )


def _status(row: Row, stands: Callable[[Status], str]) -> str:
    if row.arc.is_gone:
        return f'<span class="status unk">{escape(_("gone"))}</span>'
    return stands(row.status) + (f' <span class="chip info">{escape(_("new"))}</span>' if row.arc.is_new else "")


def _row(row: Row, labels: Sequence[str], how: str, latency: Callable[[float | None], str], seen: str) -> str:
    arc = row.arc
    names = (row.server.name, ", ".join(arc.protocols), ", ".join(arc.clusters))
    figures = (
        count(arc.requests),
        rate(row.rate),
        share(arc.error_rate),
        latency(arc.p50_ms),
        latency(arc.p95_ms),
        latency(arc.p99_ms),
    )
    cells = [
        f"<td {labels[0]}>{how}</td>",
        f'<th scope="row" {labels[1]}><a href="{escape(row.href)}" translate="no">{escape(row.client.name)}</a></th>',
        *(f'<td {label} translate="no">{escape(name)}</td>' for label, name in zip(labels[2:5], names, strict=True)),
        *(f'<td class="figure" {label}>{escape(said)}</td>' for label, said in zip(labels[5:11], figures, strict=True)),
        f"<td {labels[11]}>{seen}</td>",
    ]
    chosen = ' class="selected" aria-current="true"' if row.is_selected else ""
    data = f'data-edge="{escape(arc.id)}" data-client="{escape(arc.client)}" data-server="{escape(arc.server)}"'
    return f"<tr{chosen} {data}>{''.join(cells)}</tr>\n"
