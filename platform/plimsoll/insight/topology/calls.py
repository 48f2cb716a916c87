"""Which edges were called, under whatever names, and who counted the calls.

Each vantage has its own counters; what is shown is the best one present for the edge in the window, and vantages are
never added (mesh-dialects, section 9.2). The window is what makes the choice stick: it does not depend on the minute.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from plimsoll.insight.topology.names import Names
from plimsoll.store.cells import SPAN_SERVER_APP, SPAN_SERVER_PROXY
from plimsoll.store.directory import EVIDENCE
from plimsoll.store.traffic_facts import EdgeFact, EdgeTotal, NodeFact


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls of an edge. `vantages` are those whose counts may be shown, best first: there is one at least.

    `members` are the stored edges that it is, the one that it takes its number from first.
    """

    members: tuple[int, ...]
    client: NodeFact
    server: NodeFact
    environment: str
    protocol: str
    totals: Mapping[int, EdgeTotal]
    vantages: tuple[int, ...]
    evidence: str
    via: str
    first_seen: datetime
    last_seen: datetime

    @property
    def id(self) -> int:
        """The number of the edge."""
        return self.members[0]

    @property
    def total(self) -> EdgeTotal:
        """The counts that are shown."""
        return self.totals[self.vantages[0]]


def calls(
    facts: Mapping[int, EdgeFact], totals: Mapping[int, Mapping[int, EdgeTotal]], names: Names, *, denied: bool = False
) -> list[Calls]:
    """Return the edges that had calls; with `denied`, those that had denied ones."""
    result = []
    for (environment, client, server, protocol), members in _same_edges(facts.values(), names).items():
        by_vantage = _added(totals.get(member, {}) for member in members)
        vantages = tuple(sorted(v for v, total in by_vantage.items() if (total.denied if denied else total.requests)))
        if client == server and names.nodes[client].kind != "user":
            vantages = _between_instances(vantages, [facts[member] for member in members])
        if not vantages:
            continue
        seen = [facts[member] for member in sorted(members)]
        result.append(
            Calls(
                members=tuple(fact.id for fact in seen),
                client=names.nodes[client],
                server=names.nodes[server],
                environment=environment,
                protocol=protocol,
                totals=by_vantage,
                vantages=vantages,
                evidence=min((fact.evidence for fact in seen), key=EVIDENCE.index),
                via=next((fact.via for fact in seen if fact.via), ""),
                first_seen=min(fact.first_seen for fact in seen),
                last_seen=max(fact.last_seen for fact in seen),
            )
        )
    return result


def _between_instances(vantages: tuple[int, ...], members: Iterable[EdgeFact]) -> tuple[int, ...]:
    """Return the vantages of a service's calls to itself that show two of its instances (section 8.3).

    Only a callee's span that was joined with the caller's of another instance does. What names two services that turned
    out to be one is two layers of one pod.
    """
    if any(fact.client_id != fact.server_id for fact in members):
        return ()
    return tuple(vantage for vantage in vantages if vantage in (SPAN_SERVER_PROXY, SPAN_SERVER_APP))


def _same_edges(facts: Iterable[EdgeFact], names: Names) -> dict[tuple[str, int, int, str], list[int]]:
    """Return the numbers of the edges that are one: under other names, or seen by a side that does not say where it
    runs.

    A record without an environment belongs to the only one that the same two ends are seen in, if there is just one.
    """
    found: dict[tuple[int, int, str], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for fact in facts:
        ends = names.number(fact.client_id), names.number(fact.server_id)
        found[(*ends, fact.protocol)][fact.environment].append(fact.id)
    for by_environment in found.values():
        if "" in by_environment and len(by_environment) == 2:
            silent = by_environment.pop("")
            next(iter(by_environment.values())).extend(silent)
    return {
        (environment, *key): members
        for key, by_environment in found.items()
        for environment, members in by_environment.items()
    }


def _added(parts: Iterable[Mapping[int, EdgeTotal]]) -> dict[int, EdgeTotal]:
    """Add the totals of edges that are the same one under other names, vantage by vantage."""
    sums: dict[int, EdgeTotal] = {}
    for part in parts:
        for vantage, total in part.items():
            sums[vantage] = sums[vantage].plus(total) if vantage in sums else total
    return sums
