"""Which deployment caused an incident, and which deployments failed."""

from datetime import timedelta

import pytest

from plimsoll.insight.linkage.causes import by_window, stated
from plimsoll.insight.linkage.kinds import History
from plimsoll.insight.linkage.relinking import Case, Judgement, Series, judged
from plimsoll.store.facts import Attempt, Blame, ReportedIncident
from tests.insight.builders import NOON, minutes
from tests.insight.reports import attempt, judge, releases, report, sha


def decide(attempts: list[Attempt], *incidents: ReportedIncident, named: bool = True) -> Judgement:
    """Return what is found for the incidents of one series, all of whose deployments may be named."""
    series = Series.of(attempts, NOON - timedelta(days=1), 200)
    histories: dict[tuple[int, int], History] = {(1, 1): judge(*attempts)[1]}
    case = Case(incidents, attempts if named else [], (), frozenset({1}))
    return judged({(1, 1): series}, histories, case)


def failures(judgement: Judgement) -> dict[int, tuple[bool | None, str | None]]:
    return {link.id: (link.failed, link.failed_reason) for link in judgement.deployments}


def test_the_latest_deployment_within_24_hours_is_blamed() -> None:
    opened = NOON + timedelta(hours=2, minutes=30)

    found = decide(releases("1", "2", "3"), report(7, opened))

    assert found.blames[7].deployment_id == 2
    assert found.blames[7].method == "window"
    assert failures(found) == {1: (False, None), 2: (True, "incident"), 3: (False, None)}


def test_confidence_falls_with_the_time_since_the_finish() -> None:
    groups, _ = judge(attempt(1))
    finish = NOON + minutes(5)

    during, half, last = (
        by_window(at, [groups], set()) for at in (NOON, finish + timedelta(hours=12), finish + timedelta(hours=24))
    )

    assert [each.confidence for each in (during, half, last)] == [0.9, 0.65, 0.4]


def test_an_incident_outside_the_window_was_not_caused_by_a_change() -> None:
    late = NOON + minutes(5) + timedelta(hours=24, seconds=1)

    found = decide([attempt(1)], report(7, late), report(8, NOON - minutes(1)))

    assert found.blames == {7: Blame(), 8: Blame()}
    assert failures(found) == {1: (False, None)}


def test_the_window_begins_with_the_rollout_and_ends_with_the_next_one() -> None:
    # Version 2 began at 14:00 and finished at 14:05: an incident at 14:01 is its own.
    found = decide(releases("1", "2"), report(7, NOON + minutes(121)), report(8, NOON + minutes(119)))

    assert (found.blames[7].deployment_id, found.blames[8].deployment_id) == (2, 1)


def test_a_run_that_died_before_it_touched_anything_is_nobodys_cause() -> None:
    dead = attempt(2, 120, "2", status="failure")

    found = decide([attempt(1, 0, "1"), dead], report(7, NOON + minutes(130)))

    assert found.blames[7].deployment_id == 1
    assert failures(found)[2] == (None, None)


def test_an_aborted_deployment_failed() -> None:
    found = decide([attempt(1, 0, "1"), attempt(2, 120, "2", status="failure", rolled_back=True)])

    assert failures(found) == {1: (False, None), 2: (True, "rolled_back")}


def test_a_rollback_marks_the_right_version() -> None:
    found = decide(releases("1", "2", "3", "1"))

    assert failures(found) == {1: (False, None), 2: (True, "rollback"), 3: (False, None), 4: (False, None)}


def test_a_running_deployment_can_be_blamed() -> None:
    running = attempt(2, 120, "2", status="running", finished_at=None)

    found = decide([attempt(1, 0, "1"), running], report(7, NOON + minutes(125)))

    assert found.blames[7] == Blame(2, "window", 0.8983)
    assert failures(found)[2] == (True, "incident")


@pytest.mark.parametrize("reference", ["d-1", "https://ci/1", "1.0", sha("one"), sha("one")[:9]])
def test_a_sender_may_name_the_cause_in_many_ways(reference: str) -> None:
    first = attempt(1, 0, "1.0", url="https://ci/1", sha=sha("one"))

    found = decide([first, attempt(2, 120, "2")], report(7, NOON + timedelta(days=3), caused_by_ref=reference))

    assert found.blames[7] == Blame(1, "explicit", 1.0)
    assert failures(found)[1] == (True, "explicit")


def test_a_name_that_is_not_known_leaves_the_window_to_decide() -> None:
    assert decide([attempt(1)], report(7, NOON, caused_by_ref="d-99")).blames[7].method == "window"


def test_an_external_id_is_first_of_all_the_same_sources() -> None:
    own, foreign = attempt(1, 0, source_id=1, external_id="5"), attempt(2, 10, "2", source_id=2, external_id="5")

    assert stated(report(caused_by_ref="5", source_id=1), [foreign, own]) == own
    assert stated(report(caused_by_ref="5", source_id=3), [foreign, own]) == own
    assert stated(report(NOON.year, NOON + minutes(20), caused_by_ref="5", source_id=3), [foreign, own]) == foreign


def test_a_version_is_looked_for_in_the_incidents_own_services_alone() -> None:
    own, foreign = attempt(1, 0, "1.0"), attempt(2, 0, "1.0", service_id=2)

    assert stated(report(caused_by_ref="1.0", opened_at=NOON + minutes(9)), [foreign, own]) == own
    assert stated(report(caused_by_ref="1.0"), [foreign]) is None
    assert stated(report(caused_by_ref="1.0", service_ids=()), [foreign]) is None


def test_a_version_of_another_service_leaves_the_window_to_decide() -> None:
    foreign = attempt(2, -2000, "1.0", service_id=2)
    series = {(1, 1): Series.of([attempt(1)], NOON, 200), (2, 1): Series.of([foreign], NOON, 200)}
    histories = {(1, 1): judge(attempt(1))[1], (2, 1): judge(foreign)[1]}

    found = judged(series, histories, Case([report(7, NOON + minutes(9), caused_by_ref="1.0")], [foreign]))

    assert (found.blames[7].deployment_id, found.blames[7].method) == (1, "window")
    assert failures(found)[2] == (False, None)


def test_a_bare_id_of_another_source_does_not_lead_to_another_service() -> None:
    foreign = attempt(1, 0, source_id=2, external_id="42", service_id=2)

    assert stated(report(caused_by_ref="42", service_ids=(2,)), [foreign]) == foreign
    assert stated(report(caused_by_ref="42"), [foreign]) is None


@pytest.mark.parametrize("id_", ["acme/pay/42", "5d0c7b2e-0007-4c00-8000-000000000001"])
def test_an_id_that_is_one_anywhere_leads_to_another_service(id_: str) -> None:
    foreign = attempt(1, 0, source_id=2, external_id=id_, service_id=2)

    assert stated(report(caused_by_ref=id_), [foreign]) == foreign


def test_an_incident_without_services_is_linked_by_an_id_that_only_one_deployment_has() -> None:
    one, other = (attempt(n, 0, source_id=n, external_id="42", service_id=n) for n in (2, 3))

    assert stated(report(caused_by_ref="42", service_ids=()), [one]) == one
    assert stated(report(caused_by_ref="42", service_ids=()), [one, other]) is None
    assert stated(report(caused_by_ref="42", service_ids=(), source_id=3), [one, other]) == other


def test_a_commit_that_other_services_share_names_none_of_them() -> None:
    one, other = (attempt(n, 0, "2", service_id=n) for n in (2, 3))
    staging = attempt(4, 0, "2", service_id=2, environment_id=2)

    assert stated(report(caused_by_ref=sha("2")), [one, other]) is None
    assert stated(report(caused_by_ref=sha("2")), [one, staging]) == one
    assert stated(report(caused_by_ref=sha("2"), environment_id=None), [one, staging]) is None


def test_a_stated_cause_shows_that_a_failed_run_touched_production() -> None:
    dead = attempt(2, 120, "2", status="failure")

    found = decide([attempt(1, 0, "1"), dead], report(7, NOON + minutes(130), caused_by_ref="d-2"))

    assert failures(found)[2] == (True, "explicit")


def test_an_attempt_that_is_named_stands_for_its_deployment() -> None:
    retried = [attempt(1, 0, "1", status="failure"), attempt(2, 10, "1")]

    found = decide(retried, report(7, NOON + minutes(30), caused_by_ref="d-2"))

    assert found.blames[7].deployment_id == 1
    assert [(link.id, link.rollout_of, link.failed) for link in found.deployments] == [(1, None, True), (2, 1, None)]


def test_an_incident_without_an_environment_is_taken_to_be_in_production() -> None:
    staging = attempt(2, 60, "2", environment_id=2)
    series = {(1, 1): Series.of([attempt(1)], NOON, 200), (1, 2): Series.of([staging], NOON, 200)}
    histories = {(1, 1): judge(attempt(1))[1], (1, 2): judge(staging)[1]}
    anywhere = report(7, NOON + minutes(70), environment_id=None)

    in_production = judged(series, histories, Case([anywhere], production=frozenset({1})))
    nowhere_else = judged(series, histories, Case([anywhere]))

    assert in_production.blames[7].deployment_id == 1
    assert nowhere_else.blames[7].deployment_id == 2
