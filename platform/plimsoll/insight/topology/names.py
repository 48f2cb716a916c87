"""Which names are one node (mesh-dialects, sections 2.2 and 2.4).

Edges keep the names they came with, so all of this can change and history follows.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from plimsoll.store.traffic_facts import AliasFact, NodeFact

# Joined pairs that make another name the same node.
_ENOUGH_VOTES: Final = 20
_AGREEMENT: Final = 0.99
# More outside hosts than this below one domain are shown as the domain (section 2.2).
_MOST_HOSTS: Final = 50


@dataclass(frozen=True, slots=True)
class Names:
    """The nodes by number, and which number stands for which."""

    nodes: Mapping[int, NodeFact]
    instead: Mapping[int, int]

    def number(self, node: int) -> int:
        """Return the number of the node that a node is shown as."""
        return self.instead.get(node, node)

    def node(self, number: int) -> NodeFact:
        """Return the node that a node is shown as."""
        return self.nodes[self.number(number)]


def names(known: Mapping[int, NodeFact], told: Iterable[AliasFact]) -> Names:
    """Return the nodes to show, and what each known one is shown as."""
    domains = _domains(known.values())
    hosts = {host.id: domain.id for domain, hosts in domains for host in hosts}
    nodes = {**known, **{domain.id: domain for domain, _ in domains}}
    same = same_nodes(known, told)
    instead = {node: hosts.get(same.get(node, node), same.get(node, node)) for node in (same.keys() | hosts.keys())}
    return Names(nodes, instead)


def same_nodes(known: Mapping[int, NodeFact], told: Iterable[AliasFact]) -> dict[int, int]:
    """Return which nodes are other names of which: from one record, one pod, or joined pairs that agree.

    The same name in another cluster needs one pair, and no dissent: a caller names a service by its own cluster,
    because that is all he knows of it, and the callee says where it really is. But a node that speaks for itself is
    where it says it is, and two clusters are never merged for it.
    """
    votes: dict[int, dict[int, int]] = defaultdict(dict)
    records: dict[int, set[int]] = defaultdict(set)
    pods: dict[int, set[int]] = defaultdict(set)
    for fact in told:
        if fact.evidence == "record":
            records[fact.alias].add(fact.node)
        elif fact.evidence == "pod":
            pods[fact.alias].add(fact.node)
        else:
            votes[fact.alias][fact.node] = fact.votes
    # What records show is what a name is, and pods say nothing to it.
    result = _undisputed({**pods, **records})
    for alias, found in votes.items():
        node, most = max(found.items(), key=lambda item: item[1])
        if alias in records or alias in result or alias in (node, result.get(node)):
            continue
        agreed = most >= _AGREEMENT * sum(found.values())
        is_namesake = known[alias].identity == known[node].identity
        is_elsewhere = known[alias].speaks and known[alias].cluster != known[node].cluster
        if not is_elsewhere and ((most >= _ENOUGH_VOTES and agreed) or (is_namesake and len(found) == 1)):
            result[alias] = node
    for host, service in _services_taken_for_hosts(known.values()):
        result.setdefault(host, service)
    # A chain of names ends at its last one; names that point at each other stay apart.
    return {alias: end for alias in result if (end := _end_of_chain(alias, result)) is not None}


def _undisputed(shown: Mapping[int, set[int]]) -> dict[int, int]:
    """Return which names are other names of which; a name that leads to two services stays unmerged."""
    return {alias: next(iter(found)) for alias, found in shown.items() if len(found) == 1 and alias not in found}


def _services_taken_for_hosts(known: Iterable[NodeFact]) -> list[tuple[int, int]]:
    """Return the outside hosts `name.namespace` that are services, each with its service.

    Whoever read such a host did not know of the namespace yet (section 2.2). Where several clusters have the service,
    it cannot be told which of them was meant.
    """
    services: dict[str, list[int]] = defaultdict(list)
    hosts: list[NodeFact] = []
    for node in known:
        if node.kind in ("service", "gateway") and node.namespace:
            services[f"{node.name}.{node.namespace}"].append(node.id)
        elif node.kind == "external" and node.name.count(".") == 1:
            hosts.append(node)
    return [(host.id, services[host.name][0]) for host in hosts if len(services.get(host.name, ())) == 1]


def _end_of_chain(alias: int, names: Mapping[int, int]) -> int | None:
    seen = {alias}
    while alias in names:
        alias = names[alias]
        if alias in seen:
            return None
        seen.add(alias)
    return alias


def _domains(known: Iterable[NodeFact]) -> list[tuple[NodeFact, list[NodeFact]]]:
    """Return the domains that too many outside hosts share, each with its hosts.

    A domain takes the number of its oldest host, so that it keeps it when more hosts come.
    """
    below: dict[tuple[str, str], list[NodeFact]] = defaultdict(list)
    for node in known:
        labels = node.name.split(".")
        if node.kind == "external" and len(labels) >= 2 and not labels[-1].isdigit() and ":" not in node.name:
            below[node.cluster, ".".join(labels[-2:])].append(node)
    return [
        (replace(min(hosts, key=lambda host: host.id), name=domain, display=domain, service=None, team=None), hosts)
        for (_, domain), hosts in below.items()
        if len(hosts) > _MOST_HOSTS
    ]
