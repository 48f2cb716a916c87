"""What days say adds up to what the metric itself says of them all."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.insight.metrics import METRICS
from plimsoll.insight.metrics.definition import STANDARD
from plimsoll.insight.metrics.parts import HEADLINES, Part, part_of, together, values
from plimsoll.insight.metrics.windows import Window, buckets
from plimsoll.store.facts import DeliveryFacts
from tests.insight.builders import LATER, NOON, carried, deployment, facts, failed_run, incident, minutes, window

WEEK = window()


@st.composite
def stories(draw: st.DrawFn) -> DeliveryFacts:
    """Some deployments of the week, whatever became of them, with changes and incidents."""
    told: list[object] = []
    for number in range(1, draw(st.integers(0, 12)) + 1):
        at = NOON + minutes(draw(st.integers(-3000, 6000)))
        kind = draw(st.sampled_from(["standard", "standard", "hotfix", "rollback", "redeploy"]))
        failed = draw(st.booleans())
        told.append(
            deployment(number, at, kind=kind, failed=failed)
            if draw(st.integers(0, 5))
            else failed_run(number, at, kind=kind)
        )
        for change in range(draw(st.integers(0, 3))):
            start = draw(st.one_of(st.none(), st.integers(-90, 4000)))
            began = None if start is None else at - minutes(start)
            told.append(carried(number * 10 + change, began, deployment_id=number))
        if failed and draw(st.booleans()):
            lasted = draw(st.one_of(st.none(), st.integers(0, 900)))
            until = None if lasted is None else at + minutes(lasted)
            told.append(incident(number, at, until, caused_by=number))
    return facts(*told)  # type: ignore[arg-type]


def of_day(told: DeliveryFacts, day: Window) -> DeliveryFacts:
    """The facts of one day's deployments."""
    ids = {each.id for each in told.deployments if each.at in day}
    return DeliveryFacts(
        tuple(each for each in told.deployments if each.id in ids),
        tuple(each for each in told.carried if each.deployment_id in ids),
        (),
        tuple(each for each in told.caused if each.caused_by in ids),
    )


@pytest.mark.parametrize("metric", HEADLINES)
@given(told=stories())
def test_the_days_of_a_week_add_up_to_the_week(metric: str, told: DeliveryFacts) -> None:
    whole = METRICS[metric](told, WEEK, LATER, STANDARD)
    days = [part_of(METRICS[metric](of_day(told, day), day, LATER, STANDARD)) for day in buckets(WEEK, "day")]

    found = together(days)

    assert found.n == whole.n
    assert dict(found.left_out) == whole.left_out_reasons
    assert dict(found.subsets) == {name: len(ids) for name, ids in whole.subsets.items()}
    for name, value in values(metric, found, WEEK.days).items():
        assert value == whole.values[name], name


def test_the_median_is_of_all_durations_not_of_the_days_medians() -> None:
    days = [Part(2, samples=(60.0, 120.0)), Part(1, samples=(600.0,))]

    assert values("lead_time", together(days), 2.0)["p50_s"] == 120.0


def test_nothing_is_unknown_and_no_deployments_are_none() -> None:
    assert values("change_failure_rate", together([]), 7.0)["rate"] is None
    assert values("deployment_frequency", together([]), 7.0)["per_day"] == 0


def test_what_may_still_change_by_itself_is_not_settled() -> None:
    young = facts(deployment(1), deployment(2, NOON + timedelta(hours=1)))

    soon = part_of(METRICS["change_failure_rate"](young, WEEK, NOON + timedelta(hours=2), STANDARD))
    later = part_of(METRICS["change_failure_rate"](young, WEEK, LATER, STANDARD))

    assert (soon.is_settled, later.is_settled) == (False, True)
