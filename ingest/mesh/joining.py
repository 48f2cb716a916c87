"""Two halves become one call (mesh-dialects, sections 8.2 to 8.5)."""

from collections.abc import Iterable
from typing import NamedTuple

from ingest.mesh.halves import Half
from ingest.mesh.model import Cells, Lane
from ingest.mesh.spans import count_calls


class Join(NamedTuple):
    """A caller's and a callee's half with their durations; `first` is False when the caller's call to this very service
    was already counted by another attempt (section 8.4)."""

    owner: Half
    owner_ns: int
    waiter: Half
    waiter_ns: int
    first: bool


def count_joins(joins: Iterable[Join], cells: Cells) -> None:
    """Add joined calls to cells: always as the callee saw them, and as the caller did when he could not name the
    callee.
    """
    for owner, owner_ns, waiter, waiter_ns, first in joins:
        if not is_call(owner, waiter):
            cells.count("joined", "same hop")
            continue
        cells.count("joined")
        seen = [(waiter, waiter_ns)]
        if owner.peer is None and first:
            seen.append((owner, owner_ns))
        for half, ns in seen:
            cell = cells.cell(_lane(owner, waiter, half), half.minute)
            count_calls(cell, half.outcome, half.weight, [ns])
        if owner.peer is None:
            continue
        if owner.peer.kind != "messaging" and owner.protocol != "db":
            cells.alias(owner.peer, waiter.ref, "joined")


def is_call(owner: Half, waiter: Half) -> bool:
    """Whether two halves are a call between services, and not two layers of one pod seeing the same hop (section 8.3).

    A call of a service to itself is one only between two different instances, seen by the same kind of layer.
    """
    if owner.ref.key != waiter.ref.key:
        return True
    return (
        bool(owner.instance and waiter.instance) and owner.instance != waiter.instance and owner.layer == waiter.layer
    )


def _lane(owner: Half, waiter: Half, seen_by: Half) -> Lane:
    return Lane(
        owner.environment or waiter.environment,
        owner.ref,
        waiter.ref,
        owner.protocol if owner.protocol != "unknown" else waiter.protocol,
        seen_by.vantage,
        owner.version,
        waiter.version,
        waiter.evidence,
        waiter.via or owner.via,
    )


def count_orphan(half: Half, cells: Cells) -> None:
    """Count a call whose caller never showed up: unattributed at the callee, never a `user` (section 8.2)."""
    cells.add_node(half.ref, half.environment, half.vantage, half.minute, unattributed=1)
    cells.count("orphaned")
