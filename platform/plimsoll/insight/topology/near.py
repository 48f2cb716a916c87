"""What is within some calls of services."""

from collections.abc import Collection, Sequence

from plimsoll.insight.topology.calls import Calls


def near(graph: Sequence[Calls], services: Collection[str], team: str | None, depth: int) -> list[Calls]:
    """Return the edges within `depth` calls of the services named, of those that the team owns, or of both.

    A name may be `namespace/name`.
    """
    wanted = {name.casefold() for name in services}
    reached = {
        node.id
        for each in graph
        for node in (each.client, each.server)
        if (not wanted or node.spellings & wanted) and team in (None, node.team)
    }
    found: list[Calls] = []
    for _ in range(max(depth, 1)):
        found = [each for each in graph if each.client.id in reached or each.server.id in reached]
        reached |= {node.id for each in found for node in (each.client, each.server)}
    return found
