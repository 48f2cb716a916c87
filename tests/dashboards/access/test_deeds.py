"""Forms change things for those who may, and tell everybody else who can grant it."""

import pytest
from django.http import HttpResponse, HttpResponseRedirect
from django.test import Client
from django.urls import URLPattern, path
from pytest_django import Settings

from dashboards.access.deeds import Deed, NeverAsked, acting
from dashboards.urls import urlpatterns as real
from plimsoll.store.access import new_token
from plimsoll.store.audit import events
from plimsoll.store.models import Team
from plimsoll.store.teams import add_team
from tests.dashboards.builders import bearer
from tests.dashboards.people import browser, person, signed_in

pytestmark = pytest.mark.django_db


# A view that forgets to ask, as it were.
FORGETFUL = 77


@acting("manage")
def rename(deed: Deed, pk: int) -> HttpResponse:
    """Rename a team, as a page of the settings would."""
    if pk != FORGETFUL:
        deed.require(pk)
    with deed.audited("change", f"team {pk}") as change:
        change.before = {"name": Team.objects.get(pk=pk).name}
        change.after = {"name": deed.request.POST["name"]}
        Team.objects.filter(pk=pk).update(name=deed.request.POST["name"])
    return HttpResponseRedirect("/")


urlpatterns: list[URLPattern] = [*real, path("rename/<int:pk>/", rename)]  # type: ignore[list-item]


@pytest.fixture(autouse=True)
def _routes(settings: Settings) -> None:
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def team() -> Team:
    return add_team("payments", "Payments")


def post(client: Client, team: Team) -> HttpResponse:
    response = client.post(f"/rename/{team.pk}/", {"name": "Pay"}, headers={"Referer": "http://testserver/wall/all/"})
    assert isinstance(response, HttpResponse)
    return response


def test_who_may_changes_it_and_the_audit_says_who(team: Team) -> None:
    assert post(signed_in("team_admin", team), team).status_code == 302

    team.refresh_from_db()
    assert team.name == "Pay"
    line = events().events[0]
    assert (line.actor, line.before, line.after) == (
        "lin",
        {"name": "Payments"},
        {"name": "Pay", "address": "127.0.0.1"},
    )


def test_who_may_not_hears_who_can_grant_it(team: Team) -> None:
    person("mei", "team_admin", team)

    response = post(signed_in("member", team), team)

    body = response.content.decode()
    assert response.status_code == 403
    assert "that needs the role team admin" in body
    assert '<strong translate="no">mei</strong>' in body
    assert 'href="/wall/all/"' in body
    team.refresh_from_db()
    assert team.name == "Payments"


def test_an_admin_of_another_team_may_not(team: Team) -> None:
    person("root", "site_admin")
    response = post(signed_in("team_admin", add_team("games", "Games")), team)

    assert response.status_code == 403
    assert '<strong translate="no">root</strong>' in response.content.decode()


def test_a_visitor_of_the_demo_may_not(team: Team, settings: Settings) -> None:
    settings.VIEWER_ON_LOOPBACK = True

    response = post(Client(), team)

    assert response.status_code == 403
    assert "plimsoll user add NAME --role site_admin" in response.content.decode()


def test_who_has_not_signed_in_is_sent_to_and_comes_back_to_the_page(team: Team) -> None:
    response = post(Client(), team)

    assert (response.status_code, response["Location"]) == (302, "/sign-in/?next=%2Fwall%2Fall%2F")


def test_a_token_is_sent_to_the_api(team: Team) -> None:
    clear = new_token("admin", ["admin"])

    response = Client().post(f"/rename/{team.pk}/", {"name": "Pay"}, headers=bearer(clear))

    assert response.status_code == 403
    assert "a token uses the API" in response.content.decode()
    team.refresh_from_db()
    assert team.name == "Payments"


def test_a_form_of_another_site_changes_nothing(team: Team) -> None:
    client = browser(person(), checks_csrf=True)

    assert post(client, team).status_code == 403
    team.refresh_from_db()
    assert team.name == "Payments"


def test_a_view_that_forgets_to_ask_changes_nothing() -> None:
    team = Team.objects.create(pk=FORGETFUL, slug="payments", name="Payments")
    client = signed_in("viewer")

    with pytest.raises(NeverAsked, match="rename"):
        post(client, team)
    team.refresh_from_db()
    assert team.name == "Payments"


def test_a_link_changes_nothing(team: Team) -> None:
    assert signed_in().get(f"/rename/{team.pk}/").status_code == 405
