"""The blast radius: who calls a node or an edge, directly or not, and how much of what they serve passes there.

A share is of the requests that a caller serves. A request at `v` makes `calls of the edge / requests of v` calls on an
edge on the mean; however many it makes, it is one request, so that factor is 1 at most. Along a path the factors
multiply, over several paths they add up, and that is 1 at most too:

    share(v) = min(1, sum over edges v -> w of min(1, calls(v -> w) / requests(v)) * arrives(v -> w))
    arrives(v -> w) = 1 where that is the target, else share(w)

Paths of one request may overlap, so a share is what passes there **at most**; where there is one path it is exact in
the mean. On cycles the shares are the least that agree with each other: a way round adds nothing by itself. Who is not
seen to be called (a job, a gateway) serves what it calls. Where a sample would be divided by a whole count the share is
unknown, and so it is for all who reach the target through there.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Final

# Shares on a cycle are close enough when no round changes one by more; each round only ever adds.
_CLOSE_ENOUGH: Final = 1e-9
_MOST_ROUNDS: Final = 500


@dataclass(frozen=True, slots=True)
class Flow:
    """The calls of an edge. `is_whole` is False where they are a sample of unknown size."""

    id: str
    client: str
    server: str
    requests: float
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Served:
    """The requests that a node served, from whomever."""

    requests: float
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Reach:
    """A caller: how many calls away it is at least, and which share of its requests passes there at most."""

    node: str
    calls_away: int
    share: float | None


@dataclass(frozen=True, slots=True)
class Radius:
    """Everything that calls the target: the callers, nearest first, and the edges that lead there."""

    callers: tuple[Reach, ...]
    edges: frozenset[str]

    @property
    def nodes(self) -> frozenset[str]:
        """The callers."""
        return frozenset(reach.node for reach in self.callers)


def radius_of_node(flows: Iterable[Flow], served: Mapping[str, Served], node: str) -> Radius:
    """Return what a node's trouble reaches: all who call it."""
    graph = _Graph(flows, served)
    return graph.radius(frozenset(flow.id for flow in graph.into[node]), {node})


def radius_of_edge(flows: Iterable[Flow], served: Mapping[str, Served], edge: str) -> Radius:
    """Return what an edge's trouble reaches: its caller, and all who call that."""
    return _Graph(flows, served).radius(frozenset({edge}), set())


class _Graph:
    """The edges by their ends. Calls of a node to itself lead nowhere, and those that nobody made neither."""

    def __init__(self, flows: Iterable[Flow], served: Mapping[str, Served]) -> None:
        self.into: dict[str, list[Flow]] = defaultdict(list)
        self.out: dict[str, list[Flow]] = defaultdict(list)
        self._served = served
        for flow in sorted({flow.id: flow for flow in flows}.values(), key=lambda flow: flow.id):
            if flow.client != flow.server and flow.requests > 0:
                self.into[flow.server].append(flow)
                self.out[flow.client].append(flow)

    def radius(self, targets: frozenset[str], ends: set[str]) -> Radius:
        """Return who reaches the edges `targets`; nobody is looked for beyond the nodes `ends`."""
        distances = self._distances(targets, ends)
        leading = {
            node: [flow for flow in self.out[node] if flow.id in targets or flow.server in distances]
            for node in distances
        }
        shares = self._shares(leading, targets)
        callers = [Reach(node, away, shares[node]) for node, away in distances.items()]
        return Radius(
            callers=tuple(sorted(callers, key=lambda each: (each.calls_away, -(each.share or 0.0), each.node))),
            edges=frozenset(flow.id for flows in leading.values() for flow in flows),
        )

    def _distances(self, targets: frozenset[str], ends: set[str]) -> dict[str, int]:
        """Return how many calls each node that reaches the target is away from it, the nearest first."""
        ring = {flow.client for flows in self.out.values() for flow in flows if flow.id in targets} - ends
        found: dict[str, int] = {}
        away = 1
        while ring:
            found |= dict.fromkeys(sorted(ring), away)
            ring = {flow.client for node in ring for flow in self.into[node]} - ends - found.keys()
            away += 1
        return found

    def _shares(self, leading: Mapping[str, Sequence[Flow]], targets: Collection[str]) -> dict[str, float | None]:
        factors = {flow.id: self._factor(flow) for flows in leading.values() for flow in flows}
        unknown = self._unknown(leading, targets, factors)
        shares = dict.fromkeys(leading, 0.0)
        for _ in range(_MOST_ROUNDS):
            most = 0.0
            for node, flows in leading.items():
                parts = [
                    (factors[flow.id] or 0.0) * (1.0 if flow.id in targets else shares.get(flow.server, 0.0))
                    for flow in flows
                ]
                # fsum rounds once, at the end: the order of the edges does not show.
                share = min(1.0, fsum(parts))
                most, shares[node] = max(most, share - shares[node]), share
            if most <= _CLOSE_ENOUGH:
                break
        return {node: None if node in unknown else share for node, share in shares.items()}

    def _unknown(
        self, leading: Mapping[str, Sequence[Flow]], targets: Collection[str], factors: Mapping[str, float | None]
    ) -> set[str]:
        """Return the nodes whose share is unknown: for an edge of their own, or for one of somebody on the way."""
        unknown = {node for node, flows in leading.items() if any(factors[flow.id] is None for flow in flows)}
        ring = set(unknown)
        while ring:
            callers = {flow.client for node in ring for flow in self.into[node] if flow.id not in targets}
            ring = (callers & leading.keys()) - unknown
            unknown |= ring
        return unknown

    def _factor(self, flow: Flow) -> float | None:
        """Return which share of the client's requests makes this call; None where the counts are not comparable."""
        served = self._served.get(flow.client)
        if served is not None and served.requests > 0:
            same = served.is_whole == flow.is_whole
            return min(1.0, flow.requests / served.requests) if same else None
        calls = self.out[flow.client]
        if any(each.is_whole != flow.is_whole for each in calls):
            return None
        return flow.requests / fsum(each.requests for each in calls)
