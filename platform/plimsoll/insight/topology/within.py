"""Which calls of a window are asked for, and which others a map of them is not true without.

A neighbour is on a map for its part in the calls that are asked for. It serves others too: those calls alone say too
little of it, and nothing at all of one that only makes them. So its figures are of all that it serves.
"""

from collections.abc import Iterable, Mapping

from plimsoll.insight.topology.calls import Calls
from plimsoll.insight.topology.vertices import Scope
from plimsoll.store.traffic_facts import NodeFact


def is_within(environment: str, client: NodeFact, server: NodeFact, scope: Scope) -> bool:
    """Whether calls are among those asked for."""
    if not _is_in_environment(environment, scope):
        return False
    if not (is_in_place(client, scope) or is_in_place(server, scope)):
        return False
    return _is_wanted(client, scope) or _is_wanted(server, scope)


def neighbours(ends: Mapping[int, NodeFact], ids: Mapping[int, str], scope: Scope) -> frozenset[str]:
    """Return the vertices that are on the map for their calls with others: no node of theirs is asked for itself."""
    own = {ids[number] for number, node in ends.items() if is_in_place(node, scope) and _is_wanted(node, scope)}
    return frozenset(ids[number] for number in ends) - own


def beyond(
    every: Iterable[Calls], ends: Mapping[int, NodeFact], of: frozenset[str], ids: Mapping[int, str], scope: Scope
) -> list[Calls]:
    """Return the calls that arrive at neighbours and are not asked for."""
    return [
        each
        for each in every
        if ids[each.server.id] in of
        and (each.server.id in ends or is_in_place(each.server, scope))
        and _is_in_environment(each.environment, scope)
        and not is_within(each.environment, each.client, each.server, scope)
    ]


def callers(every: Iterable[Calls], of: frozenset[str], ids: Mapping[int, str], scope: Scope) -> frozenset[int]:
    """Return the nodes of neighbours that call anybody."""
    clients = (each.client.id for each in every if _is_in_environment(each.environment, scope))
    return frozenset(number for number in clients if ids[number] in of)


def is_in_place(node: NodeFact, scope: Scope) -> bool:
    """Whether a node is in one of the clusters asked for."""
    return not scope.clusters or node.cluster in {name.casefold() for name in scope.clusters}


def _is_in_environment(environment: str, scope: Scope) -> bool:
    return not scope.environments or environment in scope.environments


def _is_wanted(node: NodeFact, scope: Scope) -> bool:
    """Whether a node is one of those whose calls are asked for."""
    if scope.teams and node.team not in scope.teams:
        return False
    if scope.namespaces and node.namespace not in {name.casefold() for name in scope.namespaces}:
        return False
    return not scope.services or bool(node.spellings & {name.casefold() for name in scope.services})
