"""Rollbacks and the causes of incidents, linked over a real database."""

import pytest

from plimsoll.store.models import Deployment
from tests.insight.reports import sha
from tests.insight.stories import broke, causes, linked, pushed, ran, tell, wipe

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_incident_that_says_only_its_cause_is_linked_when_it_comes_last() -> None:
    tell(ran("d1", 0, "1"), ran("d2", 120, "2"))

    tell(broke("bare", 3000, 3100, services=[], caused_by_ref="d1"))
    tell(broke("closed", 4000, 4100, services=["shop"], opened_at=None, caused_by_ref="d2"))

    assert causes() == {"bare": ("d1", "explicit", 1.0), "closed": ("d2", "explicit", 1.0)}
    assert [linked()[name][2:4] for name in ("d1", "d2")] == [(True, "explicit")] * 2


def test_an_incident_without_an_environment_is_blamed_the_same_whatever_comes_with_it() -> None:
    elsewhere = broke("named", -2000, services=["pay"], caused_by_ref="1")
    nowhere = broke("nowhere", 60, environment=None)
    tell(elsewhere, nowhere, ran("d1", 0, "1", environment="staging"))
    at_once = causes()
    wipe()

    tell(ran("d1", 0, "1", environment="staging"), nowhere, elsewhere, each=1)

    # Pay was never in production, so the incident may come from anywhere it is.
    assert at_once["nowhere"][:2] == ("d1", "window")
    assert causes() == at_once


def test_an_older_commit_is_a_rollback_though_it_was_never_deployed() -> None:
    tell(pushed("1", None, -90), pushed("2", "1", -60), pushed("3", "2", -30))
    tell(ran("d1", 0, "1"), ran("d3", 120, "3"), ran("d2", 240, "2"))

    # Commit 2 had gone live with 3, which it replaces now.
    assert [linked()[name][1] for name in ("d1", "d3", "d2")] == ["standard", "standard", "rollback"]
    assert linked()["d3"][2:4] == (True, "rollback")


def test_an_old_commit_under_a_new_version_is_a_rollback_to_it() -> None:
    tell(ran("d1", 0, "1"), ran("d2", 120, "2"), ran("d3", 240, "3"), ran("d4", 360, "1-rebuilt", sha=sha("1")))

    assert linked()["d4"][1] == "rollback"
    # The first after the version that came back.
    assert [linked()[name][3] for name in ("d1", "d2", "d3")] == [None, "rollback", None]


def test_an_older_commit_on_another_cluster_only_comes_late() -> None:
    tell(pushed("1", None, -90), pushed("2", "1", -60), pushed("3", "2", -30))
    tell(ran("d1", 0, "1"), ran("d3", 120, "3", cluster="east"), ran("d2", 240, "2", cluster="west"))

    assert linked()["d2"][1] == "standard"


def test_a_cause_may_be_told_before_its_deployment_and_in_another_service() -> None:
    tell(broke("told", 10, caused_by_ref=sha("9")[:9]), ran("d1", 0, "1"))
    assert causes()["told"][:2] == ("d1", "window")

    tell(ran("x9", -3000, "9", service="ledger"))

    assert causes()["told"] == ("x9", "explicit", 1.0)
    assert linked()["x9"][2:4] == (True, "explicit")
    assert linked()["d1"][2:4] == (False, None)


def test_a_version_that_another_service_has_too_is_nobodys_stated_cause() -> None:
    tell(ran("p1", -9000, "v1.2.0"), ran("c1", 0, "2026.11", service="cart"))

    tell(broke("slow", 60, services=["cart"], caused_by_ref="v1.2.0"))

    assert causes()["slow"][:2] == ("c1", "window")
    assert linked()["p1"][2:4] == (False, None)


def test_a_bare_id_leads_nowhere_once_a_second_deployment_has_it() -> None:
    tell(ran("7", 0, "1"), source="github")
    tell(broke("bare", 60, services=[], caused_by_ref="7"), source="alerts")
    alone = causes()["bare"]

    tell(ran("7", 10, "9", service="ledger"), source="argo")

    assert alone == ("7", "explicit", 1.0)
    assert causes()["bare"] == (None, None, None)
    assert set(Deployment.objects.values_list("failed", flat=True)) == {False}


def test_an_incident_without_an_environment_is_blamed_on_production() -> None:
    tell(ran("d1", 0, "1"), ran("s1", 60, "2", environment="staging"))

    tell(broke("alert", 70, environment=None))

    assert causes()["alert"][0] == "d1"


def test_a_deployment_that_names_an_incident_of_13_days_ago_is_a_hotfix() -> None:
    tell(broke("INC-42", -13 * 24 * 60, services=["pay"]), ran("d1", -20 * 24 * 60, "1"))

    tell(ran("d2", 0, "2", title="Close the pool (INC-42)"))

    assert linked()["d2"][1] == "hotfix"
