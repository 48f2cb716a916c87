"""The four numbers: a value with its basis, or the words for why there is none."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from dashboards.cards import cards
from dashboards.summary import Number, Summary
from tests.dashboards.builders import NOON


def number(metric: str, value: float | None = None, n: int | None = 0, pending: int | None = None) -> Number:
    units = {"deployment_frequency": "per_day", "change_failure_rate": "rate"}
    return Number(metric, value, units.get(metric, "s"), n, 0, "", pending, "/api/v1/")  # type: ignore[arg-type]


def board(*numbers: Number, has_deployments: bool = True, has_incidents: bool = True) -> Summary:
    return Summary(
        team=None,
        start=NOON - timedelta(days=28),
        end=NOON,
        time_zone="UTC",
        numbers=numbers,
        yesterday=date(2026, 11, 9),
        yesterdays_deployments=0,
        yesterdays_failures=(),
        open_incidents=(),
        edges=(),
        edges_start=NOON - timedelta(hours=1),
        edges_end=NOON,
        deliveries_through=None,
        telemetry_through=None,
        has_deployments=has_deployments,
        has_incidents=has_incidents,
        generated_at=NOON,
    )


def test_a_known_number_is_shown_with_its_basis() -> None:
    known = replace(number("change_failure_rate", 0.0083, 470, 14), left_out=3, left_out_reasons="not_production=3")

    (card,) = cards(board(known))

    assert card.reading is not None
    assert (card.reading.number, card.reading.unit) == ("0.8", "%")
    assert (card.basis, card.aside) == ("of 470 deployments", "14 pending · 3 left out")
    assert card.left_out_reasons == "not_production=3"
    assert card.why_none == ""
    assert not card.few


def test_zero_deployments_is_a_known_zero() -> None:
    (card,) = cards(board(number("deployment_frequency", 0.0, 0)))

    assert card.reading is not None
    assert card.reading.number == "0.0"
    assert card.basis == "0 deployments"


@pytest.mark.parametrize(
    ("metric", "pending", "words"),
    [
        ("lead_time", None, "No change with a known start went live in 28 days."),
        ("change_failure_rate", 0, "No deployments to judge in 28 days."),
        ("change_failure_rate", 5, "Too early: 5 deployments may still fail."),
        ("recovery_time", 0, "No deployment failed in 28 days."),
        ("recovery_time", 1, "1 failure not over yet."),
    ],
)
def test_an_unknown_number_says_why(metric: str, pending: int | None, words: str) -> None:
    (card,) = cards(board(number(metric, None, 0, pending)))

    assert card.reading is None
    assert card.why_none == words


def test_without_deployments_everything_says_so() -> None:
    metrics = ("deployment_frequency", "lead_time", "change_failure_rate", "recovery_time")

    shown = cards(board(*[number(metric, None, None) for metric in metrics], has_deployments=False))

    assert {card.why_none for card in shown} == {"Not connected: no deployment was reported yet."}
    assert {card.basis for card in shown} == {""}


def test_without_incidents_recovery_says_so() -> None:
    (card,) = cards(board(number("recovery_time"), has_incidents=False))

    assert card.why_none == "Not connected: no incident was reported yet."


def test_few_events_are_said_to_be_few() -> None:
    few, enough = cards(board(number("recovery_time", 252.0, 4), number("recovery_time", 252.0, 5)))

    assert (few.few, enough.few) == (True, False)
