"""Which column each thing stands in: ingress, entry, domain, shared, or stores and outside."""

from collections.abc import Mapping, Sequence
from typing import Final

COLUMNS: Final = 5
INGRESS, ENTRY, DOMAIN, SHARED, OUTSIDE = range(COLUMNS)

_KINDS: Final = {
    "user": INGRESS, "gateway": INGRESS, "database": OUTSIDE, "messaging": OUTSIDE, "external": OUTSIDE,
    "unresolved": OUTSIDE,
}  # fmt: skip
_TIERS: Final = {
    "ingress": INGRESS, "edge": INGRESS, "entry": ENTRY, "domain": DOMAIN, "shared": SHARED, "platform": SHARED,
    "store": OUTSIDE, "stores": OUTSIDE, "outside": OUTSIDE,
}  # fmt: skip

Neighbours = Sequence[Sequence[int]]


def column_of(kind: str, tier: str) -> int | None:
    """Return the column that a kind of node or a declared tier stands in; None where calls must tell."""
    return _KINDS.get(kind, _TIERS.get(tier.casefold()))


def by_depth(called: Neighbours, fixed: Mapping[int, int]) -> list[int]:
    """Return the column of each thing: the fixed one, else one further than the furthest of its callers.

    `called` are the numbers of what each one calls. What nobody calls is an entry, and nothing goes by itself into the
    first column or the last. Callers in the last column, such as topics, say nothing of where their consumers stand.
    """
    order, back = _depth_first(called, fixed)
    found = [fixed.get(number, ENTRY) for number in range(len(called))]
    for number in order:
        if found[number] == OUTSIDE:
            continue
        beyond = min(found[number] + 1, SHARED)
        for other in called[number]:
            if other not in fixed and found[other] < beyond and (number, other) not in back:
                found[other] = beyond
    return found


def _depth_first(called: Neighbours, fixed: Mapping[int, int]) -> tuple[list[int], set[tuple[int, int]]]:
    """Return all in topological order, and the calls that close a cycle: found from the entrances on, in order."""
    has_caller = bytearray(len(called))
    for number, others in enumerate(called):
        for other in others:
            if other != number:
                has_caller[other] = 1
    begins = sorted(range(len(called)), key=lambda n: (fixed.get(n, COLUMNS) != INGRESS, has_caller[n], n))
    # 0: not seen, 1: on the way, 2: done
    states = bytearray(len(called))
    done: list[int] = []
    back: set[tuple[int, int]] = set()
    for begin in begins:
        if states[begin]:
            continue
        states[begin] = 1
        way = [(begin, iter(called[begin]))]
        while way:
            number, left = way[-1]
            for other in left:
                if states[other] == 1:
                    back.add((number, other))
                elif not states[other]:
                    states[other] = 1
                    way.append((other, iter(called[other])))
                    break
            else:
                states[number] = 2
                done.append(number)
                way.pop()
    done.reverse()
    return done, back
