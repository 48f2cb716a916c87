"""Change failure rate, checked by hand."""

from datetime import timedelta

from plimsoll.insight.metrics import change_failure_rate
from tests.insight.builders import LATER, NOON, deployment, facts, failed_run, minutes, window


def test_one_of_four_deployments_failed() -> None:
    figure = change_failure_rate(
        facts(deployment(1, failed=True), *(deployment(n, NOON + minutes(n)) for n in (2, 3, 4))), window(), LATER
    )

    assert figure.values["rate"] == 0.25
    assert (figure.values["failed"], figure.n) == (1, 4)
    assert figure.subsets["failed"] == (1,)


def test_nothing_deployed_has_no_rate() -> None:
    figure = change_failure_rate(facts(), window(), LATER)

    assert figure.values["rate"] is None
    assert figure.values["failed_attempt_rate"] is None
    assert figure.values["failed"] == 0


def test_one_deployment_that_held_is_a_rate_of_zero() -> None:
    assert change_failure_rate(facts(deployment()), window(), LATER).values["rate"] == 0


def test_a_hotfix_counts_and_other_kinds_do_not() -> None:
    everything = facts(
        deployment(1, kind="hotfix", failed=True),
        deployment(2, kind="rollback", failed=True),
        deployment(3, kind="redeploy"),
        deployment(4, kind="config"),
        deployment(5, environment_class="testing", failed=True),
    )

    figure = change_failure_rate(everything, window(), LATER)

    assert figure.values["rate"] == 1
    assert figure.left_out == {"rollback": (2,), "redeploy": (3,), "config": (4,), "not_production": (5,)}


def test_a_run_that_never_touched_production_has_a_rate_of_its_own() -> None:
    figure = change_failure_rate(facts(deployment(1), deployment(2), deployment(3), failed_run(4)), window(), LATER)

    assert figure.values["rate"] == 0
    assert figure.values["failed_attempt_rate"] == 0.25
    assert figure.left_out == {"failed_attempt": (4,)}


def test_an_aborted_canary_is_a_failed_deployment() -> None:
    aborted = failed_run(2, exposed=True)
    aborted = type(aborted)(**{name: getattr(aborted, name) for name in aborted.__slots__} | {"failed": True})

    figure = change_failure_rate(facts(deployment(1), aborted), window(), LATER)

    assert figure.values["rate"] == 0.5
    assert figure.counted == (1, 2)


def test_a_deployment_is_pending_until_24_hours_after_its_finish() -> None:
    one = facts(deployment(1))

    before = change_failure_rate(one, window(), NOON + timedelta(hours=24) - minutes(1))
    after = change_failure_rate(one, window(), NOON + timedelta(hours=24))

    assert (before.values["rate"], before.n, before.values["pending"]) == (None, 0, 1)
    assert (after.values["rate"], after.n, after.values["pending"]) == (0, 1, 0)


def test_a_pending_deployment_that_failed_is_shown_but_not_counted() -> None:
    figure = change_failure_rate(facts(deployment(1, failed=True), deployment(2)), window(), NOON + minutes(10))

    assert figure.values["rate"] is None
    assert figure.subsets == {"pending": (1, 2), "pending_failed": (1,)}
    assert figure.values["pending_failed"] == 1


def test_the_next_deployment_of_the_series_settles_the_one_before() -> None:
    two = facts(deployment(1, superseded_at=NOON + minutes(30)), deployment(2, NOON + minutes(40)))

    figure = change_failure_rate(two, window(), NOON + minutes(60))

    assert figure.counted == (1,)
    assert figure.subsets == {"pending": (2,)}


def test_a_running_deployment_is_left_out_as_unfinished() -> None:
    running = deployment(1, None, started_at=NOON, succeeded=False, unfinished=True, failed=True)

    assert change_failure_rate(facts(running), window(), LATER).left_out == {"unfinished": (1,)}
