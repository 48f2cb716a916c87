"""Deployment frequency, checked by hand."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.insight.metrics import deployment_frequency
from plimsoll.store.facts import DeliveryFacts
from tests.insight.builders import LATER, NOON, deployment, facts, failed_run, minutes, window


def test_fourteen_deployments_in_a_week_are_two_a_day() -> None:
    deployments = facts(*(deployment(n, NOON + minutes(n)) for n in range(14)))

    figure = deployment_frequency(deployments, window(), LATER)

    assert figure.values["per_day"] == 2.0
    assert figure.values["count"] == figure.n == 14
    assert figure.values["days"] == 1
    assert figure.definition.id == "standard"


def test_six_deployments_in_22_days_are_a_real_division() -> None:
    # Middleware's own test answers 0 a day here (dora-definitions, section 2.1).
    start = NOON - timedelta(days=40)
    deployments = facts(*(deployment(n, start + timedelta(days=3 * n)) for n in range(6)))
    span = window((start - timedelta(hours=12)).date().isoformat(), (start + timedelta(days=22)).date().isoformat())

    figure = deployment_frequency(deployments, span, LATER)

    assert span.days == 22
    assert figure.values["per_day"] == pytest.approx(6 / 22)


def test_nothing_deployed_is_zero_a_day_and_no_time_between() -> None:
    figure = deployment_frequency(facts(), window(), LATER)

    assert figure.values["per_day"] == 0
    assert figure.values["days"] == 0
    assert figure.values["time_between_p50_s"] is None


def test_one_deployment_has_no_time_between() -> None:
    figure = deployment_frequency(facts(deployment()), window(), LATER)

    assert figure.values["count"] == 1
    assert figure.values["time_between_p50_s"] is None


def test_the_median_time_between_deployments_is_continuous() -> None:
    # Gaps of 10, 20 and 60 minutes, in any order of arrival.
    finishes = [NOON + minutes(m) for m in (90, 0, 30, 10)]

    figure = deployment_frequency(facts(*map(deployment, range(4), finishes)), window(), LATER)

    assert figure.values["time_between_p50_s"] == 20 * 60


def test_what_is_not_counted_is_left_out_with_its_reason() -> None:
    everything = facts(
        deployment(1),
        deployment(2, kind="hotfix"),
        deployment(3, kind="rollback"),
        deployment(4, kind="redeploy"),
        deployment(5, kind="config"),
        deployment(6, environment_class="staging"),
        failed_run(7),
        failed_run(8, exposed=True, failed_reason="rolled_back"),
        deployment(9, None, started_at=NOON),
        deployment(10, None, started_at=NOON, succeeded=False, unfinished=True),
    )

    figure = deployment_frequency(everything, window(), LATER)

    assert figure.counted == (1, 2)
    assert figure.left_out == {
        "rollback": (3,),
        "redeploy": (4,),
        "config": (5,),
        "not_production": (6,),
        "failed_attempt": (7,),
        "aborted": (8,),
        "no_finish_time": (9,),
        "unfinished": (10,),
    }
    assert figure.left_out_n == 8
    assert [figure.values[name] for name in ("rollbacks", "redeploys", "failed_attempts")] == [1, 1, 1]


def test_a_day_is_a_day_of_the_zone() -> None:
    # 23:30 and 00:30 UTC are two days there, and one in Shanghai.
    two = facts(deployment(1, NOON + minutes(11.5 * 60)), deployment(2, NOON + minutes(12.5 * 60)))

    assert deployment_frequency(two, window(), LATER).values["days"] == 2
    assert deployment_frequency(two, window(zone="Asia/Shanghai"), LATER).values["days"] == 1


def test_a_week_with_a_clock_change_has_seven_days() -> None:
    week = window("2026-03-23", "2026-03-30", "Europe/Berlin")
    deployments = facts(*(deployment(n, week.start + timedelta(hours=20 * n)) for n in range(7)))

    figure = deployment_frequency(deployments, week, LATER)

    assert (week.end - week.start) == timedelta(hours=7 * 24 - 1)
    assert figure.values["per_day"] == 1.0


def test_a_window_holds_its_start_and_not_its_end() -> None:
    week = window()
    edges = facts(deployment(1, week.start), deployment(2, week.end))

    assert deployment_frequency(edges, week, LATER).counted == (1,)


@given(st.lists(st.integers(0, 14 * 24 * 60 - 1), max_size=30), st.integers(0, 14 * 24 * 60))
def test_counts_of_adjacent_windows_add_up(offsets: list[int], cut: int) -> None:
    whole = window("2026-03-02", "2026-03-16")
    made = DeliveryFacts(
        tuple(
            deployment(n, whole.start + minutes(m), kind="rollback" if m % 3 == 0 else "standard")
            for n, m in enumerate(offsets)
        )
    )
    middle = whole.start + minutes(cut)
    first, second = type(whole)(whole.start, middle, whole.zone), type(whole)(middle, whole.end, whole.zone)

    total, one, two = (deployment_frequency(made, w, LATER) for w in (whole, first, second))

    assert sorted(total.counted) == sorted(one.counted + two.counted)
    assert total.values["rollbacks"] == (one.values["rollbacks"] or 0) + (two.values["rollbacks"] or 0)
    assert first.days + second.days == pytest.approx(whole.days)
