"""The four numbers as they are shown: unit, level, change, mark, or the words for why there is none."""

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dashboards.wallboard.cards import Card, Known, card
from plimsoll.insight.board.numbers import Number
from plimsoll.insight.metrics.windows import Window

WINDOW = Window(datetime(2026, 10, 27, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC), ZoneInfo("UTC"))
EVERYTHING = Known(deployments=True, incidents=True)


def number(metric: str = "lead_time", value: float | None = 1680.0, **fields: Any) -> Number:
    defaults = {"before": None, "n": 40, "left_out": 0, "left_out_reasons": "", "pending": 0}
    return Number(metric, value, **{**defaults, **fields})


def shown(found: Number, mark: float | None = None, known: Known = EVERYTHING) -> Card:
    return card(found, mark, WINDOW, None, known)


@pytest.mark.parametrize(
    ("metric", "value", "text"),
    [
        ("deployment_frequency", 17.2857, "17.3"),
        ("deployment_frequency", 0.0357, "0.04"),
        ("deployment_frequency", 0.0, "0.0"),
        ("lead_time", 1680.0, "28 min"),
        ("lead_time", 42.0, "42 s"),
        ("recovery_time", 252.0, "4.2 min"),
        ("recovery_time", 90_000.0, "25 h"),
        ("change_failure_rate", 0.00842, "0.8 %"),
        ("change_failure_rate", 0.125, "13 %"),
    ],
)
def test_a_value_is_in_the_unit_that_keeps_it_short(metric: str, value: float, text: str) -> None:
    found = shown(number(metric, value))

    assert f"{found.number} {found.unit}".strip() == text


@pytest.mark.parametrize(
    ("metric", "value", "before", "shape", "amount", "verdict"),
    [
        ("deployment_frequency", 17.2857, 15.2143, "up", "2.1", "better"),
        ("deployment_frequency", 15.2143, 17.2857, "down", "2.1", "worse"),
        ("lead_time", 1680.0, 2040.0, "down", "6 min", "better"),
        ("change_failure_rate", 0.00842, 0.01174, "down", "0.3 pt", "better"),
        ("recovery_time", 252.0, 228.0, "up", "0.4 min", "worse"),
        ("lead_time", 1680.0, 1681.0, "same", "no change", "same"),
    ],
)
def test_a_change_is_in_the_places_of_its_number(
    metric: str, value: float, before: float, shape: str, amount: str, verdict: str
) -> None:
    found = shown(number(metric, value, before=before)).change

    assert found is not None
    assert (found.shape, found.amount, found.verdict) == (shape, amount, verdict)


@pytest.mark.parametrize(
    ("metric", "value", "mark", "text"),
    [
        ("deployment_frequency", 17.3, 10.0, "≥ 10"),
        ("lead_time", 1680.0, 3600.0, "≤ 60"),
        ("change_failure_rate", 0.008, 0.02, "≤ 2.0"),
        ("recovery_time", 252.0, 300.0, "≤ 5"),
        ("recovery_time", 252.0, 330.0, "≤ 5.5"),
        ("lead_time", None, 900.0, "≤ 15 min"),
        ("lead_time", 90_000.0, 3600.0, "≤ 1"),
    ],
)
def test_a_mark_is_in_the_unit_of_its_number(metric: str, value: float | None, mark: float, text: str) -> None:
    found = shown(number(metric, value), mark)

    assert f"{found.mark_sign} {found.mark}" == text


@pytest.mark.parametrize(
    ("metric", "value", "mark", "status", "words"),
    [
        ("change_failure_rate", 0.023, 0.02, "bad", "over the mark"),
        ("change_failure_rate", 0.02, 0.02, "warn", "near the mark"),
        ("deployment_frequency", 9.9, 10.0, "bad", "over the mark"),
        ("lead_time", 1680.0, 3600.0, "ok", "on track"),
        ("lead_time", None, 900.0, "unk", "unknown"),
    ],
)
def test_a_number_says_how_it_stands_to_its_mark(
    metric: str, value: float | None, mark: float, status: str, words: str
) -> None:
    found = shown(number(metric, value), mark)

    assert (found.status, found.status_word) == (status, words)


def test_without_a_mark_or_a_window_before_nothing_is_said_of_them() -> None:
    found = shown(number())

    assert (found.mark, found.change) == ("", None)


def test_few_events_earn_no_level_but_are_counted() -> None:
    many, few = shown(number(n=5)), shown(number(n=4))

    assert (many.level, many.level_word, many.few) == ("elite", "Elite", "")
    assert (few.level, few.few) == ("", "n = 4")


@pytest.mark.parametrize(
    ("found", "known", "words"),
    [
        (number(value=None), Known(deployments=False, incidents=True), "Not connected: no deployment"),
        (number("deployment_frequency", None, n=None), EVERYTHING, "No deployments are known for the last 28 days."),
        (number("lead_time", None, n=0), EVERYTHING, "No change with a known start"),
        (number("change_failure_rate", None, n=0, pending=2), EVERYTHING, "Too early to count: 2 deployments."),
        (number("change_failure_rate", None, n=0), EVERYTHING, "No deployments to judge"),
        (number("recovery_time", None, n=0, pending=1), EVERYTHING, "1 failure is not over yet."),
        (number("recovery_time", None, n=0, left_out=6), EVERYTHING, "6 failures, and no incident says how long"),
        (number("recovery_time", None, n=0), Known(deployments=True, incidents=False), "Not connected: no incident"),
        (number("recovery_time", None, n=0), EVERYTHING, "No deployment failed in 28 days."),
    ],
)
def test_what_is_unknown_says_why(found: Number, known: Known, words: str) -> None:
    said = shown(found, known=known)

    assert said.number == ""
    assert said.why_none.startswith(words)


def test_the_line_has_its_mark_its_gaps_and_its_end() -> None:
    drawn = str(shown(number(points=(10.0, 20.0, None, 30.0, 15.0)), 30.0).spark)

    # From zero at 92 up to 30 at 14: 2.6 a unit.
    assert re.findall(r'class="line" d="([^"]*)"', drawn) == ["M13 66L103.8 40", "M285.2 14L376 53"]
    assert 'class="limit" d="M8 14H' in drawn
    assert re.search(r'<g class="end">.*class="dot" d="M376 53h', drawn)


def test_nothing_known_draws_nothing() -> None:
    assert shown(number(points=(None, None)), 30.0).spark == ""
