"""Which nodes are layers of one pod: an application and its proxy (mesh-dialects, section 2.4).

Layers speak in different requests, to different receivers, in any order. Each sighting is noted, and again every hour;
whoever notes the second layer of a pod finds the first one. So no two can miss each other, writers note one after the
other: what is new is noted under one advisory lock, held to the end of the transaction.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from plimsoll.store.cells import Sighting
from plimsoll.store.connections import Connection
from plimsoll.store.directory import Directory

_MOST_REMEMBERED: Final = 50_000

_LOCK: Final = f"SELECT pg_advisory_xact_lock({0x504C_0011})"

_SEEN: Final = """
INSERT INTO pod_name (cluster, pod, namespace, layer, node_id, last_seen)
SELECT cluster, pod, namespace, layer, node_id, now()
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[])
    AS new (cluster, pod, namespace, layer, node_id)
ON CONFLICT (cluster, pod, namespace, layer, node_id) DO UPDATE SET last_seen = excluded.last_seen
"""

# An application is its proxy. Where the proxy stands before several applications it is none of them: each speaks for
# itself then, against the proxy.
_SAME: Final = """
WITH asked AS (
    SELECT DISTINCT cluster, pod FROM unnest(%s::text[], %s::text[]) AS asked (cluster, pod)
),
pair AS (
    SELECT
        application.node_id AS application,
        proxy.node_id AS proxy,
        min(application.node_id) OVER one_proxy <> max(application.node_id) OVER one_proxy AS is_shared
    FROM asked
    JOIN pod_name AS application USING (cluster, pod)
    JOIN pod_name AS proxy USING (cluster, pod)
    WHERE application.layer = 'application'
        AND proxy.layer = 'proxy'
        AND (application.namespace = proxy.namespace OR '' IN (application.namespace, proxy.namespace))
    WINDOW one_proxy AS (PARTITION BY proxy.cluster, proxy.pod, proxy.namespace, proxy.node_id)
)
INSERT INTO node_alias (alias_id, node_id, evidence, votes, first_seen, last_seen)
SELECT DISTINCT application, CASE WHEN is_shared THEN application ELSE proxy END, 'pod', 1, now(), now()
FROM pair
ON CONFLICT (alias_id, node_id, evidence) DO UPDATE SET last_seen = excluded.last_seen, updated_at = now()
"""


def note(connection: Connection, directory: Directory, sightings: Collection[Sighting], now: datetime) -> None:
    """Note what pods showed, if that was not done in this hour, and which nodes are the same for it.

    Nodes that there was no room for are passed over. Must run in a transaction.
    """
    hour = int(now.timestamp()) // 3600
    new = [
        sighting
        for sighting in sightings
        if directory.sightings.get(sighting) != hour and sighting.node.key in directory.nodes
    ]
    if not new:
        return
    rows = {
        (each.node.key.cluster, each.pod, each.namespace, each.layer, directory.nodes[each.node.key]) for each in new
    }
    clusters, pods, *others = (list(column) for column in zip(*sorted(rows), strict=True))
    connection.execute(_LOCK)
    connection.execute(_SEEN, [clusters, pods, *others])
    connection.execute(_SAME, [clusters, pods])
    if len(directory.sightings) + len(new) > _MOST_REMEMBERED:
        directory.sightings.clear()
    directory.sightings.update(dict.fromkeys(new, hour))
