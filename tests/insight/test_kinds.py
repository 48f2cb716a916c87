"""Kinds of deployments, rollbacks by version history, and what a rollback undoes."""

from datetime import timedelta
from typing import Any

import pytest

from plimsoll.insight.linkage.groups import collapsed
from plimsoll.insight.linkage.hotfixes import hotfix_test
from plimsoll.insight.linkage.kinds import HORIZON, history
from plimsoll.store.facts import Attempt, Change
from tests.insight.builders import NOON, minutes
from tests.insight.reports import attempt, commit, judge, releases, report


def kinds(*attempts: Attempt) -> list[str]:
    groups, found = judge(*attempts)
    return [found.kinds[group.id] for group in groups]


def test_v1_v2_v3_v1_is_a_rollback_that_undoes_v2() -> None:
    groups, found = judge(*releases("1", "2", "3", "1"))

    assert [found.kinds[g.id] for g in groups] == ["standard", "standard", "standard", "rollback"]
    assert found.undone == {2}


def test_v1_v2_v1_undoes_v2() -> None:
    assert judge(*releases("1", "2", "1"))[1].undone == {2}


def test_the_same_version_again_is_a_redeploy() -> None:
    groups, found = judge(*releases("1", "2", "2"))

    assert [found.kinds[g.id] for g in groups] == ["standard", "standard", "redeploy"]
    assert found.undone == set()


def test_going_forward_again_after_a_rollback_is_no_rollback() -> None:
    groups, found = judge(*releases("1", "2", "1", "2"))

    assert [found.kinds[g.id] for g in groups] == ["standard", "standard", "rollback", "redeploy"]
    assert found.undone == {2}


def test_a_second_rollback_undoes_what_came_since() -> None:
    groups, found = judge(*releases("1", "2", "1", "3", "1"))

    assert [found.kinds[g.id] for g in groups] == ["standard", "standard", "rollback", "standard", "rollback"]
    # The target is the latest time that version 1 went live.
    assert found.undone == {2, 4}


def test_a_stated_rollback_to_something_unknown_undoes_the_latest() -> None:
    assert judge(*releases("2", "3"), attempt(9, 400, "0", is_rollback=True))[1].undone == {2}


def test_a_version_that_never_succeeded_is_not_returned_to() -> None:
    first, second, third = releases("1", "2", "1")
    failed = attempt(1, 0, "1", status="failure")

    assert kinds(failed, second, third) == ["standard", "standard", "standard"]
    assert kinds(first, second, third)[-1] == "rollback"


def test_an_aborted_version_was_live_and_going_back_from_it_is_a_rollback() -> None:
    aborted = attempt(2, 120, "2", status="failure", rolled_back=True)

    groups, found = judge(attempt(1, 0, "1"), aborted, attempt(3, 240, "1"))

    assert [found.kinds[g.id] for g in groups] == ["standard", "standard", "rollback"]
    assert found.undone == {2}


def test_a_failed_run_that_is_stated_to_be_rolled_back_was_undone() -> None:
    broken = attempt(2, 120, "2", status="failure")

    assert judge(attempt(1, 0, "1"), broken, attempt(3, 240, "1", is_rollback=True))[1].undone == {2}
    assert judge(attempt(1, 0, "1"), broken, attempt(3, 240, "1"))[1].undone == set()


def test_a_rollback_that_did_not_succeed_undoes_nothing() -> None:
    broken = attempt(3, 240, "1", status="failure")

    assert judge(*releases("1", "2"), broken)[1].undone == set()


def test_a_late_rollout_to_another_cluster_is_a_redeploy() -> None:
    rollouts = [
        attempt(1, 0, "1", cluster="a"),
        attempt(2, 120, "2", cluster="a"),
        attempt(3, 240, "2", cluster="b"),
        attempt(4, 360, "1", cluster="b"),
    ]

    assert kinds(*rollouts) == ["standard", "standard", "redeploy", "rollback"]


def test_a_rollback_reaches_fifty_deployments_back() -> None:
    near = releases("old", *(f"v{n}" for n in range(HORIZON - 1)), "old")
    far = releases("old", *(f"v{n}" for n in range(HORIZON)), "old")

    assert kinds(*near)[-1] == "rollback"
    assert kinds(*far)[-1] == "standard"


def test_what_the_sender_calls_configuration_is_that() -> None:
    assert kinds(attempt(1, 0, "1"), attempt(2, 120, "1", trigger="config")) == ["standard", "config"]


def hotfix(attempt_: Attempt, *changes: Change, incidents: tuple[object, ...] = ()) -> bool:
    (group,) = collapsed([attempt_])
    return hotfix_test({group.id: changes}, incidents)(group)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"unplanned": True}, True),
        ({"title": 'Revert "Show the fee breakdown"'}, True),
        ({"title": "[HOTFIX] sign-in"}, True),
        ({"title": "hotfix(pay): retry"}, True),
        ({"title": "Explain how to revert"}, False),
        ({"title": "Reverting is easy"}, False),
        ({"ref": "refs/heads/hotfix/login"}, True),
        ({"ref": "hotfix"}, True),
        ({"ref": "revert-123-main"}, True),
        ({"ref": "main"}, False),
        ({"ref": "hotfix", "unplanned": False}, False),
        ({}, False),
    ],
)
def test_a_hotfix_is_known_by_the_senders_word_or_by_its_words(fields: dict[str, Any], expected: bool) -> None:
    assert hotfix(attempt(1, **fields)) is expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"title": 'Revert "x"'}, True),
        ({"head_branch": "hotfix/x"}, True),
        ({"labels": ("bug", "Hotfix")}, True),
        ({"labels": ("no-hotfix-needed",)}, False),
        ({"title": "Add x"}, False),
    ],
)
def test_a_change_makes_its_deployment_a_hotfix(fields: dict[str, Any], expected: bool) -> None:
    assert hotfix(attempt(1), commit(1, "a", **fields)) is expected


def test_a_deployment_that_names_an_incident_is_a_hotfix() -> None:
    incident = report(external_id="INC-42", opened_at=NOON - minutes(30))
    issue = report(external_id="acme/pay#12", opened_at=NOON - minutes(30))

    assert hotfix(attempt(1, title="Close the pool (INC-42)"), incidents=(incident,))
    assert not hotfix(attempt(1, title="Close the pool (INC-421)"), incidents=(incident,))
    assert hotfix(attempt(1), commit(1, "a", title="Close the pool, fixes #12"), incidents=(issue,))
    assert not hotfix(attempt(1), commit(1, "a", title="See #12"), incidents=(issue,))


def test_an_incident_that_opens_later_or_is_long_over_is_not_named() -> None:
    later = report(external_id="INC-42", opened_at=NOON + minutes(30))
    long_ago = report(external_id="INC-42", opened_at=NOON - minutes(15 * 24 * 60))

    assert not hotfix(attempt(1, title="INC-42"), incidents=(later, long_ago))


def test_an_incident_may_be_named_for_14_days_after_it_opened() -> None:
    # The run finishes at five past noon.
    until_then = report(external_id="INC-42", opened_at=NOON + minutes(5) - timedelta(days=14))
    before = report(external_id="INC-42", opened_at=NOON + minutes(5) - timedelta(days=14, seconds=1))

    assert hotfix(attempt(1, title="INC-42"), incidents=(until_then,))
    assert not hotfix(attempt(1, title="INC-42"), incidents=(before,))


def test_kinds_that_are_known_are_kept() -> None:
    groups = collapsed(releases("1", "2"))

    assert history(groups, {1: "hotfix"}, lambda group: False).kinds == {1: "hotfix", 2: "standard"}
