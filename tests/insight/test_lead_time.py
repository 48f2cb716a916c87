"""Lead time for changes, checked by hand."""

from datetime import timedelta

import pytest

from plimsoll.insight.metrics import lead_time
from tests.insight.builders import LATER, NOON, carried, deployment, facts, failed_run, minutes, window


def test_lead_time_is_the_median_wait_of_the_commits() -> None:
    changes = [carried(m, NOON - minutes(m)) for m in (10, 28, 90)]

    figure = lead_time(facts(deployment(), *changes), window(), LATER)

    assert figure.values["p50_s"] == 28 * 60
    assert figure.n == 3
    assert figure.values["known_start_rate"] == 1


def test_the_median_of_two_is_in_the_middle_and_p90_near_the_longer() -> None:
    figure = lead_time(
        facts(deployment(), carried(1, NOON - minutes(10)), carried(2, NOON - minutes(20))), window(), LATER
    )

    assert figure.values["p50_s"] == 15 * 60
    assert figure.values["p75_s"] == 17.5 * 60
    assert figure.values["p90_s"] == pytest.approx(19 * 60)


def test_nothing_deployed_has_no_lead_time() -> None:
    figure = lead_time(facts(), window(), LATER)

    assert figure.values["p50_s"] is None
    assert figure.values["known_start_rate"] is None
    assert (figure.n, figure.left_out_n) == (0, 0)


def test_lead_time_belongs_to_the_window_of_the_deployment() -> None:
    long_ago = carried(1, NOON - timedelta(days=90))

    figure = lead_time(facts(deployment(), long_ago), window(), LATER)

    assert figure.values["p50_s"] == 90 * 86400
    assert lead_time(facts(deployment(finished_at=NOON - timedelta(days=7)), long_ago), window(), LATER).n == 0


def test_the_first_deployment_carries_nothing_and_says_so() -> None:
    figure = lead_time(facts(deployment(1, is_first=True), deployment(2)), window(), LATER)

    assert figure.values["p50_s"] is None
    assert figure.left_out == {"first_deployment": (1,), "no_known_changes": (2,)}


def test_rollbacks_and_redeploys_are_not_expected_to_carry_anything() -> None:
    figure = lead_time(facts(deployment(1, kind="rollback"), deployment(2, kind="redeploy")), window(), LATER)

    assert figure.left_out_n == 0


def test_changes_without_a_start_are_left_out_with_the_reason_and_lower_the_known_share() -> None:
    changes = [
        carried(1, NOON - minutes(30)),
        carried(2, None, start=None),
        carried(3, None, start="after_end"),
        carried(4, None, start="merge_commit"),
        carried(5, NOON + minutes(1)),
    ]

    figure = lead_time(facts(deployment(unknown_commits=2), *changes), window(), LATER)

    assert figure.counted == (1,)
    assert figure.left_out == {
        "no_commit_time": (2,),
        "start_after_end": (3, 5),
        "merge_commit": (4,),
        "unknown_commit": (1, 1),
    }
    # One known of one, one without a time, two that begin too late and two unknown; the merge commit is no work.
    assert figure.values["known_start_rate"] == pytest.approx(1 / 6)


def test_a_change_that_was_live_in_another_environment_before_is_not_counted_again() -> None:
    changes = [carried(1), carried(2, already_live=True), carried(3, None, start=None, already_live=True)]

    figure = lead_time(facts(deployment(), *changes), window(), LATER)

    assert figure.counted == (1,)
    assert figure.left_out == {"already_live": (2, 3)}
    assert figure.values["known_start_rate"] == 1


def test_a_start_other_than_the_author_date_is_flagged() -> None:
    changes = [carried(1), carried(2, start="committed"), carried(3, start="opened")]

    figure = lead_time(facts(deployment(), *changes), window(), LATER)

    assert figure.subsets == {"from_authored": (1,), "from_committed": (2,), "from_opened": (3,)}


def test_only_what_went_live_in_production_ends_a_wait() -> None:
    runs = [failed_run(1), deployment(2, environment_class="staging")]

    figure = lead_time(facts(*runs, carried(1, deployment_id=1), carried(2, deployment_id=2)), window(), LATER)

    assert figure.n == 0


def test_a_commit_as_old_as_its_deployment_waits_no_time() -> None:
    assert lead_time(facts(deployment(), carried(1, NOON)), window(), LATER).values["p50_s"] == 0
