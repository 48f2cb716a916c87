"""The answer to "Why this number?": what a metric means, which events it counted, and which not (ux, section 1)."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards import words
from dashboards.figures import about, evidence, figure_of_another, measured, phrases, question
from dashboards.figures.reasons import DEFINITIONS, LEFT_OUT, SUBSETS
from dashboards.frame.page import NotHere, Visit, page
from plimsoll.insight.dora.reading import Answer
from plimsoll.insight.levels import level
from plimsoll.insight.metrics import METRICS
from plimsoll.insight.metrics.lead_time import OF_DEPLOYMENTS
from plimsoll.insight.metrics.parts import HEADLINES, part_of
from plimsoll.store.marks import DIRECTIONS, marks
from plimsoll.store.queries.delivery import data_through

_OF_OTHERS = {"time_to_restore": "p50_s", "rework_rate": "rate"}


@dataclass(frozen=True, slots=True)
class Entry:
    """Some events: how many, what they are, and where they are listed."""

    n: int
    text: str
    href: str


@page("dashboards/why.html", name="overview")
def why(visit: Visit, metric: str) -> Mapping[str, object]:
    """Answer for one metric and the filters of the address."""
    if metric not in METRICS:
        raise NotHere(_("There is no metric “%(name)s”.") % {"name": metric})
    answer = _answer(visit, metric)
    mark = marks().of_those(metric, visit.filters.teams, visit.filters.services)
    reached = level(metric, answer.value, answer.n)
    return {
        "heading": str(phrases.TITLES[metric]),
        "definition": DEFINITIONS[metric],
        "reading": None if answer.value is None else phrases.reading(metric, answer.value),
        "formula": _formula(answer),
        "answer": answer,
        "counted": Entry(answer.n, phrases.counted(metric, answer.n), evidence(metric, visit.filters)),
        "left_out": [_left_out(metric, reason, n, visit) for reason, n in _by_size(answer.left_out)],
        "subsets": [
            Entry(n, str(SUBSETS.get(name, name)), evidence(metric, visit.filters, evidence=name))
            for name, n in _by_size(answer.subsets)
        ],
        "level": "" if reached is None else phrases.LEVELS[reached],
        "limit": phrases.limit(metric, mark) if mark is not None and metric in DIRECTIONS else "",
        "through": data_through(),
    }


def _by_size(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(((name, n) for name, n in counts.items() if n), key=lambda item: (-item[1], item[0]))


def _answer(visit: Visit, metric: str) -> Answer:
    if metric in HEADLINES:
        return measured(question(visit.filters, visit.now).answers()[metric])
    figure = figure_of_another(metric, visit.filters, visit.now)
    part = part_of(figure)
    value = figure.values[_OF_OTHERS[metric]]
    return Answer(metric, figure.window, value, part.n, part.left_out, part.subsets, figure.values, True)


def _left_out(metric: str, reason: str, n: int, visit: Visit) -> Entry:
    href = evidence(metric, visit.filters, left_out=reason)
    if metric == "lead_time" and reason in OF_DEPLOYMENTS:
        href = "/deployments/" + about(visit.filters, metric=metric, left_out=reason)
    if reason == "unknown_commit":
        return _unknown_commits(n, visit, href)
    return Entry(n, str(LEFT_OUT.get(reason, reason)), href)


def _unknown_commits(commits: int, visit: Visit, href: str) -> Entry:
    """Return the deployments that name unknown commits: those are listed, for of the commits nothing is known."""
    asked = question(visit.filters, visit.now)
    figure = asked.reading.figure("lead_time", asked.window, visit.now, asked.teams)
    text = ngettext(
        "deployments with %(n)s commit that nobody told us about",
        "deployments with %(n)s commits that nobody told us about",
        commits,
    )
    return Entry(len(set(figure.left_out["unknown_commit"])), text % {"n": f"{commits:,}"}, href)


def _formula(answer: Answer) -> str:
    """Return how the number comes out of the counts, or why a rate does not; empty where there is no number."""
    metric, told = answer.metric, answer.values
    if answer.value is None:
        is_rate = metric == "deployment_frequency" and answer.is_known
        return phrases.too_short(answer.n, answer.window) if is_rate else ""
    if metric == "deployment_frequency":
        numbers = {
            "n": f"{answer.n:,}",
            "days": f"{answer.window.days:.4g}",
            "value": words.per_day(answer.value).number,
        }
        text = ngettext(
            "%(n)s deployment ÷ %(days)s days = %(value)s per day",
            "%(n)s deployments ÷ %(days)s days = %(value)s per day",
            answer.n,
        )
        return text % numbers
    if metric in ("change_failure_rate", "rework_rate"):
        part = told["failed"] if metric == "change_failure_rate" else told["rework"]
        shown = {"part": f"{part or 0:,.0f}", "n": f"{answer.n:,}", "value": phrases.said(metric, answer.value)}
        if metric == "rework_rate":
            return _("%(part)s hotfixes and rollbacks ÷ %(n)s deployments = %(value)s") % shown
        text = ngettext(
            "%(part)s failed ÷ %(n)s deployment = %(value)s",
            "%(part)s failed ÷ %(n)s deployments = %(value)s",
            answer.n,
        )
        return text % shown
    shares = {"p50_s": "P50", "p75_s": "P75", "p90_s": "P90"}
    durations = ((name, value) for key, name in shares.items() if (value := told.get(key)) is not None)
    spread = " · ".join(f"{name} {phrases.said(metric, value)}" for name, value in durations)
    return ngettext(
        "%(spread)s of %(n)s value",
        "%(spread)s of %(n)s values, sorted; between two values in proportion",
        answer.n,
    ) % {"spread": spread, "n": f"{answer.n:,}"}
