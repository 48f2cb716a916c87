"""How many nodes and edges there may be: beyond that, outside hosts go by their domain, then new ones are refused
(mesh-dialects, section 12).

Names come from telemetry, so a sender that makes them up would fill the graph. What is known already always counts on.
"""

from collections.abc import Callable, Iterable
from typing import Final, LiteralString

from plimsoll.store.cells import Cells, Lane, NodeKey, Ref
from plimsoll.store.connections import Connection
from plimsoll.store.directory import Directory

_LABELS: Final = 2


def with_room_for_nodes(connection: Connection, directory: Directory, cells: Cells) -> tuple[Cells, int]:
    """Return the cells of nodes that are known or have room, and how many records are left out."""
    new = {ref.key: ref for ref in refs(cells) if ref.key not in directory.nodes}
    if not new or len(new) <= _room(connection, _NODES, directory.most_nodes):
        return cells, 0
    directory.find_nodes(connection, new)
    by_domain = _renamed(cells, lambda ref: ref if ref.key in directory.nodes else _domain(ref))
    directory.find_nodes(connection, {ref.key: ref for ref in refs(by_domain) if ref.key not in directory.nodes})
    still_new = {ref.key for ref in refs(by_domain) if ref.key not in directory.nodes}
    refused = set(sorted(still_new)[_room(connection, _NODES, directory.most_nodes) :])
    return _without(by_domain, refused)


def with_room_for_edges(connection: Connection, directory: Directory, cells: Cells) -> tuple[Cells, int]:
    """Return the cells of edges that are known or have room, and how many records are left out; the nodes of all must
    be known.
    """
    keys = {directory.edge_key(lane) for lane, _, _ in cells.edges}
    new = {key for key in keys if key not in directory.edges}
    if not new or len(new) <= _room(connection, _EDGES, directory.most_edges):
        return cells, 0
    directory.find_edges(connection, new)
    still_new = sorted(key for key in new if key not in directory.edges)
    refused = set(still_new[_room(connection, _EDGES, directory.most_edges) :])
    kept, left_out = Cells(), 0
    kept.nodes, kept.aliases, kept.sightings = cells.nodes, cells.aliases, cells.sightings
    for key, cell in cells.edges.items():
        if directory.edge_key(key[0]) in refused:
            left_out += cell.observed
        else:
            kept.edges[key] = cell
    return kept, left_out


def refs(cells: Cells) -> Iterable[Ref]:
    """Yield all nodes that are spoken of."""
    for lane, _, _ in cells.edges:
        yield lane.client
        yield lane.server
    for node_lane, _ in cells.nodes:
        yield node_lane.node
    for alias, node, _ in cells.aliases:
        yield alias
        yield node
    for sighting in cells.sightings:
        yield sighting.node


_NODES: Final = "SELECT count(*) FROM node"
_EDGES: Final = "SELECT count(*) FROM edge"


def _room(connection: Connection, count: LiteralString, most: int) -> int:
    (known,) = connection.execute(count).fetchone() or (0,)
    return max(most - int(known), 0)


def _domain(ref: Ref) -> Ref:
    """Return the node of an outside host's domain."""
    labels = ref.name.split(".")
    if ref.kind != "external" or len(labels) <= _LABELS:
        return ref
    return ref._replace(name="*." + ".".join(labels[-_LABELS:]))


def _renamed(cells: Cells, name: Callable[[Ref], Ref]) -> Cells:
    renamed = Cells()
    for (lane, minute, bounds), cell in cells.edges.items():
        own = lane._replace(client=name(lane.client), server=name(lane.server))
        renamed.cell(own, minute, bounds).add(cell)
    for (node_lane, minute), (unattributed, internal) in cells.nodes.items():
        own_node = node_lane._replace(node=name(node_lane.node))
        renamed.add_node(*own_node, minute, unattributed=unattributed, internal=internal)
    for (alias, node, evidence), votes in cells.aliases.items():
        renamed.alias(name(alias), name(node), evidence, votes)
    renamed.sightings = cells.sightings
    return renamed


def _without(cells: Cells, refused: set[NodeKey]) -> tuple[Cells, int]:
    def is_refused(lane: Lane) -> bool:
        return lane.client.key in refused or lane.server.key in refused

    left_out = sum(cell.observed for (lane, *_), cell in cells.edges.items() if is_refused(lane))
    left_out += sum(round(sum(counts)) for (lane, _), counts in cells.nodes.items() if lane.node.key in refused)
    kept = Cells()
    kept.edges = {key: cell for key, cell in cells.edges.items() if not is_refused(key[0])}
    kept.nodes = {key: counts for key, counts in cells.nodes.items() if key[0].node.key not in refused}
    for (alias, node, evidence), votes in cells.aliases.items():
        if not {alias.key, node.key} & refused:
            kept.alias(alias, node, evidence, votes)
    kept.sightings = {sighting for sighting in cells.sightings if sighting.node.key not in refused}
    return kept, left_out
