"""What the mesh told us: nodes, edges and their minutes.

`edge_minute`, `metric_series`, `span_owner`, `span_wait` and `ingest_batch` have no model: only the SQL of `traffic`
and `partitions` touches them, and migration 0002 makes them.
"""

from django.db import models

from plimsoll.store.models.base import ChangingRow, Row
from plimsoll.store.models.catalog import Service


class Node(Row):
    """A vertex of the dependency graph (mesh-dialects, section 1): identity is (cluster, namespace, name, class)."""

    cluster = models.TextField()
    namespace = models.TextField()
    name = models.TextField()
    # workload, database, messaging, external, user or unresolved
    identity_class = models.TextField()
    # as shown: service or gateway for a workload, else the class
    kind = models.TextField()
    # names as first seen; the identity above is case-folded
    display = models.TextField()
    service = models.ForeignKey(Service, models.SET_NULL, null=True, related_name="nodes")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "node"
        constraints = [models.UniqueConstraint("cluster", "namespace", "name", "identity_class", name="node_identity")]


class NodeAlias(ChangingRow):
    """`alias` is another name of `node` (mesh-dialects, section 2.4); edges keep raw ids, so this can be undone."""

    alias = models.ForeignKey(Node, models.CASCADE, related_name="alias_of")
    node = models.ForeignKey(Node, models.CASCADE, related_name="aliases")
    # record (one record carried both names), pod (an application and its proxy) or joined (learned from joined spans)
    evidence = models.TextField()
    votes = models.BigIntegerField(default=0)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()

    class Meta:
        db_table = "node_alias"
        constraints = [models.UniqueConstraint("alias", "node", "evidence", name="node_alias_once")]


class PodName(models.Model):
    """The node that a layer of a pod spoke for; what two layers of one pod speak for is one service."""

    pk = models.CompositePrimaryKey("cluster", "pod", "namespace", "layer", "node_id")
    cluster = models.TextField()
    pod = models.TextField()
    # empty where the pod did not tell it
    namespace = models.TextField()
    # proxy or application
    layer = models.TextField()
    node = models.ForeignKey(Node, models.CASCADE, related_name="+")
    last_seen = models.DateTimeField()

    class Meta:
        db_table = "pod_name"


class Edge(Row):
    """Client calls server over a protocol in an environment."""

    environment = models.TextField(default="", blank=True)
    client = models.ForeignKey(Node, models.CASCADE, related_name="calls")
    server = models.ForeignKey(Node, models.CASCADE, related_name="called_by")
    protocol = models.TextField()
    # the best seen: named, joined, linked or alias
    evidence = models.TextField()
    via = models.TextField(default="", blank=True)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()

    class Meta:
        db_table = "edge"
        constraints = [models.UniqueConstraint("environment", "client", "server", "protocol", name="edge_identity")]


class Layout(ChangingRow):
    """Where the map has drawn things, so that they stay there: one row a scope, such as an environment and a grouping.

    `places` is {key of a node or group: [column, order in the column]}.
    """

    scope = models.TextField(primary_key=True)
    places = models.JSONField(default=dict)

    class Meta:
        db_table = "layout"


class IngestHealth(models.Model):
    """Counters of what was received and what became of it, by minute (mesh-dialects, section 12)."""

    pk = models.CompositePrimaryKey("minute", "source", "counter", "reason")
    minute = models.DateTimeField()
    source = models.TextField()
    # received, decoded, dropped, orphaned, joined, late
    counter = models.TextField()
    reason = models.TextField(default="")
    count = models.BigIntegerField()

    class Meta:
        db_table = "ingest_health"
