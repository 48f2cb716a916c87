"""The demo's past is one story that does not change while it is told."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median, quantiles
from zoneinfo import ZoneInfo

import pytest

from plimsoll.console.demo.company import TEAMS, found
from plimsoll.console.demo.facts import History
from plimsoll.console.demo.figures import expected
from plimsoll.console.demo.history import APART, write
from plimsoll.console.demo.hooks import hooks
from plimsoll.console.demo.trouble import began

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
ZONE = ZoneInfo("UTC")
COMPANY = found(1)


@pytest.fixture(scope="module")
def told() -> History:
    return write(COMPANY, NOW, 90, NOW, ZONE)


def test_the_company_has_thirty_services_of_six_teams_over_three_clusters() -> None:
    services = COMPANY.services.values()

    assert len(services) == 30
    assert {service.team for service in services} == set(TEAMS)
    assert len({cluster for service in services for cluster in service.clusters}) == 3


def test_calls_lead_to_services_of_the_same_cluster_and_never_in_a_circle() -> None:
    def depth(name: str, cluster: str, above: tuple[str, ...]) -> int:
        assert name not in above
        calls = COMPANY.calls(COMPANY.services[name], cluster)
        return 1 + max((depth(call.server, cluster, (*above, name)) for call in calls), default=0)

    depths = [depth(s.name, cluster, ()) for s in COMPANY.services.values() for cluster in s.clusters]

    assert max(depths) <= 6


def test_every_service_is_reached_from_a_gateway() -> None:
    reached = set()
    waiting = [
        (service.name, cluster)
        for cluster in ("aws-1", "huawei-cn-2", "azure-3")
        for service in COMPANY.entries(cluster)
    ]
    while waiting:
        name, cluster = waiting.pop()
        reached.add(name)
        waiting += [(call.server, cluster) for call in COMPANY.calls(COMPANY.services[name], cluster)]

    assert reached | {"citizen-portal", "mobile-bff"} == set(COMPANY.services)


def test_the_same_seed_tells_the_same_story_and_another_seed_another() -> None:
    again = hooks(COMPANY, write(found(1), NOW, 90, NOW, ZONE))

    assert again == hooks(COMPANY, write(COMPANY, NOW, 90, NOW, ZONE))
    assert again != hooks(found(2), write(found(2), NOW, 90, NOW, ZONE))


def test_telling_on_changes_nothing_that_was_told(told: History) -> None:
    later = write(COMPANY, NOW, 90, NOW + timedelta(days=5), ZONE)

    assert later.deployments[: len(told.deployments)] == told.deployments
    assert set(later.incidents) >= set(told.incidents)


def test_the_last_four_weeks_are_the_story_of_the_board(told: History) -> None:
    figures = expected(told, NOW - timedelta(days=28), NOW, NOW)

    assert round(figures.deployments / 28, 1) == 17.3
    assert round(median(figures.lead_times_s) / 60) == 28
    assert round(100 * figures.failed / figures.judged, 1) == 0.8
    assert round(quantiles(figures.recoveries_s, n=10, method="inclusive")[-1] / 60, 1) == 4.2


@pytest.mark.parametrize("hours", range(0, 168, 29))
def test_the_board_says_the_same_at_any_hour_of_the_week(hours: int) -> None:
    now = NOW + timedelta(hours=hours)

    figures = expected(write(COMPANY, now, 60, now, ZONE), now - timedelta(days=28), now, now)

    assert round(figures.deployments / 28, 1) == 17.3
    assert round(median(figures.lead_times_s) / 60) == 28
    assert (figures.failed, round(100 * figures.failed / figures.judged, 1)) == (4, 0.8)


def test_weekends_are_quieter_and_nights_are_silent(told: History) -> None:
    days = [deployment.finished_at for deployment in told.deployments if deployment.kind == "standard"]
    weekend = [day for day in days if day.weekday() >= 5]

    assert len(weekend) / len(days) < 0.1
    assert all(7 <= day.hour <= 20 for day in days)


def test_work_follows_the_clock_of_the_organisation() -> None:
    shanghai = ZoneInfo("Asia/Shanghai")

    told = write(COMPANY, NOW, 7, NOW, shanghai)

    assert {d.finished_at.astimezone(shanghai).hour for d in told.deployments} <= set(range(7, 21))


def test_commits_are_pushed_after_they_were_made_and_before_they_go_live(told: History) -> None:
    brought = [deployment for deployment in told.deployments if deployment.pushed_at]

    assert all(c.authored_at <= d.pushed_at for d in brought for c in d.commits if d.pushed_at)
    assert all(d.pushed_at < began(d) < d.finished_at for d in brought if d.pushed_at)


def test_deployments_of_a_service_do_not_overlap(told: History) -> None:
    for name in COMPANY.services:
        own = [deployment for deployment in told.deployments if deployment.service == name]
        for earlier, later in pairwise(own):
            assert began(later) > earlier.finished_at
            if later.kind in ("standard", "redeploy"):
                assert later.finished_at - earlier.finished_at >= APART


def test_each_failure_is_remedied_by_the_next_deployment_of_its_service(told: History) -> None:
    causes = {incident.cause: incident for incident in told.incidents if incident.cause}
    for number, incident in causes.items():
        own = [d for d in told.deployments if d.service == incident.service]
        place = next(index for index, d in enumerate(own) if d.number == number)

        assert own[place + 1].kind in ("rollback", "hotfix")
        assert own[place + 1].finished_at == incident.remedied_at
        assert own[place].finished_at < incident.opened_at < own[place + 1].started_at


def test_a_rollback_brings_back_the_version_before(told: History) -> None:
    rollbacks = [d for d in told.deployments if d.kind == "rollback"]
    for rollback in rollbacks:
        own = [d for d in told.deployments if d.service == rollback.service]
        place = own.index(rollback)

        assert (rollback.sha, rollback.version) == (own[place - 2].sha, own[place - 2].version)
        assert rollback.sha != own[place - 1].sha
    assert rollbacks


def test_incidents_without_a_cause_have_no_recent_deployment_to_blame(told: History) -> None:
    for incident in told.incidents:
        if incident.cause is None:
            window = timedelta(hours=24)
            blamed = [d for d in told.deployments if began(d) <= incident.opened_at <= d.finished_at + window]

            assert incident.service not in {d.service for d in blamed}


def test_two_incidents_are_open_when_the_demo_starts(told: History) -> None:
    open_now = [incident for incident in told.incidents if incident.opened_at <= NOW < incident.resolved_at]

    assert len(open_now) == 2


def test_no_two_webhooks_have_the_same_delivery_key(told: History) -> None:
    sent = hooks(COMPANY, told)

    assert len({(hook.provider, hook.key) for hook in sent}) == len(sent)
    assert sent == sorted(sent, key=lambda hook: hook.at)


def test_a_first_deployment_brings_nothing_that_is_known() -> None:
    told = write(COMPANY, NOW, 7, NOW, ZONE)

    figures = expected(told, NOW - timedelta(days=8), NOW, NOW)

    brought = sum(len(d.commits) for d in told.deployments if d.finished_at <= NOW)
    assert 0 < len(figures.lead_times_s) < brought
