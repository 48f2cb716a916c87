"""The map's elements as text. A map has thousands of attributes: a template takes five times as long to write them."""

from collections.abc import Iterable
from html import escape

from django.utils.safestring import SafeString, mark_safe

from dashboards.topology.drawing.matrix import Dot
from dashboards.topology.drawing.shapes import Cell, Line, Node
from dashboards.topology.rail import Sign


def lines(drawn: Iterable[Line], *, has_reach: bool) -> SafeString:
    """Return the edges; `has_reach`: with a wider path each, so that a pointer need not hit the stroke."""
    return mark_safe("\n".join(_line(line, has_reach) for line in drawn))


def nodes(drawn: Iterable[Node]) -> SafeString:
    """Return the boxes, each with its cells after it."""
    return mark_safe("\n".join(_node(node) for node in drawn))


def labels(drawn: Iterable[Line]) -> SafeString:
    """Return what edges say at rest."""
    return mark_safe("".join(_label(line) for line in drawn))


def dots(drawn: Iterable[Dot]) -> SafeString:
    """Return the calls of a matrix."""
    return mark_safe("\n".join(map(_dot, drawn)))


def signs(drawn: Iterable[Sign]) -> SafeString:
    """Return the deployments on the rail."""
    return mark_safe("".join(map(_sign, drawn)))


def _dot(dot: Dot) -> str:
    data = (
        f'data-edge="{dot.data}" data-client="{dot.client}" data-server="{dot.server}"'
        f' data-row="{dot.row}" data-column="{dot.column}"'
    )
    box = f'x="{dot.x:.1f}" y="{dot.y:.1f}" width="{dot.size:.1f}" height="{dot.size:.1f}"'
    return f'{_link(dot.css, dot.id, data, dot.href, dot.label)}<rect {box} rx="1.4"/></a>'


def _link(css: str, element: str, data: str, href: str, label: str, more: str = "") -> str:
    said = escape(label)
    return (
        f'<a class="{css}" id="{escape(element)}" {data} href="{escape(href)}" aria-label="{said}"{more}>'
        f"<title>{said}</title>"
    )


def _line(line: Line, has_reach: bool) -> str:
    data = f'data-edge="{escape(line.data)}" data-client="{escape(line.client)}" data-server="{escape(line.server)}"'
    link = _link(line.css, line.id, data, line.href, line.label, "" if line.in_order else ' tabindex="-1"')
    reach = f'<path class="reach" d="{line.path}"/>' if has_reach else ""
    arrow = f'marker-end="url(#arrow-{line.arrow})"'
    return f'{link}{reach}<path class="line" d="{line.path}" stroke-width="{line.width}" {arrow}/></a>'


def _node(node: Node) -> str:
    parts = [_link(node.css, node.id, f'data-node="{escape(node.data)}"', node.href, node.label)]
    parts.append(f'<path class="box" d="{node.outline}"/>')
    if node.sign:
        parts.append(f'<path class="sign" d="{node.sign}"/>')
    parts.append(_text("name", node.title_at, node.title, ' translate="no"'))
    if node.count:
        parts.append(_text("count", node.count_at, node.count))
    if node.detail:
        parts.append(_text("detail", node.detail_at, node.detail))
    if node.more_cells:
        parts.append(f'<path class="cells" d="{node.more_cells}"/>')
    return "".join((*parts, "</a>", *map(_cell, node.cells)))


def _cell(cell: Cell) -> str:
    link = _link(cell.css, cell.id, f'data-node="{escape(cell.data)}"', cell.href, cell.label)
    size = f'width="{cell.size:.1f}" height="{cell.size:.1f}"'
    sign = f'<path class="sign" d="{cell.sign}"/>' if cell.sign else ""
    return f'{link}<rect x="{cell.x:.1f}" y="{cell.y:.1f}" {size} rx="3"/>{sign}</a>'


def _label(line: Line) -> str:
    if line.pill is None:
        return ""
    rect = line.pill.rect
    box = f'<rect x="{rect.x:.1f}" y="{rect.y:.1f}" width="{rect.w:.1f}" height="{rect.h:.0f}" rx="5"/>'
    said = "".join(f'<text x="{rect.middle:.1f}" y="{y:.1f}">{escape(text)}</text>' for text, y in line.pill.lines)
    return f'<g class="label {line.arrow}" data-label="{escape(line.data)}">{box}{said}</g>'


def _text(css: str, at: tuple[float, float], text: str, more: str = "") -> str:
    return f'<text class="{css}" x="{at[0]:.1f}" y="{at[1]:.1f}"{more}>{escape(text)}</text>'


def _sign(sign: Sign) -> str:
    said = escape(f"{sign.name}, {sign.word}, {sign.time}")
    css = f"sign {sign.outcome} compared" if sign.is_compared else f"sign {sign.outcome}"
    link = f'<a href="/deployments/{sign.id}/" class="{css}" translate="no" aria-label="{said}"><title>{said}</title>'
    length = f'<rect x="{sign.x}%" width="{sign.width}%" y="9" height="13"/>' if sign.outcome == "running" else ""
    shape = '<path d="M0-8 8 6.5H-8Z"/>' if sign.outcome == "failed" else '<circle r="5.5"/>'
    hit = '<rect class="hit" x="-12" y="-12" width="24" height="24"/>'
    return f'{link}{length}<svg x="{sign.x}%" y="15.5" overflow="visible">{hit}{shape}</svg></a>'
