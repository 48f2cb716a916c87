"""What telemetry says on the wallboard: of a service itself, not a namesake's; and of calls, production's alone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dashboards.wallboard import measures
from plimsoll.store.models import Service
from plimsoll.store.queries.board import failed_deployments, rollouts
from tests.dashboards import builders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("traffic")]
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(("main", "news"), [("production", ["permits"]), ("blue", ["ledger", "permits"])])
def test_a_call_that_is_new_in_staging_alone_is_news_only_where_nothing_is_production(
    main: str, news: list[str]
) -> None:
    now = timezone.now()
    for place in (main, "staging"):
        builders.calls("web", "identity", environment=place, at=now - 30 * HOUR)
    builders.calls("web", "ledger", environment="staging", at=now)
    builders.calls("web", "permits", environment=main, at=now)

    found = measures.news(now - HOUR, now)

    assert sorted(each.server for each in found) == news


@pytest.fixture
def ledgers() -> list[Service]:
    """Three services of one name: `a/ledger` never fails; `b/ledger` is busier and fails half of the time; the one that
    has no namespace in the catalog was seen in `c`, and fails once in four calls.
    """
    now = timezone.now()
    for namespace in ("", "a", "b"):
        Service.objects.create(name="ledger", namespace=namespace)
    for minute in range(12):
        at = now - timedelta(minutes=minute)
        builders.calls("portal", "ledger", namespace="a", requests=10, at=at)
        builders.calls("portal", "ledger", namespace="b", requests=60, failed=30, at=at)
        builders.calls("portal", "ledger", namespace="c", requests=20, failed=5, at=at)
    return list(Service.objects.filter(name="ledger").order_by("namespace"))


@pytest.mark.parametrize(("which", "rate"), [(0, 0.25), (1, 0.0), (2, 0.5)])
def test_a_failure_has_the_figures_of_its_own_service_not_of_a_busier_namesake(
    ledgers: list[Service], which: int, rate: float
) -> None:
    now = timezone.now()
    row = builders.deployment(service=ledgers[which], failed=True, finished_at=now - timedelta(minutes=8))

    (failed,) = failed_deployments(now - HOUR, now, None, [row.pk])
    assert failed.service is not None
    found = measures.measured(failed.service, failed.namespace, None, now - timedelta(minutes=10), now)

    assert found.error_rate == rate


def test_rollouts_of_namesakes_are_apart_each_with_its_own_figures(ledgers: list[Service]) -> None:
    now = timezone.now()
    for service in ledgers:
        builders.deployment(service=service, version="v1", status="running", started_at=now, finished_at=None)

    found = rollouts(None, now + timedelta(seconds=1))

    rates = {each.namespace: measures.lately("ledger", each.namespace, None, now).error_rate for each in found}
    assert rates == {"": 0.25, "a": 0.0, "b": 0.5}
