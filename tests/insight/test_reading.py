"""What a reading answers is what the metrics say of the window's facts, whatever it was asked and answered before."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.insight.dora.reading import Reading
from plimsoll.insight.dora.team_facts import by_team
from plimsoll.insight.metrics import METRICS
from plimsoll.insight.metrics.definition import STANDARD
from plimsoll.insight.metrics.parts import HEADLINES
from plimsoll.insight.metrics.windows import Window
from plimsoll.store.facts import DeliveryFacts
from plimsoll.store.queries.delivery import Series
from tests.insight.builders import NOON, deployment, incident, minutes
from tests.insight.test_parts import stories

TEAMS = (1, 2)
SERIES = [Series(team, 1, team, "production", NOON - timedelta(days=30)) for team in TEAMS]
# Within the hour of one another, so that the same facts are asked for again, and days apart.
OFFSETS = st.one_of(st.integers(-60, 60), st.integers(-4000, 8000)).map(minutes)
ASKED = st.tuples(OFFSETS, OFFSETS, OFFSETS, st.sampled_from([None, (1,), (2,), (1, 2)]))


def owned(told: DeliveryFacts) -> DeliveryFacts:
    """The same facts, every other deployment of another team."""
    return replace(told, deployments=tuple(replace(each, team_id=TEAMS[each.id % 2]) for each in told.deployments))


def of(told: DeliveryFacts, window: Window, teams: tuple[int, ...]) -> DeliveryFacts:
    """The facts of a window and of teams."""
    ids = {each.id for each in told.deployments if each.at in window and each.team_id in teams}
    return DeliveryFacts(
        tuple(each for each in told.deployments if each.id in ids),
        tuple(each for each in told.carried if each.deployment_id in ids),
        (),
        tuple(each for each in told.caused if each.caused_by in ids),
    )


@settings(deadline=None)
@given(told=stories().map(owned), asked=st.lists(ASKED, min_size=1, max_size=12))
def test_an_answer_is_the_same_whatever_was_asked_before(
    told: DeliveryFacts, asked: list[tuple[timedelta, timedelta, timedelta, tuple[int, ...] | None]]
) -> None:
    reading = Reading(NOON - timedelta(days=30), STANDARD, told, SERIES)

    for start, end, now, teams in asked:
        window, moment = Window(NOON + min(start, end), NOON + max(start, end), ZoneInfo("Asia/Shanghai")), NOON + now
        answers = reading.answers(window, moment, teams)

        for metric, headline in HEADLINES.items():
            plain = METRICS[metric](of(told, window, teams or TEAMS), window, moment, STANDARD)
            found = answers[metric]
            is_counted = found.is_known or metric != "deployment_frequency"
            assert found.value == (plain.values[headline] if is_counted else None)
            assert (found.window, found.n) == (window, plain.n)
            assert dict(found.left_out) == plain.left_out_reasons
            assert dict(found.subsets) == {name: len(ids) for name, ids in plain.subsets.items()}
            assert all(value == plain.values[name] for name, value in found.values.items())


@st.composite
def changed(draw: st.DrawFn, told: DeliveryFacts) -> DeliveryFacts:
    """The same facts after somebody wrote: some gone, some others, some new; mostly they are as they were."""
    kept = [each for each in told.deployments if draw(st.integers(0, 9))]
    deployments = [each if draw(st.integers(0, 9)) else replace(each, failed=not each.failed) for each in kept]
    deployments += [deployment(900 + n, NOON + draw(OFFSETS)) for n in range(draw(st.integers(0, 2)))]
    ids = {each.id for each in deployments}
    return DeliveryFacts(
        tuple(deployments),
        tuple(each for each in told.carried if each.deployment_id in ids and draw(st.integers(0, 9))),
        (),
        tuple(
            each if draw(st.integers(0, 3)) else replace(each, resolved_at=NOON + draw(OFFSETS), resolved=True)
            for each in told.caused
            if each.caused_by in ids
        ),
    )


@settings(deadline=None)
@given(data=st.data(), told=stories().map(owned), asked=st.lists(ASKED, min_size=1, max_size=6))
def test_what_is_taken_over_from_a_reading_before_the_news_is_what_it_is_now(
    data: st.DataObject,
    told: DeliveryFacts,
    asked: list[tuple[timedelta, timedelta, timedelta, tuple[int, ...] | None]],
) -> None:
    news = owned(data.draw(changed(told)))
    days = Window(NOON - timedelta(days=3), NOON + timedelta(days=6), ZoneInfo("UTC"))
    now = NOON + data.draw(OFFSETS)
    before = Reading(NOON - timedelta(days=30), STANDARD, told, SERIES)
    whose: list[tuple[int, ...] | None] = [None, (1,), (2,)]
    for teams in whose:
        before.series(days, "day", now, teams)
        before.answers(days, now, teams)

    everything = Window(NOON - timedelta(days=30), NOON + timedelta(days=30), ZoneInfo("UTC"))
    renewed = before.renewed([1], by_team(of(news, everything, (1,)), SERIES[:1], STANDARD))
    anew = Reading(NOON - timedelta(days=30), STANDARD, news, SERIES)
    anew.take_over(before)

    for reading, facts in ((renewed, joined(of(news, everything, (1,)), of(told, everything, (2,)))), (anew, news)):
        fresh = Reading(NOON - timedelta(days=30), STANDARD, facts, SERIES)
        for teams in whose:
            assert reading.series(days, "day", now, teams) == fresh.series(days, "day", now, teams)
            assert reading.answers(days, now, teams) == fresh.answers(days, now, teams)
        for start, end, at, teams in asked:
            window = Window(NOON + min(start, end), NOON + max(start, end), ZoneInfo("UTC"))
            assert reading.answers(window, NOON + at, teams) == fresh.answers(window, NOON + at, teams)


def joined(*parts: DeliveryFacts) -> DeliveryFacts:
    """All of these facts."""
    return DeliveryFacts(
        tuple(each for part in parts for each in part.deployments),
        tuple(each for part in parts for each in part.carried),
        (),
        tuple(each for part in parts for each in part.caused),
    )


def test_what_settles_and_what_still_hurts_is_told_as_it_is_at_each_moment() -> None:
    mended = incident(1, NOON, NOON + minutes(30), caused_by=1)
    told = DeliveryFacts((deployment(1, NOON, failed=True, team_id=1),), (), (), (mended,))
    hurting = replace(told, caused=(replace(mended, resolved_at=None, resolved=False),))
    day = Window(NOON - timedelta(days=1), NOON + timedelta(days=3), ZoneInfo("UTC"))
    reading, other = (Reading(day.start, STANDARD, facts, SERIES) for facts in (told, hurting))

    rates = [reading.answers(day, NOON + minutes(n))["change_failure_rate"].value for n in (60, 1439, 1440, 61)]
    lasting = [other.answers(day, NOON + minutes(n))["recovery_time"].values["open_at_least_s"] for n in (60, 61)]

    assert rates == [None, None, 1.0, None]
    assert lasting == [3600, 3660]


def test_the_last_deployments_are_those_that_ended_where_it_counts() -> None:
    facts = DeliveryFacts(
        (
            deployment(1, NOON, team_id=1),
            deployment(2, NOON + minutes(1), team_id=2),
            deployment(3, NOON + minutes(2), team_id=1, environment_class="staging"),
            deployment(4, NOON + minutes(3), team_id=1),
            deployment(5, None, started_at=NOON + minutes(3), unfinished=True, team_id=2),
            deployment(6, NOON + minutes(4), team_id=1),
        )
    )
    reading = Reading(NOON, STANDARD, facts, SERIES)

    assert [each.id for each in reading.latest(2, NOON + minutes(3))] == [4, 2]
    assert [each.id for each in reading.latest(9, NOON + minutes(3), [2])] == [2]
    assert [each.id for each in reading.under_way(NOON, NOON + minutes(3))] == [5]
    assert [each.id for each in reading.under_way(NOON + minutes(4), NOON + minutes(9))] == []
