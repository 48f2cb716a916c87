"""The words of the four metrics: titles, units, what they were computed from, and why there is none."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from dashboards import words
from dashboards.words import Reading
from plimsoll.insight.levels import Level, Trend
from plimsoll.insight.metrics.windows import Window

Text = str | Promise

TITLES: Final[Mapping[str, Text]] = {
    "deployment_frequency": gettext_lazy("Deployments per day"),
    "lead_time": gettext_lazy("Lead time, median"),
    "change_failure_rate": gettext_lazy("Change failure rate"),
    "recovery_time": gettext_lazy("Recovery time, P90"),
    "time_to_restore": gettext_lazy("Time to restore, median"),
    "rework_rate": gettext_lazy("Rework rate"),
}
SHORT: Final[Mapping[str, Text]] = {
    "deployment_frequency": pgettext_lazy("column", "Per day"),
    "lead_time": pgettext_lazy("column", "Lead time"),
    "change_failure_rate": pgettext_lazy("column", "Failure rate"),
    "recovery_time": pgettext_lazy("column", "Recovery"),
}
LEVELS: Final[Mapping[Level, Text]] = {
    "elite": gettext_lazy("Elite"),
    "high": pgettext_lazy("level", "High"),
    "medium": pgettext_lazy("level", "Medium"),
    "low": pgettext_lazy("level", "Low"),
}


def reading(metric: str, value: float) -> Reading:
    """Return a value as large type shows it."""
    if metric == "deployment_frequency":
        return words.per_day(value)
    if metric in ("change_failure_rate", "rework_rate"):
        return words.share(value)
    return words.duration(value)


def said(metric: str, value: float) -> str:
    """Return a value with its unit, as running text has it."""
    return str(reading(metric, value))


def moved(metric: str, trend: Trend) -> str:
    """Return how far a figure moved, without a sign."""
    size = abs(trend.delta)
    if metric == "deployment_frequency":
        return words.per_day(size).number
    if metric in ("change_failure_rate", "rework_rate"):
        return _("%(n)s pt") % {"n": words.short(size, 0.01)}
    return said(metric, size)


def limit(metric: str, mark: float) -> str:
    """Return a mark with the side of it that is well."""
    sign = "≥" if metric == "deployment_frequency" else "≤"
    shown = words.per_day(mark).number.removesuffix(".0") if metric == "deployment_frequency" else said(metric, mark)
    return f"{sign} {shown}"


def basis(metric: str, n: int) -> str:
    """Return what a figure was computed from."""
    count = f"{n:,}"
    match metric:
        case "lead_time":
            return ngettext("%(n)s change", "%(n)s changes", n) % {"n": count}
        case "change_failure_rate":
            return ngettext("of %(n)s deployment", "of %(n)s deployments", n) % {"n": count}
        case "recovery_time":
            return ngettext("%(n)s failed deployment", "%(n)s failed deployments", n) % {"n": count}
        case "time_to_restore":
            return ngettext("%(n)s incident", "%(n)s incidents", n) % {"n": count}
        case _:
            return ngettext("%(n)s deployment", "%(n)s deployments", n) % {"n": count}


def counted(metric: str, n: int) -> str:
    """Return how many events a figure counted, and of which kind."""
    return basis("deployment_frequency" if metric in ("change_failure_rate", "rework_rate") else metric, n)


def too_early(waiting: int) -> str:
    """Return that there is no failure rate yet: for a day an incident can still be put down to a deployment."""
    return ngettext("Too early to count: %(n)s deployment.", "Too early to count: %(n)s deployments.", waiting) % {
        "n": f"{waiting:,}"
    }


def too_short(n: int, window: Window) -> str:
    """Return what was counted in a window that is too short for a rate per day."""
    return ngettext(
        "%(n)s deployment in %(time)s (a rate per day needs a day).",
        "%(n)s deployments in %(time)s (a rate per day needs a day).",
        n,
    ) % {"n": f"{n:,}", "time": words.duration((window.end - window.start).total_seconds())}


def no_recovery(left_out: int) -> str:
    """Return that there is no recovery time though something failed: no incident says how long it lasted."""
    return ngettext(
        "%(n)s failure, and no incident says how long it lasted.",
        "%(n)s failures, and no incident says how long they lasted.",
        left_out,
    ) % {"n": f"{left_out:,}"}


def aside(metric: str, waiting: int, left_out: int) -> str:
    """Return what is not in a figure: too early to count, not over, or left out."""
    parts = []
    if waiting:
        text = pgettext("failures", "%(n)s not over") if metric == "recovery_time" else _("%(n)s too early to count")
        parts.append(text % {"n": f"{waiting:,}"})
    if left_out:
        parts.append(_("%(n)s left out") % {"n": f"{left_out:,}"})
    return " · ".join(parts)
