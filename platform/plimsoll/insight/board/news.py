"""Dependencies that are new: a service that was known before calls something that it never called before.

What belongs to a service that is itself new is no news: all of its calls are. Nor is anything on the first day of an
installation's telemetry, for then nobody was known before. Namesakes in other clusters are one, so that a service which
moves has the dependencies that it had; callers outside and what nobody could name are left out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from plimsoll.insight.topology.names import Names
from plimsoll.store.traffic_facts import EdgeFact, NodeFact

_Identity = tuple[str, str, str]
_NOBODY = frozenset({"user", "unresolved"})


@dataclass(frozen=True, slots=True)
class Dependency:
    """A call that was first seen at a time; `teams` own its ends, None where nobody does."""

    client: str
    server: str
    first_seen: datetime
    teams: frozenset[str | None] = frozenset()


def new_dependencies(facts: Iterable[EdgeFact], names: Names, since: datetime) -> list[Dependency]:
    """Return the dependencies first seen since a moment, the latest first; `facts` are all edges ever seen."""
    first: dict[tuple[_Identity, _Identity], tuple[datetime, NodeFact, NodeFact]] = {}
    known: dict[_Identity, datetime] = {}
    for fact in facts:
        client, server = names.node(fact.client_id), names.node(fact.server_id)
        ends = _identity(client), _identity(server)
        for end in ends:
            _keep_earliest(known, end, fact.first_seen)
        if {client.kind, server.kind} & _NOBODY or ends[0] == ends[1]:
            continue
        if ends not in first or fact.first_seen < first[ends][0]:
            first[ends] = (fact.first_seen, client, server)
    found = [
        Dependency(client.display, server.display, seen, frozenset({client.team, server.team}))
        for (caller, _), (seen, client, server) in first.items()
        if seen >= since > known[caller]
    ]
    return sorted(found, key=lambda each: (each.first_seen, each.client, each.server), reverse=True)


def _identity(node: NodeFact) -> _Identity:
    role = "service" if node.kind in ("service", "gateway") else node.kind
    return role, *node.identity


def _keep_earliest(known: dict[_Identity, datetime], end: _Identity, seen: datetime) -> None:
    known[end] = min(seen, known.get(end, seen))


def of_team(found: Iterable[Dependency], team: str | None) -> list[Dependency]:
    """Return those that a team has a part in; None means all."""
    return [each for each in found if team is None or team in each.teams]
