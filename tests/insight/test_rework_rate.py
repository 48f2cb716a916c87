"""Deployment rework rate, checked by hand."""

from plimsoll.insight.metrics import rework_rate
from tests.insight.builders import LATER, deployment, facts, failed_run, window


def test_hotfixes_and_rollbacks_are_rework_of_all_that_went_live() -> None:
    kinds = ("standard", "standard", "hotfix", "rollback", "redeploy")

    figure = rework_rate(facts(*(deployment(n, kind=kind) for n, kind in enumerate(kinds))), window(), LATER)

    assert figure.values["rate"] == 2 / 5
    assert figure.subsets["rework"] == (2, 3)
    assert figure.n == 5


def test_nothing_but_rollbacks_is_a_rate_of_one() -> None:
    figure = rework_rate(facts(deployment(1, kind="rollback"), deployment(2, kind="rollback")), window(), LATER)

    assert figure.values["rate"] == 1


def test_nothing_deployed_has_no_rate() -> None:
    assert rework_rate(facts(), window(), LATER).values["rate"] is None


def test_runs_that_did_not_go_live_are_left_out() -> None:
    figure = rework_rate(facts(deployment(1), failed_run(2), deployment(3, environment_class="other")), window(), LATER)

    assert figure.values["rate"] == 0
    assert figure.left_out == {"failed_attempt": (2,), "not_production": (3,)}
