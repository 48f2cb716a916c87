"""Where a made mesh runs, and when its calls were."""

from typing import Final

from plimsoll.console.bench.meshes.plan import Life, Plan

CLUSTERS: Final = ("aws-1", "huawei-cn-2", "azure-3")
# Two hours before the minutes that are asked for there was one with all that is not new, so that new can be told.
_BEFORE: Final = 120
# Calls that are gone were still made this many minutes before.
_GONE: Final = 4
# Minutes differ a little, as they do.
_SWAY: Final = (1.0, 1.05, 0.96, 1.02, 0.97)


def cluster_of(plan: Plan, name: str) -> str:
    """Return the cluster of a place: a namespace is in one."""
    namespaces = sorted({place.namespace for place in plan.places.values()})
    return CLUSTERS[namespaces.index(plan.places[name].namespace) % len(CLUSTERS)]


def minutes(last: int, count: int) -> list[int]:
    """Return the epoch minutes that something was in: `count` of them up to `last`, and the two before them."""
    first = last - count + 1
    return [first - _BEFORE, first - _GONE, *range(first, last + 1)]


def is_made(life: Life, minute: int, last: int, count: int) -> bool:
    """Whether calls with such a life were made in a minute."""
    first = last - count + 1
    if minute == first - _BEFORE:
        return life != "new"
    if minute == first - _GONE:
        return life == "gone"
    return life == "always" or (life == "new" and minute > last - 2)


def calls_in(minute: int, rate: float) -> int:
    """Return how many calls a rate makes in a minute: one at least."""
    return max(1, round(60 * rate * _SWAY[minute % len(_SWAY)]))
