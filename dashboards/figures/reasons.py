"""Why an event is not in a number, and what parts a number has, in words."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

LEFT_OUT: Final[Mapping[str, Text]] = {
    "not_production": _("not in an environment that counts"),
    "failed_attempt": _("runs that ended before they touched the environment"),
    "unfinished": _("no end was reported yet"),
    "aborted": _("aborted after users had met them"),
    "no_finish_time": _("the time of their end was not reported"),
    "rollback": _("rollbacks: they bring back what was there before"),
    "redeploy": _("the same version once more"),
    "config": _("changes of configuration alone"),
    "not_linked": _("not looked at yet"),
    "no_commit_time": _("the time of the commit is not known"),
    "start_after_end": _("the commit seems younger than its deployment"),
    "unknown_commit": _("commits that nobody told us about"),
    "merge_commit": _("merge commits"),
    "already_live": _("they were live in another environment before"),
    "first_deployment": _("the first deployment of a service: everything would be new"),
    "no_known_changes": _("deployments of which no change is known"),
    "no_incident": _("failed without an incident: when it began to hurt is not known"),
    "no_start_time": _("the time when it began was not reported"),
    "no_end_time": _("resolved, but nobody said when"),
}
SUBSETS: Final[Mapping[str, Text]] = {
    "pending": _("too early to count: for a day an incident can still be put down to them"),
    "pending_failed": _("of these, already known to have failed"),
    "failed": _("of these, failed"),
    "censored": _("not over yet: known to be at least this long, and not in the percentiles"),
    "rework": _("of these, hotfixes and rollbacks"),
    "from_authored": _("counted from when the commit was written"),
    "from_committed": _("counted from when it was committed"),
    "from_first_commit": _("counted from the first commit of the pull request"),
    "from_opened": _("counted from when the pull request was opened"),
    "from_merged": _("counted from when it was merged"),
}
DEFINITIONS: Final[Mapping[str, Text]] = {
    "deployment_frequency": _(
        "Deployments of something new that finished successfully in production, per calendar day."
    ),
    "lead_time": _(
        "The time from the writing of a commit to the end of the first successful deployment that carries it; half of "
        "the commits took less."
    ),
    "change_failure_rate": _(
        "The share of deployments of something new that touched production and needed intervention: rolled back, "
        "aborted, mended by a hotfix, or followed by an incident."
    ),
    "recovery_time": _(
        "How long failed deployments hurt, from the opening of the incident to its end or to the next rollback or "
        "hotfix; nine out of ten hurt less long."
    ),
    "time_to_restore": _("How long incidents lasted, whatever caused them; half of them were shorter."),
    "rework_rate": _("The share of all deployments that were hotfixes or rollbacks."),
}
