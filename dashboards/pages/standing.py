"""Which metrics a deployment counts towards, in words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards.frame.marks import Status
from dashboards.pages import saying
from dashboards.pages.saying import Text
from dashboards.templatetags.plimsoll import duration
from plimsoll.insight.around.standing import Standing
from plimsoll.insight.metrics.recovery_time import Hurt


@dataclass(frozen=True, slots=True)
class Counts:
    """One metric: whether the deployment counts, and how or why not."""

    metric: str
    name: Text
    status: Status
    word: str
    text: Text
    # of a recovery: from when to when
    hurt: Hurt | None = None


def counts(found: Sequence[Standing], *, failed: bool = False, hurt: Hurt | None = None) -> list[Counts]:
    """Return a row for each metric; `hurt` is what the recovery time makes of the deployment."""
    # Whether a deployment went live decides about its changes too; the frequency says why it did not.
    live = next((each.word for each in found if each.metric == "deployment_frequency"), "none")
    # Of one that failed and is not asked for its recovery it is the same: it is not over, or never touched anything.
    asked = {"lead_time"} | ({"recovery_time"} if failed else set())
    rows = [_counts(each, live if each.metric in asked else "counted") for each in found]
    return [replace(row, hurt=hurt) if row.metric == "recovery_time" else row for row in rows]


def _counts(each: Standing, live: str) -> Counts:
    name = saying.METRICS[each.metric]
    if each.is_counted:
        return Counts(each.metric, name, "ok", _("yes"), _how(each))
    if each.word == "pending":
        known = _("it failed; its day is not over") if each.value else saying.reason("pending")
        return Counts(each.metric, name, "unk", _("not yet"), known)
    if each.word == "censored":
        text = _("at least %(time)s so far") % {"time": duration(each.value)}
        return Counts(each.metric, name, "unk", _("not yet"), text)
    why = live if each.word == "none" and live != "counted" else each.word
    return Counts(each.metric, name, "unk", _("no"), saying.reason(why))


def _how(each: Standing) -> Text:
    """Return what the metric makes of the deployment."""
    if each.metric == "lead_time":
        changes = ngettext("%(n)d change", "%(n)d changes", each.n) % {"n": each.n}
        return _("%(time)s, median of %(changes)s") % {"time": duration(each.value), "changes": changes}
    if each.metric == "change_failure_rate":
        return saying.OUTCOMES["failed" if each.value else "held"].word
    return duration(each.value) if each.metric == "recovery_time" else ""
