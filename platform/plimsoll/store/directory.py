"""Numbers of nodes and edges: made when first seen, remembered by each writer.

Everything here runs inside the writer's transaction. What is remembered must be forgotten when that transaction fails
(`forget`), because the rows behind the numbers went with it.
"""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Final, NamedTuple

from plimsoll.store.cells import Lane, NodeKey, Ref, Sighting
from plimsoll.store.connections import Connection

# Better evidence replaces weaker (mesh-dialects, section 1).
EVIDENCE: Final = ("named", "joined", "linked", "alias")

_NEW_NODES = """
INSERT INTO node (cluster, namespace, name, identity_class, kind, display, updated_at)
SELECT cluster, namespace, name, identity_class, kind, display, now()
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
    AS new (cluster, namespace, name, identity_class, kind, display)
ORDER BY cluster, namespace, name, identity_class
ON CONFLICT DO NOTHING
"""

_NODE_IDS = """
SELECT node.cluster, node.namespace, node.name, node.identity_class, node.id, node.kind, node.service_id
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[]) AS asked (cluster, namespace, name, identity_class)
JOIN node USING (cluster, namespace, name, identity_class)
"""

# A service that a webhook made known without its namespace is the same one, unless the mesh has two of the name.
_OWN_SERVICE = """
WITH asked AS (SELECT id, namespace, name, display FROM node WHERE id = ANY(%s) AND service_id IS NULL),
made AS (
    INSERT INTO service (namespace, name, state, tier)
    SELECT DISTINCT ON (asked.namespace, asked.name) asked.namespace, asked.display, 'discovered', ''
    FROM asked
    WHERE NOT EXISTS (
        SELECT FROM service WHERE lower(service.name) = asked.name AND service.namespace IN (asked.namespace, '')
    )
    ORDER BY asked.namespace, asked.name
    ON CONFLICT DO NOTHING
    RETURNING id, namespace, name
),
known AS (
    SELECT id, namespace, name FROM made
    UNION ALL
    SELECT service.id, service.namespace, service.name
    FROM service
    JOIN asked ON lower(service.name) = asked.name AND service.namespace IN (asked.namespace, '')
)
UPDATE node
SET service_id = (
    SELECT known.id
    FROM known
    WHERE lower(known.name) = node.name AND known.namespace IN (node.namespace, '')
    ORDER BY known.namespace DESC
    LIMIT 1
)
FROM asked
WHERE node.id = asked.id
"""

_NEW_EDGES = """
INSERT INTO edge (environment, client_id, server_id, protocol, evidence, via, first_seen, last_seen)
SELECT environment, client_id, server_id, protocol, evidence, via, seen, seen
FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::timestamptz[])
    AS new (environment, client_id, server_id, protocol, evidence, via, seen)
ORDER BY environment, client_id, server_id, protocol
ON CONFLICT DO NOTHING
"""

_EDGE_IDS = """
SELECT edge.environment, edge.client_id, edge.server_id, edge.protocol, edge.id, edge.evidence,
    edge.first_seen, edge.last_seen
FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::text[]) AS asked (environment, client_id, server_id, protocol)
JOIN edge USING (environment, client_id, server_id, protocol)
"""

_SEEN_AGAIN = """
UPDATE edge
SET first_seen = least(edge.first_seen, seen.earliest),
    last_seen = greatest(edge.last_seen, seen.latest),
    evidence = CASE WHEN seen.evidence = '' THEN edge.evidence ELSE seen.evidence END,
    via = CASE WHEN seen.via = '' THEN edge.via ELSE seen.via END
FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::text[], %s::text[])
    AS seen (id, earliest, latest, evidence, via)
WHERE edge.id = seen.id
"""


class EdgeKey(NamedTuple):
    """What makes two observations the same edge."""

    environment: str
    client_id: int
    server_id: int
    protocol: str


class _Known(NamedTuple):
    """An edge as remembered: its number and how far its row reaches, in epoch minutes."""

    id: int
    evidence: int
    first_minute: int
    last_minute: int


class Directory:
    """The numbers that one writer knows, and how many nodes and edges there may be (see `admission`)."""

    def __init__(self, most_nodes: int = 5_000, most_edges: int = 50_000) -> None:
        self.most_nodes = most_nodes
        self.most_edges = most_edges
        self.nodes: dict[NodeKey, int] = {}
        self.gateways: set[int] = set()
        self.edges: dict[EdgeKey, _Known] = {}
        # What pods showed, and the hour in which that was noted.
        self.sightings: dict[Sighting, int] = {}
        # Namespaces that workloads were seen in: they tell `name.namespace` from an outside host.
        self.namespaces: set[str] = set()

    def forget(self) -> None:
        """Forget the numbers: the transaction that may have made them failed."""
        self.nodes.clear()
        self.gateways.clear()
        self.edges.clear()
        self.sightings.clear()

    def load_namespaces(self, connection: Connection) -> None:
        """Learn the namespaces that were seen before this process began."""
        rows = connection.execute("SELECT DISTINCT namespace FROM node WHERE identity_class = 'workload'")
        self.namespaces.update(row[0] for row in rows if row[0])

    def learn_nodes(self, connection: Connection, refs: Iterable[Ref]) -> None:
        """Make sure that all these nodes have numbers."""
        wanted: dict[NodeKey, Ref] = {}
        for ref in refs:
            # Some spans of a gateway show its role, others do not.
            if ref.kind == "gateway" or (ref.key not in self.nodes and ref.key not in wanted):
                wanted[ref.key] = ref
        new = {key: ref for key, ref in wanted.items() if key not in self.nodes}
        if new:
            columns = [list(column) for column in zip(*new, strict=True)]
            connection.execute(
                _NEW_NODES, [*columns, [ref.kind for ref in new.values()], [ref.name for ref in new.values()]]
            )
            orphans = self.find_nodes(connection, new)
            if orphans:
                connection.execute(_OWN_SERVICE, [orphans])
        turned = {self.nodes[key] for key, ref in wanted.items() if ref.kind == "gateway"} - self.gateways
        if turned:
            connection.execute(
                "UPDATE node SET kind = 'gateway', updated_at = now() WHERE id = ANY(%s)", [list(turned)]
            )
            self.gateways |= turned

    def find_nodes(self, connection: Connection, keys: Collection[NodeKey]) -> list[int]:
        """Learn the numbers of those nodes that have one; return those of workloads that have no service yet."""
        orphans = []
        columns = [list(column) for column in zip(*keys, strict=True)] or [[], [], [], []]
        for cluster, namespace, name, identity_class, number, kind, service in connection.execute(_NODE_IDS, columns):
            self.nodes[NodeKey(cluster, namespace, name, identity_class)] = number
            if kind == "gateway":
                self.gateways.add(number)
            if identity_class == "workload":
                self.namespaces.add(namespace)
                if service is None and name != "unknown_service":
                    orphans.append(number)
        return orphans

    def edge_key(self, lane: Lane) -> EdgeKey:
        """Return the identity of a lane's edge; its nodes must be known."""
        return EdgeKey(lane.environment, self.nodes[lane.client.key], self.nodes[lane.server.key], lane.protocol)

    def learn_edges(self, connection: Connection, seen: Collection[tuple[Lane, int]]) -> None:
        """Make sure that the edges of these lanes have numbers, and that their rows reach to these epoch minutes."""
        found: dict[EdgeKey, tuple[int, int, int, str]] = {}
        for lane, minute in seen:
            key, rank = self.edge_key(lane), EVIDENCE.index(lane.evidence)
            first, last, best, via = found.get(key, (minute, minute, rank, lane.via))
            found[key] = min(first, minute), max(last, minute), min(best, rank), via or lane.via
        new = {key: facts for key, facts in found.items() if key not in self.edges}
        if new:
            columns = [list(column) for column in zip(*new, strict=True)]
            facts = [(EVIDENCE[best], via, _time(first)) for first, _, best, via in new.values()]
            connection.execute(_NEW_EDGES, [*columns, *[list(column) for column in zip(*facts, strict=True)]])
            self.find_edges(connection, new)
        self._reach(connection, found)

    def find_edges(self, connection: Connection, keys: Collection[EdgeKey]) -> None:
        """Learn the numbers of those edges that have one."""
        columns = [list(column) for column in zip(*keys, strict=True)] or [[], [], [], []]
        for *key, number, evidence, first_seen, last_seen in connection.execute(_EDGE_IDS, columns):
            self.edges[EdgeKey(*key)] = _Known(
                number, EVIDENCE.index(evidence), _minute(first_seen), _minute(last_seen)
            )

    def _reach(self, connection: Connection, found: dict[EdgeKey, tuple[int, int, int, str]]) -> None:
        rows = []
        for key, (first, last, best, via) in found.items():
            known = self.edges[key]
            if first >= known.first_minute and last <= known.last_minute and best >= known.evidence:
                continue
            better = EVIDENCE[best] if best < known.evidence else ""
            rows.append((known.id, _time(first), _time(last), better, via))
            self.edges[key] = _Known(
                known.id, min(best, known.evidence), min(first, known.first_minute), max(last, known.last_minute)
            )
        if rows:
            connection.execute(_SEEN_AGAIN, [list(column) for column in zip(*sorted(rows), strict=True)])


def _time(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC)


def _minute(at: datetime) -> int:
    return int(at.timestamp()) // 60
