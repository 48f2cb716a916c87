"""Which deployments failed, by the strongest evidence there is."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from plimsoll.insight.linkage.groups import Group


@dataclass(frozen=True, slots=True)
class Evidence:
    """Ids of deployments, by what speaks against them; the strongest first (dora-definitions, section 4).

    An incident whose sender names it (`stated`), a rollback to an older version (`undone`), an automatic
    abort (which the deployment says itself), a revert of a change it carried (`reverted`), and an incident in
    its attribution window (`blamed`).
    """

    stated: AbstractSet[int]
    undone: AbstractSet[int]
    reverted: AbstractSet[int]
    blamed: AbstractSet[int]


Verdict = tuple[bool | None, str | None]


def verdict(group: Group, evidence: Evidence) -> Verdict:
    """Return whether a deployment failed and why; None where it never touched the environment, or runs unsuspected."""
    for reason, holds in (
        ("explicit", group.id in evidence.stated),
        ("rollback", group.id in evidence.undone),
        ("rolled_back", group.rolled_back),
        ("revert", group.id in evidence.reverted),
        ("incident", group.id in evidence.blamed),
    ):
        if holds:
            return True, reason
    return (False if group.succeeded else None), None
