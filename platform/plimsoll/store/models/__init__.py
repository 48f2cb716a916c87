"""The tables of `architecture.md` section 4, one topic per file."""

from plimsoll.store.models.access import Source, Token
from plimsoll.store.models.catalog import Cluster, Environment, Service, Team
from plimsoll.store.models.delivery import (
    Change,
    Deployment,
    DeploymentChange,
    Incident,
    Release,
    WebhookDelivery,
)
from plimsoll.store.models.traffic import Edge, IngestHealth, Node, NodeAlias, PodName

__all__ = [
    "Change",
    "Cluster",
    "Deployment",
    "DeploymentChange",
    "Edge",
    "Environment",
    "Incident",
    "IngestHealth",
    "Node",
    "NodeAlias",
    "PodName",
    "Release",
    "Service",
    "Source",
    "Team",
    "Token",
    "WebhookDelivery",
]
