"""Who asks, and what each may see and do."""

import pytest
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from pytest_django import Settings

from dashboards.readers import Reader, caller_of, reader_of
from plimsoll.store import people
from plimsoll.store.access import new_token
from plimsoll.store.audit import Actor
from plimsoll.store.teams import add_team
from tests.dashboards.builders import bearer, delivery
from tests.dashboards.people import browser, person

pytestmark = pytest.mark.django_db


def reader(client: Client, address: str = "/", **headers: str) -> Reader | None:
    """Return who the client's next request is from."""
    request = RequestFactory().get(address, headers=headers)
    request.session = client.session
    request.META["REMOTE_ADDR"] = client.defaults.get("REMOTE_ADDR", "127.0.0.1")
    return reader_of(request)


def test_nobody_is_a_reader_without_saying_who() -> None:
    assert reader(Client()) is None


def test_a_person_has_what_their_roles_allow() -> None:
    team, other = add_team("payments", "Payments"), add_team("games", "Games")

    found = reader(browser(person(role="member", team=team)))

    assert found is not None
    assert (found.name, found.teams, found.team) == ("lin", frozenset({team.pk}), team.pk)
    assert (found.may("read"), found.may("read", team.pk), found.may("act", team.pk)) == (True, True, True)
    assert not found.may("read", other.pk)
    assert not found.may("act", other.pk)
    assert found.sees(team.pk)
    assert not found.sees(other.pk)
    assert not found.sees(None)


def test_somebody_over_the_site_sees_all() -> None:
    found = reader(browser(person(role="viewer")))

    assert found is not None
    assert (found.teams, found.team) == (None, None)
    assert found.sees(1)
    assert found.sees(None)


def test_somebody_with_two_teams_sees_one_at_a_time() -> None:
    payments, games, other = add_team("payments", "Payments"), add_team("games", "Games"), add_team("maps", "Maps")
    lin = person(role="member", team=payments)
    people.grant(Actor("admin"), lin.id, "viewer", games)
    client = browser(lin)
    expected = {
        "/": games,
        "/?team=payments": payments,
        "/?team=games&team=payments": payments,
        "/teams/payments/": payments,
        f"/?team={other.slug}": games,
    }

    found = {address: reader(client, address) for address in expected}

    assert {address: each.team for address, each in found.items() if each} == {
        address: team.pk for address, team in expected.items()
    }
    assert {each.teams for each in found.values() if each} == {frozenset({payments.pk, games.pk})}


def test_somebody_without_any_role_is_nobody() -> None:
    lin = person(role="viewer")
    people.withdraw(Actor("admin"), lin.id)

    assert reader(browser(lin)) is None


def test_a_visitor_of_the_same_machine_only_reads(settings: Settings) -> None:
    settings.VIEWER_ON_LOOPBACK = True

    found = reader(Client())

    assert found is not None
    assert found.may("read")
    assert not any(found.may(action) for action in ("act", "claim", "manage", "administer", "admin", "write"))
    assert not found.may_somewhere("read")


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Via", "Forwarded"])
def test_whoever_comes_through_a_proxy_is_no_visitor_of_the_same_machine(settings: Settings, header: str) -> None:
    settings.VIEWER_ON_LOOPBACK = True

    assert Client().get("/services/", headers={header: "https"}).status_code == 401


def test_somebody_who_has_signed_in_is_more_than_a_visitor(settings: Settings) -> None:
    settings.VIEWER_ON_LOOPBACK = True

    found = reader(browser(person()))

    assert found is not None
    assert found.may("administer")


def test_what_is_sent_on_purpose_counts_before_the_session() -> None:
    client = browser(person())
    payments = add_team("payments", "Payments")
    token = new_token("t", ["read"], team=payments)

    found = reader(client, **bearer(token))

    assert found is not None
    assert found.person is None
    assert (found.teams, found.team) == (frozenset({payments.pk}), payments.pk)
    assert reader(client, **bearer("plm_wrong")) is None


def test_the_api_never_looks_at_a_session() -> None:
    client = browser(person())
    failed = delivery()

    assert client.get("/api/v1/deployments/").status_code == 401
    assert client.post(f"/api/v1/deliveries/{failed.pk}/replay/").status_code == 401
    request = RequestFactory().get("/")
    request.session = client.session
    assert caller_of(request) is None


def test_tokens_change_things_without_a_forms_token_and_leave_no_cookies() -> None:
    failed = delivery()
    client = Client(enforce_csrf_checks=True)
    headers = bearer(new_token("admin", ["admin"]))

    replayed = client.post(f"/api/v1/deliveries/{failed.pk}/replay/", headers=headers)
    hooked = client.post("/hooks/generic/nobody", {"kind": "deployment"}, content_type="application/json")

    assert replayed.status_code in (200, 202)
    assert hooked.status_code == 404
    assert hooked.json()["code"] == "unknown_source"
    assert dict(client.cookies) == {}


def test_a_session_of_a_user_that_is_gone_is_nobodys() -> None:
    person("admin")
    lin = person()
    client = browser(lin)
    User.objects.filter(pk=lin.id).delete()

    assert reader(client) is None
