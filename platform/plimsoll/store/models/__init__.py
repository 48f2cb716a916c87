"""The tables of `architecture.md` section 4, one topic per file."""

from plimsoll.store.models.access import Source, Token
from plimsoll.store.models.catalog import Cluster, Environment, Mark, Organisation, Service, Shift, Team
from plimsoll.store.models.delivery import (
    Change,
    Deployment,
    DeploymentChange,
    Incident,
    Release,
    WebhookDelivery,
)
from plimsoll.store.models.people import AuditEvent, Membership, Screen, SignInAttempt
from plimsoll.store.models.setup import CatalogFile, Refusal
from plimsoll.store.models.traffic import Edge, IngestHealth, Layout, Node, NodeAlias, PodName

__all__ = [
    "AuditEvent",
    "CatalogFile",
    "Change",
    "Cluster",
    "Deployment",
    "DeploymentChange",
    "Edge",
    "Environment",
    "Incident",
    "IngestHealth",
    "Layout",
    "Mark",
    "Membership",
    "Node",
    "NodeAlias",
    "Organisation",
    "PodName",
    "Refusal",
    "Release",
    "Screen",
    "Service",
    "Shift",
    "SignInAttempt",
    "Source",
    "Team",
    "Token",
    "WebhookDelivery",
]
