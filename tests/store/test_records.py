"""Observations become rows: services and environments are found or made, and what changed is told."""

import itertools
import random
from datetime import timedelta
from typing import Any

import pytest

from plimsoll.store.merge import Observation, Series
from plimsoll.store.models import Change, Deployment, Environment, Incident, Release, Service, Source, Team
from plimsoll.store.records import record, record_all
from plimsoll.store.sources import add_source
from tests.store.builders import NOON, minutes, observation

pytestmark = pytest.mark.django_db
ALERT = Series("f00", timedelta(minutes=5))


@pytest.fixture
def source() -> Source:
    return add_source("generic", "ci")


def deployed(external_id: str = "d1", **fields: object) -> Observation:
    place: dict[str, Any] = {"service": "checkout", "environment": "production", "finished_at": NOON}
    return observation("deployment", external_id, rank=2, **({"status": "success"} | place | fields))


def alert(start: float, end: float | None, **fields: object) -> Observation:
    said: dict[str, object] = {"services": ["checkout"], "opened_at": minutes(start), "status": "open"}
    said |= {"resolved_at": None} if end is None else {"resolved_at": minutes(end), "status": "resolved"}
    at = minutes(start if end is None else end)
    return observation("incident", f"f00@{start:03}", at, 0 if end is None else 1, ALERT, **(said | fields))


def shown() -> list[tuple[str, str, object, object, int]]:
    rows = Incident.objects.filter(is_deleted=False).order_by("external_id")
    return [(row.external_id, row.status, row.opened_at, row.resolved_at, row.reopen_count) for row in rows]


def test_a_deployment_makes_its_service_and_environment(source: Source) -> None:
    touched = record(source, [deployed()])

    row = Deployment.objects.get()
    assert row.service is not None
    assert row.environment is not None
    assert (row.service.namespace, row.service.name, row.service.state) == ("", "checkout", "discovered")
    assert (row.environment.name, row.environment.environment_class) == ("production", "production")
    assert touched.series == {(row.service.pk, row.environment.pk): NOON}
    assert touched.services == {row.service.pk}


def test_the_only_service_of_a_name_is_taken_whatever_its_namespace(source: Source) -> None:
    known = Service.objects.create(namespace="shop", name="checkout")

    record(source, [deployed()])

    assert Deployment.objects.get().service == known


def test_a_namespace_chooses_among_services_of_one_name(source: Source) -> None:
    Service.objects.create(namespace="shop", name="checkout")
    wanted = Service.objects.create(namespace="till", name="checkout")

    record(source, [deployed(namespace="till")])

    assert Deployment.objects.get().service == wanted


def test_an_ambiguous_name_gets_a_service_without_a_namespace(source: Source) -> None:
    for namespace in ("shop", "till"):
        Service.objects.create(namespace=namespace, name="checkout")

    record(source, [deployed()])

    service = Deployment.objects.get().service
    assert service is not None
    assert service.namespace == ""


def test_a_service_that_a_teams_source_discovers_is_the_teams(source: Source) -> None:
    team = Team.objects.create(slug="shop", name="Shop")

    record(add_source("generic", "shops", team=team), [deployed()])

    assert Service.objects.get().team == team


def test_a_row_keeps_its_service_when_another_of_that_name_appears(source: Source) -> None:
    record(source, [deployed(status="running", finished_at=None)])
    first = Deployment.objects.get().service
    Service.objects.create(namespace="shop", name="checkout")

    record(source, [deployed()])

    assert Deployment.objects.get().service == first


def test_a_sender_can_say_the_class_of_an_environment(source: Source) -> None:
    record(source, [deployed(environment="blue", environment_class="production")])

    assert Environment.objects.get().environment_class == "production"


def test_the_same_external_id_of_two_sources_is_two_deployments(source: Source) -> None:
    other = add_source("generic", "other")

    record_all([(source, deployed()), (other, deployed())])

    assert Deployment.objects.count() == 2


def test_a_commit_is_one_change_whoever_tells_of_it(source: Source) -> None:
    commit = observation("change", "acme/a@1", grain="commit", repo="acme/a", sha="1")

    first = record(source, [commit])
    second = record(add_source("generic", "other"), [commit])

    assert Change.objects.count() == 1
    assert first.repos == {"acme/a"}
    assert second.repos == set()


def test_what_changes_nothing_touches_nothing(source: Source) -> None:
    said = [
        deployed(commits=["a", "b"], started_at=minutes(5)),
        alert(0, 4),
        alert(6, None),
        observation("change", "acme/a#1", grain="pull_request", repo="acme/a", number=1, labels=["hotfix"]),
        observation("release", "acme/a@1", repo="acme/a", version="1"),
    ]
    record(source, said)
    before = snapshot(with_updates=True)

    touched = record(source, said)

    assert snapshot(with_updates=True) == before
    assert (touched.series, touched.repos, touched.services) == ({}, set(), set())


def test_a_deployment_that_moves_touches_the_series_it_leaves(source: Source) -> None:
    record(source, [deployed()])
    moved = observation("deployment", "d1", minutes(9), service="cart")

    touched = record(source, [moved])

    services = {service.name: service.pk for service in Service.objects.all()}
    assert touched.services == {services["checkout"], services["cart"]}


def test_an_incident_without_environment_touches_every_series_of_its_services(source: Source) -> None:
    record(source, [deployed(), deployed("d2", environment="staging"), deployed("d3", service="cart")])

    touched = record(source, [alert(30, None)])

    service = Service.objects.get(name="checkout").pk
    environments = Environment.objects.values_list("pk", flat=True)
    assert touched.series == {(service, environment): minutes(30) for environment in environments}


@pytest.mark.parametrize("reference", ["d1", "1.9.0", "8c1f2a7be4d94d10a7c35f5d1e0b9a6c3d2e1f00", "8c1f2a7"])
def test_an_incident_that_names_its_cause_touches_that_deployments_series(source: Source, reference: str) -> None:
    record(source, [deployed(version="1.9.0", sha="8c1f2a7be4d94d10a7c35f5d1e0b9a6c3d2e1f00")])
    deployment = Deployment.objects.get()

    touched = record(source, [observation("incident", "i1", minutes(9), opened_at=minutes(9), caused_by_ref=reference)])

    # From the deployment on, so that linkage asks who names it.
    assert touched.series == {(deployment.service_id, deployment.environment_id): NOON}


def test_the_services_of_an_incident_follow_the_later_word(source: Source) -> None:
    record(source, [observation("incident", "i1", services=["a", "b"], opened_at=NOON)])

    record(source, [observation("incident", "i1", minutes(1), services=["b", "c"])])

    assert sorted(service.name for service in Incident.objects.get().services.all()) == ["b", "c"]


def test_a_flapping_alert_is_one_incident_in_any_order_of_arrival(source: Source) -> None:
    episodes = [alert(0, None), alert(0, 4), alert(8, None), alert(8, 12), alert(60, None)]
    for index, order in enumerate(itertools.permutations(episodes)):
        if index % 7:
            continue
        Incident.objects.all().delete()
        for episode in order:
            record(source, [episode])

        assert shown() == [
            ("f00@000", "resolved", NOON, minutes(12), 1),
            ("f00@060", "open", minutes(60), None, 0),
        ]


def test_alerts_of_two_sources_do_not_flap_together(source: Source) -> None:
    other = add_source("generic", "other")

    record_all([(source, alert(0, 4)), (other, alert(6, None))])

    assert len(shown()) == 2


def test_a_run_is_hidden_behind_its_deployment_in_any_order(source: Source) -> None:
    told = [deployed("4711", run_id="900"), deployed("900/1", run_id="900"), deployed("900/2", run_id="900")]
    for order in itertools.permutations(told):
        Deployment.objects.all().delete()
        for each in order:
            record(source, [each])

        assert [row.external_id for row in Deployment.objects.filter(is_deleted=False)] == ["4711"]


def test_a_run_without_a_deployment_shows_each_attempt(source: Source) -> None:
    record(source, [deployed("900/1", run_id="900"), deployed("900/2", run_id="900")])

    assert Deployment.objects.filter(is_deleted=False).count() == 2


def test_any_order_batching_and_repetition_gives_the_same_rows(source: Source) -> None:
    said = [
        observation("deployment", "d1", NOON, status="pending", service="checkout", environment="production"),
        observation("deployment", "d1", minutes(1), 1, status="running", started_at=minutes(1), finished_at=None),
        observation("deployment", "d1", minutes(3), 2, status="failure", finished_at=minutes(3), environment="prod"),
        observation("deployment", "d1", minutes(3), 2, status="success", finished_at=minutes(3), attempt=2),
        observation("change", "acme/a#1", NOON, grain="pull_request", repo="acme/a", number=1, merged_at=None),
        observation("change", "acme/a#1", minutes(5), grain="pull_request", repo="acme/a", merged_at=minutes(5)),
        alert(0, None, severity="high"),
        alert(0, 4),
        alert(7, None),
        observation("incident", "i1", minutes(2), status="resolved", resolved_at=minutes(2)),
        observation("incident", "i1", NOON, status="open", opened_at=NOON, resolved_at=None, services=["cart"]),
        observation("incident", "i1", minutes(4), status="open", resolved_at=None, reopened_at=[minutes(4)]),
    ]
    record(source, said)
    expected = snapshot()
    dice = random.Random(7)

    for _ in range(12):
        for model in (Deployment, Change, Incident):
            model._default_manager.all().delete()
        rest = said + dice.sample(said, 5)
        dice.shuffle(rest)
        while rest:
            size = dice.randint(1, 5)
            record(source, rest[:size])
            rest = rest[size:]

        assert snapshot() == expected


def snapshot(*, with_updates: bool = False) -> list[dict[str, Any]]:
    """Return every row without what differs from run to run."""
    left_out = {"id", "created_at", "_state"} | (set() if with_updates else {"updated_at"})
    rows: list[dict[str, Any]] = []
    for model in (Deployment, Change, Incident, Release):
        for row in model._default_manager.order_by("external_id"):
            shown = {name: value for name, value in vars(row).items() if name not in left_out}
            if isinstance(row, Incident):
                shown["services"] = sorted(row.services.values_list("name", flat=True))
            rows.append(shown)
    return rows
