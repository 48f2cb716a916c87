"""Links that let somebody in: the first person of an installation, and whoever an admin made one for."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from plimsoll.store import passwords, people
from plimsoll.store.audit import Actor, events
from plimsoll.store.roles import Grant
from tests.dashboards.people import PASSWORD, person

pytestmark = pytest.mark.django_db

FORM = {"name": "lin", "password": PASSWORD, "again": PASSWORD}
TWICE = {"password": PASSWORD, "again": PASSWORD}


def test_who_opens_the_first_link_becomes_the_first_site_admin() -> None:
    client, link = Client(), passwords.first_link()
    shown = client.get(link)

    response = client.post(link, FORM)

    assert shown.status_code == 200
    assert "Welcome aboard" in shown.content.decode()
    assert (response.status_code, response["Location"]) == (302, "/setup/")
    lin = people.named("lin")
    assert lin is not None
    assert lin.grants == (Grant("site_admin"),)
    assert client.get("/password/").status_code == 200
    assert [event.target for event in events().events] == ["person lin"]


def test_the_first_link_is_of_no_use_to_a_second() -> None:
    link = passwords.first_link()
    Client().post(link, FORM)

    for response in (Client().get(link), Client().post(link, {**FORM, "name": "mei"})):
        assert response.status_code == 410
        assert "Ask a site admin for a new one." in response.content.decode()
    assert User.objects.count() == 1


def test_the_first_person_who_opens_the_link_again_goes_on() -> None:
    client, link = Client(), passwords.first_link()
    client.post(link, FORM)

    assert client.get(link)["Location"] == "/setup/"


def test_nobody_is_first_where_somebody_is_already() -> None:
    person()

    assert Client().post(passwords.first_link(), {**FORM, "name": "mei"}).status_code == 410
    assert User.objects.count() == 1


def test_a_first_link_that_is_old_or_forged_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    link = passwords.first_link()
    monkeypatch.setattr(passwords, "FIRST_LINK_S", -1)
    late = Client().post(link, FORM)
    monkeypatch.undo()

    forged = [Client().post(f"/setup/?t={token}", FORM) for token in ("", "x", link.split("=")[1][:-1], "\x00")]

    assert {response.status_code for response in (late, *forged)} == {410}
    assert "it prints a new link" in late.content.decode()
    assert not User.objects.exists()


def test_a_first_link_of_another_installation_opens_nothing(settings: Settings) -> None:
    link = passwords.first_link()
    settings.SECRET_KEY = "another installation's key, long enough"

    assert Client().get(link).status_code == 410


def test_the_first_form_says_what_is_wrong_and_keeps_the_name() -> None:
    link = passwords.first_link()

    response = Client().post(link, {"name": "two words", "password": "short", "again": "short"})

    body = response.content.decode()
    assert response.status_code == 200
    assert 'value="two words"' in body
    assert "use letters, digits and @ . + - _" in body
    assert "too short" in body
    assert not User.objects.exists()


def test_a_link_of_an_admin_lets_somebody_choose_a_password_once() -> None:
    lin = people.add_person(Actor("admin"), "lin", "viewer")
    link = passwords.link_for(Actor("admin"), lin.id)
    client = Client()

    for _ in range(2):
        assert "You sign in as" in client.get(link).content.decode()
    response = client.post(link, TWICE)

    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.get("/password/").status_code == 200
    assert Client().get(link).status_code == 410
    assert Client().post(link, TWICE).status_code == 410


def test_a_link_expires_after_a_day(settings: Settings) -> None:
    lin = people.add_person(Actor("admin"), "lin", "viewer")
    link = passwords.link_for(Actor("admin"), lin.id)
    day = settings.PASSWORD_RESET_TIMEOUT
    settings.PASSWORD_RESET_TIMEOUT = -1

    assert day == 86_400
    assert Client().get(link).status_code == 410


def test_the_sign_in_page_helps_where_nobody_is_yet() -> None:
    empty = Client().get("/sign-in/").content.decode()
    person()

    assert "prints the link for the first person" in empty
    assert "prints the link for the first person" not in Client().get("/sign-in/").content.decode()
