"""The status of what is selected in words: since when it is over its mark, from what to what, and what the mark is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.html import format_html
from django.utils.translation import gettext as _

from dashboards import words
from dashboards.frame.freshness import clock
from dashboards.frame.marks import Status, status, worst
from dashboards.frame.page import Visit
from dashboards.topology.compare import named
from dashboards.topology.selection import Marked, Selection, rise
from plimsoll.insight.topology import Arc
from plimsoll.store.queries.rollouts import Rollout

_METRICS: Final[tuple[Marked, ...]] = ("p95_ms", "error_rate")


@dataclass(frozen=True, slots=True)
class Story:
    """The status, the words that stand out, and the sentences after them; since when, if that is known."""

    status: Status
    word: str
    sentences: tuple[str, ...]
    since: datetime | None = None


def story(visit: Visit, chosen: Selection, rollout: Rollout | None) -> Story:
    """Return the story of what is selected; `rollout` is the deployment that is compared."""
    statuses = {metric: _status(chosen, metric) for metric in _METRICS}
    found = worst(statuses.values())
    if isinstance(chosen.thing, Arc) and chosen.thing.is_gone:
        last = {"time": clock(chosen.thing.last_seen, visit.now, visit.zone)}
        return Story("unk", _("No calls"), (_("in this window. The last one was at %(time)s.") % last,))
    if not chosen.figures.requests:
        return Story("unk", _("No calls"), (_("in this window, so there is nothing to judge."),))
    if found == "bad":
        return _over(visit, chosen, [metric for metric in _METRICS if statuses[metric] == "bad"], rollout)
    if found == "unk":
        return Story("unk", _("No mark"), (_("is set for its error rate or its P95, so nothing is judged."),))
    near = [metric for metric in _METRICS if statuses[metric] == "warn"]
    if near:
        return Story("warn", _("Near the mark"), tuple(_stands(chosen, metric) for metric in near))
    marked = [metric for metric in _METRICS if statuses[metric] == "ok"]
    return Story("ok", _("On track"), tuple(_stands(chosen, metric) for metric in marked))


def _status(chosen: Selection, metric: Marked) -> Status:
    return status(getattr(chosen.figures, metric), chosen.marks[metric], metric)


def _over(visit: Visit, chosen: Selection, over: list[Marked], rollout: Rollout | None) -> Story:
    """Return the story of something over its marks; the first that went over says since when."""
    if rollout is not None and chosen.before is not None:
        sentences = [_rose(chosen, metric, getattr(chosen.before, metric)) for metric in over]
        if any(_was_under(chosen, metric) for metric in over):
            version = format_html('<span translate="no">{}</span>', rollout.version or named(rollout))
            since = {"version": version, "time": _clock(visit, rollout.began_at)}
            return Story("bad", _("Over the mark"), (format_html(_("since {version} ({time})."), **since), *sentences),
                         rollout.began_at)  # fmt: skip
        return Story("bad", _("Over the mark"), (_("before the deployment already."), *sentences))
    rises = {metric: rise(chosen, metric) for metric in over}
    sentences = [_rose(chosen, metric, rises[metric].before) for metric in over]
    begun = [each.onset for each in rises.values() if each.onset is not None]
    if not begun:
        return Story("bad", _("Over the mark"), (_("in this window, but not in its last minutes."), *sentences))
    first = min(begun, key=lambda each: each.since)
    time = {"time": _clock(visit, first.since)}
    when = _("since %(time)s or earlier.") % time if first.is_earlier else _("since %(time)s.") % time
    known = None if first.is_earlier else first.since
    return Story("bad", _("Over the mark"), (when, *sentences), known)


def _was_under(chosen: Selection, metric: Marked) -> bool:
    before = getattr(chosen.before, metric)
    return status(before, chosen.marks[metric], metric) in ("ok", "warn")


def _rose(chosen: Selection, metric: Marked, before: float | None) -> str:
    """Return one sentence: from what to what, and the mark."""
    said = {
        "before": written(metric, before),
        "after": written(metric, getattr(chosen.figures, metric)),
        "mark": written(metric, chosen.marks[metric]),
    }
    if before is None:
        return (
            _("P95 is %(after)s; the mark is %(mark)s.") if metric == "p95_ms"
            else _("Errors are %(after)s; the mark is %(mark)s.")
        ) % said  # fmt: skip
    return (
        _("P95 went from %(before)s to %(after)s; the mark is %(mark)s.") if metric == "p95_ms"
        else _("Errors went from %(before)s to %(after)s; the mark is %(mark)s.")
    ) % said  # fmt: skip


def _stands(chosen: Selection, metric: Marked) -> str:
    said = {"now": written(metric, getattr(chosen.figures, metric)), "mark": written(metric, chosen.marks[metric])}
    if metric == "p95_ms":
        return _("P95 is %(now)s of %(mark)s.") % said
    return _("Errors are %(now)s of %(mark)s.") % said


def written(metric: str, value: float | None) -> str:
    """Return a figure as people read it; what is unknown is said."""
    if value is None:
        return _("unknown")
    if metric == "rate":
        return words.per_second(value)
    if metric == "error_rate":
        return str(words.share(value))
    return words.milliseconds(value)


def _clock(visit: Visit, moment: datetime) -> str:
    return clock(moment, visit.now, visit.zone)
