"""The four metrics as pages show them: value, change, level, mark, line, evidence and reasons."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards.figures import phrases
from dashboards.figures.question import Question, bucket_of, figure_of_another, question
from dashboards.frame import states
from dashboards.frame.filters import Filters
from dashboards.frame.marks import Status, status
from dashboards.frame.states import Action, State
from dashboards.words import Reading
from plimsoll.insight.dora.reading import Answer
from plimsoll.insight.levels import ENOUGH, Level, Trend, level, trend
from plimsoll.insight.metrics.parts import HEADLINES
from plimsoll.store.marks import Marks

__all__ = [
    "Figure",
    "Question",
    "about",
    "bucket_of",
    "evidence",
    "figure_of_another",
    "figures",
    "lines",
    "measured",
    "question",
    "why",
]

# Where the events behind a metric are listed.
_LISTS = {"lead_time": "/changes/", "time_to_restore": "/incidents/"}


@dataclass(frozen=True, slots=True)
class Figure:
    """One metric as a page shows it: either a reading, or a state that says why there is none."""

    metric: str
    title: str
    short: str
    value: float | None
    reading: Reading | None
    state: State | None
    n: int
    # fewer events than a level takes: their number stands beside the value
    few: bool
    level: Level | None
    level_word: str
    trend: Trend | None
    moved: str
    mark: float | None
    limit: str
    status: Status
    basis: str
    aside: str
    # the addresses of the list of the events, and of the answer to "Why this number?"
    evidence: str
    why: str
    # what of the range is missing
    partial: str = ""
    line: Sequence[float | None] = ()
    line_label: str = ""

    @property
    def arrow(self) -> str:
        """Which way it went."""
        if self.trend is None or not self.trend.delta:
            return ""
        return "▲" if self.trend.delta > 0 else "▼"


def figures(asked: Question, marks: Marks, *, brief: bool = False) -> tuple[Figure, ...]:
    """Return the four metrics of what is asked; `brief` leaves out what they were before and their lines."""
    now = asked.answers()
    before, drawn = (now, {}) if brief else (asked.before(), lines(asked))
    return tuple(
        _figure(
            measured(now[metric]),
            before[metric],
            marks.of_those(metric, asked.filters.teams, asked.filters.services),
            asked,
            drawn.get(metric, ()),
        )
        for metric in HEADLINES
    )


def measured(answer: Answer) -> Answer:
    """Return an answer without its rate where the window is shorter than a day: what a day brings is not known."""
    if answer.metric != "deployment_frequency" or answer.window.days >= 1:
        return answer
    # Of the day on which the clocks go back, 24 hours are less than a day.
    return replace(answer, value=None) if answer.window.end - answer.window.start < timedelta(days=1) else answer


def _figure(
    answer: Answer, before: Answer, mark: float | None, asked: Question, line: Sequence[float | None]
) -> Figure:
    metric, value = answer.metric, answer.value
    moving = trend(metric, value, before.value) if asked.knows(asked.previous) else None
    reached = level(metric, value, answer.n)
    waiting = answer.subsets.get("censored" if metric == "recovery_time" else "pending", 0)
    return Figure(
        metric=metric,
        title=str(phrases.TITLES[metric]),
        short=str(phrases.SHORT[metric]),
        value=value,
        reading=None if value is None else phrases.reading(metric, value),
        state=_state(answer, waiting, asked) if value is None else None,
        n=answer.n,
        few=value is not None and metric != "deployment_frequency" and answer.n < ENOUGH,
        level=reached,
        level_word="" if reached is None else str(phrases.LEVELS[reached]),
        trend=moving,
        moved="" if moving is None else phrases.moved(metric, moving),
        mark=mark,
        limit="" if mark is None else phrases.limit(metric, mark),
        status=status(value, mark, metric),
        basis=phrases.basis(metric, answer.n) if answer.is_known else "",
        aside=phrases.aside(metric, waiting, sum(answer.left_out.values())) if answer.is_known else "",
        evidence=evidence(metric, asked.filters),
        why=why(metric, asked.filters),
        partial=_partial(asked) if value is not None else "",
        line=line,
        line_label=_line_label(metric, line),
    )


def evidence(metric: str, filters: Filters, **narrower: object) -> str:
    """Return the address of the list of the events that a metric was computed from, with the same filters."""
    return _LISTS.get(metric, "/deployments/") + about(filters, metric=metric, **narrower)


def why(metric: str, filters: Filters) -> str:
    """Return the address of the answer to "Why this number?"."""
    return f"/why/{metric}/" + about(filters)


def about(filters: Filters, **changes: object) -> str:
    """Return the query of another page about the same range, places, teams and services.

    Whose page it is may be said by its path alone: there the address's query does not name the team.
    """
    return filters.shared(**{"team": filters.teams or None, "service": filters.services or None, **changes})


def lines(asked: Question, wanted: Collection[str] = tuple(HEADLINES)) -> dict[str, list[float | None]]:
    """Return what metrics were at the end of each day of the window, or each week of a long one, and what they are."""
    return asked.reading.lines(asked.window, asked.now, asked.teams, wanted, 1 if asked.bucket == "day" else 7)


def _partial(asked: Question) -> str:
    """Return since when deployments are known, where that is a day or more after the range began."""
    since = asked.reading.known_since(asked.teams)
    if since is None or asked.knows(asked.window):
        return ""
    return _("known since %(day)s") % {"day": date_format(since.astimezone(asked.window.zone), _("j M"))}


def _line_label(metric: str, line: Sequence[float | None]) -> str:
    """Return what a line says to those who hear the page."""
    known = [value for value in line if value is not None]
    if not known:
        return ""
    return _("%(n)d points, from %(least)s to %(most)s, at last %(last)s") % {
        "n": len(line),
        "least": phrases.said(metric, min(known)),
        "most": phrases.said(metric, max(known)),
        "last": phrases.said(metric, known[-1]),
    }


def _state(answer: Answer, waiting: int, asked: Question) -> State:
    """Return why there is no value, with the next step where there is one."""
    connect = Action(_("Connect"), "/setup/")
    if not answer.is_known and not asked.has_deployments:
        return states.not_connected(_("No deployment was reported yet."), connect)
    match answer.metric:
        case "deployment_frequency" if answer.is_known:
            return states.not_enough(phrases.too_short(answer.n, answer.window))
        case "deployment_frequency":
            return states.empty(_("No deployments are known for this range."))
        case "lead_time":
            return states.empty(_("No change with a known start went live in this range."))
        case "change_failure_rate" if waiting:
            return states.not_enough(phrases.too_early(waiting))
        case "change_failure_rate":
            return states.empty(_("No deployments to judge in this range."))
        case _ if waiting:
            text = ngettext("%(n)s failure is not over yet.", "%(n)s failures are not over yet.", waiting)
            return states.not_enough(text % {"n": f"{waiting:,}"})
        case _ if not asked.has_incidents:
            return states.not_connected(_("Recovery needs an incident source."), connect)
        case _ if left_out := sum(answer.left_out.values()):
            return states.not_enough(phrases.no_recovery(left_out))
        case _:
            return states.empty(_("No deployment failed in this range."))
