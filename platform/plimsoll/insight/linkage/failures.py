"""Which deployments failed, by the strongest evidence there is."""

from collections.abc import Set as AbstractSet

from plimsoll.insight.linkage.groups import Group

Verdict = tuple[bool | None, str | None]


def verdict(group: Group, undone: AbstractSet[int], stated: AbstractSet[int], blamed: AbstractSet[int]) -> Verdict:
    """Return whether a deployment failed and why; None where it never touched the environment, or runs unsuspected.

    Strongest first (dora-definitions, section 4): an incident whose sender names it (`stated`), a rollback to an older
    version (`undone`), an automatic abort, an incident in its attribution window (`blamed`).
    """
    for reason, holds in (
        ("explicit", group.id in stated),
        ("rollback", group.id in undone),
        ("rolled_back", group.rolled_back),
        ("incident", group.id in blamed),
    ):
        if holds:
            return True, reason
    return (False if group.succeeded else None), None
