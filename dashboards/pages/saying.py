"""What pages say in words of outcomes, kinds, reasons and metrics: the one place where codes become language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboards.figures.reasons import SUBSETS
from dashboards.frame.marks import Status

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Said:
    """A word with its status."""

    kind: Status
    word: Text


# Of deployments; held: nothing spoke against it while it was watched (`insight/outcome`).
OUTCOMES: Final[Mapping[str, Said]] = {
    "failed": Said("bad", _("failed")),
    "held": Said("ok", _("held")),
    "pending": Said("unk", _("watched")),
    "running": Said("unk", _("rolling out")),
    "undecided": Said("unk", _("undecided")),
}
INCIDENT_STATUS: Final[Mapping[str, Said]] = {
    "open": Said("bad", _("open")),
    "acknowledged": Said("warn", _("acknowledged")),
    "resolved": Said("ok", _("resolved")),
}
RUN_STATUS: Final[Mapping[str, Said]] = {
    "success": Said("ok", _("went live")),
    "failure": Said("bad", _("failed")),
    "cancelled": Said("unk", _("cancelled")),
    "running": Said("unk", _("running")),
    "pending": Said("unk", _("waiting")),
    "unknown": Said("unk", _("unknown")),
}
KINDS: Final[Mapping[str, Text]] = {
    "standard": _("Standard"),
    "hotfix": _("Hotfix"),
    "rollback": _("Rollback"),
    "redeploy": _("Redeployment"),
    "config": _("Configuration"),
}
FAILED_BECAUSE: Final[Mapping[str, Text]] = {
    "explicit": _("an incident names it as its cause"),
    "rollback": _("it was rolled back"),
    "rolled_back": _("its rollout was undone automatically"),
    "revert": _("a change it carried was reverted"),
    "incident": _("an incident began within a day of it"),
}
METRICS: Final[Mapping[str, Text]] = {
    "deployment_frequency": _("Deployment frequency"),
    "lead_time": _("Lead time"),
    "change_failure_rate": _("Change failure rate"),
    "recovery_time": _("Recovery time"),
    "time_to_restore": _("Time to restore"),
    "rework_rate": _("Rework rate"),
}
# Why a metric does not count something, and the parts that are neither in nor out yet.
REASONS: Final[Mapping[str, Text]] = {
    **SUBSETS,
    "counted": _("counted"),
    "pending": _("not counted yet: for a day an incident can still be put down to it"),
    "pending_failed": _("failed, though its day is not over"),
    "failed": _("failed"),
    "censored": _("it is not over yet"),
    "rework": _("repairs"),
    "not_production": _("not in production"),
    "unfinished": _("its end is not reported yet"),
    "aborted": _("it was undone before it went live"),
    "failed_attempt": _("the run died before it touched production"),
    "no_finish_time": _("no finish is reported"),
    "no_time": _("no time of it is known"),
    "rollback": _("it is a rollback"),
    "redeploy": _("the same version was deployed again"),
    "config": _("only configuration changed"),
    "not_linked": _("it is not linked yet"),
    "first_deployment": _("it is the first deployment here: nothing tells what is new in it"),
    "no_known_changes": _("no change is known that it carried"),
    "unknown_commit": _("it names commits that nobody told of"),
    "already_live": _("the change was live in another environment before"),
    "merge_commit": _("a merge commit waits for nothing"),
    "no_commit_time": _("no time of the change is known"),
    "start_after_end": _("the change is younger than its deployment"),
    "no_incident": _("no incident tells when it began and ended"),
    "no_start_time": _("no begin is reported"),
    "no_end_time": _("no end is reported"),
    "none": _("it did not fail"),
}


def words_of(said: Mapping[str, Said]) -> Mapping[str, Text]:
    """Return the words alone."""
    return {code: each.word for code, each in said.items()}


def reason(word: str) -> Text:
    """Return a reason in words; one that is not known here stays as it is."""
    return REASONS.get(word, word.replace("_", " "))
