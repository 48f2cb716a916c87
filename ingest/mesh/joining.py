"""Two halves become one call (mesh-dialects, sections 8.2 to 8.5)."""

from collections.abc import Iterable
from typing import NamedTuple

from ingest.mesh.halves import Half, Side
from ingest.mesh.spans import count_calls
from plimsoll.store.cells import Cells, Lane


class Join(NamedTuple):
    """Calls of which both sides are known and that mean the same: the caller's and the callee's side.

    `owners_ns` are the caller's durations of calls that it could not name the callee of, and whose call to this very
    service no other attempt was counted for before (section 8.4); `waiters_ns` are the callee's durations of all.
    """

    owner: Side
    owners_ns: list[int]
    waiter: Side
    waiters_ns: list[int]


def count_joins(joins: Iterable[Join], cells: Cells) -> None:
    """Add joined calls to cells: always as the callee saw them, and as the caller did when he could not name the
    callee.
    """
    for join in joins:
        owner, waiter, n = join.owner.half, join.waiter.half, len(join.waiters_ns)
        if not is_call(owner, waiter):
            cells.count("joined", "same hop", n)
            continue
        cells.count("joined", n=n)
        for side, durations_ns in ((join.waiter, join.waiters_ns), (join.owner, join.owners_ns)):
            if durations_ns:
                cell = cells.cell(_lane(owner, waiter, side.half), side.minute)
                count_calls(cell, side.half.outcome, side.weight, durations_ns)
        if owner.peer is not None and owner.peer.name and owner.peer.kind != "messaging":
            cells.alias(owner.peer, waiter.ref, "joined", n)


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


def count_orphan(waiter: Side, cells: Cells) -> None:
    """Count a call whose caller never showed up: unattributed at the callee, never a `user` (section 8.2)."""
    half = waiter.half
    cells.add_node(half.ref, half.environment, half.vantage, waiter.minute, unattributed=1)
    cells.count("orphaned")
