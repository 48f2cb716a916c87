"""The story of a deployment or an incident, in words and signs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from dashboards.frame.marks import Status
from dashboards.pages.saying import Text
from plimsoll.insight.around.story import Step

_WORDS: Final[Mapping[str, tuple[Status, Text]]] = {
    "authored": ("unk", _("First commit")),
    "merged": ("unk", _("Merged")),
    "queued": ("unk", _("Queued")),
    "started": ("unk", _("Rollout began")),
    "finished": ("ok", _("Went live")),
    "undone": ("bad", _("Rollout was undone")),
    "failed_run": ("bad", _("Run failed")),
    "cancelled": ("unk", _("Run was cancelled")),
    "ended": ("unk", _("Run ended, nobody said how")),
    "opened": ("bad", _("Incident opened")),
    "acknowledged": ("warn", _("Incident acknowledged")),
    "resolved": ("ok", _("Incident resolved")),
    "rollback": ("warn", _("Rollback began")),
    "rolled_back": ("ok", _("Rollback was live")),
    "hotfixed": ("ok", _("Hotfix was live")),
    "followed": ("unk", _("Next deployment began")),
    "detected": ("unk", _("Reported here")),
    "ended_before": ("unk", _("Over for the time being")),
    "reopened": ("bad", _("Opened again")),
    "taken": ("unk", _("Taken by")),
    "left": ("unk", _("Left by")),
    "dismissed": ("unk", _("Said to be no incident")),
    "sender_resolved": ("unk", _("Its sender says that it was resolved")),
    "linked": ("unk", _("Cause named")),
    "deployed": ("unk", _("Deployment began")),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a story."""

    at: datetime
    status: Status
    text: Text
    name: str
    href: str
    note: str


def told(steps: Sequence[Step]) -> list[Told]:
    """Return the steps as lines."""
    return [_told(step) for step in steps]


def _told(step: Step) -> Told:
    status, text = _WORDS[step.what]
    href = ""
    if step.id is not None:
        is_incident = step.what in ("opened", "acknowledged", "resolved")
        href = f"/{'incidents' if is_incident else 'deployments'}/{step.id}/"
    note = ""
    if step.what in ("authored", "merged") and step.count > 1:
        note = ngettext("%(n)d change", "%(n)d changes", step.count) % {"n": step.count}
    return Told(step.at, status, text, step.name, href, note)
