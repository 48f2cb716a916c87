"""Whether a deployment repaired something in a hurry."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta

from plimsoll.insight.linkage.groups import Group
from plimsoll.insight.linkage.words import is_repair, names
from plimsoll.store.facts import Change, ReportedIncident

INCIDENT_AGE = timedelta(days=14)
"""How long before a deployment an incident may have opened that its words name."""


def hotfix_test(
    carried: Mapping[int, Sequence[Change]], incidents: Iterable[ReportedIncident]
) -> Callable[[Group], bool]:
    """Return the test whether a deployment is a hotfix, given what each carried and the incidents of its service.

    In this order: its sender says it is unplanned, or planned; the word hotfix or revert in its title or ref, or in the
    title, branch or labels of a change it carried; one of these texts names an incident of the 14 days before.
    """
    known = sorted(incidents, key=lambda incident: incident.id)

    def is_hotfix(group: Group) -> bool:
        if group.says("unplanned"):
            return True
        if any(attempt.unplanned is False for attempt in group.attempts):
            return False
        changes = carried.get(group.id, ())
        titles = [text for text in (*(a.title for a in group.attempts), *(c.title for c in changes)) if text]
        branches = [a.ref for a in group.attempts] + [b for c in changes for b in (c.branch, c.head_branch)]
        told = [branch for branch in branches if branch]
        if is_repair(titles, told, (label for change in changes for label in change.labels)):
            return True
        repo = next((attempt.repo for attempt in group.attempts if attempt.repo), None)
        opened = (i for i in known if i.opened_at and group.last_at - INCIDENT_AGE <= i.opened_at <= group.last_at)
        return any(names([*titles, *told], incident.external_id, repo) for incident in opened)

    return is_hotfix
