"""What stands out on the map: what is looked for, the blast radius, what a deployment changed. The rest is faded."""

from dataclasses import replace

from dashboards.topology.asked import Asked
from dashboards.topology.drawing.shapes import Cell, Line, Node, Scene
from dashboards.topology.members import members as members_of
from dashboards.topology.reading import Reading
from plimsoll.insight.topology import Whole

_FADED = " faded"


def emphasised(drawn: Scene, read: Reading, found: Whole, asked: Asked) -> Scene:
    """Return the drawing with the rest faded; as it is when nothing stands out."""
    marked = None if read.find.hides else read.find.matched
    kept = [each for each in (marked, read.blast) if each is not None]
    changed = None if read.verdicts is None else read.changes.keys()
    if not kept and changed is None:
        return drawn
    members = members_of(found, asked) if drawn.level not in ("full", "names") else {}

    def stands_out(element: str) -> bool:
        ids = members.get(element, frozenset({element[2:]}))
        return all(ids & each for each in kept)

    def is_changed(line: Line) -> bool:
        return changed is None or bool(members.get(line.id, frozenset({line.id[2:]})) & changed)

    lines = [
        line if stands_out(line.id) and is_changed(line) else _without_label(line, is_marked=not stands_out(line.id))
        for line in drawn.lines
    ]
    nodes = [_node(node, stands_out(node.id), [_cell(c, stands_out(c.id)) for c in node.cells]) for node in drawn.nodes]
    return replace(drawn, lines=lines, nodes=nodes)


def _without_label(line: Line, *, is_marked: bool) -> Line:
    """Return a line faded; what is not looked for says nothing either."""
    return line._replace(css=line.css + _FADED, pill=None if is_marked else line.pill)


def _node(node: Node, stands_out: bool, cells: list[Cell]) -> Node:
    return replace(node, cells=cells) if stands_out else replace(node, css=node.css + _FADED, cells=cells)


def _cell(cell: Cell, stands_out: bool) -> Cell:
    return cell if stands_out else cell._replace(css=cell.css + _FADED)
