"""What each deployment of a series is for, and which ones a rollback undid."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from plimsoll.insight.linkage.groups import Group
from plimsoll.insight.linkage.versions import same_sha, same_version
from plimsoll.store.facts import Kind

HORIZON = 50
"""How many deployments of its series before it a rollback may return to."""
_CONFIG = ("config", "configuration", "config_change")
PLANNED = ("standard", "hotfix")


@dataclass(slots=True)
class History:
    """The kinds by deployment id, and the ids of the deployments that a rollback put an end to."""

    kinds: dict[int, Kind] = field(default_factory=dict)
    undone: set[int] = field(default_factory=set)


def history(
    groups: Sequence[Group],
    known: Mapping[int, Kind],
    is_hotfix: Callable[[Group], bool],
    fallen_back: AbstractSet[int] = frozenset(),
) -> History:
    """Return the kinds of a series' deployments, given in order, and what was undone.

    `known` are kinds that cannot have changed. A rollback is stated, or returns to a version that went live before the
    one that is live, or to an older commit (`fallen_back`); the same version again is a redeploy (dora-definitions,
    section 4; webhook-providers, section 2). V1 V2 V3 V1 undoes V2: the first after the version that came back.
    """
    found = History()
    for index, group in enumerate(groups):
        before = groups[max(0, index - HORIZON) : index]
        kind = known.get(group.id) or _kind(group, before, is_hotfix, fallen_back)
        found.kinds[group.id] = kind
        if kind == "rollback" and group.succeeded and (bad := _undone(group, before, found.kinds)) is not None:
            found.undone.add(bad.id)
    return found


def _kind(
    group: Group, before: Sequence[Group], is_hotfix: Callable[[Group], bool], fallen_back: AbstractSet[int]
) -> Kind:
    if group.says("is_rollback"):
        return "rollback"
    if any((attempt.trigger or "").lower() in _CONFIG for attempt in group.attempts):
        return "config"
    if any(earlier.succeeded and _same(earlier, group) for earlier in before):
        return "rollback" if _is_older(group, before) else "redeploy"
    live = [earlier for earlier in before if earlier.succeeded]
    if group.id in fallen_back and live and _meet(live[-1], group):
        return "rollback"
    return "hotfix" if is_hotfix(group) else "standard"


def _is_older(group: Group, before: Sequence[Group]) -> bool:
    """Return whether the version that is live on the group's cluster first came after the group's own."""
    live = [earlier for earlier in before if earlier.is_live]
    here = [earlier for earlier in live if _meet(earlier, group)] or live
    if _same(here[-1], group):
        return False
    first = next(index for index, earlier in enumerate(before) if earlier.succeeded and _same(earlier, group))
    return first < next(index for index, earlier in enumerate(before) if earlier.is_live and _same(earlier, here[-1]))


def _undone(rollback: Group, before: Sequence[Group], kinds: Mapping[int, Kind]) -> Group | None:
    """Return the deployment whose failure a rollback shows, or None when it cannot be told."""
    same = (index for index, earlier in enumerate(before) if earlier.succeeded and _is_target(earlier, rollback))
    target = max(same, default=None)
    after = [each for each in (before if target is None else before[target + 1 :]) if kinds[each.id] in PLANNED]
    live = [each for each in after if each.is_live]
    if live:
        # Where the sender says rollback but not to what we know, it is the latest that is undone.
        return live[-1] if target is None else live[0]
    # A run that is stated to be rolled back had reached the environment, though it never succeeded.
    broken = [each for each in after if not each.unfinished]
    return broken[-1] if broken and target is not None and rollback.says("is_rollback") else None


def _is_target(earlier: Group, rollback: Group) -> bool:
    """Return whether a rollback returns to an earlier deployment, be it under another version's name."""
    shas = earlier.sha, rollback.sha
    return _same(earlier, rollback) or (shas[0] is not None and shas[1] is not None and same_sha(shas[0], shas[1]))


def _same(one: Group, other: Group) -> bool:
    return any(same_version(a, b) for a in one.attempts for b in other.attempts)


def _meet(one: Group, other: Group) -> bool:
    """Return whether two deployments were to the same cluster, as far as is known."""
    places, others = ({attempt.cluster for attempt in group.attempts} for group in (one, other))
    return None in places or None in others or bool(places & others)
