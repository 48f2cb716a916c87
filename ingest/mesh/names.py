"""Names found on the other end of a call, parsed into nodes (mesh-dialects, sections 2.2 and 10.4)."""

import re
from collections.abc import Container
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Literal

from plimsoll.store.cells import Ref

# Values that say nothing (mesh-dialects, section 2.1).
_NOTHING = {"", "-", "unknown", "unknown_service", "none", "null"}


def known(value: str) -> str:
    """Return a value that says something, else the empty text."""
    folded = value.casefold()
    return "" if folded in _NOTHING or folded.startswith("unknown_service:") else value


@dataclass(frozen=True, slots=True)
class Upstream:
    """What an Envoy cluster name says about where a request went.

    `role`: `outbound` names a destination; `inbound` is the emitter's own side; `vip` names the service behind a
    waypoint; `passthrough` goes to whatever host was asked for; `blackhole` was denied; `other` is not understood.
    """

    role: Literal["outbound", "inbound", "vip", "passthrough", "blackhole", "other"]
    host: str = ""
    port: str = ""
    subset: str = ""


@lru_cache(maxsize=16_384)
def parse_upstream(cluster: str) -> Upstream:
    """Parse an Istio cluster name; a trailing `;` (from alt_stat_name) is ignored."""
    cluster = cluster.rstrip(";")
    parts = cluster.split("|")
    if len(parts) == 4:
        direction, port, middle, host = parts
        if direction in ("outbound", "outbound_"):
            return Upstream("outbound", host, port, middle)
        if direction == "inbound-vip":
            return Upstream("vip", host, port)
        if direction == "inbound":
            return Upstream("inbound", host, port)
    if cluster == "PassthroughCluster" or cluster == "allow_any":
        return Upstream("passthrough")
    if cluster in ("BlackHoleCluster", "block_all"):
        return Upstream("blackhole")
    if cluster.startswith("InboundPassthroughCluster"):
        return Upstream("inbound")
    return Upstream("other", cluster)


_DNS_LABEL = re.compile(r"[a-z0-9_]([-a-z0-9_]*[a-z0-9_])?\Z", re.IGNORECASE)


def authority(url: str) -> str:
    """Return host[:port] of a URL or an authority, without user, default port, path, query or fragment."""
    rest = url.partition("://")[2] or url
    for end in "/?#":
        rest = rest.partition(end)[0]
    host = rest.rpartition("@")[2]
    return host.removesuffix(":80").removesuffix(":443")


def split_port(host: str) -> tuple[str, str]:
    """Split host:port or [v6]:port; the port may be missing."""
    if host.startswith("["):
        inner, _, rest = host[1:].partition("]")
        return inner, rest.removeprefix(":")
    if host.count(":") == 1:
        name, _, port = host.partition(":")
        return name, port
    return host, ""


def is_address(host: str) -> bool:
    """Whether a host is an IP address: looked up as an alias, never used as a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_local(host: str) -> bool:
    """Whether a host is this very machine or a link-local service: dropped (mesh-dialects, section 10.4)."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_link_local or address.is_unspecified


def host_ref(host: str, *, cluster: str, namespace: str, namespaces: Container[str]) -> Ref | None:
    """Return the node that a host name stands for, seen from a caller; None for addresses and local hosts.

    Consul's names name services of a datacenter, Kubernetes DNS and single labels those of the caller's cluster;
    `name.namespace` does so only when the namespace is known; everything else is outside.
    """
    host, _ = split_port(host.rstrip("."))
    host = host.casefold()
    if not known(host) or is_address(host) or is_local(host):
        return None
    labels = host.split(".")
    if labels[-1] == "consul" and len(labels) >= 6 and labels[-3] in ("internal", "external"):
        # [<hash>~][<subset>.]<service>.<namespace>.<datacenter>.<internal|external>.<trust domain>.consul
        return Ref(labels[-4], labels[-5], labels[-6].rpartition("~")[2], "service")
    if "svc" in labels[2:4]:
        at = labels.index("svc", 2)
        return Ref(cluster, labels[at - 1], labels[at - 2], "service")
    if not all(_DNS_LABEL.match(label) for label in labels):
        return None
    if len(labels) == 1:
        return Ref(cluster, namespace, host, "service")
    if len(labels) == 2 and (labels[1] == namespace.casefold() or labels[1] in namespaces):
        return Ref(cluster, labels[1], labels[0], "service")
    return Ref("", "", host, "external")


# node_id = <type>~<ip>~<pod>.<namespace>~<namespace>.svc.<domain> (mesh-dialects, section 2.1)
@dataclass(frozen=True, slots=True)
class ProxyNode:
    """An Envoy node id of Istio's form."""

    role: str
    pod: str
    namespace: str


@lru_cache(maxsize=16_384)
def parse_node_id(node_id: str) -> ProxyNode | None:
    """Parse a node id, or return None when it has another form."""
    parts = node_id.split("~")
    if len(parts) != 4 or parts[0] not in ("sidecar", "router", "waypoint", "ztunnel"):
        return None
    pod, _, namespace = parts[2].rpartition(".")
    return ProxyNode(parts[0], pod, namespace)


_POD_SUFFIX = re.compile(r"-[bcdfghjklmnpqrstvwxz0-9]{5}\Z")
_HASH_SUFFIX = re.compile(r"-[a-f0-9]{8,10}\Z")
_ORDINAL_SUFFIX = re.compile(r"-\d+\Z")


def has_random_name(pod: str) -> bool:
    """Whether a pod's name ends in letters drawn at random, so that no other namespace has one of the name."""
    return _POD_SUFFIX.search(pod) is not None


def workload_of_pod(pod: str) -> str:
    """Return the workload's name from a pod's: without the hashes of a Deployment, or the ordinal of a StatefulSet."""
    without, dropped = _POD_SUFFIX.subn("", pod)
    if dropped:
        return _HASH_SUFFIX.sub("", without)
    return _ORDINAL_SUFFIX.sub("", pod)
