"""Where halves of calls meet: within one group of requests, else in the database (mesh-dialects, section 8.2)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from ingest.mesh.halves import Group, Side, decoded
from ingest.mesh.joining import Join
from plimsoll.store import halves
from plimsoll.store.connections import Connection
from plimsoll.store.halves import Halves


class Met(NamedTuple):
    """Pairs of halves that mean the same: the key and the durations of each; the owners' are not needed, and may be
    missing, where the owner names its callee.
    """

    owner: Side
    waiter: Side
    keys: list[bytes]
    owners_ns: list[int]
    waiters_ns: list[int]


def joins(connection: Connection, groups: Iterable[Group], slot: datetime) -> list[Join]:
    """Store halves and return the calls that they complete; every waiter is in one call at the most.

    Must run in a transaction; it holds the lock of all halves to its end.
    """
    owners, waiters = _by_role(groups)
    if not owners and not waiters:
        return []
    halves.lock(connection)
    met = [
        Met(owners[pairs.place][0], decoded(pairs.other), pairs.keys, pairs.owners_ns, pairs.waiters_ns)
        for pairs in halves.store_owners(connection, [_halves(*each) for each in owners], slot)
    ]
    here, others = _met_here(owners, waiters)
    met += here
    met += [
        Met(decoded(pairs.other), others[pairs.place][0], pairs.keys, pairs.owners_ns, pairs.waiters_ns)
        for pairs in halves.find_owners(connection, [_halves(*each) for each in others], slot)
    ]
    return _calls(connection, met)


_Sided = tuple[Side, list[bytes], list[int]]


def _by_role(groups: Iterable[Group]) -> tuple[list[_Sided], list[_Sided]]:
    """Return the halves that call and those that are called, those of one side together: meanings that are worked out
    span by span are often the same.
    """
    owners: dict[Side, _Sided] = {}
    waiters: dict[Side, _Sided] = {}
    for group in groups:
        side = group.side
        if side is None or not group.keys:
            continue
        sides = owners if group.owns else waiters
        if side in sides:
            sides[side][1].extend(group.keys)
            sides[side][2].extend(group.durations_ns)
        else:
            sides[side] = (side, [*group.keys], [*group.durations_ns])
    return list(owners.values()), list(waiters.values())


def _halves(side: Side, keys: list[bytes], durations_ns: list[int]) -> Halves:
    return Halves(keys, durations_ns, side.encoded())


def _met_here(owners: list[_Sided], waiters: list[_Sided]) -> tuple[list[Met], list[_Sided]]:
    """Match waiters with the owners that came in the same group of requests; return the pairs, and those left over."""
    owner_of: dict[bytes, int] = {}
    for index, (_, keys, _) in enumerate(owners):
        owner_of.update(dict.fromkeys(keys, index))
    met: list[Met] = []
    others: list[_Sided] = []
    for side, keys, durations_ns in waiters:
        found = list(map(owner_of.get, keys))
        pairs: defaultdict[int | None, tuple[list[bytes], list[int]]] = defaultdict(lambda: ([], []))
        if found.count(found[0]) == len(found):
            pairs[found[0]] = keys, durations_ns
        else:
            for key, ns, at in zip(keys, durations_ns, found, strict=True):
                own_keys, waiters_ns = pairs[at]
                own_keys.append(key)
                waiters_ns.append(ns)
        for at, (own_keys, waiters_ns) in pairs.items():
            if at is None:
                others.append((side, own_keys, waiters_ns))
                continue
            owner, owner_keys, owner_ns = owners[at]
            owners_ns: list[int] = []
            if owner.half.peer is None:
                of_key = dict(zip(owner_keys, owner_ns, strict=True))
                owners_ns = [of_key[key] for key in own_keys]
            met.append(Met(owner, side, own_keys, owners_ns, waiters_ns))
    return met, others


def _calls(connection: Connection, met: list[Met]) -> list[Join]:
    """Return pairs as calls, and find out which of them are the first of an owner that could not name its callee."""
    first = halves.count_first(connection, list(_unnamed(met)))
    calls = []
    for owner, waiter, keys, owners_ns, waiters_ns in met:
        first_ns = []
        if owner.half.peer is None:
            server = _server(waiter)
            for key, ns in zip(keys, owners_ns, strict=True):
                if (key, server) in first:
                    first.discard((key, server))
                    first_ns.append(ns)
        calls.append(Join(owner, first_ns, waiter, waiters_ns))
    return calls


def _unnamed(met: list[Met]) -> Iterator[tuple[bytes, str]]:
    for pairs in met:
        if pairs.owner.half.peer is None:
            server = _server(pairs.waiter)
            yield from ((key, server) for key in pairs.keys)


def _server(waiter: Side) -> str:
    return "/".join(waiter.half.ref.key)
