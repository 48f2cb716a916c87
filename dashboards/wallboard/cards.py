"""The four numbers in large type: never a bare zero, never a blank (ux, section 4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from dashboards import words
from dashboards.figures import phrases
from dashboards.frame.marks import Status, status
from dashboards.templatetags.plimsoll import WORDS
from dashboards.times import written
from dashboards.wallboard.spark import spark
from plimsoll.insight.board.numbers import DAYS, Number
from plimsoll.insight.levels import level, trend
from plimsoll.insight.metrics.windows import Window
from plimsoll.store.marks import DIRECTIONS

# Days in seconds, for what is shown in the unit of another value.
_SECONDS: Final = {"s": 1, "min": 60, "h": 3600, "d": 86400}
_TITLES: Final = {
    "deployment_frequency": gettext_lazy("Deployments per day"),
    "lead_time": gettext_lazy("Lead time, median"),
    "change_failure_rate": gettext_lazy("Change failure rate"),
    "recovery_time": gettext_lazy("Recovery time, P90"),
}
# The lists of the events behind each number.
_LISTS: Final = {"lead_time": "changes"}


@dataclass(frozen=True, slots=True)
class Change:
    """How the number moved: shape, amount, and whether that is good."""

    shape: str
    amount: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Card:
    """One number as it is shown: either a reading, or the words for why there is none and what to do."""

    metric: str
    title: str
    number: str
    unit: str
    why_none: str
    evidence: str
    level: str
    level_word: str
    # said where there are too few events for a level
    few: str
    change: Change | None
    mark: str
    mark_sign: str
    # how the number stands to it
    status: Status
    status_word: str
    spark: SafeString
    about: str


@dataclass(frozen=True, slots=True)
class Known:
    """What has ever been reported at all."""

    deployments: bool
    incidents: bool


def card(number: Number, mark: float | None, window: Window, team: str | None, known: Known) -> Card:
    """Return the card of a number; `team` is a slug."""
    scale = _scale(number, mark)
    named = level(number.metric, number.value, number.n)
    is_few = number.value is not None and named is None
    stands = status(number.value, mark, number.metric)
    return Card(
        metric=number.metric,
        title=str(_TITLES[number.metric]),
        number="" if number.value is None else scale.written(number.value),
        unit="" if number.value is None else scale.word,
        why_none=_why_none(number, known) if number.value is None else "",
        evidence=evidence(number.metric, window, team),
        level=named or "",
        level_word=_level_words()[named] if named else "",
        few=_("n = %(n)d") % {"n": number.n or 0} if is_few else "",
        change=_change(number, scale),
        mark="" if mark is None else _mark(number, mark, scale),
        mark_sign="≥" if DIRECTIONS[number.metric] == "at_least" else "≤",
        status=stands,
        status_word=str(WORDS[stands]),
        spark=spark(number.points, mark, str(_TITLES[number.metric])),
        about=_about(number),
    )


def titles() -> dict[str, str]:
    """Return what the four numbers are called."""
    return {metric: str(title) for metric, title in _TITLES.items()}


def evidence(metric: str, window: Window, team: str | None) -> str:
    """Return the address of the list of the events behind a number: same filters, same count."""
    query = {"metric": metric, "from": written(window.start), "to": written(window.end)}
    if team is not None:
        query["team"] = team
    return f"{reverse(_LISTS.get(metric, 'deployments'))}?{urlencode(query)}"


@dataclass(frozen=True, slots=True)
class _Scale:
    """The unit that a card is in: what its value, its change and its mark are divided by, and the places shown."""

    divisor: float
    places: int
    word: str

    def written(self, value: float) -> str:
        """Return a value in this unit."""
        return words.fixed(value, self.places, self.divisor)


def _scale(number: Number, mark: float | None) -> _Scale:
    """Return the unit that keeps the value short; where there is none, the mark."""
    value = number.value if number.value is not None else mark or 0.0
    if number.metric == "deployment_frequency":
        return _Scale(1.0, 2 if 0 < value < 1 else 1, "")
    if number.metric == "change_failure_rate":
        return _Scale(0.01, 1 if "." in words.share(value).number else 0, "%")
    reading = words.duration(value)
    units = {_("s"): "s", _("min"): "min", _("h"): "h", _("d"): "d"}
    return _Scale(_SECONDS[units[reading.unit]], 1 if "." in reading.number else 0, reading.unit)


def _level_words() -> Mapping[str, str]:
    return {
        "elite": _("Elite"),
        "high": pgettext("level", "High"),
        "medium": _("Medium"),
        "low": pgettext("level", "Low"),
    }


def _change(number: Number, scale: _Scale) -> Change | None:
    """Return how far the number moved since the window before, in the places of the number itself."""
    moved = trend(number.metric, number.value, number.before)
    if moved is None:
        return None
    amount = scale.written(abs(moved.delta))
    if float(amount) == 0:
        return Change("same", _("no change"), "same")
    unit = _("pt") if scale.word == "%" else scale.word
    return Change("up" if moved.delta > 0 else "down", f"{amount} {unit}".strip(), moved.verdict)


def _mark(number: Number, mark: float, scale: _Scale) -> str:
    """Return the mark in the card's unit, which is named where no value does."""
    value = mark / scale.divisor
    places = 1 if number.metric == "change_failure_rate" else 0 if value == round(value) else 1 if value >= 0.1 else 2
    unit = scale.word if number.value is None else ""
    return f"{words.fixed(mark, places, scale.divisor)} {unit}".strip()


def _about(number: Number) -> str:
    """Return what the number was computed from, for who hears or points at the page."""
    if number.n is None:
        return ""
    parts = [ngettext("%(n)d event", "%(n)d events", number.n) % {"n": number.n}]
    if number.pending:
        parts.append(phrases.aside(number.metric, number.pending, 0))
    if number.left_out:
        parts.append(_("%(n)d left out (%(why)s)") % {"n": number.left_out, "why": number.left_out_reasons})
    return ", ".join(parts)


def _why_none(number: Number, known: Known) -> str:
    """Return why there is no value, with the next step where there is one."""
    if not known.deployments:
        return _("Not connected: no deployment was reported yet. Point your CI at a source under Setup.")
    match number.metric:
        case "deployment_frequency":
            return _("No deployments are known for the last %(days)d days.") % {"days": DAYS}
        case "lead_time":
            return _("No change with a known start went live in %(days)d days.") % {"days": DAYS}
        case "change_failure_rate" if number.pending:
            return phrases.too_early(number.pending)
        case "change_failure_rate":
            return _("No deployments to judge in %(days)d days.") % {"days": DAYS}
        case _ if number.pending:
            return ngettext("%(n)d failure is not over yet.", "%(n)d failures are not over yet.", number.pending) % {
                "n": number.pending
            }
        case _ if number.left_out and known.incidents:
            return phrases.no_recovery(number.left_out)
        case _ if not known.incidents:
            return _("Not connected: no incident was reported yet. Recovery time needs a source of incidents.")
        case _:
            return _("No deployment failed in %(days)d days.") % {"days": DAYS}
